"""
What policies say of a user or role by its ARN, once a plan replaces it by one of its name: AWS keeps the unique id of
a principal, and the new one has another. What Terraform leaves as it is says nothing of the new one, until the next
apply writes it again.

That takes nobody in. What it loses is a Deny of the old one, and an Allow for everybody but the old one; with these
it loses what lets in the old one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from trustproof.inputs.terraform.types.table import RESOURCE, TRUST, policies
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Known, Value

#: Whether the ARN of a principal is that of somebody who is replaced.
IsReplaced = Callable[[str], bool]
_EVERYBODY = "*"
#: The unique id of a user who is no more.
_NOBODY = "AIDAAAAAAAAAAAAAAAAAA"
#: By the effect of a statement, the element whose principals it keeps out, and the one whose it lets in.
_DENYING, _LETTING_IN = {"Deny": "Principal", "Allow": "NotPrincipal"}, {"Allow": "Principal"}
#: Types of Cloud Control whose policy is read as one here, to the argument that is it.
_OF_CLOUD_CONTROL = {"awscc_iam_role": "assume_role_policy_document"}
#: The ARN of a user or role in a text.
_PRINCIPAL = re.compile(r"arn:[\w-]+:iam::\d{12}:(?:user|role)/[\w+=,.@/-]+")
#: What a policy has in it that loses something; else it need not be read here.
_MAY_LOSE = re.compile(r"Deny|NotPrincipal|\\u")


def texts_with_principals(instance: Instance) -> Iterator[tuple[str, str]]:
    """The arguments of an instance that are a policy with principals, each with its text as the plan knows it."""
    if not isinstance(instance.values, KnownValues):
        return
    for argument in _with_principals(instance.type):
        text = instance.values.raw(argument)
        if isinstance(text, str) and _MAY_LOSE.search(text):
            yield argument, text


def open_policies(instance: Instance) -> Iterator[tuple[str, Value]]:
    """
    The arguments of an instance that are a policy with principals which the plan does not know, and its sources say:
    those that may deny something to somebody, or let in all others.
    """
    if not isinstance(instance.values, KnownValues):
        return
    for argument in _with_principals(instance.type):
        if argument in instance.values and not isinstance(instance.values.raw(argument), str):
            value = instance.values[argument]
            if any(_MAY_LOSE.search(text) for text in _texts(value)):
                yield argument, value


def principals_named(value: Value) -> Iterator[str]:
    """The ARNs of users and roles that are written out in a policy."""
    for text in _texts(value):
        yield from _PRINCIPAL.findall(text)


def _texts(value: Value) -> Iterator[str]:
    """The texts that a value is made of."""
    if isinstance(value, Known) and isinstance(value.value, str):
        yield value.value
    for part in value.parts():
        yield from _texts(part)


def _with_principals(type_: str) -> list[str]:
    """The arguments of a type that are a policy with principals."""
    named = [one.name for one in policies(type_) if one.kind in (TRUST, RESOURCE)]
    return [*named, _OF_CLOUD_CONTROL[type_]] if type_ in _OF_CLOUD_CONTROL else named


def is_same_policy(before: Instance, argument: str, text: str) -> bool:
    """
    Whether a resource had a policy already, so that the provider does not write it again with what else it changes.

    Args:
        before: the resource as it was.
        argument: that is the policy.
        text: the policy as it will be, in JSON.
    """
    was = before.values.raw(argument) if isinstance(before.values, KnownValues) else None
    if not isinstance(was, str) or was == text:
        return was == text
    try:
        return bool(json.loads(was) == json.loads(text))
    except (ValueError, RecursionError):
        return False


def without_principals(text: str, is_replaced: IsReplaced) -> str | None:
    """
    A policy that says no more of somebody what it denies them, and excepts them from nothing: it lets these in no more.

    Args:
        text: the policy, in JSON.

    Returns:
        The policy in JSON; None where it is the same, or cannot be read.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    said = document.get("Statement") if isinstance(document, dict) else None
    statements = said if isinstance(said, list) else [said]
    denied: set[str] = set()

    def is_lost(arn: str) -> bool:
        if is_replaced(arn):
            denied.add(arn)
        return arn in denied

    left = [one for statement in statements for one in _left(statement, _DENYING, is_lost)]
    if left == statements:
        return None
    # Whom the same text lets in by the same ARN is the same one.
    letting_in = [one for statement in left for one in _left(statement, _LETTING_IN, denied.__contains__)]
    return json.dumps({**document, "Statement": letting_in or [_of_nobody(statements[0])]})


def _of_nobody(statement: object) -> object:
    """A statement as AWS has it once nobody is left of whom it is: a policy has one at least."""
    said = statement if isinstance(statement, dict) else {}
    kept = {name: value for name, value in said.items() if not name.endswith("Principal")}
    return {**kept, "Effect": "Deny", "Principal": {"AWS": _NOBODY}}


def _left(statement: object, keys: Mapping[str, str], is_lost: IsReplaced) -> Iterator[object]:
    """
    What is left of a statement; nothing where it was about them alone.

    Args:
        keys: by the effect of a statement, the element that names them.
    """
    key = keys.get(str(_get(statement, "Effect")))
    principal = None if key is None else _get(statement, key)
    listed = _get(principal, "AWS")
    named = listed if isinstance(listed, list) else [listed]
    others = [one for one in named if not (isinstance(one, str) and is_lost(one))]
    if not isinstance(statement, dict) or not isinstance(principal, dict) or len(others) == len(named):
        yield statement
        return
    rest = {name: value for name, value in principal.items() if name != "AWS"}
    if others:
        rest["AWS"] = others
    if rest:
        yield {name: rest if name == key else value for name, value in statement.items()}
    elif key == "NotPrincipal":
        kept = {name: value for name, value in statement.items() if name != key}
        yield {**kept, "Principal": _EVERYBODY}


def _get(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None
