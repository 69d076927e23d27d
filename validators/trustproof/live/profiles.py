"""
`trustproof profiles`: the configuration with which a person enters the roles of an app.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from trustproof.errors import PolicySyntaxError, UsageError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.live.verify import StackOfApp
from trustproof.model.document import TRUST
from trustproof.model.policy import ALLOW, Condition, Statement
from trustproof.model.request import USER_SESSION_MFA, Caller
from trustproof.sandbox.cloudformation.errors import Refused
from trustproof.sandbox.cloudformation.functions import Evaluator
from trustproof.spec.principals import covers

_USER = re.compile(r"arn:(aws[a-z-]*):iam::([0-9]{12}):user/(?:[\x21-\x7e]+/)?([\w+=,.@-]+)", re.ASCII)
_MFA = "aws:multifactorauthpresent"
_MFA_AGE = "aws:multifactorauthage"
_SESSION_NAME = "sts:rolesessionname"
_EXTERNAL_ID = "sts:externalid"
_DEFAULT_DURATION = 3_600


@dataclass(frozen=True)
class Profile:
    """
    One section of the configuration.

    Args:
        name: of the profile.
        settings: key to value, in order.
        remarks: what else the trust policy asks for, which no setting gives.
    """

    name: str
    settings: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...] = ()

    def text(self) -> str:
        """The section as it stands in the file."""
        lines = [f"[profile {self.name}]"]
        lines += [f"# {remark}" for remark in self.remarks]
        lines += [f"{key} = {value}" for key, value in self.settings]
        return "\n".join(lines) + "\n"


def profiles_for(
    stacks: Sequence[StackOfApp], user: str, *, source: str, serial: str | None = None
) -> tuple[list[Profile], list[str]]:
    """
    A profile for each role of an app whose trust policy names a user, or the account of one.

    Whether the user's own policies let the call through is not asked: in an app that is the business of groups.

    Args:
        stacks: of the app.
        user: the ARN of an IAM user.
        source: the profile that has the user's access key.
        serial: of the MFA device; None for a virtual device with the name of the user.

    Returns:
        the profiles, and what is said of each role that has none though it may let the user in.

    Raises:
        UsageError: when the ARN is not that of a user.
    """
    found = _USER.fullmatch(user)
    if found is None:
        raise UsageError(f'expected the ARN of an IAM user, got "{user}"')
    partition, account, name = found.groups()
    caller = Caller(USER_SESSION_MFA, user, "", "AIDA")
    device = serial or f"arn:{partition}:iam::{account}:mfa/{name}"
    profiles, others = [], []
    for stack in stacks:
        for role in roles_of(stack, partition):
            place = f"{stack.name}/{role.logical_id}"
            if isinstance(role.properties, str):
                others.append(f"{place}: {role.properties}")
                continue
            try:
                policy = parse_policy(role.properties["AssumeRolePolicyDocument"], kind=TRUST)
            except PolicySyntaxError as error:
                others.append(f"{place}: {error}")
                continue
            statement = next((one for one in policy.statements if _lets_in(one, caller)), None)
            if statement is None:
                continue
            arn = role.arn(partition, stack.account)
            if arn is None:
                others.append(f"{place}: CloudFormation makes its name up when it is deployed")
                continue
            profiles.append(_profile(stack, arn, statement, role.properties, source, device, name))
    return profiles, others


class RoleOfApp(NamedTuple):
    """
    A role of a template.
    """

    logical_id: str
    #: What the template says of it; as a text, why that is not known before it is deployed.
    properties: Mapping[str, Any] | str

    def arn(self, partition: str, account: str) -> str | None:
        """Its ARN; None where only the deployment tells its name."""
        if isinstance(self.properties, str) or "RoleName" not in self.properties:
            return None
        return f"arn:{partition}:iam::{account}:role{self.properties.get('Path') or '/'}{self.properties['RoleName']}"


def roles_of(stack: StackOfApp, partition: str) -> Iterator[RoleOfApp]:
    """The roles that a stack makes."""
    if stack.template is None:
        return
    values: dict[str, Any] = {
        name: str(declaration["Default"])
        for name, declaration in stack.template.parameters.items()
        if "Default" in declaration
    }
    values |= {
        "AWS::AccountId": stack.account,
        "AWS::Partition": partition,
        "AWS::Region": stack.region,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
    }
    evaluator = Evaluator(stack.template, values, _Undeployed(stack.template.parameters), lambda _: [])
    for logical_id, resource in stack.template.resources.items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        try:
            condition = resource.get("Condition")
            if condition is not None and not evaluator.condition(str(condition)):
                continue
            declared = resource.get("Properties") or {}
            wanted = ("RoleName", "Path", "MaxSessionDuration", "AssumeRolePolicyDocument")
            properties = evaluator.resolve({key: declared[key] for key in wanted if key in declared})
        except Refused as refused:
            yield RoleOfApp(logical_id, refused.message)
            continue
        if isinstance(properties, dict) and "AssumeRolePolicyDocument" in properties:
            yield RoleOfApp(logical_id, properties)


class _Undeployed:
    """A stack of which nothing exists yet."""

    def __init__(self, parameters: Collection[str]) -> None:
        self._parameters = parameters

    def reference(self, logical_id: str) -> Any:
        """No name is known."""
        if logical_id in self._parameters:
            raise Refused(f"the parameter {logical_id} is given when it is deployed")
        raise Refused(f"{logical_id} has no name before it is deployed")

    def attribute(self, logical_id: str, name: str) -> Any:
        """No attribute is known."""
        raise Refused(f"{logical_id} has no {name} before it is deployed")

    def import_value(self, name: str) -> str:
        """No export is known."""
        raise Refused(f"the export {name} is not known")


def _lets_in(statement: Statement, caller: Caller) -> bool:
    if statement.effect != ALLOW or not statement.principals:
        return False
    actions = {str(action).lower() for action in statement.actions or ()}
    return bool(actions & {"sts:assumerole", "sts:*", "*"}) and covers(statement.principals, caller)


def _profile(
    stack: StackOfApp,
    arn: str,
    statement: Statement,
    properties: Mapping[str, Any],
    source: str,
    device: str,
    name: str,
) -> Profile:
    settings = [("role_arn", arn), ("source_profile", source)]
    remarks = []
    # Tools keep the credentials of a role on disk by what stands here: a new sandbox must not get those of the last.
    session = f"{name[:40]}-{secrets.token_hex(4)}"
    # "Null false" of the age is met by whoever signed in with MFA, as its comparisons are.
    has_mfa = False
    for condition in statement.conditions:
        key = condition.key.lower()
        if key == _MFA and _is(condition, "bool", "true"):
            has_mfa = True
        elif key == _SESSION_NAME and (named := _session_name(condition, name)):
            session = named
        elif key == _EXTERNAL_ID and condition.operator.lower() in ("stringequals", "stringlike"):
            settings.append(("external_id", str(condition.operands[0])))
        else:
            operands = ", ".join(map(str, condition.operands))
            has_mfa = has_mfa or (key == _MFA_AGE and not _is(condition, "null", "true"))
            remarks.append(f"the trust policy also asks for {condition.operator} {condition.key} {operands}")
    if has_mfa:
        settings.append(("mfa_serial", device))
    duration = int(properties.get("MaxSessionDuration") or _DEFAULT_DURATION)
    settings.append(("duration_seconds", str(duration)))
    settings.append(("role_session_name", session))
    settings.append(("region", stack.region))
    return Profile(f"{stack.name.removeprefix('access-')}-{properties['RoleName']}", tuple(settings), tuple(remarks))


def _session_name(condition: Condition, user: str) -> str:
    """
    The name of the session that a condition asks for; empty where it leaves more than one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname
    """
    if condition.operator.lower() not in ("stringequals", "stringlike") or len(condition.operands) != 1:
        return ""
    named = str(condition.operands[0]).replace("${aws:username}", user)
    return "" if set(named) & set("*?$") else named


def _is(condition: Condition, operator: str, value: str) -> bool:
    return condition.operator.lower() == operator and [str(one).lower() for one in condition.operands] == [value]
