"""
What `Fn::GetAtt` may ask of types that moto makes, where moto has no such attribute or another value.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from typing import Any

from trustproof.sandbox.cloudformation.resource_type import Place

#: Type, attribute, and its value: `ref` is the physical id, `held` what moto keeps.
_TABLE = """
    EC2::EIP PublicIp {held.public_ip}
    EC2::SecurityGroup Id {ref}
    EC2::SecurityGroup VpcId {held.vpc_id}
    EFS::AccessPoint AccessPointId {ref}
    EFS::AccessPoint Arn arn:{place.partition}:elasticfilesystem:{place.region}:{place.account}:access-point/{ref}
    EFS::FileSystem Arn arn:{place.partition}:elasticfilesystem:{place.region}:{place.account}:file-system/{ref}
    EFS::FileSystem FileSystemId {ref}
    KMS::Alias Arn arn:{place.partition}:kms:{place.region}:{place.account}:{ref}
    Logs::LogGroup Arn {held.arn}:*
    Route53::HostedZone Id {ref}
    SNS::Topic TopicArn {ref}
    SQS::Queue QueueUrl {ref}
    SSM::Parameter Type {held.parameter_type}
    SSM::Parameter Value {held.value}
"""


def attributes_of(kind: str, place: Place, ref: str, held: Any) -> dict[str, str]:
    """
    The attributes of a resource, by their names.

    Args:
        kind: `AWS::SNS::Topic`.
        place: of the resource.
        ref: its physical id.
        held: the object of moto's.
    """
    return {name: form.format(place=place, ref=ref, held=held) for name, form in _FORMS.get(kind, ())}


_FORMS: dict[str, list[tuple[str, str]]] = {}
for _line in _TABLE.strip().splitlines():
    _type, _name, _form = _line.split(maxsplit=2)
    _FORMS.setdefault(f"AWS::{_type}", []).append((_name, _form))
