"""
Secrets of Secrets Manager, and the functions that rotate them, which are not run: `AWS::SecretsManager::Secret`,
`AWS::SecretsManager::RotationSchedule`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    BOOLEAN,
    LIST,
    OBJECT,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
    tags,
)
from trustproof.sandbox.cloudformation.resources import asked_by_services
from trustproof.sandbox.moto import secrets


class Secret(DeclaredType):
    """A secret, whose text the template gives or lets be generated."""

    name = "AWS::SecretsManager::Secret"
    name_property: str | None = "Name"
    properties: ClassVar[Mapping[str, str]] = {
        "Description": STRING,
        "GenerateSecretString": OBJECT,
        "KmsKeyId": STRING,
        "Name": STRING,
        "ReplicaRegions": LIST,
        "SecretString": STRING,
        "Tags": LIST,
        "Type": STRING,
    }
    create_only: ClassVar[frozenset[str]] = frozenset({"Name"})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        if "SecretString" in properties and "GenerateSecretString" in properties:
            raise ResourceFailed("You can't specify both SecretString and GenerateSecretString.")
        if properties.get("ReplicaRegions"):
            raise ResourceFailed(
                "the sandbox has no replicas of secrets: their policies would not be those of the template"
            )

    def create(self, place: Place, properties: Properties) -> Made:
        name = str(properties.get("Name") or place.generated_name(64))
        text = _text(properties)
        arn = secrets.create(place.account, place.region, name, text, properties, tags(properties))
        return Made(arn, {"Id": arn})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        # A changed GenerateSecretString makes another text, an unchanged one keeps what there is.
        written = ("SecretString", "GenerateSecretString")
        text = _text(new) if any(old.get(name) != new.get(name) for name in written) else None
        secrets.update(place.account, place.region, made.physical_id, text, new)
        secrets.set_tags(place.account, place.region, made.physical_id, tags(new))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if secrets.exists(place.account, place.region, made.physical_id):
            secrets.delete(place.account, place.region, made.physical_id)


class RotationSchedule(DeclaredType):
    """
    When a secret is rotated, and by which function.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-rotationschedule.html
    """

    name = "AWS::SecretsManager::RotationSchedule"
    properties: ClassVar[Mapping[str, str]] = {
        "HostedRotationLambda": OBJECT,
        "RotateImmediatelyOnUpdate": BOOLEAN,
        "RotationLambdaARN": STRING,
        "RotationRules": OBJECT,
        "SecretId": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"SecretId"})
    create_only: ClassVar[frozenset[str]] = frozenset({"SecretId"})

    def create(self, place: Place, properties: Properties) -> Made:
        self._put(place, properties)
        return Made(str(properties["SecretId"]))

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if secrets.exists(place.account, place.region, made.physical_id):
            secrets.set_rotation(place.account, place.region, made.physical_id, None, {})

    def _put(self, place: Place, properties: Properties) -> None:
        secret, function = str(properties["SecretId"]), str(properties.get("RotationLambdaARN") or "")
        if not function or "HostedRotationLambda" in properties:
            raise ResourceFailed(f"the sandbox has of {self.name} only those with RotationLambdaARN")
        if not secrets.exists(place.account, place.region, secret):
            raise ResourceFailed("Secrets Manager can't find the specified secret.")
        asked_by_services.check(place, self.name, properties, secret)
        secrets.set_rotation(place.account, place.region, secret, function, properties.get("RotationRules") or {})


def _text(properties: Properties) -> str:
    if "GenerateSecretString" not in properties:
        return str(properties.get("SecretString") or "")
    given = properties["GenerateSecretString"]
    template, key = given.get("SecretStringTemplate"), given.get("GenerateStringKey")
    if (template is None) is not (key is None):
        raise ResourceFailed("SecretStringTemplate and GenerateStringKey are given together")
    password = secrets.password(given)
    if template is None:
        return password
    try:
        held: Any = json.loads(str(template))
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise ResourceFailed("SecretStringTemplate is no JSON object")
    return json.dumps({**held, str(key): password})
