"""
Statements as boxes: for one request space, what a statement matches at most (of an Allow) or at least (of a Deny).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from trustproof.engine.comparisons import outcome
from trustproof.engine.denote import denote
from trustproof.engine.domains import NOTHING, Values, not_text, text
from trustproof.engine.operands import Operand, action_pattern, resource_operand
from trustproof.engine.principals import cover, surely_spared
from trustproof.engine.request_space import REACH, READING, STAY, RequestSpace
from trustproof.engine.search import Box, Literal
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Guard, Principal, Statement
from trustproof.model.text import Symbolic, Text
from trustproof.sets.patterns import EVERYTHING, Pattern, exact, like
from trustproof.sets.strings import StringSet


class Note(NamedTuple):
    """
    Why a box is not exact.
    """

    text: str
    #: The callers it matters for, as patterns on their record; None for all.
    callers: tuple[Pattern, ...] | None = None
    #: Whether it is about how wildcards are read, which is a dimension of its own.
    reading: bool = False


class EncodedStatement(NamedTuple):
    """
    A statement as a box, with what is approximate about it.
    """

    box: Box
    #: Index of the statement in its policy.
    number: int
    statement: Statement
    #: Why the box may match other requests than the statement; empty where it matches just these.
    notes: tuple[Note, ...]
    #: Of an Allow: the parts of the box that the statement does not match where its wildcards are read one way.
    readings: tuple[Box, ...] = ()


ACROSS = Literal(READING, text(exact(REACH)), text(exact(STAY)), "wildcards reach across colons")
_WITHIN = Literal(READING, ACROSS.no, ACROSS.yes, "wildcards stay between colons")

_EVERYONE = Values(False, StringSet.full())
_OF_KEYS = like("kms:*")
_NOT_OF_KEYS = Literal("action", not_text(_OF_KEYS), text(_OF_KEYS), "no Resource")


def encode_allow(statement: Statement, index: int, space: RequestSpace, variables: bool) -> EncodedStatement:
    """A box that holds at least every request that the statement matches."""
    literals: list[Literal] = []
    notes: list[Note] = [Note(reason) for reason in statement.unreadable]
    _principal_literal(statement, space, literals, notes, large=True)
    _element_literals(statement, space, variables, literals, notes, large=True)
    # What a statement asks of callers whom it does not name makes no difference.
    named = not any(literal.dimension == "caller" and literal.yes is NOTHING for literal in literals)
    for condition in statement.conditions if named else ():
        reading = denote(condition, space, variables, settled=space.settled)
        if reading is None:
            notes.append(Note(f"{condition.operator} is not a condition operator"))
            continue
        literals.append(reading.over)
        if reading.note:
            notes.append(Note(reading.note))
            literals.extend(_compared(condition, variables))
    literals.extend(guard_literal(guard) for guard in statement.guards)
    left_out = _readings(statement, space, variables, large=True) if notes else None
    readings = () if left_out is None else (left_out,)
    return EncodedStatement(Box(tuple(literals), _label(statement, index)), index, statement, tuple(notes), readings)


def _readings(statement: Statement, space: RequestSpace, variables: bool, *, large: bool) -> Box | None:
    """
    Where the resources of a statement have two readings, those that an Allow (`large`) leaves out in one of them, or
    that a Deny covers in it besides.
    """
    negated = statement.resources is None
    entries = statement.not_resources if negated else statement.resources
    operands = _resources(entries or (), space, variables)
    if all(operand.narrow is None for operand in operands):
        return None
    # What is matched is less where wildcards stay between colons, and more where they reach across.
    if large is not negated:
        patterns = [p for o in operands for p in (o.larger if o.narrow is None else o.narrow)]
        one_of, reading = _one_of("resource", patterns, "Resource"), _WITHIN
        one_of = one_of._replace(yes=one_of.no, no=one_of.yes)
    else:
        patterns = [p for o in operands for p in (o.smaller if o.wide is None else o.wide)]
        one_of, reading = _one_of("resource", patterns, "Resource"), ACROSS
    return Box((one_of, reading), reading.label)


def across(deny: EncodedStatement, space: RequestSpace, variables: bool) -> EncodedStatement | None:
    """What a Deny covers besides in one reading of its resources; None where there is no other."""
    reading = _readings(deny.statement, space, variables, large=False) if deny.notes else None
    if reading is None:
        return None
    literals = tuple(literal for literal in deny.box.literals if literal.dimension != "resource")
    return deny._replace(box=deny.box._replace(literals=(*literals, *reading.literals)))


def encode_deny(statement: Statement, index: int, space: RequestSpace, variables: bool) -> EncodedStatement | None:
    """A box that holds only requests that the statement matches; None where none is certain."""
    if statement.unreadable:
        return None
    literals: list[Literal] = []
    notes: list[Note] = []
    _principal_literal(statement, space, literals, notes, large=False)
    _element_literals(statement, space, variables, literals, notes, large=False)
    for condition in statement.conditions:
        reading = denote(condition, space, variables)
        if reading is None:
            return None
        literals.extend((_compared(condition, variables) if reading.note else ()) or (reading.under,))
        if reading.note:
            notes.append(Note(reading.note))
    literals.extend(guard_literal(guard) for guard in statement.guards)
    return EncodedStatement(Box(tuple(literals), _label(statement, index)), index, statement, tuple(notes))


def _compared(condition: Condition, variables: bool) -> list[Literal]:
    """That a condition which is not exact holds, where it is so because of policy variables."""
    if not variables or not any("${" in str(operand) for operand in condition.operands):
        return []

    found = outcome(condition)
    return [] if found is None else [found]


def beside(
    deny: EncodedStatement, allow: EncodedStatement, space: RequestSpace, variables: bool
) -> list[EncodedStatement]:
    """
    A Deny as it reads for the requests that an Allow lets in: one that names the same resources denies them all.

    What two statements write in the same way they mean in the same way, also where nobody knows how. So where the Deny
    names some of the resources, it denies what the others cannot be.

    Args:
        variables: whether the policy of the Allow has policy variables.
    """
    deny = _said_alike(deny, allow, space)
    theirs, ours = deny.statement.resources, allow.statement.resources
    if theirs is None or ours is None:
        return [deny]
    others = [entry for entry in ours if not any(_names(one, entry) for one in theirs)]
    if len(others) == len(ours) or (others and not any(isinstance(entry, Symbolic) for entry in ours)):
        return [deny]
    literals = tuple(literal for literal in deny.box.literals if literal.dimension != "resource")
    if not others:
        return [deny._replace(box=deny.box._replace(literals=literals))]
    left = [pattern for operand in _resources(others, space, variables) for pattern in operand.larger]
    if EVERYTHING in left:
        return [deny]
    named = Literal("resource", not_text(*left), text(*left), "Resource")
    return [deny, deny._replace(box=deny.box._replace(literals=(named, *literals)))]


def _said_alike(deny: EncodedStatement, allow: EncodedStatement, space: RequestSpace) -> EncodedStatement:
    """
    A Deny without what holds of every request that an Allow matches, whatever that is: what the two write alike, and is
    not known before deployment.
    """
    theirs, ours = deny.statement, allow.statement
    if not deny.notes or any(literal.dimension == READING for literal in deny.box.literals):
        return deny
    named = (*(theirs.resources or ()), *(theirs.not_resources or ()))
    if any("${" in str(text) for text in (*named, *(one for c in theirs.conditions for one in c.operands))):
        return deny
    kept = tuple(one for one in theirs.conditions if not any(_implies(other, one) for other in ours.conditions))
    entries, callers = theirs.principals or (), ours.principals or ()
    is_for_all = bool(callers) and all(entry in entries for entry in callers) and any(map(_is_open, callers))
    if len(kept) == len(theirs.conditions) and not is_for_all:
        return deny
    reduced = theirs._replace(conditions=kept, principals=None if is_for_all else theirs.principals)
    found = encode_deny(reduced, deny.number, space, False)
    return deny if found is None else found._replace(statement=theirs)


def _is_open(entry: Principal) -> bool:
    return _is_same_everywhere(entry.value)


def _is_same_everywhere(text: Text) -> bool:
    """Whether a text is not known before deployment, and is the same wherever it is written."""
    return isinstance(text, Symbolic) and not any(symbol.doubt for symbol in text.symbols)


def _implies(one: Condition, other: Condition) -> bool:
    """Whether a condition holds wherever another one does, by how the two are written."""
    operator, wider = parse_operator(one.operator), parse_operator(other.operator)
    if operator is None or wider is None or one.key.lower() != other.key.lower():
        return False
    if not any(map(_is_same_everywhere, other.operands)) or any("${" in str(operand) for operand in one.operands):
        return False
    if (operator.quantifier, operator.negated) != (wider.quantifier, wider.negated):
        return False
    if operator.base != wider.base or (operator.if_exists and not wider.if_exists):
        return False
    less, more = (other, one) if operator.negated else (one, other)
    return bool(less.operands) and {*less.operands} <= {*more.operands}


def _names(one: Text, other: Text) -> bool:
    """Whether an entry of a Resource element surely matches all that another one matches, by how they are written."""
    mine, yours = _pieces(one), _pieces(other)
    if "${" in str(one) or "${" in str(other):
        # A variable may be one in the first document, and text in the second.
        return False
    if mine == yours:
        return True
    head, last = mine[:-1], mine[-1]
    if not isinstance(last, str) or not last.endswith("*") or (last == "*" and not head):
        return False
    following = yours[len(head)] if len(yours) >= len(mine) and yours[: len(head)] == head else None
    return isinstance(following, str) and following.startswith(last[:-1])


def _pieces(text: Text) -> tuple[object, ...]:
    return (text,) if isinstance(text, str) else text.parts


def guard_literal(guard: Guard) -> Literal:
    """A condition of the template, or the value of a parameter, as a dimension of its own."""
    value = str(guard.value).lower() if isinstance(guard.value, bool) else guard.value
    kind = "condition" if isinstance(guard.value, bool) else "parameter"
    pattern = exact(value)
    return Literal(f"{kind}:{guard.name}", text(pattern), not_text(pattern), f"{guard.name} is {value}")


def _label(statement: Statement, index: int) -> str:
    return statement.sid or f"{statement.effect} statement {index + 1}"


def _principal_literal(
    statement: Statement, space: RequestSpace, literals: list[Literal], notes: list[Note], *, large: bool
) -> None:
    if statement.principals is not None:
        patterns = _covered(statement.principals, space, notes, large=large)
        if EVERYTHING not in patterns:
            literals.append(_one_of("caller", patterns, "Principal"))
    elif statement.not_principals is not None:
        spared = (
            [p for entry in statement.not_principals for p in surely_spared(entry, space)]
            if large
            else _covered(statement.not_principals, space, [], large=True)
        )
        notes.append(Note("NotPrincipal has two readings: the manual leaves open whom an account or a role stands for"))
        one_of = _one_of("caller", spared, "NotPrincipal")
        literals.append(one_of._replace(yes=one_of.no, no=one_of.yes))


def _covered(entries: Iterable[Principal], space: RequestSpace, notes: list[Note], *, large: bool) -> list[Pattern]:
    out: list[Pattern] = []
    for entry in entries:
        found = cover(entry, space)
        out.extend(found.larger if large else found.smaller)
        if found.note:
            notes.append(Note(found.note, found.larger))
    return out


def _one_of(dimension: str, patterns: Iterable[Pattern], label: str) -> Literal:
    found = tuple(patterns)
    if not found:
        return Literal(dimension, NOTHING, _EVERYONE, label)
    return Literal(dimension, text(*found), not_text(*found), label)


def _element_literals(
    statement: Statement,
    space: RequestSpace,
    variables: bool,
    literals: list[Literal],
    notes: list[Note],
    *,
    large: bool,
) -> None:
    if statement.actions is not None:
        _entries("action", [action_pattern(a) for a in statement.actions], "Action", literals, notes, large=large)
    if statement.not_actions is not None:
        found = [action_pattern(a) for a in statement.not_actions]
        _entries("action", found, "NotAction", literals, notes, large=large, negated=True)
    if statement.actions is None and statement.not_actions is None:
        # IAM refuses such a statement; it names no action, and an unreadable one may have had any.
        literals.extend([] if statement.unreadable else [Literal("action", NOTHING, _EVERYONE, "no Action")])
    if statement.resources is not None:
        _entries(
            "resource", _resources(statement.resources, space, variables), "Resource", literals, notes, large=large
        )
    if statement.not_resources is not None:
        found = _resources(statement.not_resources, space, variables)
        _entries("resource", found, "NotResource", literals, notes, large=large, negated=True)
    if statement.resources is None and statement.not_resources is None and not statement.unreadable:
        # A trust policy has neither. In a key policy the statement has no effect:
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
        literals.extend([_NOT_OF_KEYS] if _may_be_about_keys(statement) else [])


def _may_be_about_keys(statement: Statement) -> bool:
    """Whether a statement may match an action of KMS, as far as the names of the services in its actions say."""
    services = [str(one).lower().partition(":")[0] for one in statement.actions or ()]
    written = all(isinstance(one, str) for one in statement.actions or ())
    return statement.actions is None or not written or any(one == "kms" or set(one) & set("*?") for one in services)


def _resources(entries: Iterable[Text], space: RequestSpace, variables: bool) -> list[Operand]:
    return [resource_operand(entry, space, variables) for entry in entries]


def _entries(
    dimension: str,
    operands: list[Operand],
    label: str,
    literals: list[Literal],
    notes: list[Note],
    *,
    large: bool,
    negated: bool = False,
) -> None:
    """The literal for a list of patterns, or for its complement."""
    wide = large is not negated
    patterns = [p for o in operands for p in (o.larger if wide else o.smaller)]
    notes.extend(Note(o.note, reading=bool(o.wide)) for o in operands if o.note)
    if EVERYTHING in patterns and not negated:
        return
    one_of = _one_of(dimension, patterns, label)
    literals.append(one_of._replace(yes=one_of.no, no=one_of.yes) if negated else one_of)
