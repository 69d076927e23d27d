"""
Managed policies that somebody names, and that the app makes under another path, or in other letters: nobody has such an
ARN, and IAM refuses the deployment.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk._names import misnamed_arns, unique
from trustproof_cdk._synthesis import stacks, walk

#: The partition may be a token, and the account that of the stack.
_WRITTEN = re.compile(r"arn:[^/]*:iam::([^/]*):policy(/(?:[^$]*/)?)([^$/]+)")
_OF_AWS = "aws"
#: By app or stage, what has policies, their ARNs, and the argument by which they came.
_NAMED: WeakKeyDictionary[cdk.Stage, dict[tuple[Construct, str, str], None]] = WeakKeyDictionary()
#: Likewise, what refers to policies by their names, in each of some accounts.
_REFERRED: WeakKeyDictionary[cdk.Stage, list[_Referring]] = WeakKeyDictionary()


class _Referring(NamedTuple):
    """What refers to policies by path and name."""

    construct: Construct
    names: Sequence[str]
    argument: str
    #: Asked when everything is there.
    accounts: Callable[[], Iterable[str]]


def refuse_misnamed(scope: Construct, arn: str, argument: str) -> None:
    """
    Fail the synthesis if the ARN of a policy is nobody's, since the app has its name under another one.

    Args:
        scope: in the stack of whoever has the policy.
        arn: as an object of the CDK has it.
        argument: by which it came.
    """
    found = _WRITTEN.fullmatch(arn)
    if found is None or found[1] == _OF_AWS:
        return
    stage = unique.check_beside_names(scope, _check)
    if stage is not None:
        _NAMED.setdefault(stage, {})[scope, arn, argument] = None


def refuse_misnamed_in(
    construct: Construct, names: Sequence[str], argument: str, accounts: Callable[[], Iterable[str]]
) -> None:
    """
    Fail the synthesis if a policy that is named is nobody's in one of some accounts, likewise.

    Args:
        construct: what names them.
        names: each after its path, where it has one.
        argument: by which they came.
        accounts: where they must be, asked when everything is there.
    """
    stage = unique.check_beside_names(construct, _check) if names else None
    if stage is not None:
        _REFERRED.setdefault(stage, []).append(_Referring(construct, names, argument, accounts))


def said_of(stage: cdk.Stage, stack: cdk.Stack, arn: str, argument: str) -> str:
    """
    What is wrong with the ARN of a policy, likewise; empty where nothing is.

    Args:
        stage: the app or stage, in whose walk it is asked.
        stack: of whoever has the policy.
        arn: as there.
        argument: as there.
    """
    found = _WRITTEN.fullmatch(arn)
    if found is None or found[1] == _OF_AWS:
        return ""
    path, name = found[2], found[3]
    having = unique.named(stage, stack, "managed policy", name)
    called = misnamed_arns.called_otherwise(having, f"{path}{name}")
    if not called:
        return ""
    made = having[0].resource.node.path
    return (
        f"{argument} names the managed policy {path[1:]}{name}, which nobody makes, since {made} has that name and "
        f"another path or other letters, and IAM takes a name once: write {called[1:]}, or give the policy itself"
    )


def _check(stage: cdk.Stage, _walked: walk.Walked) -> list[str]:
    said = (
        (scope, said_of(stage, stacks.stack_of(scope), arn, argument)) for scope, arn, argument in _NAMED.get(stage, ())
    )
    found = unique.names_found(stage)
    return [
        *(f"{scope.node.path}: {one}" for scope, one in said if one),
        *(said for one in _REFERRED.get(stage, ()) for said in dict.fromkeys(_said_of_names(one, found))),
    ]


def _said_of_names(one: _Referring, found: unique.Named) -> Iterator[str]:
    for account in one.accounts():
        for name in one.names:
            having = found.get((account, "managed policy", name.rpartition("/")[2].lower()), [])
            called = misnamed_arns.called_otherwise(having, f"/{name}")
            if called:
                yield (
                    f"{one.construct.node.path}: {one.argument} names the managed policy {name}, which nobody makes in "
                    f"account {account}, since {having[0].resource.node.path} has that name and another path or other "
                    f"letters, and IAM takes a name once: write {called[1:]}"
                )
