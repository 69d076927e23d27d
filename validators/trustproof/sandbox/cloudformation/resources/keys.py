"""
Keys of KMS: `AWS::KMS::Key`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, changed_tags, tags
from trustproof.sandbox.cloudformation.resources.by_operations import TypeOfOperations
from trustproof.sandbox.cloudformation.resources.resource_policies import checked_policy
from trustproof.sandbox.moto.policies import set_resource_policy

_POLICY, _WINDOW = "KeyPolicy", "PendingWindowInDays"
_ROTATES, _PERIOD, _ENABLED = "EnableKeyRotation", "RotationPeriodInDays", "Enabled"
#: What a key has from its beginning: a change of it fails.
_FIXED = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")


class Key(TypeOfOperations):
    """A key."""

    name = "AWS::KMS::Key"
    service = "kms"
    creation = "CreateKey"
    renamed: ClassVar[Mapping[str, str]] = {_POLICY: "Policy"}
    beside: ClassVar[frozenset[str]] = frozenset({_ENABLED, _PERIOD, _ROTATES, _WINDOW})

    def _parameters(self, name: str, properties: Properties) -> dict[str, Any]:
        given = {key: value for key, value in properties.items() if key not in (_POLICY, "Tags")}
        held = [{"TagKey": one["Key"], "TagValue": one["Value"]} for one in tags(properties)]
        return super()._parameters(name, {**given, "Tags": held} if held else given)

    def check_update(self, old: Properties, new: Properties) -> None:
        for name in _FIXED:
            if old.get(name) != new.get(name):
                raise ResourceFailed(f"You cannot change the {name} of a KMS key.")

    def create(self, place: Place, properties: Properties) -> Made:
        """Make a key; a policy that nobody can read makes none."""
        text = checked_policy(place, "kms", properties[_POLICY]) if _POLICY in properties else None
        made = self._call(place, self.creation, self._parameters(self.creation, properties))["KeyMetadata"]
        identifier = str(made["KeyId"])
        set_resource_policy("kms", place.account, place.region, identifier, text)
        self._set(place, identifier, {}, properties)
        return Made(identifier, {"Arn": made["Arn"], "KeyId": identifier})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Change a key in place: its policy first, which may be refused."""
        about = {"KeyId": made.physical_id}
        if old.get(_POLICY) != new.get(_POLICY):
            text = checked_policy(place, "kms", new[_POLICY]) if _POLICY in new else None
            set_resource_policy("kms", place.account, place.region, made.physical_id, text)
        if old.get("Description") != new.get("Description"):
            self._call(place, "UpdateKeyDescription", {**about, "Description": str(new.get("Description") or "")})
        self._set(place, made.physical_id, old, new)
        removed, added = changed_tags(old, new)
        if removed:
            self._call(place, "UntagResource", {**about, "TagKeys": removed})
        if added:
            held = [{"TagKey": one["Key"], "TagValue": one["Value"]} for one in added]
            self._call(place, "TagResource", {**about, "Tags": held})
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Have a key deleted after its window, as a stack does."""
        given = {"KeyId": made.physical_id, "PendingWindowInDays": int(properties.get(_WINDOW) or 30)}
        self._delete(place, "ScheduleKeyDeletion", given)

    def _set(self, place: Place, identifier: str, old: Properties, new: Properties) -> None:
        """Bring a key to rotate, and to be used, or not."""
        about = {"KeyId": identifier}
        if (rotates := _is(new, _ROTATES, "false")) is not _is(old, _ROTATES, "false"):
            self._call(place, "EnableKeyRotation" if rotates else "DisableKeyRotation", about)
        if (enabled := _is(new, _ENABLED, "true")) is not _is(old, _ENABLED, "true"):
            self._call(place, "EnableKey" if enabled else "DisableKey", about)


def _is(properties: Properties, name: str, otherwise: str) -> bool:
    return str(properties.get(name, otherwise)).lower() == "true"
