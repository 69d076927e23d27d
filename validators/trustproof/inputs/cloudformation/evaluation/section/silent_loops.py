"""
Loops of which it does not matter how often they are run: whatever they make has nothing to do with access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, TRANSFORM

#: Types that hold no policy but in a property that is called so, let nobody in, and change nobody else's policy.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
_TYPES = frozenset(
    f"AWS::{service}::{type_}"
    for service, types in {
        "CloudWatch": "Alarm CompositeAlarm Dashboard",
        "DynamoDB": "Table",
        "EC2": "EIP InternetGateway NatGateway NetworkAcl NetworkAclEntry Route RouteTable SecurityGroup "
        "SecurityGroupEgress SecurityGroupIngress Subnet SubnetRouteTableAssociation VPC VPCGatewayAttachment Volume",
        "ElasticLoadBalancingV2": "Listener ListenerRule TargetGroup",
        "Glue": "Database Table",
        "Lambda": "LayerVersion",
        "Logs": "LogGroup LogStream MetricFilter QueryDefinition",
        "Route53": "HostedZone RecordSet RecordSetGroup",
        "SNS": "Subscription Topic",
        "SQS": "Queue",
    }.items()
    for type_ in types.split()
)
#: What may stand beside the type and the properties of a resource.
_BESIDE = frozenset(
    (
        "Type Properties Condition CreationPolicy DeletionPolicy DependsOn Metadata UpdatePolicy UpdateReplacePolicy"
    ).split()
)
#: Properties that are called a policy, and say where messages go that were not taken.
_OF_MESSAGES = frozenset(("DeliveryPolicy", "RedriveAllowPolicy", "RedrivePolicy"))


def is_silent(loop: object) -> bool:
    """
    Whether nothing that a loop makes, for whatever collection, has to do with who may do what.

    Args:
        loop: its identifier, collection and body.
    """
    body = loop[2] if isinstance(loop, list) and len(loop) == 3 else None
    if not isinstance(body, dict):
        return False
    return all(is_silent(one) if key.startswith(FOREACH) else _says_nothing(one) for key, one in body.items())


def _says_nothing(resource: object) -> bool:
    if not isinstance(resource, Mapping) or not resource.keys() <= _BESIDE:
        return False
    type_ = resource.get("Type")
    if not isinstance(type_, str) or type_ not in _TYPES:
        return False
    properties = resource.get("Properties", {})
    if not isinstance(properties, Mapping) or any(str(name).startswith("Fn::") for name in properties):
        return False
    return not any(_may_be_policy(name) for name in _names(properties))


def _may_be_policy(name: str) -> bool:
    """Whether a property is called a policy, or is whatever a macro gives."""
    return name == TRANSFORM or ("Policy" in name and name not in _OF_MESSAGES)


def _names(value: object) -> Iterator[str]:
    """The names of all properties in a value."""
    left = [value]
    # What aliases of YAML repeat is one object.
    met: set[int] = set()
    while left:
        one = left.pop()
        if isinstance(one, (dict, list)) and id(one) not in met:
            met.add(id(one))
            left.extend(one.values() if isinstance(one, dict) else one)
            if isinstance(one, dict):
                yield from map(str, one)
