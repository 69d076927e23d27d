"""
Values of parameters at which the sides are not deployed alike: one that a side newly admits, and another default.

Otherwise both sides are compared at the same values. A value that the other side refuses is none of these: what a
condition gives by it is compared with whatever the other side gives at its own values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, product
from typing import NamedTuple

from trustproof.comparison.assignments.assignments import is_admitted
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.values.look_ups import symbols_of
from trustproof.escaping.text import first_of
from trustproof.inputs.reader import Input
from trustproof.model.deployments import Assignment
from trustproof.model.document import IDENTITY, Document
from trustproof.properties.wording.unusable_statements import names_nobody
from trustproof.results.difference import GAINED, LOST, Direction

_VALUES = "AllowedValues"
#: What else a parameter says of its values.
_BOUNDS = ("AllowedPattern", "MaxLength", "MaxValue", "MinLength", "MinValue")
#: How defaults are written that are nothing: of a parameter, and of a variable of Terraform.
_EMPTY = ("", '""')
#: So many values are named.
_SHOWN = 3
#: So many comparisons are made of one resource besides those at the same values.
_MOST = 64


class Apart(NamedTuple):
    """
    Values of the side that may give something, and those of the other side with which that is compared.
    """

    direction: Direction
    giving: Assignment
    #: What is found has to be found at each of them.
    others: tuple[Assignment, ...]
    #: Why these are not the same, in words.
    reason: str


def values_replaced(pair: Pair) -> tuple[Assignment, ...]:
    """
    The values of both sides of parameters that policies read, and of which no value has stayed; empty without one.
    """
    new, old = pair
    if new is None or old is None:
        return ()
    names = {*_read(new), *_read(old), *_compared(new), *_compared(old)}
    lists = {name: (new.deployments.listed(name), old.deployments.listed(name)) for name in sorted(names)}
    replaced = {name: found for name, found in lists.items() if _is_replaced(*found)}
    # What is read together with others at one value of each says what there is to say of most.
    every = [[(name, value) for value in (*here, *there)] for name, (here, there) in replaced.items()]
    return tuple(Assignment(one, (), one) for one in islice(product(*every), _MOST) if one)


def empty_by_default(pair: Pair, assignments: Sequence[Assignment]) -> tuple[str, ...]:
    """
    What is empty by default, and is read there by policies that the other side does not have: somebody who is nobody,
    or a resource that is none, is to be given a value. So is what is no principal or no ARN by default, and stands for
    one.

    Args:
        assignments: those at which the pair is compared: what they give a value is none of these.
    """
    given = {name for one in assignments for name, _ in (*one.values, *one.named)}
    found: dict[str, None] = {}
    for one, other in (pair, pair[::-1]):
        if one is None:
            continue
        template = one.context.template
        defaults = template.parameter_defaults()
        theirs = () if other is None else other.all_documents
        for document in one.all_documents if defaults else ():
            read = [name for name in template.defaults_of(document) if name in defaults and name not in given]
            if not read or any(document.policy == there.policy for there in theirs):
                continue
            nobody = [*_named_in_vain(document, one.context.account)]
            for name in read:
                default = defaults[name]
                plain = default.strip('"')
                if default in _EMPTY or (plain and any(plain in text for text in nobody)):
                    found[name] = None
    return tuple(found)


def _named_in_vain(document: Document, account: str) -> Iterator[str]:
    """What a policy has for principals, or one of somebody has for resources, and IAM refuses."""
    for statement in document.policy.statements:
        resources = (statement.resources or ()) if document.kind == IDENTITY else ()
        yield from (one for one in resources if isinstance(one, str) and not one.startswith(("arn:", "*")))
        entries = statement.principals or ()
        yield from (str(entry.value) for entry in entries if names_nobody(entry, account))


def newly_admitted(new: Subject, old: Subject) -> Iterator[str]:
    """
    What the new side admits of parameters that policies read, and the old side does not, in words: both sides are
    compared at the same values, so that nothing else is said of it.
    """
    written = (repr(new.context.template.written(one.path)) for one in new.all_documents if one.path)
    named = dict.fromkeys(name for text in written for name in re.findall(r"\w+", text))
    for name in (one for one in named if one in new.context.template.parameter_names):
        here, there = (one.context.template.written(("Parameters", name)) for one in (new, old))
        if not isinstance(here, Mapping) or not isinstance(there, Mapping):
            continue
        values, before = here.get(_VALUES), there.get(_VALUES)
        if isinstance(before, list) and isinstance(values, list):
            more = [f'"{value}"' for value in values if value not in before]
            if more and len(more) < len(values):
                yield f"{name}, which policies read, newly admits {first_of(more, _SHOWN)}"
        elif isinstance(before, list):
            yield f"{name}, which policies read, has no {_VALUES} any more"
        for key in _BOUNDS:
            if key in there and here.get(key) != there[key]:
                yield f'the {key} of {name}, which policies read, was "{there[key]}"' + (
                    f', is "{here[key]}"' if key in here else ""
                )


def _is_replaced(here: Sequence[str], there: Sequence[str]) -> bool:
    return bool(here) and bool(there) and not {*here} & {*there}


def _read(subject: Subject) -> Iterator[str]:
    """The names of the parameters that the policies of somebody read."""
    for statement in (one for document in subject.all_documents for one in document.policy.statements):
        yield from (symbol.name for symbol in symbols_of(statement))
        # By a value of a parameter, a statement is one of several.
        yield from (guard.name for guard in statement.guards if not isinstance(guard.value, bool))


def values_apart(pair: Pair, assignments: Sequence[Assignment]) -> Iterator[Apart]:
    """
    Where each side is to be compared at values of its own.

    Args:
        assignments: those at which the pair is compared.
    """
    new, old = pair
    if new is None or old is None:
        return
    left = _MOST
    for direction, giving, other in ((GAINED, new, old), (LOST, old, new)):
        for one in (*_at_defaults(giving, other, assignments), *_admitted_by_one(giving, other, assignments)):
            left -= len(one.others)
            if left < 0:
                return
            yield one._replace(direction=direction)


def _at_defaults(giving: Subject, other: Subject, assignments: Sequence[Assignment]) -> Iterator[Apart]:
    """Each side at its defaults, where these are not the same."""
    templates = [one.context.template for one in (giving, other)]
    names = dict.fromkeys(name for one in assignments for name, _ in one.values)
    moved: dict[str, tuple[str, str]] = {}
    for name in names:
        mine, theirs = (_default(template, name) for template in templates)
        if mine is not None and theirs is not None and mine != theirs:
            moved[name] = mine, theirs
    if moved:
        sides = dict.fromkeys(
            tuple(_with(one, {name: found[side] for name, found in moved.items()}) for side in (0, 1))
            for one in assignments
        )
        yield from (Apart(GAINED, mine, (theirs,), _moved(giving, moved)) for mine, theirs in sides if mine != theirs)


def _with(one: Assignment, given: Mapping[str, str]) -> Assignment:
    """An assignment with other values of the parameters that it has."""
    values = tuple((name, given.get(name, value)) for name, value in one.values)
    named = tuple((name, given.get(name, value)) for name, value in one.named)
    left = tuple(name for name in one.not_default if name not in given)
    return Assignment(values, left, named)


def _moved(giving: Subject, moved: Mapping[str, tuple[str, str]]) -> str:
    said = (
        f'the default of {name} is "{mine}" on the {giving.side_name} side, and "{theirs}" on the other'
        for name, (mine, theirs) in moved.items()
    )
    return "; ".join(said)


def _default(template: Input, name: str) -> str | None:
    found = template.written(("Parameters", name, "Default"))
    return None if found is None else str(found)


def _admitted_by_one(giving: Subject, other: Subject, assignments: Sequence[Assignment]) -> Iterator[Apart]:
    """
    A value that one side alone admits, beside all values of the other: where conditions compare the parameter, or the
    sides have no value in common.
    """
    compared = _compared(giving)
    mine, theirs = _admits(giving), _admits(other)

    def is_replaced(name: str) -> bool:
        return _is_replaced(giving.deployments.listed(name), other.deployments.listed(name))

    shared = other.context.template.parameter_names
    for one in assignments:
        values = dict(one.values)
        named = [
            (name, value)
            for name, value in _with_others(one)
            if (name in compared or is_replaced(name))
            and name in shared
            and mine(name, value)
            and not theirs(name, value)
        ]
        if not named or not all(mine(name, value) for name, value in one.values):
            continue
        apart = dict(named)
        others = tuple(
            there
            for there in assignments
            if all(theirs(name, value) for name, value in _with_others(there))
            and all(values.get(name) == value for name, value in there.values if name not in apart)
        )
        if not others:
            # It has a value of its own at which it is read without being told.
            listed = [[(name, value) for value in other.deployments.listed(name)] for name in apart]
            others = tuple(_with(one, dict(values)) for values in islice(product(*listed), _MOST))
        if others:
            said = ", ".join(f'{name} admits "{value}"' for name, value in named)
            yield Apart(GAINED, one, others, f"{said} on the {giving.side_name} side only")


def _with_others(one: Assignment) -> tuple[tuple[str, str], ...]:
    """The values of an assignment, and one of those of a parameter that is none of what it is compared with."""
    given = dict(one.values)
    return (*one.values, *((name, value) for name, value in one.named if name in one.not_default and name not in given))


def _compared(subject: Subject) -> set[str]:
    """The parameters that conditions compare which decide about what somebody has, and that choose in a mapping."""
    statements = (one for document in subject.all_documents for one in document.policy.statements)
    names = {guard.name for statement in statements for guard in statement.guards if isinstance(guard.value, bool)}
    template = subject.context.template
    spoken_of = (name for guard in names for name, _ in _sections(template.definition(guard)))
    compared = {name.partition("/")[2] for name in spoken_of if name.startswith("Parameters/")}
    mapped = (template.mapped_by(one.path) for one in subject.all_documents if one.path)
    return compared.union(*mapped) & {*template.parameter_names}


def _sections(found: object) -> Sequence[tuple[str, str]]:
    return found if isinstance(found, tuple) else ()


def _admits(subject: Subject) -> Callable[[str, str], bool]:
    """Tells whether a side may be deployed with a value of a parameter."""

    @cache
    def admits(name: str, value: str) -> bool:
        return is_admitted(subject, [(name, value)])

    return admits
