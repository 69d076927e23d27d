"""
What actions are about: the ARNs of their resources, for whoever writes or reads a statement.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from functools import lru_cache

from trustproof.aws.action_resources import about


def resources_of_action(action: str) -> tuple[str, ...]:
    """
    The ARNs of what an action may be about, as ``ArnLike`` has them.

    >>> resources_of_action("ec2:StopInstances"), resources_of_action("ec2:*")
    (('arn:*:ec2:?*:????????????:instance/*',), ())

    Args:
        action: of one service, written out; case does not matter, as in IAM.

    Returns:
        Empty where it may be anything, where that is not known, and for a pattern.
    """
    return _resources(action.lower())


@lru_cache(maxsize=4096)
def _resources(action: str) -> tuple[str, ...]:
    service, _, name = action.partition(":")
    rows = about(service) if not set(action) & set("*?") and name else ()
    wide = [row for row in rows if not row.actions and row.is_for(action)]
    narrow = [row for row in rows if row.actions and row.is_for(action)]
    return tuple(arn for row in narrow or wide for arn in row.arns)
