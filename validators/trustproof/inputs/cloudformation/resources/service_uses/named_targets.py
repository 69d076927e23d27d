"""
What a template has services come to in other accounts: a topic that is told of its alarms, a function that its rules
call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.written_input import NamedTarget
from trustproof.model.text import ACCOUNT_ID, Symbolic

#: How the types begin of what has a service come to what it names.
_SENDING = (
    "AWS::ApiGateway",
    "AWS::CloudFormation::StackSet",
    "AWS::CloudTrail::Trail",
    "AWS::CloudWatch::",
    "AWS::Cognito::UserPool",
    "AWS::Events::Rule",
    "AWS::Logs::SubscriptionFilter",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::Serverless::",
)
#: The ARN of a function, topic or queue, with its account and what it is called there.
_ARN = re.compile(r"arn:[^:]*:(?:lambda|sns|sqs):[^:]*:([^:/]*):((?:function:)?[\w.-]+)")
#: In place of what is known at deployment only; of the account that the template is deployed to, which is an own one.
_UNKNOWN, _OWN = "<>", "<own>"


def named_targets(resolver: Resolver) -> tuple[NamedTarget, ...]:
    """What of other accounts a template has services come to, by the ARNs in its resources."""
    environment = resolver.environment
    own = environment.deployment.account
    found: dict[NamedTarget, None] = {}
    for name, resource in environment.resources.items():
        if str(resource.get("Type")).startswith(_SENDING):
            for text in _texts(resolver, environment.properties(name)):
                for account, called in _ARN.findall(text):
                    if account not in (_OWN, own):
                        found[NamedTarget(None if account == _UNKNOWN else account, called, own)] = None
    return tuple(found)


def _texts(resolver: Resolver, value: object) -> Iterator[str]:
    """The texts in a value, at any depth, what a function gives among them."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(resolver, item)
    elif isinstance(value, Mapping):
        text = _text(resolver, value) if intrinsic_name(value) else _UNKNOWN
        if text != _UNKNOWN:
            yield text
            return
        # One of several outcomes, or what nobody can put together: its parts are texts, too.
        for inner in value.values():
            yield from _texts(resolver, inner)
    elif isinstance(value, str):
        yield value


def _text(resolver: Resolver, value: Mapping[str, object]) -> str:
    """What a function gives as a text, in which what is known at deployment only stands as `_UNKNOWN`."""
    try:
        found = resolver.text(value)
    except Unreadable:
        return _UNKNOWN
    if isinstance(found, str):
        return found
    parts = found.parts if isinstance(found, Symbolic) else ()
    shown = (one if isinstance(one, str) else _OWN if one.name == ACCOUNT_ID else _UNKNOWN for one in parts)
    return "".join(shown) or _UNKNOWN
