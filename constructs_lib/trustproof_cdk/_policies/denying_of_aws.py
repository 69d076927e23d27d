"""
Policies of AWS that deny something to whoever has them, like AWSDenyAll: attached, they count before all that allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._arguments import known_texts
from trustproof_cdk._names import policy_arns
from trustproof_cdk._policies import boundaries
from trustproof_cdk._policies.calls import Call, denies
from trustproof_cdk._synthesis import stacks

#: What the names of those have that may deny somebody all of a service: very many holders have a policy of AWS, and to
#: read the text of one takes as long as to read that of all.
_MAY_DENY = re.compile(r"Deny|Quarantine|PermissionsBoundary|AllowList|^root-task/")
_EVERYTHING = Call("*")


def denying(arn: str) -> boundaries.Policy | None:
    """The policy of AWS that an ARN is of, where it may deny somebody all of a service."""
    name = policy_arns.name_of_aws(arn)
    if name is None or _MAY_DENY.search(name) is None:
        return None
    import trustproof

    document = trustproof.managed_policy_document(name)
    return None if document is None else boundaries.Policy(name, document, is_of_aws=True)


def denying_of(holder: boundaries.Bounded | iam.CfnGroup) -> Iterator[boundaries.Policy]:
    """Those that a user, role or group has when everything is there."""
    stack, given = stacks.stack_of(holder), holder.managed_policy_arns
    # A list that is still empty stands for nothing.
    resolved = stack.resolve(given) if given else None
    for one in known_texts.evaluated(resolved, stack) if isinstance(resolved, list) else ():
        if isinstance(one, str) and (found := denying(one)) is not None:
            yield found


def warn_of_denied(role: iam.Role, arns: Iterable[str], argument: str) -> None:
    """
    Warn of a role whose sessions may call nothing at all, since a policy of AWS that it is given denies it.

    Args:
        role: that is given them.
        arns: of its policies, or its boundary.
        argument: by which it is given them.
    """
    for arn in arns:
        policy = denying(arn)
        if policy is not None and denies(policy.document, _EVERYTHING):
            cdk.Annotations.of(role).add_warning_v2(
                f"trustproof:denied-everything-{argument}",
                f"{argument} has {policy.shown}, which denies everything: whoever gets into {role.node.path} may call "
                "nothing; take it out, or acknowledge this of a role that is suspended",
            )
