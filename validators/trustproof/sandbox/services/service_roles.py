"""
Roles that are handed to a service: whether the service may act with them, as AWS asks before it takes them.

Whoever hands a role over may be allowed to; the role itself has to let the service in.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from trustproof.aws.handed_roles import ACTS_AS
from trustproof.aws.service_principals import IN_TRUST_POLICIES
from trustproof.model.document import TRUST
from trustproof.model.request import ROLE_SESSION, SERVICE, Caller, ContextValue
from trustproof.sandbox.authorization.actions.dependent_actions import hands_over_profile
from trustproof.sandbox.authorization.authorize import decide_need
from trustproof.sandbox.authorization.context import Need, tag_map
from trustproof.sandbox.authorization.source_arns import source_of_call
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import PARTITION, Credentials, role_by_arn
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.requests.wire import Call

LAMBDA = "lambda.amazonaws.com"
_CLOUDFORMATION = "cloudformation.amazonaws.com"
_FLOW_LOGS = "vpc-flow-logs.amazonaws.com"
#: The name of the session in which CloudFormation acts with the role of a stack, as records of CloudTrail and the
#: `registeredBy` of task definitions show it; no page of the manual says it.
CLOUDFORMATION_SESSION = "AWSCloudFormation"
NOT_FOR_LAMBDA = "The role defined for the function cannot be assumed by Lambda."
#: What services are reported to answer: the code and the message.
_ANSWERS = {
    _CLOUDFORMATION: ("ValidationError", "Role {role} is invalid or cannot be assumed"),
    LAMBDA: ("InvalidParameterValueException", NOT_FOR_LAMBDA),
    "scheduler.amazonaws.com": (
        "ValidationException",
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    ),
    "states.amazonaws.com": (
        "AccessDeniedException",
        (
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume "
            "the provided role."
        ),
    ),
}
#: What a service says of where its call comes from and for what, which nobody here knows of most of them.
_UNKNOWN = (
    "aws:referer",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:useragent",
    "aws:vpcsourceip",
    "sts:rolesessionname",
)


def check(state: State, call: Call, needs: Iterable[Need]) -> None:
    """
    See that the roles that a request hands over are of use to who gets them.

    Args:
        state: of the sandbox.
        call: the request, which is allowed.
        needs: what it needed.

    Raises:
        Refused: the service would not take a role, as it says.
        Undecided: whether it would is not known.
    """
    if call.operation == "AddRoleToInstanceProfile" or hands_over_profile(call):
        # It is taken whoever may assume it; an instance asks only later.
        return
    for need in needs:
        if need.action != "iam:PassRole" or need.resource is None or not need.resource.startswith("arn:"):
            continue
        service = need.keys.get("iam:passedtoservice") or ACTS_AS.get(call.service)
        if not isinstance(service, str):
            raise unknown_service(need.resource, f"{call.service}:{call.operation}")
        source = source_of_call(call.service, call.operation, call.parameters, need.owner, call.region)
        check_role(state, need.resource, service, call.region, source)


def unknown_service(role: str, by: str) -> Undecided:
    """
    That nobody here knows which service acts with a role.

    Args:
        role: its ARN.
        by: what hands it over: an operation, a type of resource.
    """
    return Undecided(f"to which service {by} hands {role} is not known here, so neither is whether the role lets it in")


def check_role(state: State, role: str, service: str, region: str, source: str | None = None) -> None:
    """
    See that a service may assume a role.

    Args:
        state: of the sandbox.
        role: its ARN.
        service: `lambda.amazonaws.com`.
        region: of the service.
        source: the ARN of the resource for which it acts, as it says it; None where that is not known.

    Raises:
        Refused: it may not, as it says.
        Undecided: what it says is not known, or whether it may.
    """
    if (reason := _may_not_assume(state, role, service, region, source)) is None:
        return
    if service not in _ANSWERS:
        raise Undecided(f"whether {service} takes a role that it may not assume is not known here: {reason}")
    code, message = _ANSWERS[service]
    raise RefusedRequest(message.format(role=role), code, 403 if code.startswith("AccessDenied") else 400)


def _may_not_assume(state: State, arn: str, service: str, region: str, source: str | None) -> str | None:
    """
    Why a service may not assume a role.

    Returns:
        None where it may.

    Raises:
        Undecided: it hangs on what the sandbox does not know of the service's call.
    """
    role = role_by_arn(arn)
    if role is None:
        return f"there is no role {arn}"
    keys: dict[str, ContextValue] = {
        f"{family}:resourcetag/{name.lower()}": value
        for name, value in tag_map(role.tags).items()
        for family in ("aws", "iam")
    }
    keys["sts:rolesessionname"] = "session"
    said = _said_by(service, role, region, source)
    need = Need(
        "sts:AssumeRole",
        role.arn,
        role.account_id,
        policy=role.assume_role_policy_document,
        policy_kind=TRUST,
        keys=keys | said,
        computed=("aws:resourcetag/", "iam:resourcetag/", "sts:externalid"),
        unknown=tuple(key for key in _UNKNOWN if key not in said),
    )
    caller = Caller(SERVICE, service)
    denial = decide_need(state, caller, Credentials("", "", caller), need, {}, region)
    return None if denial is None else denial.message


def _said_by(service: str, role: Any, region: str, source: str | None) -> dict[str, ContextValue]:
    """
    What a service is documented to say of its call: whose the resource is that acts with the role, which is in the
    role's account, and which one, where the request names it, or nobody can before it is made.
    """
    if service == _CLOUDFORMATION:
        return {"sts:rolesessionname": CLOUDFORMATION_SESSION}
    if service not in IN_TRUST_POLICIES:
        return {}
    found: dict[str, ContextValue] = {"aws:sourceaccount": role.account_id}
    if source is not None:
        found["aws:sourcearn"] = source
    if service == _FLOW_LOGS:
        made = f"vpc-flow-log/fl-{secrets.token_hex(9)[:17]}"
        found["aws:sourcearn"] = f"arn:{PARTITION}:ec2:{region}:{role.account_id}:{made}"
    return found


def session_of(state: State, arn: str, name: str) -> Credentials | None:
    """
    A session of a role, as a service has it that acts with the role; None where there is no such role.

    Args:
        state: of the sandbox.
        arn: of the role.
        name: of the session.
    """
    role: Any = role_by_arn(arn)
    if role is None:
        return None
    caller = Caller(ROLE_SESSION, role.arn, name, f"{role.id}:{name}")
    return Credentials("", "", caller, issued=state.clock.now(), entity=role.id)
