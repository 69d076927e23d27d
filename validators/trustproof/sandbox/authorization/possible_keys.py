"""
Condition keys of which only is known what they may be: a request is decided for each of these, and the answers must be
the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from trustproof.model.policy import Policy
from trustproof.model.request import ANONYMOUS, SERVICE, Caller, ContextValue
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.decide import keys_asked_for

#: What a request may carry that nobody sends through the MCP server of AWS: that it says so, or nothing of it.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_OF_ALL: Mapping[str, tuple[ContextValue | None, ...]] = {
    "aws:ismcpserviceaction": (None, "false"),
    "aws:viaawsmcpservice": (None, "false"),
}
#: What sessions carry that a service has begun, which says there for what: its principal to the keys.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-role-session-properties
_OF_SERVICES = {
    "chatbot.amazonaws.com": ("aws:chatbotsourcearn",),
    "codebuild.amazonaws.com": ("codebuild:buildarn", "codebuild:projectarn"),
    "ec2.amazonaws.com": (
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "ec2:roledelivery",
        "ec2:sourceinstancearn",
        "ssm:sourceinstancearn",
    ),
    "glue.amazonaws.com": ("glue:credentialissuingservice", "glue:roleassumedby"),
    "lambda.amazonaws.com": ("lambda:sourcefunctionarn",),
    "ssm.amazonaws.com": ("ec2:sourceinstancearn", "ssm:sourceinstancearn"),
}


def unknown_in_session(maker: Caller) -> tuple[str, ...]:
    """
    The lower-cased keys in a session of which nobody here knows the value.

    Args:
        maker: whoever has assumed the role.
    """
    return _OF_SERVICES.get(maker.arn, ()) if maker.kind == SERVICE else ()


def with_possible(need: Need, caller: Caller) -> Need:
    """A need with the keys that every request of a caller may carry."""
    found = dict(_OF_ALL)
    if need.action.startswith("sns:") and caller.account is not None and caller.kind != ANONYMOUS:
        # The default policy of a topic asks for it; no page says of which requests it is a part.
        found["aws:sourceowner"] = (None, caller.account)
    return replace(need, possible={**found, **need.possible})


def asked_for(need: Need, policies: Iterable[Policy]) -> list[str]:
    """
    The possible keys of a need that policies ask for.

    Args:
        need: with `possible` keys.
        policies: all that have a say.
    """
    return sorted({key for policy in policies for key in _keys_of(policy) if key in need.possible})


def readings(need: Need, asked: Sequence[str]) -> Iterator[Need]:
    """
    A need with each combination of values that its possible keys may have.

    Args:
        need: with `possible` keys.
        asked: those that policies ask for.
    """
    for values in product(*(need.possible[key] for key in asked)):
        given = {key: value for key, value in zip(asked, values, strict=True) if value is not None}
        yield replace(need, keys={**need.keys, **given})


def _keys_of(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        yield from (key.lower() for key in keys_asked_for(statement, policy.has_variables))
