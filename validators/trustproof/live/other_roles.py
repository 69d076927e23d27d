"""
The roles of an account that no template makes, and whom of outside they let in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.live.account import LiveAccount, is_linked
from trustproof.live.expectation import Expectation
from trustproof.live.policy_comparison import Comparison


def other_roles(account: LiveAccount, expected: Expectation) -> Iterator[tuple[str, Comparison]]:
    """Roles that no template makes, and whom of outside they let in."""
    for (kind, name), identity in sorted(account.identities.items()):
        if kind != "role" or (kind, name) in expected.holdings or identity.trust is None:
            continue
        outsiders = outsiders_of(account.id, identity.trust)
        if not outsiders:
            continue
        whose = " (of AWS: a service, a stack set or Identity Center)" if is_linked(identity) else ""
        said = tuple(f"lets in {one}" for one in outsiders)
        yield f"role {name}: no template makes it{whose}", Comparison("other", said)


def outsiders_of(account: str, trust: str) -> list[str]:
    """
    Whom a trust policy lets in from outside, and under which conditions.

    Args:
        account: that of the role.
        trust: the text of the policy.
    """
    found: dict[str, None] = {}
    statements: Any = json.loads(trust).get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        principals = statement.get("Principal")
        if statement.get("Effect") == "Allow" and "NotPrincipal" in statement:
            found[f"everybody but {json.dumps(statement['NotPrincipal'])}"] = None
        if statement.get("Effect") != "Allow" or principals is None:
            continue
        asked = _conditions(statement.get("Condition") or {})
        if isinstance(principals, str):
            found[f"{principals}{asked}"] = None
            continue
        for kind, values in principals.items():
            for value in values if isinstance(values, list) else [values]:
                if kind != "AWS" or (account not in str(value)):
                    found[f"{kind} {value}{asked}"] = None
    return list(found)


def _conditions(blocks: Mapping[str, Mapping[str, Any]]) -> str:
    """What a statement asks for besides, in short: an external id is a secret of two, and its value is not told."""
    found = [
        f"{operator} {key}"
        + (
            ""
            if key.lower() == "sts:externalid"
            else f" {', '.join(map(str, given if isinstance(given, list) else [given]))}"
        )
        for operator, block in blocks.items()
        for key, given in block.items()
    ]
    return f", if {' and '.join(found)}" if found else ""
