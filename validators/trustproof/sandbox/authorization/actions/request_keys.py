"""
Condition keys that say what stands in a request, as the pages of the services have them.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/sns/latest/dg/sns-using-identity-based-policies.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.model.request import ContextValue
from trustproof.sandbox.requests.wire import Call

#: Prefix of actions, key without it, operation, parameter (with `.` between what is inside another), and what is known
#: where the parameter is not there: `-` that the key is not there either, `?` nothing, else the default of the
#: operation, of which no page says whether it is in the key.
_TABLE = """
dynamodb returnconsumedcapacity BatchGetItem ReturnConsumedCapacity NONE
dynamodb returnconsumedcapacity GetItem ReturnConsumedCapacity NONE
dynamodb returnconsumedcapacity PutItem ReturnConsumedCapacity NONE
dynamodb returnconsumedcapacity Query ReturnConsumedCapacity NONE
dynamodb returnconsumedcapacity Scan ReturnConsumedCapacity NONE
dynamodb returnvalues DeleteItem ReturnValues NONE
dynamodb returnvalues PutItem ReturnValues NONE
dynamodb returnvalues UpdateItem ReturnValues NONE
dynamodb select Query Select ?
dynamodb select Scan Select ?
ec2 availabilityzone CreateVolume AvailabilityZone ?
ec2 encrypted CreateVolume Encrypted false
ec2 volumeiops CreateVolume Iops ?
ec2 volumesize CreateVolume Size ?
ec2 volumethroughput CreateVolume Throughput ?
ec2 volumetype CreateVolume VolumeType gp2
ec2 ebsoptimized RunInstances EbsOptimized ?
ec2 metadatahttpendpoint RunInstances MetadataOptions.HttpEndpoint ?
ec2 metadatahttpputresponsehoplimit RunInstances MetadataOptions.HttpPutResponseHopLimit ?
ec2 metadatahttptokens RunInstances MetadataOptions.HttpTokens ?
kms bypasspolicylockoutsafetycheck CreateKey BypassPolicyLockoutSafetyCheck false
kms bypasspolicylockoutsafetycheck PutKeyPolicy BypassPolicyLockoutSafetyCheck false
kms datakeypairspec GenerateDataKeyPair KeyPairSpec -
kms datakeypairspec GenerateDataKeyPairWithoutPlaintext KeyPairSpec -
kms encryptionalgorithm Decrypt EncryptionAlgorithm SYMMETRIC_DEFAULT
kms encryptionalgorithm Encrypt EncryptionAlgorithm SYMMETRIC_DEFAULT
kms granteeprincipal CreateGrant GranteePrincipal -
kms grantoperations CreateGrant Operations -
kms keyagreementalgorithm DeriveSharedSecret KeyAgreementAlgorithm -
kms keyorigin CreateKey Origin AWS_KMS
kms keyspec CreateKey KeySpec SYMMETRIC_DEFAULT
kms keyusage CreateKey KeyUsage ENCRYPT_DECRYPT
kms macalgorithm GenerateMac MacAlgorithm -
kms macalgorithm VerifyMac MacAlgorithm -
kms messagetype Sign MessageType RAW
kms messagetype Verify MessageType RAW
kms multiregion CreateKey MultiRegion false
kms primaryregion UpdatePrimaryRegion PrimaryRegion -
kms replicaregion ReplicateKey ReplicaRegion -
kms retiringprincipal CreateGrant RetiringPrincipal -
kms rotationperiodindays EnableKeyRotation RotationPeriodInDays 365
kms schedulekeydeletionpendingwindowindays ScheduleKeyDeletion PendingWindowInDays 30
kms signingalgorithm Sign SigningAlgorithm -
kms signingalgorithm Verify SigningAlgorithm -
kms wrappingalgorithm GetParametersForImport WrappingAlgorithm -
kms wrappingkeyspec GetParametersForImport WrappingKeySpec -
lambda functionurlauthtype AddPermission FunctionUrlAuthType -
lambda functionurlauthtype CreateFunctionUrlConfig AuthType -
lambda functionurlauthtype UpdateFunctionUrlConfig AuthType ?
lambda layer CreateFunction Layers -
lambda layer UpdateFunctionConfiguration Layers ?
lambda principal AddPermission Principal -
lambda securitygroupids CreateFunction VpcConfig.SecurityGroupIds -
lambda securitygroupids UpdateFunctionConfiguration VpcConfig.SecurityGroupIds ?
lambda subnetids CreateFunction VpcConfig.SubnetIds -
lambda subnetids UpdateFunctionConfiguration VpcConfig.SubnetIds ?
secretsmanager blockpublicpolicy PutResourcePolicy BlockPublicPolicy false
secretsmanager description CreateSecret Description -
secretsmanager description UpdateSecret Description -
secretsmanager forcedeletewithoutrecovery DeleteSecret ForceDeleteWithoutRecovery false
secretsmanager kmskeyid CreateSecret KmsKeyId -
secretsmanager kmskeyid UpdateSecret KmsKeyId -
secretsmanager name CreateSecret Name -
secretsmanager recoverywindowindays DeleteSecret RecoveryWindowInDays 30
secretsmanager rotationlambdaarn RotateSecret RotationLambdaARN ?
secretsmanager versionstage GetSecretValue VersionStage AWSCURRENT
sns endpoint Subscribe Endpoint -
sns protocol Subscribe Protocol -
ssm overwrite PutParameter Overwrite false
ssm recursive GetParametersByPath Recursive false
"""
#: What a request to EC2 is asked for with each key of its parameters; the other things that it is about have none.
_KINDS = {"CreateVolume": "volume", "RunInstances": "instance"}
#: What each event of a request says of itself.
OF_EVENTS = {"events:detail-type": "DetailType", "events:source": "Source"}
#: Keys that are lists.
_LISTS = ("kms:grantoperations", "lambda:layer", "lambda:securitygroupids", "lambda:subnetids")


class Said(NamedTuple):
    """What a request says of itself."""

    #: Lower-cased.
    keys: dict[str, ContextValue]
    #: The keys that were looked for.
    computed: tuple[str, ...]
    #: Keys to the values of which each has one, None for one that is not there.
    possible: dict[str, tuple[ContextValue | None, ...]]


def said_by(call: Call, prefix: str, resource: str | None) -> Said:
    """
    The keys that follow from the parameters of a request.

    Args:
        call: the request.
        prefix: of the service's actions.
        resource: the ARN of what it is asked for; None where that is not known.
    """
    said = Said({}, (), {})
    computed = []
    kind = (resource or "").split(":", 5)[-1].partition("/")[0]
    if prefix == "ec2" and kind != _KINDS.get(call.operation):
        return said
    for name, path, otherwise in _ROWS.get((prefix, call.operation), ()):
        key = f"{prefix}:{name}"
        value = _at(call.parameters, path)
        if value not in (None, "", []):
            said.keys[key] = _as_context(value, key in _LISTS)
        elif value is None and otherwise not in ("-", "?"):
            said.possible[key] = (None, otherwise)
            continue
        elif value is not None or otherwise == "?":
            # Whether what is empty is told is not known.
            continue
        computed.append(key)
    if (prefix, call.operation) == ("events", "PutEvents"):
        computed += _told_by_events(call, said.keys)
    return said._replace(computed=tuple(computed))


def _told_by_events(call: Call, keys: dict[str, ContextValue]) -> Iterator[str]:
    """Say what all events of a request say alike; whether each is asked for by itself is not documented."""
    for key, member in OF_EVENTS.items():
        values = {one.get(member) for one in call.parameters.get("Entries") or ()}
        value = values.pop() if len(values) == 1 else None
        if value:
            keys[key] = str(value)
            yield key


def _at(parameters: Mapping[str, Any], path: str) -> Any:
    found: Any = parameters
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _as_context(value: Any, is_list: bool) -> ContextValue:
    if is_list:
        return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rows() -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    found: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for line in _TABLE.strip().splitlines():
        prefix, name, operation, path, otherwise = line.split()
        found.setdefault((prefix, operation), []).append((name, path, otherwise))
    return found


_ROWS = _rows()
