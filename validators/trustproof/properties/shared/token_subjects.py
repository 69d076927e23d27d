"""
Which tenants a policy names: what it asks of the claims of a token, and the tokens that this leaves to everybody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from trustproof.aws.oidc_issuers import Tenancy, tenancy
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values, text
from trustproof.engine.operands import Variable, split_variables
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Policy
from trustproof.model.regex import with_wildcard
from trustproof.model.text import MAY_BE_PATTERN, Symbol, Symbolic, Text, concat
from trustproof.properties.shared.regions import Constraints
from trustproof.properties.shared.web_identity_providers import key_of
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, ignoring_case, join, like
from trustproof.sets.strings import StringSet

_NUMBERS = ("google/organization_number",)
#: A text that is written in an expression.
_WRITTEN = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NO_WILDCARD: tuple[Pattern, ...] = (exact(""), *(join(ANY_RUN, char, ANY_RUN) for char in "*?"))


def operands(policy: Policy, host: str, claim: str) -> list[str]:
    """What a policy asks of a claim: an Allow by an operator that is not negated, a Deny by one that is."""
    return sorted({_without_variables(str(operand), policy) for operand in asked_texts(policy, host, claim)})


def asked_texts(policy: Policy, host: str, claim: str) -> Iterator[Text]:
    """The same as it is written, also where it is known only at deployment."""
    for statement in policy.statements:
        for condition in statement.conditions:
            operator = parse_operator(condition.operator)
            if operator is None or operator.base == "Null" or operator.negated is (statement.effect == ALLOW):
                continue
            if condition.key.lower() == key_of(host, claim):
                yield from condition.operands


def _without_variables(text: str, policy: Policy) -> str:
    """
    A text with each policy variable replaced by its default, whose wildcards are characters: it is the author's own.
    """
    if "${" not in text or not policy.has_variables:
        return text
    pieces = split_variables(text)
    if any(isinstance(piece, Variable) and not _has_default(piece) for piece in pieces):
        return text
    return "".join(piece if isinstance(piece, str) else str(piece.default) for piece in pieces)


def _has_default(variable: Variable) -> bool:
    return variable.default is not None and is_literal(variable.default)


def is_literal(text: str) -> bool:
    """Whether a text has no wildcard."""
    return not set(text) & set("*?")


def _starts(text: str, word: str) -> Iterator[int]:
    """
    Where what follows a word begins; the word stands at the beginning of the text, or after a colon or wildcard.

    The text may be of an operator that ignores letter case; where it is not, no subject begins with ``Repo:``.
    """
    lowered = text.lower()
    at = lowered.find(word)
    while at >= 0:
        if at == 0 or text[at - 1] in ":*":
            yield at + len(word)
        at = lowered.find(word, at + 1)


def _head(text: str) -> str:
    """What stands before the first wildcard."""
    return text.partition("*")[0].partition("?")[0]


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
            out += [one for head in heads for whole in _named(name) for one in _of_tenant(head, whole, end)]
    return out


def _of_tenant(head: Pattern, name: Pattern, end: str) -> list[Pattern]:
    """The subjects in which a name follows a beginning."""
    return [join(head, name, end, ANY_RUN), *([join(head, name)] if end == ":" else [])]


def _meant(subject: str, parts: Sequence[tuple[str, str]]) -> list[Pattern]:
    """
    The subjects of the tenants that a pattern has begun to name: by ``repo:org*`` its author means ``org``.

    It lets others in, and they are the finding; the author's own organization is not.
    """
    out: list[Pattern] = []
    for part, end in parts:
        for start in _starts(subject, part + ":"):
            name = subject[start:].partition(end)[0]
            known = _head(name)
            if known and known != name:
                login = ignoring_case(exact(known))
                for whole in (login, join(login, "@", Wildcard("/:", True, True))):
                    out += _of_tenant(join(part + ":"), whole, end)
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
        return [join(ignoring_case(exact(login)), "@", Wildcard("/:", True, True))]
    return [join(Wildcard("/:@", True, True), "@" + number)] if at and number and is_literal(number) else []


# Each statement of a policy asks for the same.
@lru_cache(maxsize=16)
def tokens_of_others(policy: Policy, host: str, found: Tenancy) -> Constraints:
    """The tokens of a provider that belong to no tenant that the policy names."""
    out: list[tuple[str, Values]] = []
    if found.subject_parts:
        asked = operands(policy, host, "sub")
        ours = [p for subject in asked for named in (tenants, _meant) for p in named(subject, found.subject_parts)]
        others = StringSet.outside((*_NO_WILDCARD, *ours))
        out.append((_dimension(host, "sub"), Values(True, others & StringSet.of(found.subjects or [(ANY_RUN,)]))))
    return (*out, *_others(policy, host, (*found.whole_claims, *found.prefix_claims, *found.loose_claims), found))


def asked_for_by_others(policy: Policy, host: str, found: Tenancy) -> Iterator[Constraints]:
    """
    Where a provider's tokens say who asked for them, and for which audience: those in which one of these is another.
    """
    if found.requested:
        numbers = _others(policy, host, ("aud",), found, numbered=True)
        yield (*_others(policy, host, found.person_claims, found), *numbers)
        yield _others(policy, host, (found.requested,), found)


def is_of_account(value: str, found: Tenancy) -> bool:
    """Whether an audience is the number of an account, and no application."""
    return bool(value) and set(value) <= set(found.numbered)


def audiences_of_all(policy: Policy, host: str) -> list[str]:
    """The audiences that a policy names and that every customer has: those of AWS, and the issuer's own."""
    return [
        asked
        for asked in operands(policy, host, "aud")
        if asked.lower().startswith("sts.") or asked.lower() in _FOR_AWS or host.lower() in asked.lower()
    ]


def tokens_for_anybody(policy: Policy, host: str) -> Constraints:
    """The tokens of a provider for such an audience, but for the subjects that the policy names."""
    shared = [ignoring_case(like(asked)) for asked in audiences_of_all(policy, host)]
    claims = [claim for claim in tenancy(host).loose_claims if claim not in _AUDIENCES]
    out = _others(policy, host, claims, tenancy(host))
    return (*out, (_dimension(host, "aud"), text(*shared)))


def _others(policy: Policy, host: str, claims: Sequence[str], found: Tenancy, *, numbered: bool = False) -> Constraints:
    """
    That none of some claims has a value that a test of it names.

    Args:
        numbered: whether it is about audiences that are numbers of accounts, and not about others.
    """
    out: list[tuple[str, Values]] = []
    shapes = dict(found.shapes)
    for claim in claims:
        if claim in _NUMBERS:
            out += _other_numbers(policy, host, claim)
            continue
        asked = operands(policy, host, claim)
        if claim == "aud":
            asked = [value for value in asked if is_of_account(value, found) is numbered]
        ours = [p for value in asked for p in _named_by_claim(value, claim, found)]
        if ours or (asked and claim in shapes) or claim.startswith("sts:"):
            # A key of STS is in every request, whoever the token is for.
            looks = StringSet.of([shapes[claim]]) if claim in shapes else StringSet.full()
            out.append((_dimension(host, claim), Values(True, looks & StringSet.outside(ours))))
    return tuple(out)


def _named_by_claim(value: str, claim: str, found: Tenancy) -> list[Pattern]:
    """The values of a claim of the tenant that a test of it names, or has begun to name."""
    if claim in found.loose_claims:
        return [ignoring_case(like(value))] if value.strip("*?") else []
    if claim in found.prefix_claims:
        name = _head(value.partition("/")[0])
        owner = ignoring_case(exact(name))
        return [owner, join(owner, "/", ANY_RUN)] if name else []
    return [ignoring_case(exact(_head(value)))] if _head(value) else []


def _other_numbers(policy: Policy, host: str, claim: str) -> Constraints:
    named = [value for value in operands(policy, host, claim) if value.isascii() and value.isdigit()]
    numbers = NumberSet.empty()
    for value in named:
        numbers = numbers | NumberSet.only(int(value))
    return ((_dimension(host, claim), Values(True, (~numbers).integers())),) if named else ()


def _dimension(host: str, claim: str) -> str:
    return key_dimension(key_of(host, claim))


_AUDIENCES = ("aud", "oaud")
#: Audiences that whole products ask for.
_FOR_AWS = ("aws.workload.identity", "openshift", "amazonaws.com", "https://amazonaws.com", "https://sts.amazonaws.com")

#: Makes names of others of the beginning of one's own.
_OTHER_NAMES = ("{}-evil", "{}-other", "{}evil", "{}x", "{}2")
#: How many names of others are tried together with a project's, where several claims must agree.
_NAMES = 8


@lru_cache(maxsize=16)
def outsiders(policy: Policy, host: str, found: Tenancy) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Claims of somebody else's token that read well, by condition key."""
    names = _names(policy, host, found)
    subjects = [found.outsider.format(name) for name in names] if found.outsider else []
    subjects += [s for asked in operands(policy, host, "sub") for s in _filled_subject(asked, found)]
    out = {"sub": subjects} if subjects else {}
    for claim, value in found.outsiders:
        filled = [one for asked in operands(policy, host, claim) for one in _filled(asked, found.fills)]
        out[claim] = [*(value.format(name) for name in names), *filled]
    return tuple((key_of(host, claim), tuple(dict.fromkeys(values))) for claim, values in out.items())


def _names(policy: Policy, host: str, found: Tenancy) -> list[str]:
    """Names that somebody else may have: first those that begin like one that the policy admits."""
    known: list[str] = []
    for subject in operands(policy, host, "sub"):
        for part, end in found.subject_parts:
            known += [_head(subject[start:].partition(end)[0]) for start in _starts(subject, part + ":")]
    for claim in {claim for claim, written in found.linked if "{0}" in written} - {"sub"}:
        known += [_head(value.partition("/")[0]) for value in operands(policy, host, claim)]
    bases = sorted({name.rstrip("-") for name in known} - {""})
    like_ours = [name.format(base) for name in _OTHER_NAMES for base in bases]
    return [*like_ours, "evil", "other"]


def linked_tokens(policy: Policy, host: str, found: Tenancy) -> list[tuple[Constraints, str]]:
    """
    Tokens of somebody else in which all claims that speak of a project speak of the same one, each with its subject.

    None where the policy looks at no such claim but the subject.
    """
    asked = [(claim, written) for claim, written in found.linked if claim == "sub" or operands(policy, host, claim)]
    if all(claim == "sub" for claim, _ in asked):
        return []
    projects = ["app"]
    for claim, written in found.linked:
        for value in operands(policy, host, claim) if "{1}" in written else ():
            projects += _filled(_project(value, written), ("app",))
    out: list[tuple[Constraints, str]] = []
    for name in _names(policy, host, found)[:_NAMES]:
        for project in sorted({p for p in projects if p}, key=lambda p: (p != "app", p)):
            values: dict[str, list[Pattern]] = {}
            for claim, written in asked:
                values.setdefault(claim, []).append(like(written.format(name, project)))
            constraints = tuple((_dimension(host, c), Values(True, StringSet.of(p))) for c, p in values.items())
            token = found.outsider.format(name)
            out.append((constraints, token.replace("/app", f"/{project}", 1).replace(":app:", f":{project}:", 1)))
    return out


def _project(value: str, written: str) -> str:
    """What stands in a value where the name of a project does; empty where that is not in it."""
    before, _, after = written.partition("{1}")
    mark = before.rpartition("{0}")[2]
    rest = value.partition(mark)[2] if mark else value
    return rest.partition(after[:1])[0] if after[:1] else rest


def _filled(value: str, fills: Sequence[str]) -> list[str]:
    """Values that a pattern admits: its first wildcard stands for one of these, and the others for little."""
    before, star, after = value.partition("*")
    if not star:
        return [value.replace("?", "x"), value.replace("?", "9")]
    return [(before + fill + after).replace("*", end).replace("?", "x") for fill in fills for end in ("any", "")]


def _filled_subject(subject: str, found: Tenancy) -> list[str]:
    """Subjects that a pattern admits, the first wildcard filled with somebody else."""
    # What a project runs on is named as in the example.
    end = found.outsider.partition("/app")[2]
    if end and subject.endswith(":*") and "*" in subject[:-2]:
        # Of the example, what the subject has not said yet.
        said = max(length for length in range(1, len(end) + 1) if subject[:-1].endswith(end[:length]))
        subject = subject[:-1] + end[said:]
    before, star, after = subject.partition("*")
    if star and not before:
        # The wildcard covers the part that names the tenant, or that and the beginning of the name.
        whole, (_, _, project) = found.outsider.format("evil"), found.outsider.partition("{}/")
        end = f"/{project}" if project and after.endswith("/*") else ""
        name = f"{found.outsider.partition('{}')[0]}evil-{after.removesuffix('/*') if end else after}{end}"
        inside = (":".join(whole.split(":")[:2]) + after, *([name] if after[:1] not in ":/" else []))
        return [one.replace("*", "any").replace("?", "x") for one in reversed(inside)]
    # Where the name of the tenant ends at a slash, a project follows it.
    slash = any(end == "/" and before == f"{part}:" for part, end in found.subject_parts)
    first = "evil/app" if slash and not after.startswith("/") else "evil"
    return _filled(subject, (first, *found.fills))


def named_at_deployment(operand: Text, claim: str, found: Tenancy) -> Text:
    """
    An operand with what is given at deployment taken to be a name without wildcards; which one does not matter.
    """
    if not isinstance(operand, Symbolic):
        return operand
    parts: list[str | Symbol] = [
        part if isinstance(part, str) or may_be_wild(part) else name_of(part) for part in operand.parts
    ]
    first, is_beginning = parts[0], isinstance(operand.parts[0], Symbol)
    if is_beginning and len(parts) > 1 and str(parts[1]).startswith(("*", "?")):
        # It may end within the name of a tenant: after ``repo:acme`` the wildcard stands for the rest of other names.
        return operand
    if claim == "sub" and is_beginning and isinstance(first, str) and "{}" in found.outsider:
        # The whole subject, or its beginning, is given: then it names a tenant.
        parts[0] = found.outsider.format(first)
    return concat(parts)


def may_be_wild(symbol: Symbol) -> bool:
    """Whether what is given at deployment may have a wildcard, as far as somebody says what it is."""
    if symbol.doubt or symbol.holds == MAY_BE_PATTERN or wild_value(symbol) is not None:
        return True
    # An expression may give a text that is written in it: ``coalesce(var.subject, "*")``.
    return symbol.kind == "intrinsic" and not all(map(is_literal, _WRITTEN.findall(symbol.name)))


def wild_value(symbol: Symbol) -> str | None:
    """
    A value with a wildcard that a parameter may have, since its ``AllowedValues`` hold it or its ``AllowedPattern``
    speaks of the wildcard; None where there is none.
    """
    found = next((value for value in symbol.allowed or () if not is_literal(value)), None)
    if found is not None or symbol.pattern is None or symbol.allowed is not None:
        return found

    return with_wildcard(symbol.pattern)


def name_of(symbol: Symbol) -> str:
    """Stands for a value that is given at deployment."""
    return "given-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in symbol.name)
