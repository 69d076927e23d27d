"""
Names of actions: which ones AWS has published, and which one was meant by another name.
"""

from __future__ import annotations

import difflib
import fnmatch

from trustproof.aws.action_resources import iam_actions
from trustproof.aws.operation_names import ACTION_OF_OPERATION
from trustproof.aws.published import service, service_prefixes

_NEAR = 0.7
_OF_OPERATIONS = {operation.lower(): action for operation, action in ACTION_OF_OPERATION.items()}


def published_actions(pattern: str) -> tuple[str, ...]:
    """
    The actions that a pattern of a policy matches, of those that AWS has published.

    >>> published_actions("EC2:stopinstances"), published_actions("ec2:StopInstnces")
    (('ec2:StopInstances',), ())

    Args:
        pattern: of one service, with ``*`` and ``?`` after its prefix; case does not matter, as in IAM.

    Returns:
        Sorted; none where AWS had published no such action when this was released.
    """
    prefix, _, name = pattern.lower().partition(":")
    # The characters that IAM takes for itself are no wildcards of its patterns.
    wanted = name.replace("[", "[[]")
    return tuple(f"{prefix}:{known}" for known in _names(prefix) if fnmatch.fnmatchcase(known.lower(), wanted))


def spelling(action: str) -> str:
    """An action as AWS writes it, where that is known; else as given."""
    prefix, _, name = action.lower().partition(":")
    found = None if prefix == "iam" else service(prefix)
    listed = found.actions.get(name) if found is not None else None
    names = iam_actions() if prefix == "iam" else () if listed is None else (listed.name,)
    # What the reference itself writes in lower case (``iam:putaccountproperties``) tells nothing.
    return next((f"{prefix}:{known}" for known in names if known.lower() == name != known), action)


def action_meant(action: str) -> str | None:
    """
    The published action that is meant by one that AWS has not published: the one that an operation of that name needs,
    or the nearest in the same service or one of nearly the same prefix.

    >>> action_meant("ec2:StopInstnces"), action_meant("lamda:InvokeFunction"), action_meant("ec2:StopInstances")
    ('ec2:StopInstances', 'lambda:InvokeFunction', None)
    >>> action_meant("s3:ListObjects")
    's3:ListBucket'

    Args:
        action: with the prefix of its service; a pattern is taken for a name.

    Returns:
        None where it is published, and where none is near.
    """
    if published_actions(action):
        return None
    if (needed := _OF_OPERATIONS.get(action.lower())) is not None:
        return needed
    prefix, _, name = action.partition(":")
    prefixes = difflib.get_close_matches(prefix.lower(), service_prefixes(), n=3, cutoff=_NEAR)
    for one in prefixes:
        if same := published_actions(f"{one}:{name}"):
            return same[0]
    lowered = {known.lower(): known for one in prefixes[:1] for known in _names(one)}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=_NEAR)
    return f"{prefixes[0]}:{lowered[near[0]]}" if near else None


def _names(prefix: str) -> tuple[str, ...]:
    """The actions of a service as AWS writes them, sorted."""
    if prefix == "iam":
        return iam_actions()
    found = service(prefix)
    return () if found is None else tuple(sorted(action.name for action in found.actions.values()))
