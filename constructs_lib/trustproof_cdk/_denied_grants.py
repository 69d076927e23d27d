"""
Grants of roles in an account where a service control policy of the app denies to ask for any of them.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_organizations as organizations
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _stacks as stacks
from trustproof_cdk import _unique as unique
from trustproof_cdk._calls import Call, arn_pattern, denies
from trustproof_cdk._guarded_brokers import reaches
from trustproof_cdk._known_keys import KnownKey
from trustproof_cdk._trust import ASSUME_ROLE

_SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"


class _Grant(NamedTuple):
    scope: Construct
    #: The ARNs of the roles, which may have tokens and wildcards.
    arns: Sequence[str]


#: By app or stage.
_GRANTS: WeakKeyDictionary[cdk.Stage, list[_Grant]] = WeakKeyDictionary()


def warn_of_denied_later(scope: Construct, arns: Sequence[str]) -> None:
    """
    Have the synthesis warn of a service control policy of the app that surely denies all that is granted.

    In which unit an account is the app does not say, and nothing reaches the management account: so only policies of
    the root and of accounts count, and none in the account of its own stack.

    Args:
        scope: the grant, in a stack of the account of whoever holds it.
        arns: of the roles, as its policy has them.
    """
    stage = unique.check_beside_names(scope, _check)
    if stage is not None:
        _GRANTS.setdefault(stage, []).append(_Grant(scope, list(arns)))


def _check(stage: cdk.Stage, walked: unique.Walked) -> list[str]:
    policies = [
        one
        for _, there in walked
        for one in there
        if isinstance(one, organizations.CfnPolicy) and one.type == _SERVICE_CONTROL
    ]
    for grant in _GRANTS[stage] if policies else ():
        _warn(grant, [one for one in policies if one.cfn_options.condition is None])
    return []


def _warn(grant: _Grant, policies: Sequence[organizations.CfnPolicy]) -> None:
    stack = stacks.stack_of(grant.scope)
    own = stacks.account_of(stack)
    if arguments.is_token(own):
        return
    known = (KnownKey("aws:PrincipalAccount", ((own,),)), KnownKey("aws:PrincipalIsAWSService", (("false",),)))
    calls = [Call(ASSUME_ROLE, arn_pattern(one), known) for one in stack.resolve(list(grant.arns))]
    for policy in policies:
        if not reaches(policy, own):
            continue
        content = stacks.stack_of(policy).resolve(policy.content)
        if all(denies(content, call) for call in calls):
            cdk.Annotations.of(grant.scope).add_warning_v2(
                f"trustproof:denied-grant-{policy.node.path}",
                f"nobody gets anything by {grant.scope.node.path}: {policy.node.path} denies account {own} "
                f"{ASSUME_ROLE} on all of these roles, unless it is the management account; spare them there",
            )
