"""
What of a template has services deliver to a bucket of it, or use a key of it: trails, logs, reports and encryption.

Such a service has no organization, so a policy that asks everybody for one stops what it delivers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.delivery import Delivery
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.model.document import Source

_LOGS = "delivery.logs.amazonaws.com"
_BALANCER = "logdelivery.elasticloadbalancing.amazonaws.com"

#: By the type of a resource, its properties in which a bucket is named that a service delivers to, and the service:
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-inventory.html
#: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
#: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html
#: https://docs.aws.amazon.com/cur/latest/userguide/cur-s3.html
#: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/inventory-create-resource-data-sync.html
_BUCKETS: Mapping[str, Mapping[str, str]] = {
    "AWS::CloudTrail::Trail": {"S3BucketName": "cloudtrail.amazonaws.com"},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"LoadBalancerAttributes": _BALANCER},
    "AWS::ElasticLoadBalancing::LoadBalancer": {"AccessLoggingPolicy": _BALANCER},
    "AWS::EC2::FlowLog": {"LogDestination": _LOGS},
    "AWS::Logs::DeliveryDestination": {"DestinationResourceArn": _LOGS},
    "AWS::WAFv2::LoggingConfiguration": {"LogDestinationConfigs": _LOGS},
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": {"DestinationArn": _LOGS},
    "AWS::S3::Bucket": {
        "LoggingConfiguration": "logging.s3.amazonaws.com",
        "InventoryConfigurations": "s3.amazonaws.com",
        "AnalyticsConfigurations": "s3.amazonaws.com",
    },
    "AWS::Config::DeliveryChannel": {"S3BucketName": "config.amazonaws.com"},
    "AWS::GuardDuty::PublishingDestination": {"DestinationProperties": "guardduty.amazonaws.com"},
    "AWS::CUR::ReportDefinition": {"S3Bucket": "billingreports.amazonaws.com"},
    "AWS::SES::ReceiptRule": {"Rule": "ses.amazonaws.com"},
    "AWS::SSM::ResourceDataSync": {"S3Destination": "ssm.amazonaws.com", "BucketName": "ssm.amazonaws.com"},
}
#: The type of a load balancer that has another service deliver its logs, and what kind of it does:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
_BALANCERS, _NETWORK = "AWS::ElasticLoadBalancingV2::LoadBalancer", "network"
#: Likewise of keys, which services use in their own name:
#: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
_KEYS: Mapping[str, Mapping[str, str]] = {
    "AWS::CloudTrail::Trail": {"KMSKeyId": "cloudtrail.amazonaws.com"},
    "AWS::Logs::LogGroup": {"KmsKeyId": "logs.amazonaws.com"},
    "AWS::Config::DeliveryChannel": {"S3KmsKeyArn": "config.amazonaws.com"},
    "AWS::GuardDuty::PublishingDestination": {"DestinationProperties": "guardduty.amazonaws.com"},
}
_ALIAS = "AWS::KMS::Alias"
#: What is encrypted with a key, and takes what services send.
_ENCRYPTED = ("AWS::SNS::Topic", "AWS::SQS::Queue")
#: By what is named, the logical ids of the resources that name it, each with its place among them.
_Naming = Mapping[str, Sequence[tuple[int, str]]]


def deliveries_to(environment: Environment, bucket: object, arn: str) -> Iterator[Source]:
    """
    What has services deliver to a bucket.

    Args:
        bucket: how a policy names the bucket that it stands on.
        arn: of the bucket, as far as it is known.
    """
    return _given(environment, _to_buckets, {*names_in(bucket)}, {arn.rpartition(":")[2], arn})


def uses_of_key(environment: Environment, key: str) -> Iterator[Source]:
    """What has services use a key in their own name, by the logical id of the key."""
    return _given(environment, _by_keys, _called(environment, key), ())


def encrypted_with(environment: Environment, key: str) -> Iterator[str]:
    """The topics and queues that are encrypted with a key, by their logical ids."""
    encrypted = environment.indexes.of(environment, _encrypted)
    found = {place: name for named in _called(environment, key) for place, name in encrypted.get(named, ())}
    yield from (found[place] for place in sorted(found))


def _encrypted(environment: Environment) -> _Naming:
    return _naming(environment, _ENCRYPTED, "KmsMasterKeyId")


def _aliases(environment: Environment) -> _Naming:
    return _naming(environment, (_ALIAS,), "TargetKeyId")


def _naming(environment: Environment, types: Sequence[str], key: str) -> _Naming:
    """The resources of some types that name each in a property."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, one in enumerate(environment.of_types(types)):
        for named in set(names_in(environment.properties(one).get(key))):
            found.setdefault(named, []).append((place, one))
    return found


def _called(environment: Environment, key: str) -> set[str]:
    """The logical ids of a key and of its aliases."""
    return {key, *(alias for _, alias in environment.indexes.of(environment, _aliases).get(key, ()))}


class _Deliveries:
    """
    What says something of where services deliver to, or of the keys that they use.

    Args:
        listed: in the order of the template.
    """

    def __init__(self, listed: Iterable[Delivery]) -> None:
        self._listed: list[Delivery] = [*listed]
        self._by_name: dict[str, list[int]] = {}
        self._by_text: dict[str, list[int]] = {}
        for place, one in enumerate(self._listed):
            for name in one.names:
                self._by_name.setdefault(name, []).append(place)
            for text in one.texts:
                self._by_text.setdefault(text, []).append(place)

    def of(self, names: Iterable[str], texts: Iterable[str]) -> Iterator[Source]:
        """What says it of something that has one of some logical ids, or is called one of some texts."""
        places = {place for name in names for place in self._by_name.get(name, ())}
        places.update(place for text in texts for place in self._by_text.get(text, ()))
        return (self._listed[place].source for place in sorted(places))


def _to_buckets(environment: Environment) -> _Deliveries:
    return _Deliveries(_deliveries(environment, _BUCKETS))


def _by_keys(environment: Environment) -> _Deliveries:
    return _Deliveries(_deliveries(environment, _KEYS))


def _given(
    environment: Environment, read: Callable[[Environment], _Deliveries], names: set[str], texts: Collection[str]
) -> Iterator[Source]:
    """The resources that are given what has one of some logical ids, or is called one of some texts."""
    return environment.indexes.of(environment, read).of(names, texts)


def _deliveries(environment: Environment, table: Mapping[str, Mapping[str, str]]) -> Iterator[Delivery]:
    for name in environment.of_types(table):
        properties = environment.properties(name)
        type_ = str(environment.resources[name].get("Type"))
        for key, service in table[type_].items():
            if (said := properties.get(key)) is not None:
                is_network = type_ == _BALANCERS and properties.get("Type") == _NETWORK
                source = Source(_LOGS if is_network else service, name)
                yield Delivery(source, frozenset(names_in(said)), frozenset(_texts(said)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
