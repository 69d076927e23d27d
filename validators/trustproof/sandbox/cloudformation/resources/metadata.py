"""
What the CDK says of itself in a template: `AWS::CDK::Metadata`. AWS makes nothing of it either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from trustproof.sandbox.cloudformation.resources.base import STRING, DeclaredType, Made, Place, Properties


class Metadata(DeclaredType):
    """https://docs.aws.amazon.com/cdk/v2/guide/usage-data.html"""

    name = "AWS::CDK::Metadata"
    properties: ClassVar[Mapping[str, str]] = {"Analytics": STRING, "Modules": STRING}

    def create(self, place: Place, properties: Properties) -> Made:
        return Made(place.generated_name(128))

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Nothing was made."""
