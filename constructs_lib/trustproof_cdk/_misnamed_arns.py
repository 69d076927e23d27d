"""
ARNs that somebody wrote out, of a user or role that the app makes under another path, or in other letters.

A name is there once in an account, whatever its path and in whichever case, so nobody else can have such an ARN; and in
an ARN both count: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _unique as unique

#: An ARN, also one whose partition is known only in a deployment: its account, what it is of, path and name.
_WRITTEN = re.compile(r"arn:.*:iam::([0-9]{12}):(user|role)(/(?:[^$]*/)?)([^$/]+)")
#: By app or stage, what refers to somebody by ARN.
_WRITERS: WeakKeyDictionary[cdk.Stage, list[tuple[Construct, list[re.Match[str]]]]] = WeakKeyDictionary()


def refuse_misnamed(construct: Construct, entities: Iterable[object]) -> None:
    """
    Fail the synthesis if an ARN is that of nobody, since a user or role of the app has its name, and another ARN.

    Args:
        construct: what has the ARNs.
        entities: users and roles; those that are no texts pass.
    """
    texts = [one for one in entities if isinstance(one, str)]
    written = [found for text in texts if (found := _WRITTEN.fullmatch(text)) is not None]
    stage = unique.check_beside_names(construct, _check) if written else None
    if stage is not None:
        _WRITERS.setdefault(stage, []).append((construct, written))


def _check(stage: cdk.Stage, _walked: unique.Walked) -> list[str]:
    known: dict[cdk.CfnResource, str | None] = {}
    return [said for construct, written in _WRITERS[stage] for said in _said_of(stage, construct, written, known)]


def _said_of(
    stage: cdk.Stage, construct: Construct, written: list[re.Match[str]], known: dict[cdk.CfnResource, str | None]
) -> Iterator[str]:
    for one in written:
        account, kind, path, name = one.groups()
        having = unique.having_name(stage, account, kind, name)
        for resource in having:
            if resource not in known:
                known[resource] = _after_kind(resource)
        called = [known[resource] for resource in having]
        # Of two of one name, conditions leave one in a deployment.
        if not called or None in called or f"{path}{name}" in called:
            continue
        if any(resource.cfn_options.condition is not None for resource in having):
            continue
        right = f"{one[0][: one.start(3)]}{called[0]}"
        yield (
            f"{construct.node.path}: {one[0]} is nobody's, since {having[0].node.path} has that name and another path "
            f"or other letters, and IAM takes a name once: write {right}, or give the {kind} itself"
        )


def _after_kind(resource: cdk.CfnResource) -> str | None:
    """Path and name of a user or role; None where only a deployment knows them."""
    if not isinstance(resource, (iam.CfnRole, iam.CfnUser)):
        return None
    name = resource.role_name if isinstance(resource, iam.CfnRole) else resource.user_name
    path = resource.path or "/"
    return None if name is None or arguments.is_token(name) or arguments.is_token(path) else f"{path}{name}"
