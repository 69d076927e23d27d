"""
`trustproof profiles`: the configuration with which a person enters the roles of an app.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.domains import Values, text
from trustproof.errors import PolicySyntaxError, UsageError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.live.profile_values import values_for, with_user_name
from trustproof.live.undeployed_roles import roles_of
from trustproof.live.verify import StackOfApp
from trustproof.model.document import TRUST
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.request import USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA, Request
from trustproof.proving.excess import excess
from trustproof.proving.sides import Scene, Side
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, join

_USER = re.compile(r"arn:(aws[a-z-]*):iam::([0-9]{12}):user/(?:[\x21-\x7e]+/)?([\w+=,.@-]+)", re.ASCII)
_MFA = "aws:multifactorauthpresent"
_MFA_AGE = "aws:multifactorauthage"
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


def parts_of_user(arn: str) -> tuple[str, str, str]:
    """
    The partition, the account and the name of an IAM user.

    Raises:
        UsageError: when the ARN is not that of a user.
    """
    found = _USER.fullmatch(arn)
    if found is None:
        raise UsageError(f'expected the ARN of an IAM user, got "{arn}"')
    partition, account, name = found.groups()
    return partition, account, name


def profiles_for(
    stacks: Sequence[StackOfApp], user: str, *, source: str, serial: str | None = None
) -> tuple[list[Profile], list[str]]:
    """
    A profile for each role of an app whose trust policy lets a user in: by name, by the account, or as anybody.

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
    partition, account, name = parts_of_user(user)
    device = serial or f"arn:{partition}:iam::{account}:mfa/{name}"
    profiles, others = [], []
    for stack in stacks:
        for role in roles_of(stack, partition, stacks):
            place = f"{stack.name}/{role.logical_id}"
            if isinstance(role.properties, str):
                others += [f"{place}: {role.properties}"] if role.may_trust_users else []
                continue
            try:
                policy = parse_policy(role.properties["AssumeRolePolicyDocument"], kind=TRUST)
            except PolicySyntaxError as error:
                others.append(f"{place}: {error}")
                continue
            policy = with_user_name(policy, name)
            ways = list(_ways_in(policy, user, int(time.time())))
            if not ways:
                continue
            if stack.account is None:
                others.append(f"{place}: the account of its stack is not known before it is deployed")
                continue
            arn = role.arn(partition, stack.account)
            if arn is None:
                others.append(f"{place}: CloudFormation makes its name up when it is deployed")
                continue
            made = [
                _profile(stack, arn, policy, way, role.properties, source, device if way.with_mfa else "", name)
                for way in ways
            ]
            # Of several ways in, the one of which the least is left to the person.
            profiles.append(min(made, key=lambda one: len(one.remarks)))
    return profiles, others


#: The credentials of a user to what is said where only these get in. A profile calls with the access key, and with a
#: code of the device where it names one.
_WAYS = (
    ((USER_KEY,), ""),
    ((USER_KEY_MFA,), ""),
    ((USER_SESSION, USER_SESSION_MFA), "only a session of GetSessionToken is let in, which has to be the source"),
)


class _Way(NamedTuple):
    """How a user gets into a role."""

    #: The Allow statement by which that is.
    statement: Statement
    with_mfa: bool
    #: What is to be said of it.
    remarks: tuple[str, ...]
    #: One that gets in; None where none is known.
    request: Request | None = None


def _ways_in(trust: Policy, user: str, now: int) -> Iterator[_Way]:
    """
    The statements by which a user ever gets into a role: asked is about every call from now on.

    Args:
        trust: the role's trust policy.
        user: the ARN of the user.
        now: in seconds since 1970.
    """
    partition, account = user.split(":")[1], user.split(":")[4]
    constraints = (
        ("caller", text(join(user, SEPARATOR, ANY_RUN))),
        ("key:aws:currenttime", Values(False, NumberSet.above(now, inclusive=True).integers())),
    )
    is_let_in = False
    for callers, said in _WAYS:
        if said and is_let_in:
            return
        scene = Scene(TRUST, account, partition, callers=callers, constraints=constraints)
        for found in excess(Side((trust,)), Side(()), scene, all_callers=False):
            with_mfa = callers == (USER_KEY_MFA,)
            remarks = (said,) if said else ()
            if not found.requests:
                doubt = f"it is not known whether it lets in: {found.doubts[0]}"
                yield _Way(found.statement, with_mfa, (*remarks, doubt))
            elif found.requests[0].action.lower() == ASSUME_ROLE:
                is_let_in = True
                yield _Way(found.statement, with_mfa, remarks, found.requests[0])


def _profile(
    stack: StackOfApp,
    arn: str,
    policy: Policy,
    way: _Way,
    properties: Mapping[str, Any],
    source: str,
    device: str,
    name: str,
) -> Profile:
    settings = [("role_arn", arn), ("source_profile", source)]
    left = list(way.remarks)
    # Tools keep the credentials of a role on disk by what stands here: a new sandbox must not get those of the last.
    session = f"{name[:40]}-{secrets.token_hex(4)}"
    values, gets_in = values_for(policy, way.statement, way.request, session=session)
    for condition in way.statement.conditions:
        if not values.meets(condition) and not _is_met_by(condition, with_mfa=bool(device)):
            operands = ", ".join(map(str, condition.operands))
            left.append(f"the trust policy also asks for {condition.operator} {condition.key} {operands}")
    if not gets_in and not left:
        left.append("no name of the session and no external id are known with which a call gets in")
    if values.external_id is not None:
        settings.append(("external_id", values.external_id))
    if device:
        settings.append(("mfa_serial", device))
    duration = int(properties.get("MaxSessionDuration") or _DEFAULT_DURATION)
    settings.append(("duration_seconds", str(duration)))
    settings.append(("role_session_name", values.session))
    if stack.region is not None:
        settings.append(("region", stack.region))
    return Profile(f"{stack.name.removeprefix('access-')}-{properties['RoleName']}", tuple(settings), tuple(left))


def _is_met_by(condition: Condition, *, with_mfa: bool) -> bool:
    """Whether a condition is met by a code of the device being passed, or by none being passed."""
    if condition.key.lower() not in (_MFA, _MFA_AGE):
        return False
    operator, values = condition.operator.lower(), [str(one).lower() for one in condition.operands]
    return operator == "null" or (with_mfa and operator in ("bool", "boolifexists") and values == ["true"])
