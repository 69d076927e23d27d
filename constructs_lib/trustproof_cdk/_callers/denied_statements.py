"""
Statements in the policies of resources whose callers a control policy of the app surely keeps out all the same: one for
resources in the account of the resource, one for services in theirs.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_organizations as organizations
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers.denied_callers import (
    Caller,
    about,
    caller_of,
    denying,
    of_people,
    reaching_callers,
    service_control_policies,
)
from trustproof_cdk._callers.denied_vendors import resource_control_policies
from trustproof_cdk._callers.policy_targets import reaches
from trustproof_cdk._policies import owned_arns, written_out
from trustproof_cdk._policies.calls import Call, denies
from trustproof_cdk._policies.known_keys import WITH_MFA, KnownKey, demanded_by, together
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._synthesis.promises import Broken
from trustproof_cdk._trust.resource_statements import ALLOWING, USABLE, are_there, statements_in

#: A replica of a secret has the policy of it, in another Region.
_REPLICATED = "AWS::SecretsManager::ResourcePolicy"
#: Sessions of roles never carry MFA, and nobody lets in the root user of an account alone.
_PEOPLE = "arn:*:iam::*:user/*"


class _Policies(NamedTuple):
    """
    The control policies of an app or stage, and the accounts of its stacks.
    """

    of_resources: Sequence[organizations.CfnPolicy]
    of_services: Sequence[organizations.CfnPolicy]
    accounts: frozenset[str]


def denied_statements(app: IConstruct) -> Iterator[Broken]:
    """
    The policies of resources with statements by which nobody gets in.

    Only policies of the root and of accounts count, and none in the account of its own stack.

    Args:
        app: the construct that was synthesized.
    """
    for stage in walk.stages_of(stacks.node_of(app).root) if are_there() else ():
        walked = walk.walked(stage)
        policies = _Policies(
            resource_control_policies(walked),
            service_control_policies(walked),
            frozenset(stacks.account_of(stack) for stack, _ in walked),
        )
        if not policies.of_resources and not policies.of_services:
            continue
        for construct in dict.fromkeys(one for _, there in walked for one in there):
            for statement in statements_in(construct, ALLOWING):
                if isinstance(construct, cdk.CfnResource) and (by := _denied_by(construct, statement, policies)):
                    yield _said(stage, construct, by)


def _said(stage: cdk.Stage, construct: cdk.CfnResource, by: set[str]) -> Broken:
    stack, path = stacks.stack_of(construct), construct.node.path
    return Broken(
        Path(stage.outdir) / stack.template_file,
        str(stack.resolve(construct.logical_id)),
        path,
        f"{path}: nobody gets anything by a statement of {ALLOWING}: {' and '.join(sorted(by))} denies all that it "
        "allows to all whom it trusts, unless the account is the management account; spare them there",
        USABLE,
        is_warning=True,
    )


def _denied_by(construct: cdk.CfnResource, statement: Mapping[str, Any], policies: _Policies) -> set[str]:
    """The paths of the policies by which all is denied that a statement allows; none where something may not be."""
    stack = stacks.stack_of(construct)
    own = stacks.account_of(stack)
    reaching = [one for one in policies.of_resources if reaches(one, own)]
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    resources = owned_arns.patterns(construct, _listed(statement.get("Resource", "*")))
    calls = [Call(str(action), arn) for action in _listed(statement.get("Action")) for arn in resources]
    found = set()
    for value in _listed(named):
        text = written_out.text_of(value, stack)
        caller = None if text is None else caller_of(text)
        caller = None if caller is None else of_people(caller)
        known = together((*demanded_by([statement]), *WITH_MFA, *_known(caller), *_of_resource(construct)))
        asked = [one._replace(known=known) for one in calls]
        of_caller = [] if caller is None else reaching_callers(policies.of_services, caller, policies.accounts)
        by = [_denying(reaching, caller, call) or (caller and denying(of_caller, caller, [call])) for call in asked]
        if not all(by):
            return set()
        found |= {one.node.path for one in by if one is not None}
    return found


def _known(caller: Caller | None) -> tuple[KnownKey, ...]:
    if caller is None:
        return ()
    arn = () if caller.arn is None or "*" in caller.arn else (KnownKey("aws:PrincipalArn", ((caller.arn,),)),)
    return (*caller.keys(), *arn)


def _of_resource(construct: cdk.CfnResource) -> tuple[KnownKey, ...]:
    """What is known of calls by where a resource is: few actions have no key for its account."""
    stack = stacks.stack_of(construct)
    account, region = stacks.account_of(stack), stacks.region_of(stack)
    found = () if arguments.is_token(account) else (KnownKey("aws:ResourceAccount", (None, (account,))),)
    if construct.cfn_resource_type == _REPLICATED or arguments.is_token(region):
        return found
    return (*found, KnownKey("aws:RequestedRegion", ((region,),)))


def _denying(
    policies: Sequence[organizations.CfnPolicy], caller: Caller | None, call: Call
) -> organizations.CfnPolicy | None:
    arn = _PEOPLE if caller is None or caller.arn is None else caller.arn
    contents = ((one, about(stacks.stack_of(one).resolve(one.content), arn)) for one in policies)
    return next((one for one, content in contents if denies(content, call)), None)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
