"""
The door to the policies that moto keeps on queues, topics, keys, secrets, repositories, buses, functions and logs.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it. The back ends are
imported when a request is for their service.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from trustproof.sandbox.moto.buses import found_bus


def resource_policy(prefix: str, arn: str) -> str | None:
    """
    The text of the policy of a resource; None where it has none, or its service has none here.

    Args:
        prefix: of the service's actions: `sqs`.
        arn: of the resource.
    """
    reader = _READERS.get(prefix)
    fields = arn.split(":", 5)
    if reader is None or len(fields) != 6:
        return None
    found = reader(fields[4], fields[3], fields[5], arn)
    return None if not found else found.decode() if isinstance(found, bytes) else str(found)


def meant(prefix: str, arn: str) -> str:
    """
    The ARN of the resource that an ARN means: of the key of an alias, and of a secret that is named without its ending.

    Args:
        prefix: of the service's actions: `kms`.
        arn: as it follows from the parameters of a request.

    Returns:
        the ARN itself, where it means no other resource that there is.
    """
    fields = arn.split(":", 5)
    if len(fields) != 6:
        return arn
    head, account, region, name = ":".join(fields[:5]), fields[4], fields[3], fields[5]
    if prefix == "kms":
        key = _key_of(account, region, name)
        return arn if key is None else f"{head}:key/{key}"
    if prefix == "secretsmanager":
        found = _found_secret(account, region, name, name.removeprefix("secret:"))
        return arn if found is None else str(found.arn)
    return arn


def _key_of(account: str, region: str, name: str) -> str | None:
    from moto.kms.models import kms_backends

    wanted = name.removeprefix("key/")
    keys = list(kms_backends[account][region].keys.values())
    return next((str(one.id) for one in keys if wanted in one.aliases), None)


def set_resource_policy(prefix: str, account: str, region: str, name: str, text: str | None) -> bool:
    """
    Put a policy on an event bus, a key, a queue, a repository, a secret or a topic, or take it away.

    Args:
        prefix: of the service's actions: `sqs`.
        account: the account of the resource.
        region: of the resource.
        name: of a bus, a queue or a repository, the id of a key, or the ARN of a topic or a secret.
        text: of the policy; None for what the resource has without one.

    Returns:
        whether there is such a resource.
    """
    found = _FINDERS[prefix](account, region, name, name)
    if found is None:
        return False
    if prefix == "kms" and text is None:
        text = found.generate_default_policy()
    elif prefix == "sns" and text is None:
        text = json.dumps(found._create_default_topic_policy(region, account, found.name))
    found.policy = text
    return True


class _Statement(dict[str, Any]):
    """A statement whose `Sid` may be asked for where it has none: moto does, to add and remove permissions."""

    def __missing__(self, name: str) -> None:
        if name != "Sid":
            raise KeyError(name)


def take_nameless(prefix: str, arn: str) -> None:
    """
    Let moto add a permission to a policy with statements that have no `Sid`, or take one away.

    Args:
        prefix: `sns` or `sqs`.
        arn: of the topic or queue.
    """
    fields = arn.split(":", 5)
    found = _FINDERS[prefix](fields[4], fields[3], fields[5], arn)
    policy = getattr(found, "_policy_json", None)
    if policy and policy.get("Statement"):
        held = policy["Statement"]
        policy["Statement"] = [_Statement(one) for one in (held if isinstance(held, list) else [held])]


def _found_queue(account: str, region: str, name: str, _arn: str) -> Any:
    from moto.sqs.models import sqs_backends

    return sqs_backends[account][region].queues.get(name)


def regions_of_queue(account: str, name: str) -> list[str]:
    """The Regions in which an account has a queue of a name."""
    from moto.sqs.models import sqs_backends

    if account not in sqs_backends:
        return []
    return sorted(region for region, one in sqs_backends[account].items() if name in one.queues)


def _found_topic(account: str, region: str, _name: str, arn: str) -> Any:
    from moto.sns.models import sns_backends

    return sns_backends[account][region].topics.get(arn)


def _found_key(account: str, region: str, name: str, _arn: str) -> Any:
    from moto.kms.models import kms_backends

    return kms_backends[account][region].keys.get(name.removeprefix("key/"))


def _found_secret(account: str, region: str, _name: str, arn: str) -> Any:
    from moto.secretsmanager.models import secretsmanager_backends

    secrets = secretsmanager_backends[account][region].secrets
    # An ARN may be given without the hyphen and the six characters at its end.
    return next((one for one in list(secrets.values()) if arn in (one.arn, one.name, str(one.arn)[:-7])), None)


def _policy_of(account: str, region: str, name: str, arn: str, *, prefix: str) -> Any:
    # A replica of a secret has none of its own.
    return getattr(_FINDERS[prefix](account, region, name, arn), "policy", None)


def _found_bus(account: str, region: str, name: str, _arn: str) -> Any:
    return found_bus(account, region, name)


def _found_repository(account: str, region: str, name: str, _arn: str) -> Any:
    from moto.ecr.models import ecr_backends

    return ecr_backends[account][region].repositories.get(name.removeprefix("repository/"))


def _function(account: str, region: str, name: str, _arn: str) -> Any:
    from moto.awslambda.models import lambda_backends

    functions = lambda_backends[account][region].list_functions()
    found = next((one for one in functions if one.function_name == name.split(":")[1]), None) if ":" in name else None
    statements = [] if found is None else found.policy.statements
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None


def _of_logs(account: str, region: str, _name: str, _arn: str) -> Any:
    """The policies of the logs of an account as one: each is for all of its log groups, and they have one version."""
    from moto.logs.models import logs_backends

    statements: list[Any] = []
    for one in logs_backends[account][region].resource_policies.values():
        given = json.loads(one.policy_document)["Statement"]
        statements += given if isinstance(given, list) else [given]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None


_FINDERS: dict[str, Callable[[str, str, str, str], Any]] = {
    "ecr": _found_repository,
    "events": _found_bus,
    "kms": _found_key,
    "secretsmanager": _found_secret,
    "sns": _found_topic,
    "sqs": _found_queue,
}
_READERS: dict[str, Callable[[str, str, str, str], Any]] = {
    "lambda": _function,
    "logs": _of_logs,
    **{prefix: partial(_policy_of, prefix=prefix) for prefix in _FINDERS},
}
