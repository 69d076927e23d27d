"""
What the ARNs of the Service Authorization Reference match.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from functools import lru_cache

from trustproof.sets.patterns import Pattern, Wildcard, arn_like, like

#: A Region and an account as the ARNs of `trustproof.aws.action_resources` have them, and what they are made of: behind
#: ``arn:aws:s3::bucket/*`` a wildcard would have to reach across colons to name an account called ``bucket/…``.
_REGION, _ACCOUNT = "?*", "?" * 12
_DIGITS = "0123456789"
_LETTER = Wildcard(f"{_DIGITS}-abcdefghijklmnopqrstuvwxyz", False, False)
_DIGIT = Wildcard(_DIGITS, False, False)


@lru_cache(maxsize=4096)
def published_arn(arn: str) -> Pattern:
    """
    What an ARN of the reference matches: digits alone in the place of an account, and no slash in that of a Region.

    Args:
        arn: with wildcards, of six fields.
    """
    fields = [like(field) for field in arn.split(":", 5)]
    if arn.split(":")[3] == _REGION:
        fields[3] = (_LETTER, _LETTER._replace(star=True))
    if arn.split(":")[4] == _ACCOUNT:
        fields[4] = (_DIGIT,) * len(_ACCOUNT)
    return arn_like(tuple(fields))
