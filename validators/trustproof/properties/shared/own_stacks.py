"""
The account of the template that has a StackSet, as the stacks of the set read it: another one than theirs, and inside.
"""

from __future__ import annotations

from collections.abc import Callable

from trustproof.model.names import in_stack
from trustproof.model.policy import Condition, Statement
from trustproof.model.substitution import bind_condition, bind_text
from trustproof.model.text import ACCOUNT_ID, Symbolic, Text
from trustproof.properties.question import Subject

#: Keys that say who calls, or for whom.
_OF_CALLERS = ("aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourcearn")
#: The key that says whose a resource is.
_OF_RESOURCES = ("aws:resourceaccount",)


def with_callers_of_own_stacks(subject: Subject) -> Subject:
    """
    The same, where who is let in from the account of a template around this one is let in from its own account.

    Of an outsider no policy says anything else then: neither account is the outsider's.
    """

    def replaced(statement: Statement, change: Callable[[Text], Text]) -> Statement:
        principals, others = statement.principals, statement.not_principals
        return statement._replace(
            principals=None if principals is None else tuple(p._replace(value=change(p.value)) for p in principals),
            not_principals=None if others is None else tuple(p._replace(value=change(p.value)) for p in others),
        )

    return _replaced(subject, replaced, _OF_CALLERS)


def with_resources_of_own_stacks(subject: Subject) -> Subject:
    """The same of the resources that an identity policy names, where outsiders' are asked about."""

    def replaced(statement: Statement, change: Callable[[Text], Text]) -> Statement:
        resources, others = statement.resources, statement.not_resources
        return statement._replace(
            resources=None if resources is None else tuple(map(change, resources)),
            not_resources=None if others is None else tuple(map(change, others)),
        )

    return _replaced(subject, replaced, _OF_RESOURCES)


def _replaced(
    subject: Subject, replaced: Callable[[Statement, Callable[[Text], Text]], Statement], keys: tuple[str, ...]
) -> Subject:
    names = {
        symbol.name
        for statement in subject.policy.statements
        for text in _texts(statement)
        for symbol in (text.symbols if isinstance(text, Symbolic) else ())
        if in_stack(symbol.name)[0] and in_stack(symbol.name)[1] == ACCOUNT_ID
    }
    if not names:
        return subject
    values = dict.fromkeys(names, subject.account)

    def condition(one: Condition) -> Condition:
        return bind_condition(one, values) if one.key.lower() in keys else one

    statements = tuple(
        replaced(one, lambda text: bind_text(text, values))._replace(conditions=tuple(map(condition, one.conditions)))
        for one in subject.policy.statements
    )
    document = subject.document
    return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))


def _texts(statement: Statement) -> tuple[Text, ...]:
    entries = (*(statement.principals or ()), *(statement.not_principals or ()))
    operands = (text for one in statement.conditions for text in one.operands)
    return (
        *(entry.value for entry in entries),
        *(statement.resources or ()),
        *(statement.not_resources or ()),
        *operands,
    )
