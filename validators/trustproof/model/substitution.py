"""
Policies with values put in for what is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_not

from trustproof.model.document import Document
from trustproof.model.policy import Condition, Policy, Principal, Statement
from trustproof.model.query import open_texts
from trustproof.model.text import LIST, Symbol, Symbolic, Text

#: In the names of the operators whose operands are patterns.
_WITH_WILDCARDS = ("like", "arn")


def bind_document(document: Document, values: Mapping[str, str | Symbol]) -> Document:
    """Replace symbols by values, throughout a document."""
    before = document.policy.statements
    statements = tuple(bind_statement(s, values) for s in before)
    changed = any(map(is_not, statements, before))
    if changed:
        document = document._replace(policy=document.policy._replace(statements=statements))
    if document.policy_arn is not None:
        document = document._replace(policy_arn=bind_text(document.policy_arn, values))
    if document.bucket_arn is not None:
        document = document._replace(bucket_arn=bind_text(document.bucket_arn, values))
    arn = bind_text(document.resource_arn, values)
    if arn is document.resource_arn and document.assumes_account is changed:
        return document
    return document._replace(resource_arn=arn, assumes_account=changed)


def as_written(document: Document) -> Document:
    """The document with what is written in the place of what is unknown since it cannot be so; itself without any."""
    policy = policy_as_written(document.policy)
    return document if policy is document.policy else document._replace(policy=policy)


def policy_as_written(policy: Policy) -> Policy:
    """
    The policy with what is written in the place of what is unknown since it cannot be so, as AWS has one that was put;
    itself without any.
    """
    before = policy.statements
    statements = tuple(map(_as_written, before))
    return policy._replace(statements=statements) if any(map(is_not, statements, before)) else policy


def has_mistakes(document: Document) -> bool:
    """Whether something in a document cannot be as it is written."""
    return as_written(document) is not document


def _as_written(statement: Statement) -> Statement:
    symbols = {symbol for text, _ in open_texts(statement) for symbol in text.symbols}
    written = {one.name: one.written for one in symbols if one.written is not None}
    return bind_statement(statement, written) if written else statement


def bind_text(text: Text, values: Mapping[str, Text | Symbol]) -> Text:
    """Replace symbols by values in a text."""
    return text.bind(values) if isinstance(text, Symbolic) else text


def _bind_texts(texts: tuple[Text, ...] | None, values: Mapping[str, Text | Symbol]) -> tuple[Text, ...] | None:
    if texts is None or all(isinstance(text, str) for text in texts):
        return texts
    bound = tuple(bind_text(text, values) for text in texts)
    return bound if any(map(is_not, bound, texts)) else texts


def _bind_principals(
    entries: tuple[Principal, ...] | None, values: Mapping[str, Text | Symbol]
) -> tuple[Principal, ...] | None:
    if entries is None or all(isinstance(entry.value, str) for entry in entries):
        return entries
    bound = tuple(
        entry if (value := bind_text(entry.value, values)) is entry.value else entry._replace(value=value)
        for entry in entries
    )
    return bound if any(map(is_not, bound, entries)) else entries


def bind_condition(condition: Condition, values: Mapping[str, Text | Symbol]) -> Condition:
    """The condition itself where nothing in it is replaced, as in most."""
    operands = _bind_texts(condition.operands, values)
    return condition if operands is condition.operands or operands is None else condition._replace(operands=operands)


def _bind_conditions(conditions: tuple[Condition, ...], values: Mapping[str, Text | Symbol]) -> tuple[Condition, ...]:
    bound = tuple(bind_condition(condition, values) for condition in conditions)
    return bound if any(map(is_not, bound, conditions)) else conditions


def with_texts(statement: Statement, change: Callable[[Text], Text]) -> Statement:
    """A statement with another text for each principal, resource and operand."""

    def entries(found: tuple[Principal, ...] | None) -> tuple[Principal, ...] | None:
        return None if found is None else tuple(one._replace(value=change(one.value)) for one in found)

    def several(found: tuple[Text, ...] | None) -> tuple[Text, ...] | None:
        return None if found is None else tuple(map(change, found))

    return statement._replace(
        principals=entries(statement.principals),
        not_principals=entries(statement.not_principals),
        resources=several(statement.resources),
        not_resources=several(statement.not_resources),
        conditions=tuple(one._replace(operands=tuple(map(change, one.operands))) for one in statement.conditions),
    )


def bind_statement(statement: Statement, values: Mapping[str, Text | Symbol]) -> Statement:
    """The statement itself where nothing in it is replaced, as in most."""
    principals = _bind_principals(statement.principals, values)
    not_principals = _bind_principals(statement.not_principals, values)
    actions = _bind_texts(statement.actions, values)
    not_actions = _bind_texts(statement.not_actions, values)
    resources = _bind_texts(statement.resources, values)
    not_resources = _bind_texts(statement.not_resources, values)
    conditions = _bind_conditions(statement.conditions, values)
    bound = (principals, not_principals, actions, not_actions, resources, not_resources, conditions)
    if not any(map(is_not, bound, statement[1:8])):
        return statement
    return Statement(statement.effect, *bound, *statement[8:])


def bind_patterns(document: Document, marked: Callable[[Symbol], str | Symbol | None]) -> Document:
    """
    Replace symbols by values where a wildcard in them would stand for other characters.

    Args:
        marked: gives what stands for a text or a list; None where it stays.
    """

    def condition(one: Condition) -> Condition:
        if not any(word in one.operator.lower() for word in _WITH_WILDCARDS):
            return one
        symbols = (s for text in one.operands if isinstance(text, Symbolic) for s in text.symbols)
        found = {
            s.name: new for s in symbols if s.holds in ("", LIST) and not s.doubt and (new := marked(s)) is not None
        }
        return bind_condition(one, found) if found else one

    before = document.policy.statements
    conditions = [tuple(map(condition, one.conditions)) for one in before]
    if all(new == one.conditions for new, one in zip(conditions, before, strict=True)):
        return document
    statements = tuple(one._replace(conditions=new) for new, one in zip(conditions, before, strict=True))
    return document._replace(policy=document.policy._replace(statements=statements))
