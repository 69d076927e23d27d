"""
Subjects of tokens narrowed to tenants that the statement names: the part that is too wide, and nothing else of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from trustproof.aws.oidc_issuers import Tenancy
from trustproof.model.document import CLOSED_TO_GUESTS, IDENTITY_POOLS
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Statement
from trustproof.model.text import Symbol, Symbolic, Text, concat
from trustproof.properties.question import Subject
from trustproof.properties.shared.token_subjects import is_literal
from trustproof.properties.shared.web_identity_providers import key_of
from trustproof.sets.patterns import like
from trustproof.sets.strings import StringSet

#: Names of this many tenants are put in the place of one wildcard.
_NAMED = 3
#: Stand around the number of a symbol where a text is looked at as one of characters.
_OPEN, _CLOSE = "\ue000", "\ue001"
_SYMBOL = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


class _Symbols:
    """
    Texts as characters, and back: what is known only at deployment is taken for a name.
    """

    def __init__(self) -> None:
        self._known: list[Symbol] = []

    def encode(self, text: Text) -> str:
        if not isinstance(text, Symbolic):
            return text
        return "".join(part if isinstance(part, str) else self._mark(part) for part in text.parts)

    def decode(self, text: str) -> Text:
        pieces = _SYMBOL.split(text)
        return concat(self._known[int(piece)] if number % 2 else piece for number, piece in enumerate(pieces))

    def _mark(self, symbol: Symbol) -> str:
        if symbol not in self._known:
            self._known.append(symbol)
        return f"{_OPEN}{self._known.index(symbol)}{_CLOSE}"


def subject_narrowing(statement: Statement, host: str, found: Tenancy) -> Callable[[Text], tuple[Text, ...]]:
    """
    What to ask of a subject in place of a pattern for it that names no tenant: the same with the name of a tenant, for
    each that the statement names beside it; nothing where it names none that the pattern admits. Whom another role
    lets in, or another statement, says nothing of whom this one is for: it may be an auditor.

    Args:
        statement: that lets in too many, as it is written.
        host: of the provider.
        found: whose parts of a subject name a tenant.
    """
    symbols = _Symbols()
    key = key_of(host, "sub")
    asked = [c for c in statement.conditions if c.key.lower() == key and not _is_negated(c)]
    written = [symbols.encode(operand) for condition in asked for operand in condition.operands]

    def narrow(operand: Text) -> tuple[Text, ...]:
        text = symbols.encode(operand)
        beside = [one for one in written if one != text]
        for part in found.subject_parts:
            names = dict.fromkeys(name for one in beside for name in _names(one, part))
            kept = dict.fromkeys(one for one in _narrowed(text, part, list(names)) if _is_in(one, text))
            if any(_is_in(one, other) for one in kept for other in beside):
                # What is admitted by another value is not what this one is there for.
                return ()
            if 0 < len(kept) <= _NAMED:
                return tuple(map(symbols.decode, kept))
        return ()

    return narrow


def pools_giving(subject: Subject) -> tuple[Text, ...]:
    """The ids of the identity pools of the template that give the role; none where there are none, or others may."""
    document = subject.document
    sources = [one for one in document.sources if one.service == IDENTITY_POOLS]
    pools = tuple(dict.fromkeys(one.arn for one in sources if one.logical_id != CLOSED_TO_GUESTS))
    known = tuple(pool for pool in pools if pool is not None)
    return known if known == pools and not document.has_further_sources else ()


def pools_beside(subject: Subject) -> str:
    """A clause with the identity pools of the template, where it gives the role to users and does not say of which."""
    sources = [one for one in subject.document.sources if one.service == IDENTITY_POOLS]
    names = list(dict.fromkeys(str(one.arn).strip("<>") for one in sources if one.arn is not None))
    if not names or all(one.arn is not None for one in sources):
        return ""
    return f", as {' and '.join(names)} of the template {'has' if len(names) == 1 else 'have'}"


def _is_negated(condition: Condition) -> bool:
    operator = parse_operator(condition.operator)
    return operator is None or operator.negated


def _names(subject: str, part: tuple[str, str]) -> Iterator[str]:
    """The name of a tenant that a subject has in full."""
    head, end = f"{part[0]}:", part[1]
    if subject.startswith(head):
        name, closed, _ = subject.removeprefix(head).partition(end)
        if name and is_literal(name) and (closed or end == ":"):
            yield name


def _narrowed(subject: str, part: tuple[str, str], names: Sequence[str]) -> list[str]:
    """A pattern with the names of tenants in the place of what stands for any name."""
    head, end = f"{part[0]}:", part[1]
    if subject.startswith("*"):
        after = subject.lstrip("*")
        rest = after if after.startswith(end) else f"{end}*{after}"
        return [f"{head}{name}{rest}" for name in names]
    if not subject.startswith(head):
        return []
    name, closed, rest = subject.removeprefix(head).partition(end)
    field, colon, after = name.partition(":")
    if closed and not colon:
        rest = end + rest
    elif field.endswith("*"):
        # The wildcard stands for the end of the name, too, and for more.
        rest = f"{end}*{colon}{after}{closed}{rest}"
    else:
        return []
    known = field.rstrip("*")
    if is_literal(field):
        return []
    if not known:
        return [f"{head}{name}{rest}" for name in names]
    if closed and not colon and known not in names:
        # Whoever goes on after the name knows where it ends, and "acme*/infra" is for acme-labs too, or for it alone.
        return []
    if is_literal(known) and (known[-1:].isalnum() or known.endswith(_CLOSE)):
        # By "acme*" its author means acme; by "acme-*" others, and not the one that is named beside it.
        return [f"{head}{known}{rest}"]
    return []


def _is_in(narrow: str, wide: str) -> bool:
    """Whether whatever one pattern admits another one admits."""
    return (StringSet.of([like(narrow)]) & StringSet.outside([like(wide)])).sample() is None
