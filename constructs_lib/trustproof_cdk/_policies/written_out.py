"""
Policies and ARNs as a deployment has them, as far as the app says: the account, names of roles and users.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._arguments import arguments, known_texts, regions
from trustproof_cdk._synthesis import raw_resources, stacks

#: A name that CloudFormation makes: of a stack, a logical id and a random text.
_GENERATED = "*-*-*"
#: What stands for a pseudo parameter in a text that CloudFormation fills in.
_PLAIN = re.compile(r"\$\{(AWS::\w+)\}")


def document_of(policy: iam.CfnManagedPolicy | iam.CfnPolicy) -> Any:
    """
    The document of a policy as it is in the template, with what is known written out.

    A partition is any: nothing goes from one to another.
    """
    stack = stacks.stack_of(policy)
    return in_template_of(stack, stack.resolve(policy.policy_document))


def in_template_of(stack: cdk.Stack, document: Any) -> Any:
    """A resolved document of the template of a stack, likewise."""
    given = {"AWS::Partition": "*", **_account(stack)}
    document = known_texts.evaluated(document, stack, partition="*")
    return _with(document, given, lambda logical_id: _arn_in(stack, logical_id))


def with_references(
    value: Any, stack: cdk.Stack, given: Mapping[str, str], arns: Mapping[str, str] | None = None
) -> Any:
    """
    A resolved value of the template of a stack, with references to some resources written out, and the account.

    Args:
        value: as it is in the template.
        stack: of the template.
        given: by logical id, what a reference to a resource comes to.
        arns: what one to its ARN comes to. Default: the same.
    """
    return _with(value, {"AWS::Partition": "*", **_account(stack), **given}, (given if arns is None else arns).get)


def text_of(value: Any, stack: cdk.Stack) -> str | None:
    """A value of the template of a stack as a text, where all of it is one but for the partition, which is any."""
    given = {"AWS::Partition": "*", **_account(stack)}
    if isinstance(value, dict) and isinstance(text := value.get("Fn::Sub"), str):
        value = _PLAIN.sub(lambda found: given.get(found[1], found[0]), text)
    found = _with(known_texts.evaluated(value, stack, partition="*"), given, lambda _: None)
    return found if isinstance(found, str) and "${" not in found else None


def arn_of(made: iam.CfnRole | iam.CfnUser) -> str:
    """The ARN of a role or user, as a pattern: what only a deployment knows of it may be anything."""
    kind, name = ("role", made.role_name) if isinstance(made, iam.CfnRole) else ("user", made.user_name)
    stack = stacks.stack_of(made)
    account = _account(stack).get("AWS::AccountId", "*")
    start = f"arn:{regions.partition_of(stack) or '*'}:iam::{account}:{kind}"
    path, name = (known_texts.evaluated(stack.resolve(one), stack) for one in (made.path, name))
    path = path or "/"
    if not isinstance(path, str) or not isinstance(name, str):
        return f"{start}/*"
    return f"{start}{path}{name}"


def role_arn_in(stack: cdk.Stack, properties: Mapping[str, Any]) -> str:
    """The ARN of a role as a template has it in the end, likewise: without a name, CloudFormation makes one."""
    account = _account(stack).get("AWS::AccountId", "*")
    path, name = properties.get("Path", "/"), properties.get("RoleName", _GENERATED)
    start = f"arn:{regions.partition_of(stack) or '*'}:iam::{account}:role"
    return f"{start}{path}{name}" if isinstance(path, str) and isinstance(name, str) else f"{start}/*"


def _account(stack: cdk.Stack) -> dict[str, str]:
    """What the pseudo parameter for the account of a stack comes to, where that is known."""
    account = stacks.account_of(stack)
    return {} if arguments.is_token(account) else {"AWS::AccountId": account}


def _arn_in(stack: cdk.Stack, logical_id: str) -> str | None:
    """The ARN of a role or user of a stack, where all of it is known."""
    for one in raw_resources.all_in(stack):
        if isinstance(one, (iam.CfnRole, iam.CfnUser)) and stack.resolve(one.logical_id) == logical_id:
            arn = arn_of(one)
            return None if "*" in arn.partition(":iam::")[2] else arn
    return None


def _with(value: Any, given: dict[str, str], arn_in: Callable[[str], str | None]) -> Any:
    if isinstance(value, list):
        return [_with(one, given, arn_in) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"}:
        return given.get(value["Ref"], value)
    if value.keys() == {"Fn::GetAtt"}:
        named = value["Fn::GetAtt"]
        return (arn_in(named[0]) if isinstance(named, list) and named[1:] == ["Arn"] else None) or value
    found = {key: _with(one, given, arn_in) for key, one in value.items()}
    joined = found.get("Fn::Join")
    if isinstance(joined, list) and isinstance(joined[1], list) and all(isinstance(one, str) for one in joined[1]):
        return joined[0].join(joined[1])
    return found
