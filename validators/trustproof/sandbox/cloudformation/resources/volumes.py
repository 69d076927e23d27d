"""
Volumes of EC2: `AWS::EC2::Volume`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-volume.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, changed_tags
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType, Tagging

_TAGS = "Tags"


class Volume(PlainType):
    """A volume, encrypted as the template says."""

    name = "AWS::EC2::Volume"
    service = "ec2"
    creation = "CreateVolume"
    ref = "VolumeId"
    told: ClassVar[Mapping[str, str]] = {ref: ref}
    required: ClassVar[frozenset[str]] = frozenset({"AvailabilityZone"})
    create_only: ClassVar[frozenset[str]] = frozenset(
        {"AvailabilityZone", "Encrypted", "KmsKeyId", "OutpostArn", "SnapshotId"}
    )
    beside: ClassVar[frozenset[str]] = frozenset({"AutoEnableIO", _TAGS})
    about: ClassVar[Mapping[str, str]] = {ref: REF}
    change = "ModifyVolume"
    deletion = "DeleteVolume"
    tagging = Tagging("Resources", _TAGS)

    def create(self, place: Place, properties: Properties) -> Made:
        made = super().create(place, properties)
        self._change_tags(place, made, self.tagging, {}, properties)
        return made

    def _change_tags(self, place: Place, made: Made, how: Tagging, old: Properties, new: Properties) -> None:
        about: dict[str, Any] = {how.named: [made.physical_id]}
        removed, added = changed_tags(old, new)
        if removed:
            self._call(place, "DeleteTags", {**about, how.keys: [{"Key": key} for key in removed]})
        if added:
            self._call(place, "CreateTags", {**about, how.tags: added})
