"""
The door to how moto deletes what it makes of templates and does not delete with their stacks: by the operations of the
services.

All of it is internal to moto 5.2, which is pinned; a test makes and deletes each type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

#: Type, service of moto, its function, and what that is called with: `id` of the resource, `ids` for a list of it,
#: `before` and `after` its last colon, or a property.
_TABLE = """
    EC2::EIP ec2 release_address id
    EC2::FlowLog ec2 delete_flow_logs ids
    EC2::InternetGateway ec2 delete_internet_gateway id
    EC2::NatGateway ec2 delete_nat_gateway id
    EC2::NetworkInterface ec2 delete_network_interface id
    EC2::Route ec2 delete_route RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId
    EC2::RouteTable ec2 delete_route_table id
    EC2::SubnetRouteTableAssociation ec2 disassociate_route_table id
    EC2::TransitGateway ec2 delete_transit_gateway id
    EC2::VPCEndpoint ec2 delete_vpc_endpoints ids
    EC2::VPCPeeringConnection ec2 delete_vpc_peering_connection id
    EC2::VPNGateway ec2 delete_vpn_gateway id
    ECS::Cluster ecs delete_cluster id
    ElasticLoadBalancingV2::Listener elbv2 delete_listener id
    ElasticLoadBalancingV2::ListenerRule elbv2 delete_rule id
    ElasticLoadBalancingV2::TargetGroup elbv2 delete_target_group id
    Lambda::LayerVersion awslambda delete_layer_version before after
    Route53::HealthCheck route53 delete_health_check id
    Route53::HostedZone route53 delete_hosted_zone id
"""
#: The services whose resources are in no Region.
_GLOBAL = ("route53",)


def deletion(
    type_name: str, account: str, region: str, partition: str, physical_id: str, properties: Mapping[str, Any]
) -> Callable[[], object] | None:
    """
    What deletes a resource by an operation of its service.

    Args:
        type_name: `AWS::EC2::FlowLog`.
        account: the account id.
        region: the Region.
        partition: that of the Region.
        physical_id: of the resource.
        properties: of the resource.

    Returns:
        None where the type is deleted otherwise, or not at all.
    """

    def backend(service: str) -> Any:
        backends = getattr(import_module(f"moto.{service}.models"), _BACKENDS.get(service, f"{service}_backends"))
        return backends[account][partition if service in _GLOBAL else region]

    if type_name == "AWS::EC2::VPCGatewayAttachment":
        return lambda: _detach(backend("ec2"), properties)
    row = _ROWS.get(type_name)
    if row is None:
        return None
    service, function, *names = row
    before, _, after = physical_id.rpartition(":")
    given = {**properties, "id": physical_id, "ids": [physical_id], "before": before, "after": after}
    return lambda: getattr(backend(service), function)(*(given.get(name) for name in names))


def _detach(ec2: Any, given: Mapping[str, Any]) -> None:
    if given.get("InternetGatewayId"):
        ec2.detach_internet_gateway(given["InternetGatewayId"], given["VpcId"])
    if given.get("VpnGatewayId"):
        ec2.detach_vpn_gateway(given["VpnGatewayId"], given["VpcId"])


_BACKENDS = {"awslambda": "lambda_backends"}
_ROWS = {f"AWS::{type_}": row for type_, *row in map(str.split, _TABLE.strip().splitlines())}
