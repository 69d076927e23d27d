"""
Statements that say several things: a parameter, a loop, or whoever calls a module or a nested stack decides whom they
let in.

A change of such a statement is made for all of them. It is right for another one where this lets in the same callers,
or where the same change is asked for; whom it lets in otherwise, the change may lock out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple, TypeAlias

from trustproof.aws.service_principals import global_name
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, DENY, Path, Principal, Statement
from trustproof.model.text import Text
from trustproof.results.edit import END, Edit
from trustproof.results.result import REFUTED, Remedy, Result

_VERSION = "Version"
#: A Region that is known at deployment only, in the name of a service: ``logs.<AWS::Region>.amazonaws.com``.
_IN_REGION = re.compile(r"\.<[^<>]*Region>(?=\.amazonaws\.com)")


class Callers(NamedTuple):
    """
    Whom a statement lets in, and at which conditions.
    """

    principals: tuple[Principal, ...] | None
    not_principals: tuple[Principal, ...] | None
    conditions: tuple[tuple[str, str, tuple[Text, ...]], ...]


#: Whom the statements let in that stand at some paths, by all that is known of them.
CallersByPath: TypeAlias = Mapping[Path, Set[Callers]]


def callers(statements: Iterable[Statement]) -> dict[Path, frozenset[Callers]]:
    """Whom Allow statements let in."""
    found: dict[Path, set[Callers]] = {}
    for one in statements:
        if one.effect == ALLOW:
            conditions = tuple((c.operator, c.key, c.operands) for c in one.conditions)
            found.setdefault(one.path, set()).add(Callers(one.principals, one.not_principals, conditions))
    return {path: frozenset(same) for path, same in found.items()}


class Stated(NamedTuple):
    """
    What a resource of a template says in an Allow statement, or in some that stand at one path.
    """

    logical_id: str
    path: Path
    callers: Set[Callers]


def stated_in(documents: Iterable[Document]) -> tuple[Stated, ...]:
    """What documents of a template say, but for those of AWS."""
    by_resource: dict[str, list[Statement]] = {}
    for one in documents:
        if not one.is_foreign:
            by_resource.setdefault(one.logical_id, []).extend(one.policy.statements)
    return tuple(
        Stated(logical_id, path, found)
        for logical_id, statements in by_resource.items()
        for path, found in callers(statements).items()
    )


def changed_statements(remedy: Remedy, paths: Iterable[Path]) -> list[Path]:
    """Those of the statements at some paths that a remedy changes, or keeps callers of from getting in."""
    return [path for path in paths if any(_changes(edit, path) for edit in remedy.edits)]


def _changes(edit: Edit, path: Path) -> bool:
    if edit.path[-1] == _VERSION:
        return False
    if edit.path[-1] == END and path[: len(edit.path) - 1] == edit.path[:-1]:
        return isinstance(edit.value, Mapping) and edit.value.get("Effect") == DENY
    return edit.path[: len(path)] == path or path[: len(edit.path)] == edit.path


def changes(remedy: Remedy | None) -> str:
    """What a remedy changes, wherever that stands: the words count where there are no edits only."""
    if remedy is None:
        return ""
    return repr([(e.path[-1], e.operation, e.before, e.value) for e in remedy.edits]) if remedy.edits else remedy.text


def is_right_for(result: Result, here: Set[Callers], there: Set[Callers], asked: Iterable[Result], path: Path) -> bool:
    """
    Whether the change that a result asks for is right for what a statement says elsewhere, too.

    Args:
        here: whom the statement lets in that the result is about.
        there: whom the other one lets in.
        asked: what is found there.
        path: of the other one.
    """
    if there <= here:
        return True
    said = changes(result.remedy)
    return any(
        one.verdict == REFUTED
        and one.property == result.property
        and one.remedy is not None
        and path in changed_statements(one.remedy, (path,))
        and changes(one.remedy) == said
        for one in asked
    )


def is_right_for_each(result: Result, stated: Stated, asked: Iterable[Result]) -> bool:
    """
    Whether the change that a result asks for is right for each of the services that a condition lets in by a statement:
    what one of them says of whom it calls for, another one does not say. Of other callers the remedy itself knows whom
    it would lock out.

    Args:
        stated: what the statement says, at all values of the condition.
        asked: what is found of the resource.
    """
    if len(stated.callers) < 2:
        return True
    said = changes(result.remedy)
    about = {
        global_name(str(one.caret[-1]))
        for one in asked
        if one.verdict == REFUTED and one.property == result.property and one.caret and changes(one.remedy) == said
    }
    services = ([one.value for one in callers.principals or () if one.kind == "Service"] for callers in stated.callers)
    return all(not values or any(_service(value) in about for value in values) for values in services)


def _service(value: Text) -> str:
    """The name of a service without its Region, whether that is known or not: it says the same in each."""
    return global_name(_IN_REGION.sub("", str(value)))


def right_where(remedy: Remedy, values: Iterable[tuple[str, str]]) -> Remedy:
    """A remedy in words that is right at some values of parameters only."""
    where = " and ".join(f"{name} is {value}" for name, value in values)
    return Remedy(f"where {where}: {remedy.text}; at another value this may keep out whom that is to let in")
