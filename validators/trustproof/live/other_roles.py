"""
The roles of an account that no template makes, and whom of outside they let in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.live.account import LiveAccount, is_linked
from trustproof.live.expectation import Expectation
from trustproof.live.policy_comparison import UNKNOWN, Comparison


def other_roles(account: LiveAccount, expected: Expectation) -> Iterator[tuple[str, Comparison]]:
    """Roles that no template makes, and whom of outside they let in."""
    for (kind, name), identity in sorted(account.identities.items()):
        if kind != "role" or (kind, name) in expected.holdings or identity.trust is None:
            continue
        try:
            outsiders = outsiders_of(account.id, identity.trust)
        except (ValueError, RecursionError):
            yield f"role {name}: no template makes it", Comparison(UNKNOWN, ("its trust policy cannot be read",))
            continue
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

    Raises:
        ValueError: it is no policy.
        RecursionError: it is deeper than can be read.
    """
    found: dict[str, None] = {}
    for statement in _statements(trust):
        principals = statement.get("Principal")
        if statement.get("Effect") == "Allow" and "NotPrincipal" in statement:
            found[f"everybody but {json.dumps(statement['NotPrincipal'])}"] = None
        if statement.get("Effect") != "Allow" or principals is None:
            continue
        asked = _conditions(_mapping(statement.get("Condition") or {}))
        if isinstance(principals, str):
            found[f"{principals}{asked}"] = None
            continue
        for kind, values in _mapping(principals).items():
            for value in values if isinstance(values, list) else [values]:
                if kind != "AWS" or (account not in str(value)):
                    found[f"{kind} {value}{asked}"] = None
    return list(found)


def _statements(policy: str) -> list[Mapping[str, Any]]:
    found = _mapping(json.loads(policy)).get("Statement") or []
    return [*map(_mapping, found if isinstance(found, list) else [found])]


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    return value


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
        for key, given in _mapping(block).items()
    ]
    return f", if {' and '.join(found)}" if found else ""
