"""
What an expression of Terraform may be worth: known, unknown, or known in parts.

Whoever evaluates makes these values, and `lower` turns them into what the reader of templates takes. An unknown value
always says what hides it, in the words of the configuration.

The classes are nominal, and no alias names them all: a recursive union makes type checkers search forever.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.terraform.values.conditions import Condition, Scalar
from trustproof.inputs.terraform.values.place import Place
from trustproof.results.result import BUDGET

#: Kinds of symbols: an attribute of a resource or data source, a variable without a value, the output of a module that
#: is not at hand, anything else.
ATTRIBUTE, VARIABLE, MODULE, EXPRESSION = "attribute", "parameter", "module", "intrinsic"
#: Of what stays as it is in AWS, whatever the configuration says; of what is no value, and only has a reason.
KEPT, UNSAID = "kept", "unsaid"
#: Behind the name of an attribute: its value without the ``https://`` in front.
WITHOUT_SCHEME = " without https://"


class Value:
    """
    What an expression is worth.

    Args:
        place: where it was written: by its author, however far it has come since; None where nobody knows.
        sensitive: whether it is compared, and never shown.
    """

    __slots__ = ("_budget", "place", "sensitive")

    def __init__(self, place: Place | None = None, sensitive: bool = False) -> None:
        self.place: Place | None = place
        self.sensitive: bool = sensitive
        self._budget: str | None = None

    @property
    def budget(self) -> str:
        """The name of a budget that was reached for it or for a part of it; empty where none was."""
        if self._budget is None:
            self._budget = ""
            for part in self.parts():
                if not isinstance(part, Known) and part.budget:
                    self._budget = part.budget
                    break
        return self._budget

    @property
    def is_known(self) -> bool:
        """Whether nothing in it is unknown."""
        return not any(True for _ in unknowns(self))

    def parts(self) -> Iterator[Value]:
        """The values that it is made of; none of those that they are made of."""
        return iter(())


class Known(Value):
    """A text, number, truth value or ``null``."""

    __slots__ = ("value",)

    def __init__(self, value: Scalar, place: Place | None = None, sensitive: bool = False) -> None:
        super().__init__(place, sensitive)
        # Two spellings of one text are one text.
        self.value: Scalar = unicodedata.normalize("NFC", value) if isinstance(value, str) else value

    def __repr__(self) -> str:
        return f"Known({self.value!r})"


class Items(Value):
    """
    A list, tuple or set, of which each item is written; an item may be a `Rest`.

    Args:
        is_set: whether it is a set, in the order in which Terraform goes through it.
    """

    __slots__ = ("is_set", "items")

    def __init__(
        self, items: tuple[Value, ...], is_set: bool = False, place: Place | None = None, sensitive: bool = False
    ) -> None:
        super().__init__(place, sensitive)
        self.items: tuple[Value, ...] = items
        self.is_set: bool = is_set

    def parts(self) -> Iterator[Value]:
        """The items."""
        return iter(self.items)

    def __repr__(self) -> str:
        return f"Items({self.items!r})"


class Rest(Value):
    """
    An item that stands for any number of items, none too, of which nothing is known: a list unknown in whole.

    Args:
        of: the list.
        among: what each of the items is one of, all of them texts; empty where that is not known.
    """

    __slots__ = ("among", "of")

    def __init__(
        self, of: Value, place: Place | None = None, sensitive: bool = False, among: tuple[Value, ...] = ()
    ) -> None:
        super().__init__(place or of.place, sensitive or of.sensitive)
        self.of: Value = of
        self.among: tuple[Value, ...] = among

    def parts(self) -> Iterator[Value]:
        """The list."""
        yield self.of

    def __repr__(self) -> str:
        return f"Rest({self.of!r})"


class Maybe(Rest):
    """
    An item that is there where a condition holds.

    Args:
        of: what is not known of the list where nobody looks at the condition.
    """

    __slots__ = ("condition", "value")

    def __init__(
        self, condition: Condition, value: Value, of: Value, place: Place | None = None, sensitive: bool = False
    ) -> None:
        super().__init__(of, place, sensitive or value.sensitive)
        self.condition: Condition = condition
        self.value: Value = value

    def parts(self) -> Iterator[Value]:
        """The list, and the item."""
        yield self.of
        yield self.value

    def __repr__(self) -> str:
        return f"Maybe({self.condition!r}, {self.value!r})"


class Entry(NamedTuple):
    """
    One entry of an object or map.
    """

    #: `Known` with a text as a rule; a `Text` or an unknown value where the key is not known.
    key: Value
    value: Value


class Fields(Value):
    """An object or map; two entries never have one known key."""

    __slots__ = ("_by_key", "entries", "of")

    def __init__(
        self, entries: tuple[Entry, ...], place: Place | None = None, sensitive: bool = False, of: str = ""
    ) -> None:
        super().__init__(place, sensitive)
        self.entries: tuple[Entry, ...] = entries
        #: The simple type of its values where it is surely a map of them, else empty.
        self.of: str = of
        self._by_key: dict[str, Value] | None = None

    @property
    def by_key(self) -> Mapping[str, Value]:
        """The entries whose keys are known."""
        if self._by_key is None:
            self._by_key = {
                entry.key.value: entry.value
                for entry in self.entries
                if isinstance(entry.key, Known) and isinstance(entry.key.value, str)
            }
        return self._by_key

    def parts(self) -> Iterator[Value]:
        """Keys and values."""
        for entry in self.entries:
            yield entry.key
            yield entry.value

    def __repr__(self) -> str:
        return f"Fields({self.entries!r})"


class Text(Value):
    """
    A text some parts of which are not known.

    Args:
        parts: in order; `Known` texts, and values that are no texts yet.
    """

    __slots__ = ("pieces",)

    def __init__(self, pieces: tuple[Value, ...], place: Place | None = None, sensitive: bool = False) -> None:
        super().__init__(place, sensitive)
        self.pieces: tuple[Value, ...] = pieces

    def parts(self) -> Iterator[Value]:
        """The pieces."""
        return iter(self.pieces)

    def __repr__(self) -> str:
        return f"Text({self.pieces!r})"


class JsonText(Value):
    """
    A value as JSON text, which nobody has asked for yet: what ``jsonencode`` gives, and the ``json`` of a policy
    document.
    """

    __slots__ = ("of",)

    def __init__(self, of: Value, place: Place | None = None, sensitive: bool = False) -> None:
        super().__init__(place, sensitive)
        self.of: Value = of

    def parts(self) -> Iterator[Value]:
        """The value."""
        yield self.of

    def __repr__(self) -> str:
        return f"JsonText({self.of!r})"


class Unknown(Value):
    """What is not known: one of the classes below."""

    __slots__ = ()

    @property
    def shown(self) -> str:
        """What a user would call it."""
        raise NotImplementedError


class Symbol(Unknown):
    """
    A value of which nothing is known; two with the same name are the same value.

    Args:
        name: what a user would call it: ``aws_vpc.main.id``, ``timestamp()``.
        kind: `ATTRIBUTE`, `MODULE`, `KEPT` or `EXPRESSION`.
        reason: why it is not known, a clause, where the name alone does not say it.
    """

    __slots__ = ("among", "each", "kind", "least", "length", "name", "reason")

    def __init__(
        self,
        name: str,
        kind: str = EXPRESSION,
        reason: str = "",
        place: Place | None = None,
        sensitive: bool = False,
    ) -> None:
        super().__init__(place, sensitive)
        self.name: str = name
        self.kind: str = kind
        self.reason: str = reason
        #: How many items or characters it has at least.
        self.least: int = 0
        #: How many characters it has, and what it is one of; None and empty where that is not known.
        self.length: int | None = None
        self.among: tuple[Value, ...] = ()
        #: Of an object: what each of its values is, as far as that is known.
        self.each: Value | None = None

    @property
    def budget(self) -> str:
        """What the reason says of one."""
        return self.reason[self.reason.index(BUDGET) :] if BUDGET in self.reason else ""

    @property
    def shown(self) -> str:
        """Its name."""
        return self.name

    def __repr__(self) -> str:
        return f"Symbol({self.name!r})"


class Count(Symbol):
    """
    A number of items or characters that is not known.

    Args:
        of: the symbol for it.
        at_least: how many there are.
    """

    __slots__ = ("at_least",)

    def __init__(self, of: Symbol, at_least: int) -> None:
        super().__init__(of.name, of.kind, of.reason, of.place, of.sensitive)
        self.at_least: int = at_least


class Attribute(Unknown):
    """
    An attribute of a resource or data source that its reader may know more of: ``aws_iam_role.a.arn``,
    ``data.aws_caller_identity.current.account_id``.

    Args:
        address: full, with keys: ``module.a["k"].aws_iam_role.b[0]``.
        name: of the attribute, as in ``arn``; one inside another is ``identity[0].oidc[0].issuer``.
    """

    __slots__ = ("address", "name")

    def __init__(self, address: str, name: str, place: Place | None = None, sensitive: bool = False) -> None:
        super().__init__(place, sensitive)
        self.address: str = address
        self.name: str = name

    @property
    def shown(self) -> str:
        """Address and name."""
        return f"{self.address}.{self.name}"

    def __repr__(self) -> str:
        return f"Attribute({self.shown!r})"


class Choice(Unknown):
    """
    One of two values, as a condition decides that nobody knows before the plan is applied.

    Args:
        condition: what decides.
    """

    __slots__ = ("condition", "otherwise", "then")

    def __init__(
        self, condition: Condition, then: Value, otherwise: Value, place: Place | None = None, sensitive: bool = False
    ) -> None:
        super().__init__(place, sensitive)
        self.condition: Condition = condition
        self.then: Value = then
        self.otherwise: Value = otherwise

    @property
    def shown(self) -> str:
        """The condition."""
        return self.condition.shown

    def parts(self) -> Iterator[Value]:
        """Both values."""
        yield self.then
        yield self.otherwise

    def __repr__(self) -> str:
        return f"Choice({self.condition!r}, {self.then!r}, {self.otherwise!r})"


def unknowns(value: Value) -> Iterator[Unknown]:
    """The unknown values in a value, in the order in which they stand there; inside a `Choice` those of both sides."""
    if isinstance(value, Unknown):
        yield value
    for part in value.parts():
        yield from unknowns(part)


def is_sensitive(value: Value) -> bool:
    """Whether a value, or a part of it, is never shown."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if one.sensitive:
            return True
        waiting.extend(() if isinstance(one, Known) else one.parts())
    return False
