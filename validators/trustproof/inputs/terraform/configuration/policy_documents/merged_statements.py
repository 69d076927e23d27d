"""
The statements of a policy document that is made from several ones.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import is_null
from trustproof.inputs.terraform.configuration.values import open_keys
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.values import Choice, Fields, Known, Maybe, Rest, Symbol, Value


class MergedStatements:
    """
    Statements, of which one with the ``Sid`` of another takes its place.

    Args:
        step: counts work, of which a statement is one.
    """

    def __init__(self, step: Callable[[int], None]) -> None:
        self._step = step
        self.statements: list[Value] = []
        self.id: Value | None = None
        #: Those of other documents.
        self.versions: list[Value] = []
        #: The ``Sid`` of statements, as far as it is known, to where they stand: no two have one.
        self._places: dict[str, int] = {}
        #: Where those stand of which it is not known.
        self._unclear: dict[int, None] = {}

    def version(self, own: Value) -> Value:
        """The version of the document: the latest of its own and those of others."""
        found = own
        for other in self.versions:
            if not isinstance(found, Known) or str(found.value) >= "2012-10-17":
                break
            if not isinstance(other, Known) or str(other.value) > str(found.value):
                found = other
        return found

    def add(self, statements: Iterable[Value]) -> None:
        """Those of another document, that take the place of no others."""
        for statement in statements:
            self._append(statement, known_sid(statement))

    def add_own(self, statements: Iterable[Value]) -> None:
        """
        Those of the document's own: no two of them have one ``Sid``.

        Raises:
            Fault: two have.
        """
        own: set[str] = set()
        before = len(self.statements)
        for statement in statements:
            sid = known_sid(statement)
            if sid and sid in own:
                raise Fault(f'two statements have the sid "{sid}"')
            if sid:
                own.add(sid)
            self._put(statement, before)

    def override(self, statements: Iterable[Value]) -> None:
        """Those of a document that overrides: each takes the place of any that has its ``Sid``."""
        for statement in statements:
            self._put(statement, len(self.statements))

    def _put(self, statement: Value, before: int) -> None:
        """
        Put a statement behind the others.

        Args:
            before: so many of them it may take the place of.
        """
        sid = known_sid(statement)
        at = self._places.get(sid) if sid else None
        if at is not None and at < before:
            self.statements[at] = statement
            self._open(sid, statement, before, at)
            return
        self._open(sid, statement, before)
        self._append(statement, sid)

    def _append(self, statement: Value, sid: str | None) -> None:
        self._step(1)
        if sid:
            self._places.setdefault(sid, len(self.statements))
        elif sid is None:
            self._unclear[len(self.statements)] = None
        self.statements.append(statement)

    def _open(self, sid: str | None, statement: Value, before: int, taken: int = -1) -> None:
        """Say of those that a statement may replace, since one of both sids is not known, that nobody knows them."""
        if sid == "":
            return
        sids = _sids(statement)
        replaceable = range(before) if sid is None else [at for at in self._unclear if at < before]
        self._step(len(replaceable))
        for at in replaceable:
            found = self.statements[at]
            # What may be anything stays that; of `Maybe` and `Several`, one is known.
            if at != taken and type(found) is not Rest and any(_may_have(found, one) for one in sids):
                name = f"{value_text(found)}, if no other statement has its sid"
                self.statements[at] = Rest(Symbol(name, place=found.place))
                self._places.pop(known_sid(found) or "", None)
                self._unclear.pop(at, None)


def known_sid(statement: Value) -> str | None:
    """The ``Sid`` of a statement; empty for none, None where it is not known."""
    if isinstance(statement, Choice):
        first = known_sid(statement.then)
        return first if first == known_sid(statement.otherwise) else None
    if isinstance(statement, (Maybe, Several)):
        return "" if known_sid(_any_one(statement)) == "" else None
    if not isinstance(statement, Fields):
        return None
    found = statement.by_key.get("Sid")
    if found is None or is_null(found):
        return ""
    return str(found.value) if isinstance(found, Known) else None


def _any_one(statement: Maybe | Several) -> Value:
    return statement.one if isinstance(statement, Several) else statement.value


def _sids(statement: Value) -> list[Value | None]:
    """What the ``Sid`` of a statement may be; None for anything."""
    if isinstance(statement, Choice):
        return [*_sids(statement.then), *_sids(statement.otherwise)]
    if isinstance(statement, (Maybe, Several)):
        return _sids(_any_one(statement))
    if not isinstance(statement, Fields):
        return [None]
    found = statement.by_key.get("Sid")
    return [] if found is None or is_null(found) else [found]


def _may_have(statement: Value, sid: Value | None) -> bool:
    """Whether a statement may have a ``Sid``; None for one that may be anything."""
    return any(one is None or sid is None or open_keys.may_be_same(one, sid) for one in _sids(statement))
