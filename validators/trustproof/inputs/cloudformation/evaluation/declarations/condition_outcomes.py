"""
How conditions have come out, by the values of what they read: many searches ask for the same.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from trustproof.inputs.cloudformation.evaluation.declarations.found_values import Found
from trustproof.inputs.cloudformation.values.intrinsics import variables_of
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.reads_again import ADMITS
from trustproof.model.text import Text

#: Functions that give the same wherever the names in their arguments have the same values.
_PLAIN = frozenset(
    (
        "Condition",
        "Fn::And",
        "Fn::Equals",
        "Fn::FindInMap",
        "Fn::If",
        "Fn::Join",
        "Fn::Not",
        "Fn::Or",
        "Fn::Select",
        "Fn::Split",
        "Fn::Sub",
        "Ref",
        ADMITS,
    )
)
_PSEUDO = "AWS::"
#: A comparison of one parameter with a text: see `equality_key`.
_COMPARED = re.compile(r"Fn::Equals \[(?:<([^<>, ]+)>, [^<>]*|[^<>]*, <([^<>, ]+)>)\]")
#: By the names of parameters, comparisons of each with a text, and how they come out.
Excluded: TypeAlias = "dict[str, list[tuple[str, str]]]"
#: What depends on more names has seldom come out before; and more comparisons than these are not kept.
_MAX_NAMES, _MAX_OPEN = 24, 96
#: So many outcomes of one template are kept, with so many comparisons together.
_MAX_KEPT, _MAX_KEPT_OPEN = 40_000, 400_000


class Equality(NamedTuple):
    """
    A comparison that is not decided by what is known.
    """

    #: Names the comparison where it is taken to hold, or not to.
    key: str
    #: Both sides as the template writes them.
    sides: tuple[object, object]
    #: Both sides as far as they are known; None for one that cannot be read.
    left: Text | None
    right: Text | None
    #: The declaration that is to admit what is on the left; None for a comparison of two sides.
    admitting: Parameter | None = None


class Outcome(NamedTuple):
    """
    How a condition came out.
    """

    #: Whether it holds; None where that is not decided.
    state: bool | None
    #: The comparisons that were met and not decided.
    open: Mapping[str, Equality]


class Together(NamedTuple):
    """
    Conditions for which values are searched together.
    """

    #: Their names, each with whether it is to hold.
    wanted: list[tuple[str, bool]]
    #: What matters to them: parameters, pseudo-parameters, conditions that nothing declares.
    names: frozenset[str]


class Declarations(Protocol):
    """
    What a template declares of that on which its conditions depend.
    """

    conditions: dict[str, object]
    parameters: dict[str, Parameter]
    mappings: dict[str, object]


class Key(NamedTuple):
    """
    What an outcome is kept by.
    """

    #: The condition, with the values of what it reads.
    values: tuple[object, ...]
    #: The declarations of the parameters that it reads: rules take values from them.
    parameters: tuple[Parameter | None, ...]


def excluded_by_name(values: Mapping[str, str], parameters: Container[str]) -> Excluded | None:
    """
    How comparisons of one parameter with a text come out, by the parameter; None where other things are given than
    these, and values of parameters and pseudo-parameters.
    """
    found: Excluded = {}
    for key, value in values.items():
        if key in parameters or key.startswith(_PSEUDO):
            continue
        match = _COMPARED.fullmatch(key)
        name = (match[1] or match[2]) if match is not None else ""
        if name not in parameters:
            return None
        found.setdefault(name, []).append((key, value))
    return found


class Reads(NamedTuple):
    """What a condition reads."""

    conditions: set[str]
    #: The parameters and pseudo-parameters; None where other things may matter.
    names: set[str] | None

    @property
    def parameters(self) -> set[str] | None:
        """Without pseudo-parameters."""
        return None if self.names is None else {name for name in self.names if not name.startswith(_PSEUDO)}


class Outcomes:
    """
    The outcomes of the conditions of one template.

    Args:
        declarations: what the template declares.
        are_plain: whether no other stack gives it values that are not known.
    """

    def __init__(self, declarations: Declarations, *, are_plain: bool) -> None:
        self.are_plain = are_plain
        self._declarations = declarations
        self._read_of: tuple[object, object] = (None, None)
        #: By conditions, the names that each depends on; None where other things may matter.
        self._names: dict[str, tuple[str, ...] | None] = {}
        self._direct: dict[str, Reads] = {}
        self._kept: dict[tuple[object, ...], tuple[tuple[Parameter | None, ...], Outcome]] = {}
        self._kept_open = 0
        #: The same of the names that decided how each came out.
        self._blamed: dict[tuple[object, ...], tuple[tuple[Parameter | None, ...], Sequence[str]]] = {}
        #: What searches for some conditions have found, and which conditions are searched together.
        self._searched: dict[tuple[object, ...], tuple[tuple[Parameter | None, ...], Found]] = {}
        self._together: dict[object, Sequence[Together]] = {}

    def key(self, name: str, values: Mapping[str, str], excluded: Excluded, *, closed: bool) -> Key | None:
        """
        What the outcome of a condition is kept by; None where it is not kept.

        Args:
            values: of parameters and pseudo-parameters, and of comparisons.
            excluded: how comparisons come out, by the parameter that is compared.
            closed: whether the condition is decided at the defaults.
        """
        if not self.are_plain or (names := self._names_read(name)) is None:
            return None
        place: list[tuple[str, str]] = []
        if names and names[0].startswith(_PSEUDO):
            # What one of them is decides what others are.
            place = sorted(pair for pair in values.items() if pair[0].startswith(_PSEUDO))
        if excluded:
            place += [pair for one in names for pair in excluded.get(one, ())]
        known = (name, closed, *map(values.get, names), *place)
        return Key(known, tuple(map(self._declarations.parameters.get, names)))

    def get(self, key: Key) -> Outcome | None:
        """How a condition came out; None where that is not kept."""
        declared, outcome = self._kept.get(key.values, ((), None))
        return outcome if _are_same(declared, key.parameters) else None

    def keep(self, key: Key, outcome: Outcome) -> None:
        """Keep how a condition came out."""
        is_small = len(outcome.open) <= min(_MAX_OPEN, _MAX_KEPT_OPEN - self._kept_open)
        if is_small and len(self._kept) < _MAX_KEPT:
            self._kept_open += len(outcome.open)
            self._kept[key.values] = (key.parameters, outcome)

    def blamed(self, key: Key) -> Sequence[str] | None:
        """The names that decided how a condition came out; None where they are not kept."""
        declared, names = self._blamed.get(key.values, ((), None))
        return names if _are_same(declared, key.parameters) else None

    def keep_blamed(self, key: Key, names: Sequence[str]) -> None:
        """Keep the names that decided how a condition came out."""
        if len(self._blamed) < _MAX_KEPT:
            self._blamed[key.values] = (key.parameters, names)

    def searched(self, key: Key) -> Found | None:
        """What a search has found for conditions that are searched together; None where nobody asked."""
        self._begin()
        declared, found = self._searched.get(key.values, ((), None))
        return found if _are_same(declared, key.parameters) else None

    def keep_searched(self, key: Key, found: Found) -> None:
        """Keep what a search has found."""
        if len(self._searched) < _MAX_KEPT:
            self._searched[key.values] = (key.parameters, found)

    def together(self, question: object) -> Sequence[Together] | None:
        """Which conditions are searched together; None where nobody asked."""
        self._begin()
        return self._together.get(question)

    def keep_together(self, question: object, found: Sequence[Together]) -> None:
        """Keep which conditions are searched together."""
        if len(self._together) < _MAX_KEPT:
            self._together[question] = found

    def _names_read(self, name: str) -> tuple[str, ...] | None:
        """The names that a condition depends on, pseudo-parameters first; None where other things may matter."""
        self._begin()
        row, met = [name], set[str]()
        while row:
            one = row[-1]
            if one in self._names:
                row.pop()
                continue
            read = self._reads_itself(one)
            if one not in met:
                met.add(one)
                row += [other for other in read.conditions if other not in self._names and other not in met]
                continue
            row.pop()
            # One of which nothing is known yet depends on this one.
            inner = [read.names, *(self._names.get(other) for other in read.conditions)]
            found = {name for names in inner for name in names or ()}
            is_kept = one in self._declarations.conditions and None not in inner and len(found) <= _MAX_NAMES
            self._names[one] = (*sorted(found, key=_pseudo_first),) if is_kept else None
        return self._names[name]

    def reads(self, name: str) -> Reads:
        """What a condition reads, with all that it depends on, itself among the conditions."""
        self._begin()
        seen, waiting = {name}, [name]
        found: set[str] | None = set()
        while waiting:
            if (one := waiting.pop()) not in self._declarations.conditions:
                # Nobody but who chose it says how it comes out.
                continue
            read = self._reads_itself(one)
            waiting += read.conditions - seen
            seen |= read.conditions
            found = None if found is None or read.names is None else found | read.names
        return Reads(seen, found)

    def _begin(self) -> None:
        """Forget what was found with other declarations."""
        conditions, mappings = self._declarations.conditions, self._declarations.mappings
        if self._read_of[0] is not conditions or self._read_of[1] is not mappings:
            self._read_of = (conditions, mappings)
            self._names, self._direct, self._kept, self._blamed = {}, {}, {}, {}
            self._searched, self._together = {}, {}
            self._kept_open = 0

    def _reads_itself(self, name: str) -> Reads:
        if name in self._direct:
            return self._direct[name]
        conditions: set[str] = set()
        found: set[str] | None = set()
        for function, argument in _functions(self._declarations.conditions.get(name)):
            if function in ("Condition", "Fn::If"):
                other = argument[0] if isinstance(argument, list) and argument else argument
                if isinstance(other, str):
                    conditions.add(other)
            names = _names(self._declarations, function, argument)
            found = None if found is None or names is None else found.union(names)
        self._direct[name] = Reads(conditions, found)
        return self._direct[name]


def _are_same(declared: Sequence[Parameter | None], asked: Sequence[Parameter | None]) -> bool:
    return len(declared) == len(asked) and all(a is b for a, b in zip(declared, asked, strict=True))


def _pseudo_first(name: str) -> tuple[bool, str]:
    return not name.startswith(_PSEUDO), name


def _names(declarations: Declarations, function: str, argument: object) -> Sequence[str] | None:
    """The names that a function itself refers to; None where what it gives may depend on other things."""
    if function not in _PLAIN:
        return None
    if function == "Fn::FindInMap":
        table = declarations.mappings.get(str(argument[0])) if isinstance(argument, list) and argument else None
        return () if isinstance(table, dict) and not any(True for _ in _functions([*_entries(table)])) else None
    names = [str(argument)] if function == "Ref" else variables_of(argument) if function == "Fn::Sub" else []
    return names if all(name.startswith(_PSEUDO) or name in declarations.parameters for name in names) else None


def _entries(table: Mapping[object, object]) -> Iterator[object]:
    """What a mapping has, without its keys."""
    for row in table.values():
        yield from row.values() if isinstance(row, dict) else (row,)


def _functions(value: object) -> Iterator[tuple[str, object]]:
    """The functions in an expression, each with its argument."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            for function, argument in one.items():
                yield function, argument
                waiting.append(argument)
