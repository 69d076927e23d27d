"""
Properties of resources that moto makes of templates, and does not read, or does not change: they are set by the
operations of the services.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trustproof.sandbox.cloudformation.resources.base import Place, Properties
from trustproof.sandbox.moto.operations import operation

#: What sets a property of a resource: told the place, its physical id, and the value; None to take it away.
Setter = Callable[[Place, str, Any], None]


def _call(place: Place, service: str, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return operation(service, name, place.account, place.region, given)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _of_queue(name: str, otherwise: str, place: Place, url: str, value: Any) -> None:
    attributes = {name: otherwise if value is None else _text(value)}
    _call(place, "sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": attributes})


def _of_topic(name: str, otherwise: str, place: Place, arn: str, value: Any) -> None:
    text = otherwise if value is None else _text(value)
    _call(place, "sns", "SetTopicAttributes", {"TopicArn": arn, "AttributeName": name, "AttributeValue": text})


def _encryption_of_stream(place: Place, name: str, value: Any) -> None:
    about = {"StreamName": name}
    if value is None:
        key = _call(place, "kinesis", "DescribeStream", about)["StreamDescription"].get("KeyId") or "alias/aws/kinesis"
        _call(place, "kinesis", "StopStreamEncryption", {**about, "EncryptionType": "KMS", "KeyId": key})
    else:
        given = {"EncryptionType": str(value.get("EncryptionType")), "KeyId": str(value.get("KeyId"))}
        _call(place, "kinesis", "StartStreamEncryption", {**about, **given})


def _retention(place: Place, group: str, value: Any) -> None:
    if value is None:
        _call(place, "logs", "DeleteRetentionPolicy", {"logGroupName": group})
    else:
        _call(place, "logs", "PutRetentionPolicy", {"logGroupName": group, "retentionInDays": int(value)})


def _protection_of_table(place: Place, name: str, value: Any) -> None:
    protected = str(value).lower() == "true"
    _call(place, "dynamodb", "UpdateTable", {"TableName": name, "DeletionProtectionEnabled": protected})


def _outwards(place: Place, group: str, value: Any) -> None:
    """Let a security group out as it says: where it says nothing, everywhere."""
    (found,) = _call(place, "ec2", "DescribeSecurityGroups", {"GroupIds": [group]})["SecurityGroups"]
    if found["IpPermissionsEgress"]:
        given = {"GroupId": group, "IpPermissions": found["IpPermissionsEgress"]}
        _call(place, "ec2", "RevokeSecurityGroupEgress", given)
    rules = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}] if value is None else value
    if rules:
        given = {"GroupId": group, "IpPermissions": [_permission(one) for one in rules]}
        _call(place, "ec2", "AuthorizeSecurityGroupEgress", given)


def _permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"IpProtocol": str(rule.get("IpProtocol"))}
    found |= {name: int(rule[name]) for name in ("FromPort", "ToPort") if name in rule}
    described = {"Description": str(rule["Description"])} if rule.get("Description") else {}
    for name, (ranges, member) in _TARGETS.items():
        if name in rule:
            found[ranges] = [{member: str(rule[name]), **described}]
    return found


#: To what a rule lets out, by its properties: the lists of a call, and what an entry of these is called.
_TARGETS = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
#: The attributes of a queue that its template may say, and what they are without it.
_QUEUE = {
    "ContentBasedDeduplication": "false",
    "DelaySeconds": "0",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "262144",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedrivePolicy": "",
    "VisibilityTimeout": "30",
}
#: Likewise of a topic.
_TOPIC = {"ContentBasedDeduplication": "false", "DisplayName": "", "KmsMasterKeyId": "", "TracingConfig": "PassThrough"}
SETTINGS: dict[str, dict[str, Setter]] = {
    "AWS::DynamoDB::Table": {"DeletionProtectionEnabled": _protection_of_table},
    "AWS::EC2::SecurityGroup": {"SecurityGroupEgress": _outwards},
    "AWS::Kinesis::Stream": {"StreamEncryption": _encryption_of_stream},
    "AWS::Logs::LogGroup": {"RetentionInDays": _retention},
    "AWS::SNS::Topic": {name: partial(_of_topic, name, default) for name, default in _TOPIC.items()},
    "AWS::SQS::Queue": {name: partial(_of_queue, name, default) for name, default in _QUEUE.items()},
}
#: Types that moto would make anew, or leave as they are, where anything else of them changes.
_ONLY_SETTINGS = ("AWS::SNS::Topic", "AWS::SQS::Queue")


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
        if old.get(name) != new.get(name):
            setter(place, ref, new.get(name))
