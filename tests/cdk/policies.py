"""
Ask the evaluator of the validator what a document of a template means.
"""

from __future__ import annotations

from typing import Any

from trustproof.model.policy import Condition, Policy, Principal, Statement
from trustproof.model.request import Caller, ContextValue, Request
from trustproof.spec.callers import principal_keys
from trustproof.spec.decision import EXPLICIT_DENY, decide

PSEUDO_PARAMETERS = {"AWS::Partition": "aws", "AWS::Region": "eu-central-1"}


def concrete(value: Any, account: str = "111122223333") -> Any:
    """A value of a template as it would be deployed to an account; other references keep their names."""
    if isinstance(value, list):
        return [concrete(item, account) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return account if value["Ref"] == "AWS::AccountId" else PSEUDO_PARAMETERS.get(value["Ref"], value["Ref"])
    if set(value) == {"Fn::GetAtt"}:
        return ".".join(value["Fn::GetAtt"])
    if set(value) == {"Fn::Join"}:
        return value["Fn::Join"][0].join(concrete(value["Fn::Join"][1], account))
    if set(value) == {"Fn::Split"}:
        return concrete(value["Fn::Split"][1], account).split(value["Fn::Split"][0])
    return {key: concrete(item, account) for key, item in value.items()}


def policy(document: dict[str, Any]) -> Policy:
    """A document of a template as a policy."""
    resolved = concrete(document)
    return Policy(tuple(_statement(statement) for statement in resolved["Statement"]), resolved["Version"])


def allowed(
    documents: list[dict[str, Any]], caller: Caller, action: str, resource: str = "*", **context: ContextValue
) -> bool:
    """
    Whether the identity policies of a caller together allow something.

    Args:
        documents: the policies of the caller.
        caller: who asks.
        action: what for.
        resource: on what.
        context: condition keys of the request, with ``_`` for the colon.
    """
    keys = {key.replace("_", ":", 1).lower(): value for key, value in context.items()}
    request = Request(caller, action, resource, {**principal_keys(caller), **keys})
    decisions = [decide(policy(document), request) for document in documents]
    return any(one.allowed for one in decisions) and not any(one.outcome == EXPLICIT_DENY for one in decisions)


def _texts(value: str | list[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return (value,) if isinstance(value, str) else tuple(value)


def _principals(value: dict[str, Any] | str | None) -> tuple[Principal, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return (Principal("*", value),)
    return tuple(Principal(kind, text) for kind, texts in value.items() for text in _texts(texts) or ())


def _statement(statement: dict[str, Any]) -> Statement:
    conditions = tuple(
        Condition(operator, key, _texts(operands) or ())
        for operator, keys in statement.get("Condition", {}).items()
        for key, operands in keys.items()
    )
    return Statement(
        statement["Effect"],
        principals=_principals(statement.get("Principal")),
        actions=_texts(statement.get("Action")),
        not_actions=_texts(statement.get("NotAction")),
        resources=_texts(statement.get("Resource")),
        not_resources=_texts(statement.get("NotResource")),
        conditions=conditions,
        sid=statement.get("Sid"),
    )
