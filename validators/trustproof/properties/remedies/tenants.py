"""
Subjects of tokens narrowed to tenants that the template names: the part that is too wide, and nothing else of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from trustproof.aws.oidc_issuers import Tenancy
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Statement
from trustproof.model.text import Symbol, Symbolic, Text, concat
from trustproof.properties.question import Subject
from trustproof.properties.shared.token_subjects import is_literal
from trustproof.properties.shared.web_identity_providers import key_of
from trustproof.sets.patterns import like, matches
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


def subject_narrowing(
    subject: Subject, host: str, found: Tenancy, *, by_neighbours: bool = True
) -> Callable[[Text], tuple[Text, ...]]:
    """
    What to ask of a subject in place of a pattern for it that names no tenant: the same with the name of a tenant, for
    each that the template names; nothing where it names none that the pattern admits.

    Args:
        host: of the provider.
        found: whose parts of a subject name a tenant.
        by_neighbours: whether other policies of the template say who is meant, too.
    """
    symbols = _Symbols()
    written = [symbols.encode(operand) for operand in _asked(subject, host, "sub", by_neighbours=by_neighbours)]

    def narrow(operand: Text) -> tuple[Text, ...]:
        text = symbols.encode(operand)
        for part in found.subject_parts:
            names = [name for one in written if one != text for name in _names(one, part)]
            kept = dict.fromkeys(one for one in _narrowed(text, part, list(dict.fromkeys(names))) if _is_in(one, text))
            if 0 < len(kept) <= _NAMED:
                return tuple(map(symbols.decode, kept))
        return ()

    return narrow


def of_tenants(subject: Subject, host: str, found: Tenancy, claim: str) -> tuple[Text, ...]:
    """
    The values of a claim by which a policy names its tenants; nothing where it names none. Whom another role lets in,
    who may be an auditor, or of another pool or cluster, says nothing of a role that asks for nobody.
    """
    if claim == "sub":
        return subject_narrowing(subject, host, found, by_neighbours=False)("*")
    asked = _asked(subject, host, claim, by_neighbours=False)
    values = {text for text in asked if is_literal(str(text)) and str(text)}
    return tuple(values) if len(values) == 1 else ()


def _asked(subject: Subject, host: str, claim: str, *, by_neighbours: bool) -> Iterator[Text]:
    """What the policies of the template ask of a claim: an Allow by an operator that is not negated, a Deny by one."""
    key = key_of(host, claim)
    seen: set[Text] = set()
    for statement in (*subject.policy.statements, *(subject.neighbours.testing(key) if by_neighbours else ())):
        for operand in _operands(statement, key):
            if operand not in seen:
                seen.add(operand)
                yield operand


def _operands(statement: Statement, key: str) -> Iterable[Text]:
    for condition in statement.conditions:
        operator = parse_operator(condition.operator) if condition.key.lower() == key else None
        if operator is not None and operator.base != "Null" and operator.negated is (statement.effect != ALLOW):
            yield from condition.operands


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
    if is_literal(field):
        return []
    admitted = [name for name in names if matches(like(field), name)]
    known = field.removesuffix("*")
    if not admitted and is_literal(known) and (known[-1:].isalnum() or known.endswith(_CLOSE)):
        # By "acme*" its author means acme; by "acme-*" another one.
        admitted = [known]
    return [f"{head}{name}{rest}" for name in admitted]


def _is_in(narrow: str, wide: str) -> bool:
    """Whether whatever one pattern admits another one admits."""
    return (StringSet.of([like(narrow)]) & StringSet.outside([like(wide)])).sample() is None
