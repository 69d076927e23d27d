"""
Services, people of identity providers, and callers of accounts whom a resource control policy of the app keeps out of
the roles that are for them: a policy for callers of the organization denies services and tokens too, where it does not
spare them.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_examples.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations

from trustproof_cdk._arguments import arguments
from trustproof_cdk._arguments.service_principals import SILENT_SERVICES
from trustproof_cdk._callers.denied_callers import about, demands_mfa, of_people, trusted_caller
from trustproof_cdk._callers.denied_vendors import reaching, resource_control_policies
from trustproof_cdk._names import order, unique
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call, denies
from trustproof_cdk._policies.known_keys import OF_A_PROVIDER, KnownKey, demanded_by, of_service
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._trust.trust import (
    ASSUME_ROLE,
    ASSUME_ROLE_WITH_SAML,
    ASSUME_ROLE_WITH_WEB_IDENTITY,
    TrustStatement,
)

#: Calls by which somebody gets in with what an identity provider says, and who that is.
_ENTERING = {
    ASSUME_ROLE_WITH_SAML: "people of SAML providers",
    ASSUME_ROLE_WITH_WEB_IDENTITY: "users of identity providers",
}
#: For whom a service calls.
_SOURCES = ("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths")
_ALL = "all whom it trusts"
_SPARE = "spare them there"
_SPARE_SERVICES = 'spare it there, as {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}} spares all services'


class _Trust(NamedTuple):
    role: iam.Role
    statements: Sequence[TrustStatement]
    #: What each call has to be allowed besides.
    demanded: frozenset[str]


class _Entry(NamedTuple):
    """
    Somebody whom a role is for.
    """

    #: In words.
    who: str
    known: tuple[KnownKey, ...]
    #: What to do.
    remedy: str
    #: A pattern that the ARNs of callers match; None where nothing is known of them.
    arns: str | None = None


#: By app or stage.
_TRUSTS: WeakKeyDictionary[cdk.Stage, list[_Trust]] = WeakKeyDictionary()


def warn_of_denied_later(role: iam.Role, statements: Sequence[TrustStatement], demanded: Iterable[str]) -> None:
    """
    Have the synthesis warn where a resource control policy of the app surely denies a role to all whom it is for.

    Only policies of the root and of accounts count, and of an `OrganizationRole` those of the root and of its unit;
    none in the account of the policy's own stack.

    Args:
        role: that is for them.
        statements: of its trust policy.
        demanded: actions that callers must be allowed besides assuming it.
    """
    stage = unique.check_beside_names(role, _check)
    if stage is not None:
        _TRUSTS.setdefault(stage, []).append(_Trust(role, list(statements), frozenset(demanded)))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    policies = resource_control_policies(walked)
    for trust in _TRUSTS[stage] if policies else ():
        _warn(trust, reaching(policies, trust.role))
    return []


def _warn(trust: _Trust, policies: Sequence[organizations.CfnPolicy]) -> None:
    made = order.created(trust.role)
    if not policies or not isinstance(made, iam.CfnRole):
        return
    denied: dict[str, tuple[str, str, str]] = {}
    for statement in trust.statements:
        call = next((one for one in statement.actions if one in _ENTERING), ASSUME_ROLE)
        # A service passes what its role lets it pass, in each call.
        besides = trust.demanded if "Service" not in statement.principals else {*statement.actions} - {call}
        actions = [call, *sorted(besides)]
        said = demanded_by([{"Condition": stacks.stack_of(trust.role).resolve(statement.conditions)}])
        for entry in _entries(statement, made, call, is_with_mfa=demands_mfa(said)):
            # What the trust policy demands of a request is known better than what all such requests have.
            given = {one.key.lower() for one in said}
            known = (*said, *(one for one in entry.known if one.key.lower() not in given))
            calls = [Call(action, written_out.arn_of(made), known) for action in actions]
            found = _denying(policies, calls, entry.arns)
            if found is None:
                return
            denied[entry.who] = (found[0].node.path, found[1], entry.remedy)
    place = stacks.carrier_of(trust.role)
    for who, (by, action, remedy) in denied.items():
        cdk.Annotations.of(place).add_warning_v2(
            f"trustproof:resource-control-policy-{by}-{who}",
            f"nobody gets into {place.node.path}: {by} denies {action} on it to {who}, unless it is in the management "
            f"account; {remedy}",
        )


def _denying(
    policies: Sequence[organizations.CfnPolicy], calls: Sequence[Call], arns: str | None
) -> tuple[organizations.CfnPolicy, str] | None:
    """The first policy that denies one of the calls, and which; each of them has to be allowed."""
    for policy in policies:
        content = about(stacks.stack_of(policy).resolve(policy.content), arns)
        for call in calls:
            if denies(content, call):
                return policy, call.action
    return None


def _unsaid(service: str) -> list[KnownKey]:
    """What a service does not send when it assumes a role."""
    return [KnownKey(one, (None,)) for one in _SOURCES] if service in SILENT_SERVICES else []


def _entries(statement: TrustStatement, made: iam.CfnRole, call: str, *, is_with_mfa: bool) -> Iterator[_Entry]:
    if call != ASSUME_ROLE:
        yield _Entry(_ENTERING[call], OF_A_PROVIDER, "let them pass there: they are of no organization")
        return
    for service in statement.principals.get("Service", ()):
        if arguments.is_token(service):
            yield _Entry(_ALL, (), _SPARE)
        else:
            yield _Entry(service, (*of_service(service), *_unsaid(service)), _SPARE_SERVICES)
    for value in statement.principals.get("AWS", ()):
        caller = trusted_caller(value, made)
        if caller is None:
            yield _Entry(_ALL, (), _SPARE)
        else:
            who = caller.arn or f"account {caller.account}"
            caller = of_people(caller) if is_with_mfa else caller
            arn = () if caller.arn is None or "*" in caller.arn else (KnownKey("aws:PrincipalArn", ((caller.arn,),)),)
            yield _Entry(who, (*caller.keys(), *arn), _SPARE, caller.arn)
