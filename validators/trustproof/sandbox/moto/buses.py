"""
The door to event buses, and a repair: moto takes a new policy of a bus for further statements, and none without a
`Sid`.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.events.models import EventBus

_TEXT = "_policy_text"


def repair() -> None:
    """Let a bus keep its policy as it was put."""
    replaced = {
        "add_permission": _add,
        "add_policy": lambda bus, document: setattr(bus, _TEXT, json.dumps(document)),
        "has_permissions": lambda bus: bool(_text(bus)),
        "policy": property(_text, lambda bus, text: setattr(bus, _TEXT, text)),
        "remove_statement": _remove,
        "remove_statements": lambda bus: setattr(bus, _TEXT, None),
    }
    for name, one in replaced.items():
        setattr(EventBus, name, one)


def found_bus(account: str, region: str, name: str) -> Any:
    """
    A bus.

    Args:
        account: of the bus.
        region: likewise.
        name: its name, or the end of its ARN.

    Returns:
        None where there is none.
    """
    from moto.events.models import events_backends

    return events_backends[account][region].event_buses.get(name.rpartition("event-bus/")[2])


def statements_of(bus: Any) -> list[dict[str, Any]]:
    """The statements of the policy of a bus."""
    found = (json.loads(_text(bus) or "{}")).get("Statement") or []
    return list(found) if isinstance(found, list) else [found]


def with_statement(bus: Any, statement: Mapping[str, Any]) -> str:
    """The policy of a bus with a statement more, or instead of the one of its `Sid`."""
    kept = [one for one in statements_of(bus) if one.get("Sid") != statement.get("Sid")]
    return _written([*kept, statement])


def _text(bus: Any) -> str | None:
    return getattr(bus, _TEXT, None)


def _written(statements: list[Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _add(bus: Any, sid: str, action: str, principal: Mapping[str, str], condition: Mapping[str, Any] | None) -> None:
    # moto writes `*` as an account, which nobody is of.
    everybody = principal["AWS"].endswith(":*:root")
    given = {"Sid": sid, "Effect": "Allow", "Principal": "*" if everybody else principal, "Action": action}
    statement = {**given, "Resource": bus.arn, **({"Condition": condition} if condition else {})}
    setattr(bus, _TEXT, with_statement(bus, statement))


def _remove(bus: Any, sid: str) -> Any:
    held = statements_of(bus)
    kept = [one for one in held if one.get("Sid") != sid]
    setattr(bus, _TEXT, _written(kept) if kept else None)
    return len(kept) < len(held)
