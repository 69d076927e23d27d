"""
Which tenants a policy names: what it asks of the claims of a token, and the tokens that this leaves to everybody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.engine.values import Values
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Policy
from trustproof.model.text import Symbol, Symbolic, Text, concat
from trustproof.properties._base import Constraints
from trustproof.properties._tenants import Tenancy
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, Pattern, Wild, exact, ignoring_case, join, like
from trustproof.sets.strings import StringSet

_NUMBERS = ("google/organization_number",)
_NO_WILDCARD: tuple[Pattern, ...] = (exact(""), *(join(ANY_RUN, char, ANY_RUN) for char in "*?"))


def operands(policy: Policy, host: str, claim: str) -> list[str]:
    """What a policy asks of a claim: an Allow by an operator that is not negated, a Deny by one that is."""
    out: set[str] = set()
    for statement in policy.statements:
        for condition in statement.conditions:
            operator = parse_operator(condition.operator)
            if operator is None or operator.base == "Null" or operator.negated is (statement.effect == ALLOW):
                continue
            if condition.key.lower() == f"{host}:{claim}".lower():
                out.update(str(operand) for operand in condition.operands)
    return sorted(out)


def is_literal(text: str) -> bool:
    """Whether a text has no wildcard."""
    return not set(text) & set("*?")


def _starts(text: str, word: str) -> Iterator[int]:
    """Where what follows a word begins; the word stands at the beginning of the text, or after a colon or wildcard."""
    at = text.find(word)
    while at >= 0:
        if at == 0 or text[at - 1] in ":*":
            yield at + len(word)
        at = text.find(word, at + 1)


def tenants(subject: str, parts: Sequence[tuple[str, str]]) -> list[Pattern]:
    """The subjects of the tenants that a pattern for subjects names in full."""
    out: list[Pattern] = []
    for part, end in parts:
        for start in _starts(subject, part + ":"):
            name, closed, _ = subject[start:].partition(end)
            # "repo:org*" names nobody: the wildcard comes before the slash.
            if not name or not (closed or end == ":"):
                continue
            before = start - len(part) - 2
            heads = [join(part + ":"), join(ANY_RUN, f":{part}:")]
            heads += [join(ANY_RUN, part + ":")] if before >= 0 and subject[before] == "*" else []
            for head in heads:
                for whole in _named(name):
                    out.append(join(head, whole, end, ANY_RUN))
                    out += [join(head, whole)] if end == ":" else []
    return out


def _named(name: str) -> list[Pattern]:
    """
    The names that a part of a subject pattern stands for, if it names one tenant.

    Names differ in more than letter case. An id behind a name (``octo-org@123``) is as good as the name.
    """
    if is_literal(name):
        return [ignoring_case(exact(name))]
    login, at, number = name.partition("@")
    if at and login and is_literal(login):
        return [join(ignoring_case(exact(login)), "@", Wild("/:", True, True))]
    return [join(Wild("/:@", True, True), "@" + number)] if at and number and is_literal(number) else []


def tokens_of_others(policy: Policy, host: str, found: Tenancy) -> Constraints:
    """The tokens of a provider that belong to no tenant that the policy names."""
    out: list[tuple[str, Values]] = []
    if found.subject_parts:
        asked = operands(policy, host, "sub")
        ours = [pattern for subject in asked for pattern in tenants(subject, found.subject_parts)]
        others = StringSet.outside((*_NO_WILDCARD, *ours))
        out.append((_dimension(host, "sub"), Values(True, others & StringSet.of(found.subjects or [(ANY_RUN,)]))))
    for claim in (*found.whole_claims, *found.prefix_claims, *found.loose_claims):
        if claim in _NUMBERS:
            out += _other_numbers(policy, host, claim)
            continue
        ours = [p for value in operands(policy, host, claim) for p in _named_by_claim(value, claim, found)]
        if ours:
            out.append((_dimension(host, claim), Values(True, StringSet.outside(ours))))
    return tuple(out)


def _named_by_claim(value: str, claim: str, found: Tenancy) -> list[Pattern]:
    """The values of a claim of the tenant that a test of it names."""
    if claim in found.loose_claims:
        return [ignoring_case(like(value))] if value.strip("*?") else []
    if claim in found.prefix_claims:
        name, slash, _ = value.partition("/")
        if not name or not is_literal(name if slash else value):
            return []
        owner = ignoring_case(exact(name))
        return [owner, join(owner, "/", ANY_RUN)]
    return [ignoring_case(exact(value))] if is_literal(value) else []


def _other_numbers(policy: Policy, host: str, claim: str) -> Constraints:
    named = [value for value in operands(policy, host, claim) if value.isascii() and value.isdigit()]
    numbers = NumberSet.empty()
    for value in named:
        numbers = numbers | NumberSet.only(int(value))
    return ((_dimension(host, claim), Values(True, (~numbers).integers())),) if named else ()


def _dimension(host: str, claim: str) -> str:
    return f"key:{host}:{claim}".lower()


def outsiders(policy: Policy, host: str, found: Tenancy) -> tuple[str, ...]:
    """Subjects of somebody else that read well: a name that begins like one that the policy admits."""
    if not found.outsider:
        return ()
    out: list[str] = []
    for subject in operands(policy, host, "sub"):
        for part, end in found.subject_parts:
            for start in _starts(subject, part + ":"):
                known = subject[start:].partition(end)[0].split("*")[0].split("?")[0]
                out.append(found.outsider.format(f"{known.rstrip('-')}-evil" if known else "evil"))
        out.append(_filled(subject, found))
    return (*dict.fromkeys(out), found.outsider.format("evil"))


def _filled(subject: str, found: Tenancy) -> str:
    """A subject that a pattern admits, its first wildcard filled with somebody else."""
    before, star, after = subject.partition("*")
    if not star:
        return subject.replace("?", "x")
    if not before:
        # The wildcard covers the part that names the tenant.
        whole = found.outsider.format("evil")
        fill = ":".join(whole.split(":")[:2])
    else:
        # Where the name of the tenant ends at a slash, a project follows it.
        slash = any(end == "/" and before == f"{part}:" for part, end in found.subject_parts)
        fill = "evil/app" if slash and not after.startswith("/") else "evil"
    return (before + fill + after).replace("*", "any").replace("?", "x")


def named_at_deployment(operand: Text, claim: str, found: Tenancy) -> Text:
    """
    An operand with what is given at deployment taken to be a name without wildcards; which one does not matter.
    """
    if not isinstance(operand, Symbolic):
        return operand
    parts: list[str | Symbol] = [
        part if isinstance(part, str) or wild_value(part) else name_of(part) for part in operand.parts
    ]
    first = parts[0]
    if claim == "sub" and isinstance(operand.parts[0], Symbol) and isinstance(first, str) and "{}" in found.outsider:
        # The whole subject, or its beginning, is given: then it names a tenant.
        parts[0] = found.outsider.format(first)
    return concat(parts)


def wild_value(symbol: Symbol) -> str | None:
    """A value with a wildcard among the ``AllowedValues`` of a parameter; None where there is none."""
    return next((value for value in symbol.allowed or () if not is_literal(value)), None)


def name_of(symbol: Symbol) -> str:
    """Stands for a value that is given at deployment."""
    return "given-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in symbol.name)
