"""
What tells a result apart from every other one, in this run and in the next: its property, its resource, its statement.

A statement is known by what it says. So a fingerprint stays where lines move, files are renamed, statements change
their order, or elements of a statement are written in another order; it changes where the statement says something
else, and a result that somebody looked at is not taken for one that nobody has seen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from trustproof.model.document import Document
from trustproof.model.policy import Path, Policy, Principal, Statement
from trustproof.model.text import Text
from trustproof.results.result import Result

#: Hexadecimal digits of a fingerprint: 128 bits.
_DIGITS = 32
#: Stands for the template's own account, which one run may know and another one not.
_OWN_ACCOUNT = "<AWS::AccountId>"


class WrittenPolicies:
    """
    What the policies of a template say, by their paths, before anything is assumed of the account.

    Args:
        documents: several may stand at one path, in different deployments.
        account: of the template, 12 digits; None where it is not known.
    """

    def __init__(self, documents: Sequence[Document] = (), account: str | None = None) -> None:
        self._documents = documents
        self._account = account
        self._by_path: dict[Path, str] | None = None

    def content(self, policy: Policy, path: Path, statement: Statement | None = None) -> str:
        """
        What a statement says, in all its forms; without one, what a whole policy says.

        Args:
            policy: said where the template has nothing at the path, as with a managed policy of AWS.
            path: of the policy in the template.
        """
        if self._by_path is None:
            self._by_path = dict(self._read())
        found = self._by_path.get(path if statement is None else statement.path)
        if found is None:
            return _joined(self._forms(policy.statements if statement is None else (statement,)))
        return found

    def _read(self) -> Iterator[tuple[Path, str]]:
        forms: dict[Path, list[str]] = {}
        for document in self._documents:
            for statement in document.policy.statements:
                (form,) = self._forms((statement,))
                forms.setdefault(document.path, []).append(form)
                forms.setdefault(statement.path, []).append(form)
        return ((path, _joined(found)) for path, found in forms.items())

    def _forms(self, statements: Iterable[Statement]) -> list[str]:
        forms = [normalized(statement) for statement in statements]
        return forms if self._account is None else [form.replace(self._account, _OWN_ACCOUNT) for form in forms]


def normalized(statement: Statement) -> str:
    """What a statement says, whatever its ``Sid``, its place, and the order and repetition in which it says it."""
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
