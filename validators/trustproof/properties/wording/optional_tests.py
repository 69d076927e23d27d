"""
Tests that hold for whoever lacks what they test: an operator with ``IfExists`` or ``ForAllValues``, in an Allow; and
those that hold for everybody but whom they name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
"""

from __future__ import annotations

import re
from collections.abc import Collection

from trustproof.aws.condition_keys import lookup
from trustproof.model.operators import FOR_ALL_VALUES, FOR_ANY_VALUE, parse_operator
from trustproof.model.policy import Condition, Statement
from trustproof.model.request import Request
from trustproof.properties.edits import as_written, demand
from trustproof.properties.question import Subject
from trustproof.results.edit import Edit

LABEL = "true when the key is absent"
NEGATED_LABEL = "true of everybody but whom it names"
ANYBODY_LABEL = "true of every account or organization"
_SUFFIX = "ifexists"
#: Keys that say whose a caller is.
_WHOSE = ("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount")
#: What of them leaves open whose it is, whatever follows.
_ANYBODY = r"(?:o-)?[*?]+(?:/.*)?"


def optional_tests(
    subject: Subject, statement: Statement, request: Request, keys: Collection[str]
) -> tuple[Condition, ...]:
    """
    The conditions of a statement, as they are written, that a request meets only since it lacks their key.

    Args:
        keys: those that are looked at, lower-cased.
    """
    sent = {key.lower() for key, value in request.context.items() if value}
    asked = [one for one in as_written(subject, statement).conditions if one.key.lower() in keys]
    return tuple(one for one in asked if _is_optional(one) and one.key.lower() not in sent)


def _is_optional(condition: Condition) -> bool:
    operator = parse_operator(condition.operator)
    if operator is None or operator.negated:
        return False
    return operator.if_exists or operator.quantifier == FOR_ALL_VALUES


def negated_tests(subject: Subject, statement: Statement) -> tuple[Condition, ...]:
    """The conditions of an Allow, as written, that let in whoever is of no account or organization that they name."""
    asked = [one for one in as_written(subject, statement).conditions if one.key.lower() in _WHOSE]
    operators = [(one, parse_operator(one.operator)) for one in asked]
    return tuple(one for one, operator in operators if operator is not None and operator.negated)


def tests_of_anybody(subject: Subject, statement: Statement) -> tuple[Condition, ...]:
    """The conditions of an Allow, as written, by which every account or organization is let in that there is."""
    asked = [one for one in as_written(subject, statement).conditions if one.key.lower() in _WHOSE]
    return tuple(
        one
        for one in asked
        if (operator := parse_operator(one.operator)) is not None
        and not operator.negated
        and any(re.fullmatch(_ANYBODY, str(operand)) for operand in one.operands)
    )


def naming_yours(found: Condition) -> str:
    """What to do about one of these, in words."""
    which = next(str(operand) for operand in found.operands if re.fullmatch(_ANYBODY, str(operand)))
    whose = "account" if found.key.lower() == "aws:principalaccount" else "organization"
    return f"write the id of your {whose} in the place of {which}"


def naming_whom(found: Condition) -> str:
    """What to do about one of these, in words: whom the statement means, nobody knows."""
    positive = found.operator.replace("Not", "")
    return (
        f"if {found.key} is to say whom you let in, compare with {positive}: {found.operator} lets in everybody else, "
        "and only a Deny needs it"
    )


def asking_for_them(
    subject: Subject, statement: Statement, found: Collection[Condition]
) -> tuple[str, tuple[Edit, ...]]:
    """What asks for the keys of such conditions, in words and as edits."""
    names = " and ".join(dict.fromkeys(condition.key for condition in found))
    operators = " and ".join(dict.fromkeys(condition.operator for condition in found))
    text = f"ask for {names}: {operators} lets in whoever has none"
    if all(one.operator.lower().endswith(_SUFFIX) for one in found):
        text += ", and only a Deny needs it"
    demands = [(_asking(one), one.key, one.operands) for one in found]
    return text, demand(subject, statement, *demands)


def _asking(condition: Condition) -> str:
    """The operator that is false of whoever lacks the key, and otherwise tests the same."""
    quantifier, _, base = condition.operator.rpartition(":")
    plain = base[: -len(_SUFFIX)] if base.lower().endswith(_SUFFIX) else base
    if quantifier.lower() != FOR_ALL_VALUES.lower():
        return f"{quantifier}:{plain}" if quantifier else plain
    # Of a key with one value, any of them is that one.
    return f"{FOR_ANY_VALUE}:{plain}" if lookup(condition.key).multi else plain
