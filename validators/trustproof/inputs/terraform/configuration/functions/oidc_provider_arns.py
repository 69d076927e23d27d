"""
The issuer of tokens in the ARN of an OIDC provider, which nobody knows before it is made.

The condition keys of a role for a service account of EKS begin with it, and modules take it from the ARN that they are
given. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re

from trustproof.inputs.terraform.values import WITHOUT_SCHEME, Attribute, Value

_PROVIDER = "aws_iam_openid_connect_provider."
#: What stands before the issuer, in the spellings that separate it from the rest.
SEPARATORS = ("oidc-provider/", ":oidc-provider/", "provider/", "-provider/")
#: Regular expressions for all that stands before it, and for it behind that.
_BEFORE = r"\^?%s(?:\.\*|\.\*\?|arn:aws:iam::\\d\{12\}|arn:aws:iam::\[0-9\]\{12\}):?(?:oidc-)?provider\\?/%s"
_ALL_BEFORE = re.compile(rf"/(?:{_BEFORE % ('', '')}|{_BEFORE % (re.escape('('), re.escape(')'))})/")
_BEHIND = re.compile(
    rf"(?:{_BEFORE % ('', '')}|{_BEFORE % (re.escape('(?:'), re.escape(')'))}|:?(?:oidc-)?provider\\?/)\(\.[*+]\)\$?"
)


def host_of(value: Value) -> Attribute | None:
    """The issuer without its scheme, of what may be the ARN of a provider; None for another value."""
    if not isinstance(value, Attribute) or value.name not in ("arn", "id") or _PROVIDER not in value.address:
        return None
    return Attribute(value.address, f"url{WITHOUT_SCHEME}", value.place, value.sensitive)


def takes_all_before(pattern: str) -> bool:
    """Whether nothing but the issuer is left of an ARN, where what a pattern of `replace` matches is taken away."""
    return _ALL_BEFORE.fullmatch(pattern) is not None


def captures(pattern: str) -> bool:
    """Whether the only group of a regular expression is the issuer."""
    return _BEHIND.fullmatch(pattern) is not None
