"""
Resources of which nothing is made: what the CDK says of itself, and the address to which signals would be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote

from trustproof.sandbox.cloudformation.resource_type import STRING, DeclaredType, Made, Place, Properties


class _Nothing(DeclaredType):
    """A type that has a name, and nothing else."""

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Nothing was made."""


class Metadata(_Nothing):
    """https://docs.aws.amazon.com/cdk/v2/guide/usage-data.html"""

    name = "AWS::CDK::Metadata"
    properties: ClassVar[Mapping[str, str]] = {"Analytics": STRING, "Modules": STRING}

    def create(self, place: Place, properties: Properties) -> Made:
        return Made(place.generated_name(128))


class WaitConditionHandle(_Nothing):
    """
    The address of signals; there is nothing here that waits for any.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitconditionhandle.html
    """

    name = "AWS::CloudFormation::WaitConditionHandle"
    properties: ClassVar[Mapping[str, str]] = {}

    def create(self, place: Place, properties: Properties) -> Made:
        bucket = f"cloudformation-waitcondition-{place.region}.s3.{place.region}.amazonaws.com"
        return Made(f"https://{bucket}/{quote(place.stack_id, safe='')}/{place.logical_id}")
