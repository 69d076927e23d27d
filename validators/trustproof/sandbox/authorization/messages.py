"""
Denials that can be asked for later: DecodeAuthorizationMessage.

https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from threading import Lock
from typing import Any

from trustproof.model.policy import Statement
from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.decide import Denial

#: How many denials are kept.
KEPT = 10_000


class Messages:
    """
    Denials, by the handle that the denied caller was given.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[str | None, str]] = OrderedDict()

    def keep(self, denial: Denial) -> str:
        """Remember a denial, and name it."""
        handle = secrets.token_urlsafe(96)
        with self._lock:
            self._kept[handle] = (denial.request.caller.account, json.dumps(_explanation(denial)))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return handle

    def decode(self, handle: str, account: str) -> str | None:
        """
        The explanation of a denial, as JSON; None for a handle that names none, or one of another account's callers.
        """
        with self._lock:
            found = self._kept.get(handle)
        return None if found is None or found[0] not in (account, None) else found[1]


def _explanation(denial: Denial) -> dict[str, Any]:
    request = denial.request
    return {
        "allowed": False,
        "explicitDeny": denial.explicit,
        "matchedStatements": {"items": [_statement(one) for one in denial.statements]},
        "failures": {"items": []},
        "reason": denial.reason,
        "context": {
            "principal": {"id": request.caller.userid, "arn": request.caller.display_arn},
            "action": request.action,
            "resource": request.resource,
            "conditions": {
                "items": [
                    {"key": key, "values": {"items": [{"value": value} for value in _values(request.context[key])]}}
                    for key in sorted(request.context)
                ]
            },
        },
    }


def _statement(statement: Statement) -> dict[str, Any]:
    def items(texts: Any) -> dict[str, Any]:
        return {"items": [{"value": str(one)} for one in texts or ()]}

    # How AWS writes these is not documented: they are here only where the statement has them.
    inverted = {
        "notPrincipals": statement.not_principals and [one.value for one in statement.not_principals],
        "notActions": statement.not_actions,
        "notResources": statement.not_resources,
    }
    return {
        "statementId": statement.sid or "",
        "effect": statement.effect.upper(),
        "principals": items(one.value for one in statement.principals or ()),
        "principalGroups": items(()),
        "actions": items(statement.actions),
        "resources": items(statement.resources),
        **{name: items(texts) for name, texts in inverted.items() if texts is not None},
        "conditions": {
            "items": [
                {"key": one.key, "operator": one.operator, "values": items(one.operands)}
                for one in statement.conditions
            ]
        },
    }


def _values(value: ContextValue) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
