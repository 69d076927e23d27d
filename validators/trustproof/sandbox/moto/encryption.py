"""
The door to the keys with which moto says that things are encrypted.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.s3.models import FakeKey, S3Backend, s3_backends

#: The key that AWS manages for S3.
_OF_S3 = "alias/aws/s3"
_MOTOS_COPY = S3Backend.copy_object


def _bucket(name: str) -> Any:
    owner = s3_backends.bucket_accounts.get(name)
    return None if owner is None else s3_backends[owner[1]][owner[0]].get_bucket(name)


def of_object(bucket: str, key: str, version: str | None = None) -> str | None:
    """
    The key of an object, as it was named; None where it has none, or there is no such object.

    Where none was named, it is that which AWS manages for S3.
    """
    found = _bucket(bucket)
    versions = [] if found is None else found.keys.getlist(key, default=[])
    chosen = [one for one in versions if version is None or str(one.version_id) == str(version)]
    return _named(chosen[-1], "encryption") if chosen else None


def _named(held: Any, algorithm: str) -> str | None:
    if not str(getattr(held, algorithm, None) or "").startswith("aws:kms"):
        return None
    return str(getattr(held, "kms_key_id", None) or _OF_S3)


def has_object_tags(bucket: str, key: str, version: str | None = None) -> bool:
    """Whether an object has tags; false where there is no such object."""
    found = _bucket(bucket)
    versions = [] if found is None else found.keys.getlist(key, default=[])
    chosen = [one for one in versions if version is None or str(one.version_id) == str(version)]
    if not chosen:
        return False
    tagger = s3_backends[chosen[-1].account_id][chosen[-1].partition].tagger
    return bool(tagger.get_tag_dict_for_resource(chosen[-1].arn))


def has_object(bucket: str, key: str, version: str | None = None) -> bool:
    """Whether there is an object; one that was deleted is none, whatever is left of its earlier versions."""
    found = _bucket(bucket)
    versions = [] if found is None else found.keys.getlist(key, default=[])
    chosen = [one for one in versions if version is None or str(one.version_id) == str(version)]
    return bool(chosen) and isinstance(chosen[-1], FakeKey)


def of_bucket(name: str) -> str | None:
    """The key with which new objects of a bucket are encrypted, as it was named; None where there is none."""
    found = getattr(_bucket(name), "encryption", None) or {}
    rule = found.get("Rule") or {}
    rules = rule if isinstance(rule, list) else [rule]
    defaults = [one.get("ApplyServerSideEncryptionByDefault", {}) for one in rules]
    by_key = [one for one in defaults if str(one.get("SSEAlgorithm", "")).startswith("aws:kms")]
    return next((str(one.get("KMSMasterKeyID") or _OF_S3) for one in by_key), None)


def of_upload(bucket: str, upload: str) -> str | None:
    """The key of a multipart upload, as it was named; None where it has none, or there is no such upload."""
    return _named(getattr(_bucket(bucket), "multiparts", {}).get(upload), "sse_encryption")


def of_tables(account: str, region: str, name: str | None) -> list[str]:
    """The keys of the tables of a Region, of all of them or of one, as they were named."""
    from moto.dynamodb.models import dynamodb_backends

    tables = dynamodb_backends[account][region].tables
    chosen = [one for key, one in list(tables.items()) if name in (None, key)]
    held = [one.sse_specification or {} for one in chosen]
    # moto makes one where AWS has its own.
    keys = [str(one.get("KMSMasterKeyId") or "") for one in held if one.get("Enabled")]
    own = _alias_of(account, region, "alias/aws/dynamodb")
    return [key for key in keys if key and (own is None or own not in key)]


def set_of_table(account: str, region: str, name: str, given: Mapping[str, Any] | None) -> None:
    """Encrypt a table as a call says it, which moto's change of a table leaves out; None takes the key away."""
    from moto.dynamodb.models import dynamodb_backends

    table = dynamodb_backends[account][region].get_table(name)
    found = None if given is None else dict(given)
    if found is not None and found.get("Enabled"):
        # As moto does it of a new table.
        found.setdefault("KMSMasterKeyId", table._get_default_encryption_key(account, region))
    table.sse_specification = found


def of_functions(account: str, region: str, name: str | None) -> list[str]:
    """The keys of the environments of the functions of a Region, of all of them or of one, as they were named."""
    from moto.awslambda.models import lambda_backends

    functions = lambda_backends[account][region].list_functions()
    chosen = [one for one in functions if name in (None, one.function_name)]
    return [str(one.kms_key_arn) for one in chosen if one.kms_key_arn and one.environment_vars]


def set_of_function(account: str, region: str, name: str, key: str | None) -> None:
    """Encrypt the environment of a function with a key, which moto leaves out; None takes it away."""
    from moto.awslambda.models import lambda_backends

    lambda_backends[account][region].get_function(name).kms_key_arn = key


def _alias_of(account: str, region: str, alias: str) -> str | None:
    from moto.kms.models import kms_backends

    held = kms_backends[account][region]
    return str(held.get_key_id_from_alias(alias)) if held.alias_exists(alias) else None


def of_streams(account: str, region: str, names: list[str] | None) -> list[str]:
    """The keys of the streams of Kinesis in a Region, of all of them or of those that are named."""
    from moto.kinesis.models import kinesis_backends

    streams = list(kinesis_backends[account][region].streams.values())
    held = (one.key_id for one in streams if names is None or one.stream_name in names)
    return list(dict.fromkeys(str(one) for one in held if one))


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


def state_of_key(arn: str) -> str:
    """The state of a key: `Enabled`, `Disabled`, `PendingDeletion`; of one that is not there, the empty string."""
    from moto.kms.models import kms_backends

    fields = arn.split(":", 5)
    found = kms_backends[fields[4]][fields[3]].keys.get(fields[5].removeprefix("key/"))
    return str(getattr(found, "key_state", ""))


def has_grants(arn: str) -> bool:
    """Whether a key has grants."""
    from moto.kms.models import kms_backends

    fields = arn.split(":", 5)
    found = kms_backends[fields[4]][fields[3]].keys.get(fields[5].removeprefix("key/"))
    return bool(getattr(found, "grants", None))


def stream_of_iterator(iterator: str) -> str | None:
    """The name of the stream of Kinesis that an iterator reads; None where it is none of moto's."""
    from moto.kinesis.utils import decompose_shard_iterator

    try:
        name, *more = decompose_shard_iterator(iterator)
    except ValueError:
        return None
    return name if more else None


def repair() -> None:
    """Let a copy of an object onto itself be encrypted as its bucket says, where the request says nothing of it."""
    setattr(S3Backend, "copy_object", _copied)  # noqa: B010


def _copied(backend: S3Backend, source: Any, bucket: str, name: str, *given: Any, **named: Any) -> Any:
    # What moto takes then is no key: whoever may not use the key could read the copy.
    key = of_bucket(bucket)
    if key is not None and not named.get("encryption") and (source.bucket_name, source.name) == (bucket, name):
        named |= {"encryption": "aws:kms", "kms_key_id": None if key == _OF_S3 else key}
    return _MOTOS_COPY(backend, source, bucket, name, *given, **named)
