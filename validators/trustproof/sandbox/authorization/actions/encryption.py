"""
The keys by which services encrypt what is kept: whoever reads or writes it needs the key, too.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/services-parameter-store.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.actions import resource_keys
from trustproof.sandbox.authorization.actions.common import account_in
from trustproof.sandbox.authorization.context import FORWARDED, Need
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.moto import encryption
from trustproof.sandbox.moto.policies import meant, resource_policy
from trustproof.sandbox.moto.server import bucket_owner
from trustproof.sandbox.requests.wire import Call

_DECRYPT, _DATA_KEY, _ENCRYPT = "kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"
#: Why a denial by policies may be none.
GRANTS = "the key has grants, which are not looked at here"
#: What the service writes into the encryption context, besides where its call comes from.
_UNKNOWN = (*FORWARDED, "kms:encryptioncontext:", "kms:encryptioncontextkeys")
#: Parameters that name a key: `KmsKeyId`, `KMSMasterKeyId`, `kmsKey`, `SSEKMSKeyId`, and with a word before for what
#: it is, or another one for KMS: `VolumeKmsKeyId`, `EncryptionKeyArn`, `encryptionKeyOverride`, `kmsEncryptionKey`.
_KEY = re.compile(r"\w*((kms|encryption)(master)?key(id|arn|identifier|override)?|kmsarn)", re.IGNORECASE)
#: A key without such a name stands beside this one: of a stream of Kinesis.
_PLAIN_KEY, _BESIDE = "KeyId", "EncryptionType"
#: What programs are given to read: the names in it are theirs.
_TOLD = ("environment", "tags")
#: How the aliases of the keys begin that AWS manages.
_MANAGED = "alias/aws/"
_TAGS = "aws:resourcetag/"
_DEFAULT_OF_SECRETS = f"{_MANAGED}secretsmanager"
#: Operations that answer with the environment of a function, or of all.
_OF_ENVIRONMENTS = frozenset(
    "GetFunction GetFunctionConfiguration ListFunctions ListVersionsByFunction PublishVersion"
    " UpdateFunctionCode UpdateFunctionConfiguration".split()
)
_FUNCTION = re.compile(r"(?:function:|^)(?P<name>[^:]+)(?::[^:]+)?$")
_OF_ITEMS = frozenset("BatchGetItem BatchWriteItem DeleteItem GetItem PutItem Query Scan UpdateItem".split())


def needs_of(call: Call, needs: Iterable[Need]) -> list[Need]:
    """
    What a request needs of the keys of what it reads and writes.

    Nothing of the keys that AWS owns. A key that AWS manages (`alias/aws/s3`) lets in, through its service, whoever
    is of the account that it is in, and nobody else.

    Args:
        call: the request.
        needs: what it needs else, with the ARNs of what it is about.

    Raises:
        Undecided: the key is not known.
    """
    return list(_BY_SERVICE.get(call.service, _others)(call, list(needs)))


def _s3(call: Call, _needs: list[Need]) -> Iterator[Need]:
    bucket, key = str(call.parameters.get("Bucket") or ""), str(call.parameters.get("Key") or "")
    checksum = call.operation == "HeadObject" and call.parameters.get("ChecksumMode") == "ENABLED"
    if checksum or call.operation in ("GetObject", "GetObjectAttributes", "SelectObjectContent"):
        held = encryption.of_object(bucket, key, call.parameters.get("VersionId"))
        doubt = _whether(call) if call.operation == "GetObjectAttributes" else None
        yield from _need(call, held, bucket_owner(bucket), _DECRYPT, doubt=doubt)
    if call.operation in ("CompleteMultipartUpload", "UploadPart", "UploadPartCopy"):
        # Which of the requests after the first needs the key is documented for the upload as a whole only.
        held = encryption.of_upload(bucket, str(call.parameters.get("UploadId") or "")) or encryption.of_bucket(bucket)
        yield from _need(call, held, bucket_owner(bucket), _DATA_KEY, _DECRYPT, doubt=_whether(call))
    if call.operation in ("CopyObject", "UploadPartCopy"):
        path, _, version = unquote(str(call.parameters.get("CopySource") or "")).lstrip("/").partition("?versionId=")
        source, _, name = path.partition("/")
        held = encryption.of_object(source, name, version or None)
        yield from _need(call, held, bucket_owner(source), _DECRYPT)
    if call.operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
        chosen = call.parameters.get("ServerSideEncryption")
        key_id = call.parameters.get("SSEKMSKeyId")
        if key_id is None and chosen in (None, "aws:kms", "aws:kms:dsse"):
            key_id = encryption.of_bucket(bucket) or (f"{_MANAGED}s3" if chosen else None)
        actions = (_DATA_KEY, _DECRYPT) if call.operation == "CreateMultipartUpload" else (_DATA_KEY,)
        yield from _need(call, key_id, bucket_owner(bucket), *actions)


def _secretsmanager(call: Call, needs: list[Need]) -> Iterator[Need]:
    arn = next((str(one.resource) for one in needs if one.resource and one.resource.startswith("arn:")), "")
    owner = account_in(arn) or call.account
    given = call.parameters.get("KmsKeyId")
    if call.operation == "GetSecretValue":
        yield from _need(call, encryption.of_secret(arn) or _DEFAULT_OF_SECRETS, owner, _DECRYPT)
    elif call.operation in ("CreateSecret", "PutSecretValue", "UpdateSecret"):
        held = given or encryption.of_secret(arn) or _DEFAULT_OF_SECRETS
        yield from _need(call, held, owner, _DATA_KEY, _DECRYPT)


def _ssm(call: Call, needs: list[Need]) -> Iterator[Need]:
    if call.operation == "PutParameter":
        if call.parameters.get("Type") == "SecureString":
            advanced = call.parameters.get("Tier") in ("Advanced", "Intelligent-Tiering")
            held = call.parameters.get("KeyId") or f"{_MANAGED}ssm"
            yield from _need(call, held, call.account, _DATA_KEY if advanced else _ENCRYPT)
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


def _whether(call: Call) -> str:
    return f"whether {call.service}:{call.operation} asks for the key is not known here"


def _need(call: Call, key: object, owner: str | None, *actions: str, doubt: str | None = None) -> Iterator[Need]:
    if not key:
        return
    arn = str(key)
    if not arn.startswith("arn:"):
        kind = "" if arn.startswith("alias/") else "key/"
        arn = f"arn:{call.partition}:kms:{call.region}:{owner or call.account}:{kind}{arn}"
    service = f"{call.service}.{arn.split(':')[3]}.amazonaws.com"
    managed = f":{_MANAGED}" in arn
    policy = _policy_of_managed(account_in(arn) or "", service) if managed else None
    arn = meant("kms", arn)
    if managed and f":{_MANAGED}" in arn:
        # It is made when it is needed first, and nobody can name it before.
        arn = f"{arn.partition('alias/')[0]}key/{uuid5(NAMESPACE_URL, arn)}"
    policy = policy or resource_policy("kms", arn)
    if policy is None:
        raise Undecided(f"the key {key} encrypts what {call.operation} is about, and is not in the sandbox")
    keys: dict[str, ContextValue] = {"kms:viaservice": service}
    if call.account:
        keys["kms:calleraccount"] = call.account
    tags = resource_keys.of_identities_tags("kms", arn)
    # A key that AWS manages has no tags, and gets none: https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html
    without_tags = (_TAGS,) if managed else ()
    for action in actions:
        yield Need(
            action,
            arn,
            account_in(arn),
            policy,
            keys={**keys, **tags.keys},
            computed=("kms:viaservice", "kms:calleraccount", *tags.computed, *without_tags),
            identity_only=tags.identity_only,
            unknown=_UNKNOWN,
            delegated=True,
            of_aws=managed,
            doubt=doubt or (GRANTS if encryption.has_grants(arn) else None),
            deny_counts=doubt is None,
        )


def _policy_of_managed(account: str, service: str) -> str:
    """
    The policy of a key that AWS manages for a service, as far as it is about who may use it.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
    """
    condition = {"StringEquals": {"kms:CallerAccount": account, "kms:ViaService": service}}
    actions = [_DECRYPT, _ENCRYPT, "kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})


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


def _dynamodb(call: Call, needs: list[Need]) -> Iterator[Need]:
    """Who else needs the key of a table than the service is not documented for each operation."""
    if call.operation in _OF_ITEMS:
        for key in _of_tables(call, needs):
            yield from _need(call, key, call.account, _DECRYPT, doubt=_whether(call))
    if call.operation == "UpdateTable" and call.parameters.get("SSESpecification"):
        raise Undecided("moto does not change how a table is encrypted")
    yield from _others(call, needs)


def _lambda(call: Call, needs: list[Need]) -> Iterator[Need]:
    """AWS leaves the environment out of its answer for whoever may not use its key, and moto does not."""
    if call.operation in _OF_ENVIRONMENTS:
        # A name, an account with one, an ARN; each may end in a qualifier.
        told = _FUNCTION.search(str(call.parameters.get("FunctionName") or ""))
        for key in encryption.of_functions(call.account, call.region, told and told["name"]):
            doubt = f"whether the answer to lambda:{call.operation} has the environment, which is encrypted"
            yield from _need(call, key, call.account, _DECRYPT, doubt=doubt)
    if call.operation == "UpdateFunctionConfiguration" and call.parameters.get("KMSKeyArn") is not None:
        raise Undecided("moto does not change how the environment of a function is encrypted")
    yield from _others(call, needs)


def _of_tables(call: Call, needs: list[Need]) -> list[str]:
    named = [str(one.resource).split(":", 5) for one in needs if one.resource and ":table/" in one.resource]
    if any(one.resource is None for one in needs):
        return encryption.of_tables(call.account, call.region, None)
    return [key for one in named for key in encryption.of_tables(one[4], one[3], one[5].split("/")[1])]


def _kinesis(call: Call, needs: list[Need]) -> Iterator[Need]:
    """https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html"""
    actions = {"PutRecord": _DATA_KEY, "PutRecords": _DATA_KEY, "GetRecords": _DECRYPT}
    if call.operation in actions:
        named = [str(one.resource).partition(":stream/")[2] for one in needs if one.resource]
        for key in encryption.of_streams(call.account, call.region, named if any(named) else None):
            yield from _need(call, key, call.account, actions[call.operation])
    yield from _others(call, needs)


def _others(call: Call, _needs: list[Need]) -> Iterator[Need]:
    """Of whoever hands a key to a service that is not above, AWS asks for some of these, and nobody lists for which."""
    if call.service in ("cloudformation", "iam", "kms") or call.operation.startswith(("Describe", "Get", "List")):
        return
    for key in dict.fromkeys(keys_in(call.parameters)):
        actions = (_DATA_KEY, _DECRYPT, "kms:CreateGrant", "kms:DescribeKey")
        yield from _need(call, key, call.account, *actions, doubt=_whether(call))


def keys_in(value: object) -> Iterator[str]:
    """The keys that the parameters of a request name, at any depth."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            is_key = _KEY.fullmatch(str(name)) or (name == _PLAIN_KEY and _BESIDE in value)
            if isinstance(one, str) and one and is_key:
                yield one
            elif str(name).lower() not in _TOLD:
                yield from keys_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from keys_in(one)


_BY_SERVICE: dict[str, Callable[[Call, list[Need]], Iterator[Need]]] = {
    "dynamodb": _dynamodb,
    "kinesis": _kinesis,
    "lambda": _lambda,
    "s3": _s3,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
}
