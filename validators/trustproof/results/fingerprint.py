"""
What tells a result apart from every other one, in this run and in the next: its property, its resource, its statement.

A statement is known by what it says. So a fingerprint stays where lines move, files are renamed, statements change
their order, or elements of a statement are written in another order; it changes where the statement says something
else, and a result that somebody looked at is not taken for one that nobody has seen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha256

from trustproof.model.document import Document
from trustproof.model.policy import Path, Principal, Statement
from trustproof.model.query import placeless
from trustproof.model.text import Text
from trustproof.results.result import Result

#: Hexadecimal digits of a fingerprint: 128 bits.
_DIGITS = 32


class WrittenPolicies:
    """
    What the policies of a template say wherever it goes: the account and the Region that one run is given, and another
    one is not, are no part of it.

    Args:
        read: gives what stands at a path of a resource, for no account and no Region: several documents may, in
            different deployments.
    """

    def __init__(self, read: Callable[[str, Path], Sequence[Document]] = lambda logical_id, path: ()) -> None:
        self._read = read
        self._by_path: dict[tuple[str, Path], dict[Path, str]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        # The template is left behind: another process gets what was asked for by then.
        return _settled, (self._by_path,)

    def content(self, document: Document, statement: Statement | None = None) -> str:
        """
        What a statement says, in all its forms; without one, what a whole policy says.

        Args:
            document: it says that itself where the template has nothing at its path, as with a managed policy of AWS.
        """
        key = (document.logical_id, document.path)
        if key not in self._by_path:
            self._by_path[key] = _forms(self._read(*key))
        found = self._by_path[key].get(document.path if statement is None else statement.path)
        if found is None:
            return _joined(map(normal_form, document.policy.statements if statement is None else (statement,)))
        return found


def _settled(by_path: dict[tuple[str, Path], dict[Path, str]]) -> WrittenPolicies:
    found = WrittenPolicies()
    found._by_path.update(by_path)
    return found


def _forms(documents: Iterable[Document]) -> dict[Path, str]:
    forms: dict[Path, list[str]] = {}
    for document in documents:
        for statement in document.policy.statements:
            form = normal_form(statement)
            forms.setdefault(document.path, []).append(form)
            forms.setdefault(statement.path, []).append(form)
    return {path: _joined(found) for path, found in forms.items()}


def normal_form(statement: Statement) -> str:
    """What a statement says, whatever its ``Sid``, its place, and the order and repetition in which it says it."""
    return _said(placeless(statement))


@lru_cache(maxsize=256)
def _said(statement: Statement) -> str:
    """The same of one that stands nowhere: a policy of AWS is attached to everybody, and says a thousand things."""
    conditions = {(c.operator.lower(), c.key.lower(), *_texts(c.operands)) for c in statement.conditions}
    said = (
        statement.effect,
        _principals(statement.principals),
        _principals(statement.not_principals),
        _lower(statement.actions),
        _lower(statement.not_actions),
        None if statement.resources is None else _texts(statement.resources),
        None if statement.not_resources is None else _texts(statement.not_resources),
        sorted(conditions),
        sorted(set(statement.unreadable)),
        sorted({(guard.name, str(guard.value)) for guard in statement.guards}),
    )
    return json.dumps(said)


def fingerprint(ident: str, resource: str, content: str) -> str:
    """
    The fingerprint of a result.

    Args:
        ident: of the property.
        resource: the construct path of the resource, or its logical id.
        content: what the result is about says.
    """
    return sha256(json.dumps((ident, resource, content)).encode()).hexdigest()[:_DIGITS]


def within(outer: str, found: str) -> str:
    """The fingerprint of a result about a resource of the template that another resource holds."""
    return fingerprint("", outer, found)


def told_apart(results: Sequence[Result]) -> tuple[Result, ...]:
    """The results, with a number after each fingerprint that another one before has."""
    seen: Counter[str] = Counter()
    out: list[Result] = []
    for one in results:
        seen[one.fingerprint] += 1
        number = seen[one.fingerprint]
        out.append(one if number == 1 else one._replace(fingerprint=f"{one.fingerprint}-{number}"))
    return tuple(out)


def without_number(found: str) -> str:
    """A fingerprint without the number that tells it apart from equal ones."""
    return found.partition("-")[0]


def _joined(forms: Iterable[str]) -> str:
    return "\n".join(sorted(set(forms)))


def _texts(texts: Iterable[Text]) -> tuple[str, ...]:
    return tuple(sorted({str(text) for text in texts}))


def _lower(actions: Iterable[Text] | None) -> tuple[str, ...] | None:
    """Actions are compared without regard to case."""
    return None if actions is None else tuple(sorted({str(action).lower() for action in actions}))


def _principals(entries: Iterable[Principal] | None) -> list[tuple[str, str]] | None:
    return None if entries is None else sorted({(entry.kind, str(entry.value)) for entry in entries})
