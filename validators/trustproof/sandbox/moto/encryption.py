"""
The door to the keys with which moto says that things are encrypted, and to the queues that a topic sends to.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.s3.models import s3_backends


def _bucket(name: str) -> Any:
    owner = s3_backends.bucket_accounts.get(name)
    return None if owner is None else s3_backends[owner[1]][owner[0]].get_bucket(name)


def of_object(bucket: str, key: str, version: str | None = None) -> str | None:
    """The key of an object, as it was named; None where it has none, or there is no such object."""
    found = _bucket(bucket)
    versions = [] if found is None else found.keys.getlist(key, default=[])
    chosen = [one for one in versions if version is None or str(one.version_id) == str(version)]
    held = getattr(chosen[-1], "kms_key_id", None) if chosen else None
    return str(held) if held else None


def of_bucket(name: str) -> str | None:
    """The key with which new objects of a bucket are encrypted, as it was named; None where there is none."""
    found = getattr(_bucket(name), "encryption", None) or {}
    rule = found.get("Rule") or {}
    rules = rule if isinstance(rule, list) else [rule]
    held = (one.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID") for one in rules)
    return next((str(one) for one in held if one), None)


def of_secret(arn: str) -> str | None:
    """The key of a secret, as it was named; None where it has AWS's, or there is no such secret."""
    from moto.secretsmanager.models import secretsmanager_backends

    fields = arn.split(":", 5)
    if len(fields) != 6 or not fields[4].isdigit():
        return None
    secrets = secretsmanager_backends[fields[4]][fields[3]].secrets
    found = next((one for one in list(secrets.values()) if one.arn == arn), None)
    held = getattr(found, "kms_key_id", None)
    return str(held) if held else None


def of_parameters(account: str, region: str, chosen: Callable[[str], bool]) -> list[str]:
    """The keys of encrypted parameters, as they were named, of those whose names are chosen."""
    from moto.ssm.models import ssm_backends

    held = ssm_backends[account][region]._parameters
    versions = (one for name in list(dict.keys(held)) if chosen(name) for one in dict.get(held, name, ()))
    return list(dict.fromkeys(str(one.keyid) for one in versions if one.parameter_type == "SecureString" and one.keyid))


def of_queue(account: str, region: str, name: str) -> str | None:
    """The key of a queue, as it was named; None where it has none."""
    from moto.sqs.models import sqs_backends

    held = getattr(sqs_backends[account][region].queues.get(name), "kms_master_key_id", None)
    return str(held) if held else None


def of_topic(arn: str) -> str | None:
    """The key of a topic, as it was named; None where it has none."""
    from moto.sns.models import sns_backends

    fields = arn.split(":", 5)
    held = getattr(sns_backends[fields[4]][fields[3]].topics.get(arn), "kms_master_key_id", None)
    return str(held) if held else None


def has_grants(arn: str) -> bool:
    """Whether a key has grants."""
    from moto.kms.models import kms_backends

    fields = arn.split(":", 5)
    found = kms_backends[fields[4]][fields[3]].keys.get(fields[5].removeprefix("key/"))
    return bool(getattr(found, "grants", None))


def queues_of_topic(arn: str) -> list[tuple[str, str]]:
    """The account of each subscription of a topic to a queue, and the ARN of the queue."""
    from moto.sns.models import sns_backends

    fields = arn.split(":", 5)
    held = sns_backends[fields[4]][fields[3]].subscriptions
    found = [one for one in list(held.values()) if one.topic.arn == arn and one.protocol == "sqs"]
    return [(str(one.account_id), str(one.endpoint)) for one in found]
