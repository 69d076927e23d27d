"""
The door to what moto carries from one service into another: to whom topics, buses, queues and log groups are wired.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import wraps
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile


class Subscription(NamedTuple):
    """Of a topic: the account that has it, how it sends, and to what."""

    account: str
    protocol: str
    endpoint: str


def subscriptions_of(topic: str) -> list[Subscription]:
    """The subscriptions of a topic, by its ARN."""
    from moto.sns.models import sns_backends

    fields = topic.split(":", 5)
    held = list(sns_backends[fields[4]][fields[3]].subscriptions.values())
    found = [one for one in held if one.topic.arn == topic]
    return [Subscription(str(one.account_id), str(one.protocol), str(one.endpoint)) for one in found]


def subscription(arn: str) -> Subscription | None:
    """A subscription, by its ARN; None where there is none."""
    from moto.sns.models import sns_backends

    fields = arn.split(":")
    one = sns_backends[fields[4]][fields[3]].subscriptions.get(arn)
    return None if one is None else Subscription(str(one.account_id), str(one.protocol), str(one.endpoint))


class Target(NamedTuple):
    """Of a rule: the ARNs of the rule and of what it sends to, and of the role with which it does; None without."""

    rule: str
    arn: str
    role: str | None


def targets_of(account: str, region: str, entry: Mapping[str, Any]) -> list[Target]:
    """
    To what a bus sends an event.

    Args:
        account: that puts the event.
        region: of the bus.
        entry: of PutEvents.
    """
    from moto.events.models import events_backends

    bus = str(entry.get("EventBusName") or "default")
    fields = bus.split(":", 5)
    owner, name = (fields[4], fields[5].partition("/")[2]) if len(fields) == 6 else (account, bus)
    _stop_disabled_rules()
    held = events_backends[owner][region].event_buses.get(name)
    if held is None:
        return []
    event = {
        "source": entry.get("Source"),
        "detail-type": entry.get("DetailType"),
        "account": account,
        "region": region,
        "resources": list(entry.get("Resources") or ()),
        "detail": _detail(entry),
    }
    enabled = [one for one in list(held.rules.values()) if one.state != "DISABLED"]
    rules = [one for one in enabled if one.event_pattern.matches_event(event)]  # type: ignore[arg-type]
    return [Target(str(rule.arn), str(one["Arn"]), one.get("RoleArn")) for rule in rules for one in rule.targets]


def _stop_disabled_rules() -> None:
    """Here moto sends on what matches a rule that is disabled."""
    from moto.events.models import Rule

    real = Rule.send_to_targets
    if hasattr(real, "__wrapped__"):
        return

    @wraps(real)
    def send(rule: Any, *given: Any, **named: Any) -> None:
        if rule.state != "DISABLED":
            real(rule, *given, **named)

    setattr(Rule, "send_to_targets", send)  # noqa: B010


def _detail(entry: Mapping[str, Any]) -> Any:
    try:
        return json.loads(str(entry.get("Detail") or "{}"))
    except ValueError:
        return {}


def is_read_by_a_function(arn: str) -> bool:
    """Whether a function of Lambda reads a queue, a stream, or the changes of a table."""
    from moto.awslambda.models import lambda_backends

    fields = arn.split(":", 5)
    if len(fields) != 6 or fields[4] not in lambda_backends:
        return False
    mappings = list(lambda_backends[fields[4]][fields[3]]._event_source_mappings.values())
    return any(one.enabled and (one.event_source_arn + "/").startswith(arn + "/") for one in mappings)


def has_subscription_filters(account: str, region: str, group: str) -> bool:
    """Whether a log group is carried elsewhere."""
    from moto.logs.models import logs_backends

    return bool(getattr(logs_backends[account][region].groups.get(group), "subscription_filters", None))


def role_of_function(account: str, region: str, name: str) -> str | None:
    """The ARN of the role of a function, by its name; None where there is no such function."""
    from moto.awslambda.models import lambda_backends

    functions = lambda_backends[account][region].list_functions()
    return next((str(one.role) for one in functions if one.function_name == name), None)


def networks_of_function(account: str, region: str, name: str) -> dict[str, Any]:
    """The network of a function, by its name, as it was given; empty without one."""
    from moto.awslambda.models import lambda_backends

    functions = lambda_backends[account][region].list_functions()
    return next((dict(one._vpc_config or {}) for one in functions if one.function_name == name), {})


def file_system_of(point: str) -> str | None:
    """The ARN of the file system of an access point, by the ARN of that; None where there is no such point."""
    from moto.efs.models import efs_backends

    head, _, name = point.rpartition(":access-point/")
    fields = head.split(":")
    if len(fields) != 5:
        return None
    found = efs_backends[fields[4]][fields[3]].access_points.get(name)
    return None if found is None else f"{head}:file-system/{found.file_system_id}"


def sources_of_function(account: str, region: str, name: str) -> dict[str, str]:
    """
    The texts of the programs of a function.

    Args:
        account: of the function.
        region: likewise.
        name: of the function.

    Returns:
        text by the path in its archive, of JavaScript and Python; none where there is no such function, or it has
        something that cannot be read.
    """
    from moto.awslambda.models import lambda_backends

    found = next((one for one in lambda_backends[account][region].list_functions() if one.function_name == name), None)
    try:
        with ZipFile(BytesIO(b"" if found is None else found.code_bytes)) as archive:
            return {
                path: archive.read(path).decode()
                for path in archive.namelist()
                if path.endswith((".js", ".mjs", ".py"))
            }
    except (BadZipFile, UnicodeDecodeError):
        return {}
