"""
The keys by which services encrypt what is kept: whoever reads or writes it needs the key, too.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/services-parameter-store.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from trustproof.model.request import ContextValue
from trustproof.sandbox.actions.common import account_in
from trustproof.sandbox.context import Need
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.moto import encryption
from trustproof.sandbox.moto.policies import meant, resource_policy
from trustproof.sandbox.moto.server import bucket_owner
from trustproof.sandbox.wire import Call

_DECRYPT, _DATA_KEY, _ENCRYPT = "kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"
#: Why a denial by policies may be none.
GRANTS = "the key has grants, which are not looked at here"
#: What a call for a caller does not say of the caller's own call, or says by what the service writes itself.
_UNKNOWN = (
    "aws:referer",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:useragent",
    "aws:viaawsservice",
    "aws:vpcsourceip",
    "kms:encryptioncontext:",
    "kms:encryptioncontextkeys",
)


def needs_of(call: Call, needs: Iterable[Need]) -> list[Need]:
    """
    What a request needs of the keys of what it reads and writes; nothing of AWS's own keys, which let everybody.

    Args:
        call: the request.
        needs: what it needs else, with the ARNs of what it is about.

    Raises:
        Undecided: the key is not known.
    """
    found = _BY_SERVICE.get(call.service)
    return [] if found is None else list(found(call, list(needs)))


def _s3(call: Call, _needs: list[Need]) -> Iterator[Need]:
    bucket, key = str(call.parameters.get("Bucket") or ""), str(call.parameters.get("Key") or "")
    if call.operation in ("GetObject", "SelectObjectContent"):
        version = call.parameters.get("VersionId")
        yield from _need(call, encryption.of_object(bucket, key, version), bucket_owner(bucket), _DECRYPT)
    if call.operation == "CopyObject":
        path, _, version = unquote(str(call.parameters.get("CopySource") or "")).lstrip("/").partition("?versionId=")
        source, _, name = path.partition("/")
        held = encryption.of_object(source, name, version or None)
        yield from _need(call, held, bucket_owner(source), _DECRYPT)
    if call.operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
        chosen = call.parameters.get("ServerSideEncryption")
        key_id = call.parameters.get("SSEKMSKeyId")
        if key_id is None and chosen in (None, "aws:kms", "aws:kms:dsse"):
            key_id = encryption.of_bucket(bucket)
        actions = (_DATA_KEY, _DECRYPT) if call.operation == "CreateMultipartUpload" else (_DATA_KEY,)
        yield from _need(call, key_id, bucket_owner(bucket), *actions)


def _secretsmanager(call: Call, needs: list[Need]) -> Iterator[Need]:
    arn = next((str(one.resource) for one in needs if one.resource and one.resource.startswith("arn:")), "")
    owner = account_in(arn) or call.account
    given = call.parameters.get("KmsKeyId")
    if call.operation == "GetSecretValue":
        yield from _need(call, encryption.of_secret(arn), owner, _DECRYPT)
    elif call.operation in ("CreateSecret", "PutSecretValue", "UpdateSecret"):
        yield from _need(call, given or encryption.of_secret(arn), owner, _DATA_KEY, _DECRYPT)


def _ssm(call: Call, needs: list[Need]) -> Iterator[Need]:
    if call.operation == "PutParameter":
        if call.parameters.get("Type") == "SecureString":
            advanced = call.parameters.get("Tier") in ("Advanced", "Intelligent-Tiering")
            yield from _need(call, call.parameters.get("KeyId"), call.account, _DATA_KEY if advanced else _ENCRYPT)
        return
    if not call.parameters.get("WithDecryption"):
        return
    if call.operation == "GetParametersByPath":
        under = str(call.parameters.get("Path") or "")
        keys = encryption.of_parameters(call.account, call.region, lambda name: name.startswith(under))
    else:
        wanted = [str(one.resource).partition(":parameter/")[2] for one in needs if one.resource]
        keys = encryption.of_parameters(call.account, call.region, lambda name: name.lstrip("/") in wanted)
    for key in keys:
        yield from _need(call, key, call.account, _DECRYPT)


def _need(call: Call, key: object, owner: str | None, *actions: str) -> Iterator[Need]:
    if not key or "alias/aws/" in str(key):
        return
    arn = str(key)
    if not arn.startswith("arn:"):
        kind = "" if arn.startswith("alias/") else "key/"
        arn = f"arn:{call.partition}:kms:{call.region}:{owner or call.account}:{kind}{arn}"
    arn = meant("kms", arn)
    policy = resource_policy("kms", arn)
    if policy is None:
        raise Undecided(f"the key {key} encrypts what {call.operation} is about, and is not in the sandbox")
    service = f"{call.service}.{arn.split(':')[3]}.amazonaws.com"
    keys: dict[str, ContextValue] = {"kms:viaservice": service}
    if call.account:
        keys["kms:calleraccount"] = call.account
    for action in actions:
        yield Need(
            action,
            arn,
            account_in(arn),
            policy,
            keys=keys,
            computed=("kms:viaservice", "kms:calleraccount"),
            unknown=_UNKNOWN,
            delegated=True,
            doubt=GRANTS if encryption.has_grants(arn) else None,
            deny_counts=True,
        )


def _sqs(call: Call, needs: list[Need]) -> Iterator[Need]:
    sends = (_DATA_KEY, _DECRYPT)
    actions: dict[str, tuple[str, ...]] = {"SendMessage": sends, "SendMessageBatch": sends}
    actions["ReceiveMessage"] = (_DECRYPT,)
    for need in needs:
        fields = (need.resource or "").split(":", 5)
        if call.operation in actions and len(fields) == 6:
            held = encryption.of_queue(fields[4], fields[3], fields[5])
            yield from _need(call, held, need.owner, *actions[call.operation])


def _sns(call: Call, needs: list[Need]) -> Iterator[Need]:
    for need in needs:
        if call.operation in ("Publish", "PublishBatch") and need.resource and need.resource.startswith("arn:"):
            yield from _need(call, encryption.of_topic(need.resource), need.owner, _DATA_KEY, _DECRYPT)


_BY_SERVICE: dict[str, Callable[[Call, list[Need]], Iterator[Need]]] = {
    "s3": _s3,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
}
