"""
Vendors whom a resource control policy of the app keeps out of the roles that are for them: whoever is of no account of
the organization, as a rule.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_examples.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers.policy_targets import ROOT, reaches, targets_of
from trustproof_cdk._names import unique
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call, denies
from trustproof_cdk._policies.known_keys import BY_ACCESS_KEY, KnownKey
from trustproof_cdk._synthesis import stacks, walk

_RESOURCE_CONTROL = "RESOURCE_CONTROL_POLICY"
#: No organization's, and so none of ours.
_ANOTHER = "o-another0000"
#: A vendor calls as itself, with credentials of its own.
_CALLS = (
    KnownKey("aws:PrincipalIsAWSService", (("false",),)),
    KnownKey("aws:PrincipalOrgID", (None, (_ANOTHER,))),
    KnownKey("aws:PrincipalServiceName", (None,)),
    KnownKey("aws:ViaAWSService", (("false",),)),
)


@runtime_checkable
class _Everywhere(Protocol):
    """
    A StackSet that makes a role in each account of some units.
    """

    @property
    def organizational_units(self) -> tuple[str, ...]: ...


class _Vendor(NamedTuple):
    """
    Who is let in by a role.
    """

    role: iam.Role
    #: Accounts, or ARNs of users and roles.
    principals: Sequence[str]
    external_ids: Sequence[str]


#: By app or stage.
_VENDORS: WeakKeyDictionary[cdk.Stage, list[_Vendor]] = WeakKeyDictionary()


def warn_of_denied_later(role: iam.Role, principals: Iterable[str], external_ids: Iterable[str]) -> None:
    """
    Have the synthesis warn of a vendor whom a resource control policy of the app surely denies the role.

    As of service control policies, only those of the root and of accounts count, and none in the account of its stack.

    Args:
        role: that is for the vendor.
        principals: of the vendor: accounts, or ARNs of users and roles; what only a deployment knows passes.
        external_ids: of which the vendor passes one.
    """
    stage = unique.check_beside_names(role, _check)
    if stage is not None:
        _VENDORS.setdefault(stage, []).append(_Vendor(role, list(principals), list(external_ids)))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    policies = resource_control_policies(walked)
    for vendor in _VENDORS[stage] if policies else ():
        _warn(vendor, policies)
    return []


def resource_control_policies(walked: walk.Walked) -> list[organizations.CfnPolicy]:
    """Those of an app or stage that are there in every deployment."""
    return [
        one
        for _, there in walked
        for one in there
        if isinstance(one, organizations.CfnPolicy)
        and one.type == _RESOURCE_CONTROL
        and one.cfn_options.condition is None
    ]


def reaching(policies: Iterable[organizations.CfnPolicy], role: iam.Role) -> list[organizations.CfnPolicy]:
    """
    Those of some control policies that surely reach the account of a role, unless it is the management account.

    Those of the root do, and those of an account that is not that of their own stack. An `OrganizationRole` makes none
    in the management account, and says in which unit its accounts are.
    """
    carrier = stacks.carrier_of(role)
    if isinstance(carrier, _Everywhere):
        units = set(carrier.organizational_units)
        return [one for one in policies if any(to.startswith(ROOT) or units == {to} for to in targets_of(one))]
    own = stacks.account_of(stacks.stack_of(role))
    return [] if arguments.is_token(own) else [one for one in policies if reaches(one, own)]


def _of_user(principal: str) -> tuple[KnownKey, ...]:
    """A user of a vendor is a program's, which has nobody to use MFA."""
    if ":user/" not in principal or "*" in principal:
        return ()
    return (
        *BY_ACCESS_KEY,
        KnownKey("aws:PrincipalArn", ((principal,),)),
        KnownKey("aws:PrincipalType", (("User",),)),
    )


def _warn(vendor: _Vendor, policies: Sequence[organizations.CfnPolicy]) -> None:
    made, place = vendor.role.node.default_child, stacks.carrier_of(vendor.role)
    if not isinstance(made, iam.CfnRole):
        return
    passed = KnownKey("sts:ExternalId", tuple((one,) for one in vendor.external_ids))
    for principal in vendor.principals:
        account = principal if principal.isdigit() else "".join(principal.split(":")[4:5])
        if arguments.is_token(principal) or not account.isdigit():
            continue
        known = (*_CALLS, passed, KnownKey("aws:PrincipalAccount", ((account,),)), *_of_user(principal))
        call = Call("sts:AssumeRole", written_out.arn_of(made), known)
        for policy in reaching(policies, vendor.role):
            if denies(stacks.stack_of(policy).resolve(policy.content), call):
                cdk.Annotations.of(place).add_warning_v2(
                    f"trustproof:control-policy-{policy.node.path}-{account}",
                    f"account {account} is denied {place.node.path} by {policy.node.path}, unless that is in the "
                    f"management account or {account} in its organization: the vendor does not get in; spare it in "
                    f'the policy, like by {{"StringNotEquals": {{"aws:PrincipalAccount": "{account}"}}}}'
                    + (", or in a guardrail by exempt_users" if ":user/" in principal else ""),
                )
