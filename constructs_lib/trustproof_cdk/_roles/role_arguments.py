"""
Arguments of all roles that are refused before a role is made, and how long its sessions may last in the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, durations, regions
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import promise
from trustproof_cdk._trust import demands
from trustproof_cdk._trust.trust import TrustStatement

#: What the gate asks of a role unless the project says otherwise, in seconds.
_USUAL = 3600
#: Callers who never carry MFA, by the kind of their principal.
_WITHOUT_MFA = {"Federated": "tokens and assertions", "Service": "calls of AWS services"}
#: How the ids of networks begin, by their keys.
_NETWORK_IDS = {"aws:sourcevpc": "vpc-", "aws:sourcevpce": "vpce-"}


def refuse_other_conditions(scope: Construct, statements: Sequence[TrustStatement]) -> None:
    """
    Refuse conditions that CloudFormation does not take, or that no request meets.

    Args:
        scope: of the role.
        statements: of its trust policy.

    Raises:
        ValueError: with the key, and the value.
    """
    _refuse_unknown_keys(scope, statements)
    _refuse_other_values(statements)
    for statement in statements:
        # Whom an account or an ARN stands for, only the construct knows.
        for kind in () if "AWS" in statement.principals else statement.principals:
            demands.refuse_mfa_of(_WITHOUT_MFA[kind], statement.conditions)


def _refuse_unknown_keys(scope: Construct, statements: Sequence[TrustStatement]) -> None:
    """CloudFormation takes no reference for the name of a condition key, and the CDK says so in the synthesis only."""
    for statement in statements:
        for keys in statement.conditions.values():
            for key in keys:
                found = cdk.Stack.of(scope).resolve(key) if arguments.is_token(key) else key
                if not isinstance(found, str):
                    raise ValueError(
                        f"conditions cannot have the key {found!r}, which only a deployment knows: "
                        "CloudFormation takes no reference there"
                    )


def _refuse_other_values(statements: Sequence[TrustStatement]) -> None:
    """A Region that there is none of, or the id of something else, is met by no request, or excludes none."""
    for statement in statements:
        for operator, keys in statement.conditions.items():
            for key, values in keys.items():
                name, argument = str(key).lower(), f"conditions[{operator!r}][{key!r}]"
                for value in [values] if isinstance(values, str) else values:
                    if (
                        not isinstance(value, str)
                        or arguments.is_looked_up(value)
                        or any(mark in value for mark in "*?$")
                    ):
                        continue
                    if name == "aws:requestedregion":
                        regions.region(value, argument)
                    elif name in _NETWORK_IDS and operator != "Null" and not value.startswith(_NETWORK_IDS[name]):
                        raise ValueError(
                            f"{argument} must be an id that begins with {_NETWORK_IDS[name]!r}, got {value!r}, which "
                            "no request has"
                        )


def session_reason(duration: cdk.Duration | None, reason: str | None) -> str | None:
    """
    Why a session may last longer than the gate allows by default, if it may.

    Raises:
        ValueError: it may, and nobody says why; or somebody says why of a session that is not longer.
    """
    lasting = _USUAL if duration is None else durations.session_seconds(duration)
    if lasting <= _USUAL:
        if reason is not None:
            raise ValueError(
                f"session_duration_reason is for a max_session_duration of more than 1 hour, got {reason!r} without one"
            )
        return None
    if reason is None:
        human = durations.human(cdk.Duration.seconds(lasting))
        raise ValueError(
            f"max_session_duration of {human} needs a session_duration_reason like 'restores take "
            "half a day': the gate refutes more than 1 hour, since what is stolen during a session works until its end"
        )
    return arguments.matching(
        reason, "session_duration_reason", r"[\x20-\x7e]{3,500}", "a reason of 3 to 500 characters"
    )


def hold_to_session(role: iam.Role, duration: cdk.Duration | None) -> None:
    """
    Have the plugin see that sessions of a role last no longer than somebody has said why.

    Args:
        role: that has a reason.
        duration: for which it was given.
    """
    if duration is None:
        return
    longest = durations.session_seconds(duration)

    def said(properties: Mapping[str, Any]) -> str:
        lasting = properties.get("MaxSessionDuration")
        if not isinstance(lasting, int) or lasting <= longest:
            return ""
        human = durations.human(cdk.Duration.seconds(lasting))
        return (
            f"sessions of {role.node.path} may last {human}, by an override or a property injector, and its "
            f"session_duration_reason is for {durations.human(duration)}"
        )

    promise(stacks.stack_of(role), lambda: role.node.default_child, said)
