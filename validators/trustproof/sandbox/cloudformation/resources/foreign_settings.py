"""
Properties of resources that moto makes of templates, and does not read, or does not change: they are set by the
operations of the services.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trustproof.sandbox.cloudformation.resource_type import Place, Properties
from trustproof.sandbox.cloudformation.resources import security_group_rules
from trustproof.sandbox.cloudformation.resources.by_operations import parameters_of
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.encryption import set_of_function, set_of_table
from trustproof.sandbox.moto.operations import operation
from trustproof.sandbox.moto.topics import DELIVERIES, FEEDBACK

#: What sets a property of a resource: told the place, its physical id, the value so far and the new one, each None
#: where the template says none.
Setter = Callable[[Place, str, Any, Any], None]
#: What a new group lets out.
_EVERYWHERE = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
#: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
_WITHOUT_POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})


def _call(place: Place, service: str, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return operation(service, name, place.account, place.region, given)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _of_queue(name: str, otherwise: str, place: Place, url: str, _old: Any, value: Any) -> None:
    attributes = {name: otherwise if value is None else _text(value)}
    _call(place, "sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": attributes})


def _of_topic(name: str, otherwise: str, place: Place, arn: str, _old: Any, value: Any) -> None:
    text = otherwise if value is None else _text(value)
    _call(place, "sns", "SetTopicAttributes", {"TopicArn": arn, "AttributeName": name, "AttributeValue": text})


def _encryption_of_stream(place: Place, name: str, _old: Any, value: Any) -> None:
    about = {"StreamName": name}
    if value is None:
        key = _call(place, "kinesis", "DescribeStream", about)["StreamDescription"].get("KeyId") or "alias/aws/kinesis"
        _call(place, "kinesis", "StopStreamEncryption", {**about, "EncryptionType": "KMS", "KeyId": key})
    else:
        given = {"EncryptionType": str(value.get("EncryptionType")), "KeyId": str(value.get("KeyId"))}
        _call(place, "kinesis", "StartStreamEncryption", {**about, **given})


def _policy_of_endpoint(place: Place, endpoint: str, _old: Any, value: Any) -> None:
    text = _WITHOUT_POLICY if value is None else _text(value)
    _call(place, "ec2", "ModifyVpcEndpoint", {"VpcEndpointId": endpoint, "PolicyDocument": text})


def _retention(place: Place, group: str, _old: Any, value: Any) -> None:
    if value is None:
        _call(place, "logs", "DeleteRetentionPolicy", {"logGroupName": group})
    else:
        _call(place, "logs", "PutRetentionPolicy", {"logGroupName": group, "retentionInDays": int(value)})


def _protection_of_table(place: Place, name: str, _old: Any, value: Any) -> None:
    _call(place, "dynamodb", "UpdateTable", {"TableName": name, "DeletionProtectionEnabled": _is_true(value)})


def _billing(place: Place, name: str, _old: Any, value: Any) -> None:
    if value == "PAY_PER_REQUEST":
        _call(place, "dynamodb", "UpdateTable", {"TableName": name, "BillingMode": value})


def _throughput(place: Place, name: str, _old: Any, value: Any) -> None:
    if value is not None:
        given = {one: int(value[one]) for one in ("ReadCapacityUnits", "WriteCapacityUnits")}
        about = {"TableName": name, "BillingMode": "PROVISIONED", "ProvisionedThroughput": given}
        _call(place, "dynamodb", "UpdateTable", about)


def _stream_of_table(place: Place, name: str, old: Any, value: Any) -> None:
    about = {"TableName": name}
    if old is not None:
        _call(place, "dynamodb", "UpdateTable", {**about, "StreamSpecification": {"StreamEnabled": False}})
    if value is not None:
        given = {"StreamEnabled": True, "StreamViewType": str(value.get("StreamViewType"))}
        _call(place, "dynamodb", "UpdateTable", {**about, "StreamSpecification": given})


def _recovery_of_table(place: Place, name: str, old: Any, value: Any) -> None:
    if value is None and not _is_true((old or {}).get("PointInTimeRecoveryEnabled")):
        return
    given = {"PointInTimeRecoverySpecification": value or {"PointInTimeRecoveryEnabled": False}}
    given = parameters_of("dynamodb", "UpdateContinuousBackups", {"TableName": name, **given})
    _call(place, "dynamodb", "UpdateContinuousBackups", given)


def _expiry_of_table(place: Place, name: str, old: Any, value: Any) -> None:
    """Let the items of a table expire by an attribute: by another one only when they do no more by the first."""
    ended = {**old, "Enabled": False} if old and _is_true(old.get("Enabled")) else None
    for one in (ended, value):
        if one is not None and one.get("AttributeName"):
            about = {"TableName": name, "TimeToLiveSpecification": one}
            _call(place, "dynamodb", "UpdateTimeToLive", parameters_of("dynamodb", "UpdateTimeToLive", about))


def _deliveries_of_topic(place: Place, arn: str, old: Any, value: Any) -> None:
    before, after = (
        {
            f"{DELIVERIES[str(one.get('Protocol')).lower()]}{end}": _text(one[end])
            for one in given or ()
            for end in FEEDBACK
            if one.get(end)
        }
        for given in (old, value)
    )
    for name, text in {**dict.fromkeys(before, ""), **after}.items():
        given = {"TopicArn": arn, "AttributeName": name, "AttributeValue": text}
        _call(place, "sns", "SetTopicAttributes", given)


def _encryption_of_table(place: Place, name: str, _old: Any, value: Any) -> None:
    given = None if value is None else called_encryption(value)
    set_of_table(place.account, place.region, name, given)


def _key_of_function(place: Place, name: str, _old: Any, value: Any) -> None:
    set_of_function(place.account, place.region, name, None if value is None else str(value))


def _of_cluster(parameter: str, otherwise: Any, place: Place, cluster: str, _old: Any, value: Any) -> None:
    given = parameters_of(
        "ecs", "UpdateCluster", {"cluster": cluster, parameter: otherwise if value is None else value}
    )
    _call(place, "ecs", "UpdateCluster", given)


def _attribute_of_vpc(attribute: str, otherwise: bool, place: Place, vpc: str, _old: Any, value: Any) -> None:
    set_to = {"Value": otherwise if value is None else _is_true(value)}
    _call(place, "ec2", "ModifyVpcAttribute", {"VpcId": vpc, attribute: set_to})


def _addresses_of_subnet(place: Place, subnet: str, _old: Any, value: Any) -> None:
    given = {"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": _is_true(value)}}
    _call(place, "ec2", "ModifySubnetAttribute", given)


def _profile_of_instance(place: Place, instance: str, _old: Any, value: Any) -> None:
    of_it = {"Filters": [{"Name": "instance-id", "Values": [instance]}]}
    for one in _call(place, "ec2", "DescribeIamInstanceProfileAssociations", of_it)["IamInstanceProfileAssociations"]:
        _call(place, "ec2", "DisassociateIamInstanceProfile", {"AssociationId": one["AssociationId"]})
    if value is not None:
        profile = {"InstanceId": instance, "IamInstanceProfile": {"Name": str(value)}}
        _call(place, "ec2", "AssociateIamInstanceProfile", profile)


def _inwards(place: Place, group: str, old: Any, value: Any) -> None:
    _rules(place, group, security_group_rules.Ingress(), old or [], value or [])


def _outwards(place: Place, group: str, old: Any, value: Any) -> None:
    """Let a security group out as it says: where it says nothing, everywhere."""
    before = _EVERYWHERE if old is None else old
    _rules(place, group, security_group_rules.Egress(), before, _EVERYWHERE if value is None else value)


def _rules(place: Place, group: str, kind: Any, old: list[Any], new: list[Any]) -> None:
    """Take away the rules that the template had, and give those that it has: others of the group are not its own."""
    for verb, rules, other in (("Revoke", old, new), ("Authorize", new, old)):
        called = f"{verb}SecurityGroup{kind.direction}"
        for rule in [one for index, one in enumerate(rules) if one not in other and one not in rules[:index]]:
            given = {"GroupId": group, "IpPermissions": kind.permissions(rule)}
            try:
                _call(place, "ec2", called, given)
            except RefusedRequest as refused:
                # Somebody else was quicker.
                if "NotFound" not in refused.code:
                    raise


def called_encryption(given: Mapping[str, Any]) -> dict[str, Any]:
    """How a table is encrypted, as a call says it and not a template."""
    found = {name: value for name, value in given.items() if name != "SSEEnabled"}
    return {**found, "Enabled": _is_true(given.get("SSEEnabled"))}


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


#: The attributes of a queue that its template may say, and what they are without it.
_QUEUE = {
    "ContentBasedDeduplication": "false",
    "DelaySeconds": "0",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "262144",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "VisibilityTimeout": "30",
}
#: Likewise of a topic.
_TOPIC = {"ContentBasedDeduplication": "false", "DisplayName": "", "KmsMasterKeyId": "", "TracingConfig": "PassThrough"}
SETTINGS: dict[str, dict[str, Setter]] = {
    "AWS::DynamoDB::Table": {
        "BillingMode": _billing,
        "DeletionProtectionEnabled": _protection_of_table,
        "PointInTimeRecoverySpecification": _recovery_of_table,
        "ProvisionedThroughput": _throughput,
        "SSESpecification": _encryption_of_table,
        "StreamSpecification": _stream_of_table,
        "TimeToLiveSpecification": _expiry_of_table,
    },
    "AWS::EC2::Instance": {"IamInstanceProfile": _profile_of_instance},
    "AWS::EC2::SecurityGroup": {"SecurityGroupEgress": _outwards, "SecurityGroupIngress": _inwards},
    "AWS::EC2::Subnet": {"MapPublicIpOnLaunch": _addresses_of_subnet},
    "AWS::EC2::VPC": {
        "EnableDnsHostnames": partial(_attribute_of_vpc, "EnableDnsHostnames", False),
        "EnableDnsSupport": partial(_attribute_of_vpc, "EnableDnsSupport", True),
    },
    "AWS::EC2::VPCEndpoint": {"PolicyDocument": _policy_of_endpoint},
    "AWS::ECS::Cluster": {
        "ClusterSettings": partial(_of_cluster, "settings", []),
        "Configuration": partial(_of_cluster, "configuration", {}),
    },
    "AWS::Kinesis::Stream": {"StreamEncryption": _encryption_of_stream},
    "AWS::Lambda::Function": {"KmsKeyArn": _key_of_function},
    "AWS::Logs::LogGroup": {"RetentionInDays": _retention},
    "AWS::SNS::Topic": {
        **{name: partial(_of_topic, name, default) for name, default in _TOPIC.items()},
        "DeliveryStatusLogging": _deliveries_of_topic,
    },
    "AWS::SQS::Queue": {name: partial(_of_queue, name, default) for name, default in _QUEUE.items()},
}
#: Settings that moto gives what it makes, as far as the template says them.
_MADE = {
    "AWS::DynamoDB::Table": ("BillingMode", "ProvisionedThroughput", "SSESpecification", "StreamSpecification"),
    "AWS::EC2::Instance": ("IamInstanceProfile",),
}
#: Those of which moto is told nothing.
UNTOLD = {
    "AWS::EC2::SecurityGroup": ("SecurityGroupEgress", "SecurityGroupIngress"),
    # moto would keep it as it is, and not as a text.
    "AWS::EC2::VPCEndpoint": ("PolicyDocument",),
}
#: Types that moto would make anew, or leave as they are, where anything else of them changes.
_ONLY_SETTINGS = ("AWS::EC2::SecurityGroup", "AWS::Events::EventBus", "AWS::SNS::Topic", "AWS::SQS::Queue")


def unchangeable(kind: str, changed: set[str]) -> set[str]:
    """Of properties that change and are no settings, those that moto would not change as CloudFormation does."""
    return changed if kind in _ONLY_SETTINGS else set()


def settle(kind: str, place: Place, ref: str, old: Properties, new: Properties) -> None:
    """
    Bring the settings of a resource to what its template says.

    Args:
        kind: its type.
        place: of the resource.
        ref: its physical id.
        old: its properties so far.
        new: those that it shall have.

    Raises:
        RefusedRequest: the service refuses one.
    """
    for name, setter in SETTINGS.get(kind, {}).items():
        made = not old and name in _MADE.get(kind, ())
        if old.get(name) != new.get(name) and not made:
            setter(place, ref, old.get(name), new.get(name))
