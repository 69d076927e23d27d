"""
ARNs that somebody wrote out, of a user or role that the app makes under another path, or in other letters.

A name is there once in an account, whatever its path and in whichever case, so nobody else can have such an ARN; and in
an ARN both count: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_texts
from trustproof_cdk._names import unique
from trustproof_cdk._names.named_in_app import WRITTEN, account_of, may_be_arn, text_of
from trustproof_cdk._synthesis import stacks, walk

_OF_STACK = re.compile(r"\$\{of [^}]*\}")
_TOKEN = re.compile(r"\$\{Token\[[^]]*\]\}")
#: By app or stage, what refers to somebody by ARN.
_WRITERS: WeakKeyDictionary[cdk.Stage, list[tuple[Construct, list[object]]]] = WeakKeyDictionary()
#: Likewise, what refers to roles by name in whichever account.
_NAMES: WeakKeyDictionary[cdk.Stage, list[tuple[Construct, list[str]]]] = WeakKeyDictionary()
#: Says what a role is in an account, or of None, in whichever.
DeployedIn: TypeAlias = "Callable[[str | None], Sequence[object]]"


class Elsewhere(NamedTuple):
    """
    A role that the app makes in accounts that have no stack of it.
    """

    #: Path and name.
    called: str
    maker: Construct
    role: iam.IRole
    deployed_in: DeployedIn


#: Likewise, these.
_ELSEWHERE: WeakKeyDictionary[cdk.Stage, list[Elsewhere]] = WeakKeyDictionary()


def refuse_misnamed(construct: Construct, entities: Iterable[object]) -> None:
    """
    Fail the synthesis if an ARN is that of nobody, since a user or role of the app has its name, and another ARN.

    Args:
        construct: what has the ARNs.
        entities: users and roles, or their ARNs; those that the app makes pass.
    """
    given = [one for one in entities if may_be_arn(one, construct)]
    stage = unique.check_beside_names(construct, _check) if given else None
    if stage is not None:
        _WRITERS.setdefault(stage, []).append((construct, given))


def refuse_one_name(arns: Iterable[str], argument: str) -> None:
    """
    Refuse two ARNs of users, or of roles, of one name in one account: one of the two is nobody's, and IAM makes no role
    that trusts it.

    Args:
        arns: of users, or of roles.
        argument: the name of the argument, as the caller wrote it.
    """
    known: dict[tuple[str, str], str] = {}
    for arn in arns:
        account, _, resource = arn.rpartition(":")
        if _TOKEN.search(resource):
            continue
        name = (account.rpartition(":")[2], resource.rpartition("/")[2].lower())
        first = known.setdefault(name, arn)
        if first.rpartition(":")[2] != resource:
            raise ValueError(
                f"{argument} cannot have both {first!r} and {arn!r}: IAM takes a name once in an account, whatever its "
                "path and case, and makes no role that trusts somebody who is not there"
            )


def warn_of_misnamed(construct: Construct, names: Iterable[str]) -> None:
    """
    Warn of a name that is to be that of roles in many accounts, where those of the app have it under another path.

    Args:
        construct: what has the names.
        names: each after its path, where it has one.
    """
    stage = unique.check_beside_names(construct, _check)
    if stage is not None:
        _NAMES.setdefault(stage, []).append((construct, list(names)))


def note_role_elsewhere(construct: Construct, called: str, role: iam.IRole, deployed_in: DeployedIn) -> None:
    """
    Count a role that is made in other accounts among those that a name may mean.

    Args:
        construct: what makes it there.
        called: its path and name; a text as a whole.
        role: that is made there.
        deployed_in: gives, of an account, what the role is there, or says of whom it trusts: one for each way in which
            it may be deployed; none where it is not.
    """
    stage = stacks.stage_of(construct)
    if stage is not None and not arguments.is_token(called):
        _ELSEWHERE.setdefault(stage, []).append(Elsewhere(called, construct, role, deployed_in))


def roles_elsewhere(stage: cdk.Stage, called: str) -> list[Elsewhere]:
    """The roles of a path and name that are made in accounts without a stack of the app or stage."""
    return [one for one in _ELSEWHERE.get(stage, ()) if one.called == called]


def _check(stage: cdk.Stage, _walked: walk.Walked) -> list[str]:
    found = unique.names_found(stage)
    for construct, names in _NAMES.get(stage, ()):
        known = [known_texts.text(one, construct) for one in names]
        _warn(construct, known, found, _ELSEWHERE.get(stage, ()))
    return [
        said
        for construct, given in _WRITERS.get(stage, ())
        for said in _said_of(construct, _written(construct, given), found)
    ]


def _written(construct: Construct, given: Iterable[object]) -> list[re.Match[str]]:
    """The ARNs of users and roles, as they are known when all is there."""
    texts = [text for one in given if (text := text_of(one, construct)) is not None]
    return [found for text in texts if (found := WRITTEN.fullmatch(text)) is not None]


def said_of_texts(construct: Construct, texts: Iterable[object]) -> Iterator[str]:
    """
    What `refuse_misnamed` says, of ARNs as a template has them; when all of the app is there.

    Args:
        construct: what has them.
        texts: others pass.
    """
    written = [found for one in texts if isinstance(one, str) and (found := WRITTEN.fullmatch(one)) is not None]
    stage = stacks.stage_of(construct)
    if written and stage is not None:
        yield from _said_of(construct, written, unique.names_in(stage))


def _said_of(construct: Construct, written: list[re.Match[str]], found: unique.Named) -> Iterator[str]:
    place = stacks.carrier_of(construct).node.path if written else ""
    for one in written:
        _, kind, path, name = one.groups()
        having = found.get((account_of(one), kind, name.lower()), [])
        called = called_otherwise(having, f"{path}{name}")
        if called:
            yield (
                f"{place}: {shown(one[0])} is nobody's, since {stacks.path_of(having[0].resource)} has that name and "
                "another path or other letters, and IAM takes a name once: write "
                f"{shown(one[0][: one.start(3)])}{called}, or give the {kind} itself"
            )


def shown(arn: str) -> str:
    """An ARN whose partition may be a token, and its account that of the stack, as CloudFormation has it."""
    return _OF_STACK.sub("${AWS::AccountId}", _TOKEN.sub("${AWS::Partition}", arn))


def _warn(
    construct: Construct,
    names: list[str],
    found: unique.Named,
    elsewhere: Sequence[Elsewhere],
) -> None:
    for name in names:
        last = name.rpartition("/")[2].lower()
        having = [one for (_, kind, lower), ones in found.items() if (kind, lower) == ("role", last) for one in ones]
        there = [one for one in elsewhere if one.called.rpartition("/")[2].lower() == last]
        if any(one.called == f"/{name}" for one in there):
            continue
        called, shown = called_otherwise(having, f"/{name}"), having[0].resource.node.path if having else ""
        if not having and there:
            called, shown = there[0].called, f"that of {there[0].maker.node.path}"
        if called:
            cdk.Annotations.of(construct).add_warning_v2(
                f"trustproof:role-name-{name}",
                f"no role of the app is called {name!r} with its path and in these letters, and {shown} is "
                f"{called[1:]!r}: nobody gets into it by this policy; give that name",
            )


def called_otherwise(having: Sequence[unique.Having], written: str) -> str:
    """
    What the first of those who have a name is called, path and name; empty if one is called what is written.

    Args:
        having: who have the name, in whichever case.
        written: path and name.
    """
    called = [one.path_and_name for one in having]
    if not called or None in called or written in called:
        return ""
    # Of two of one name, conditions leave one in a deployment.
    return "" if any(one.resource.cfn_options.condition is not None for one in having) else str(called[0])
