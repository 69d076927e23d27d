"""
The resource types that moto has models of, as moto makes them.

What such a model leaves out is left out here as well: the sandbox is for access stacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, check_tags
from trustproof.sandbox.cloudformation.resources import (
    asked_by_services,
    buckets,
    foreign_settings,
    foreign_tags,
    unread_properties,
)
from trustproof.sandbox.cloudformation.resources.foreign_attributes import attributes_of
from trustproof.sandbox.cloudformation.resources.resource_policies import checked_policy
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.cloudformation import (
    SERVICE_ERRORS,
    empty_repository,
    foreign_model,
    foreign_name,
    function_code,
    is_empty,
    is_gone,
)
from trustproof.sandbox.moto.deletions import deletion
from trustproof.sandbox.moto.policies import set_resource_policy
from trustproof.sandbox.resource_policies import access_control_lists
from trustproof.sandbox.resource_policies.unenforced_policies import property_set_by

#: Properties whose change makes a new resource, of the types that the CDK's bootstrap template and most stacks have.
#: moto does not say it, and its own updates would delete what was there before the new one exists.
_CREATE_ONLY = {
    "AWS::DynamoDB::Table": ("TableName", "KeySchema"),
    "AWS::EC2::SecurityGroup": ("GroupDescription", "GroupName", "VpcId"),
    "AWS::ECR::Repository": ("RepositoryName", "EncryptionConfiguration"),
    "AWS::Events::EventBus": ("EventSourceName", "Name"),
    "AWS::KMS::Alias": ("AliasName",),
    "AWS::Lambda::Function": ("FunctionName", "PackageType"),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SNS::Topic": ("TopicName", "FifoTopic"),
    "AWS::SQS::Queue": ("QueueName", "FifoQueue"),
    "AWS::SSM::Parameter": ("Name",),
    "AWS::SecretsManager::Secret": ("Name",),
}


#: Policies that a resource of the type has itself: the property, and the prefix of its service's actions.
_POLICIES = {
    "AWS::ECR::Repository": ("RepositoryPolicyText", "ecr"),
    "AWS::Events::EventBus": ("Policy", "events"),
}
#: Types whose tags a template has in a map, and moto in a list.
_TAGS_IN_A_MAP = ("AWS::SSM::Parameter",)
#: Types of which moto passes all properties on, to those that it makes something of.
_USED = {
    "AWS::Logs::LogGroup": ("LogGroupName", "kmsKeyId"),
    "AWS::SNS::Topic": ("FifoTopic", "Subscription", "TopicName"),
}
#: Types to properties that moto reads under another name.
_RENAMED = {"AWS::Logs::LogGroup": {"KmsKeyId": "kmsKeyId"}}
#: Properties that a type has where the template does not say them.
_DEFAULTS = {"AWS::EC2::EIP": {"Domain": "vpc"}}
_FUNCTION = "AWS::Lambda::Function"
_BUCKET, _TAGS = "AWS::S3::Bucket", "Tags"
#: How a table is encrypted, which moto reads otherwise.
_TABLE, _KEPT = "AWS::DynamoDB::Table", "SSESpecification"
#: The id of a rule says its bus before its name, where that is not the default one.
_RULE, _AFTER_BUS = "AWS::Events::Rule", "|"
#: What an archive keeps, which moto wants as a text.
_ARCHIVE, _PATTERN = "AWS::Events::Archive", "EventPattern"
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
_REPOSITORY, _EMPTIES, _ENCRYPTION = "AWS::ECR::Repository", "EmptyOnDelete", "EncryptionConfiguration"
_NOT_EMPTY = "The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Error Code: BucketNotEmpty)"


class ForeignType:
    """
    A resource type of moto.
    """

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self._model = model

    @property
    def name_property(self) -> str | None:
        return self._model.cloudformation_name_type() or None

    @property
    def identifier(self) -> str | None:
        return None

    @property
    def has_tags(self) -> bool:
        return foreign_tags.are_given(self.name) or self.name in (_BUCKET, *_TAGS_IN_A_MAP)

    def check(self, properties: Properties) -> None:
        """
        Moto has no schemas: nothing is checked but that what decides is enforced.
        """
        check_tags(properties.get("Tags"))
        if (unheard := property_set_by(self.name, properties)) is not None:
            raise ResourceFailed(f"the sandbox does not enforce the {unheard} of a resource of type {self.name}")
        if self.name == _BUCKET:
            try:
                access_control_lists.check_bucket(properties)
            except RefusedRequest as refused:
                raise ResourceFailed(refused.message) from None

    def replaces(self, old: Properties, new: Properties) -> bool:
        return any(old.get(name) != new.get(name) for name in _CREATE_ONLY.get(self.name, ()))

    def create(self, place: Place, properties: Properties) -> Made:
        name_property = self.name_property
        given = self._given(properties)
        if name_property and name_property in given:
            name = str(given[name_property])
        else:
            name = foreign_name(self.name, place.stack_name, place.logical_id, given)
            if name_property:
                given[name_property] = name
        asked_by_services.check(place, self.name, given, name)
        own = _POLICIES.get(self.name)
        text = None
        if own is not None:
            text = checked_policy(place, own[1], given[own[0]]) if own[0] in given else None
            # moto would keep an object, or nothing.
            given[own[0]] = text
        told = unread_properties.WatchedProperties(given)
        with self._failures("make"):
            handle = self._model.create_from_cloudformation_json(
                name,
                {"Type": self.name, "Properties": told},
                place.account,
                place.region,
                LogicalId=place.logical_id,
                StackId=place.stack_id,
                ResourceType=self.name,
            )
        made = self._made(place, handle, name)
        if own is not None:
            set_resource_policy(own[1], place.account, place.region, made.physical_id, text)
        try:
            unread_properties.check(self.name, self._unread(told, properties, set(given)))
            self._complete(place, made, {}, properties)
        except (RefusedRequest, ResourceFailed):
            self._delete(place, made, properties)
            raise
        return made

    def existing(self, place: Place, physical_id: str) -> Made:
        raise ResourceFailed(f"the sandbox imports no resources of type {self.name}")

    def check_update(self, old: Properties, new: Properties) -> None:
        changed = self._changed(old, new)
        if hasattr(self._model.update_from_cloudformation_json, "__isabstractmethod__"):
            refused = changed
        else:
            refused = foreign_settings.unchangeable(self.name, changed)
        if refused:
            raise ResourceFailed(
                f"the sandbox cannot change {', '.join(sorted(refused))} of a resource of type {self.name}"
            )

    def _changed(self, old: Properties, new: Properties) -> set[str]:
        """The properties that moto has to change: all but those that are set by operations."""
        own = {*foreign_settings.SETTINGS.get(self.name, ()), _POLICIES.get(self.name, ("",))[0]}
        if foreign_tags.are_given(self.name):
            own.add(_TAGS)
        return {name for name in {**old, **new} if name not in own and old.get(name) != new.get(name)}

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        asked_by_services.check(place, self.name, new, made.physical_id)
        self._complete(place, made, old, new)
        own = _POLICIES.get(self.name)
        if own is not None and old.get(own[0]) != new.get(own[0]):
            text = checked_policy(place, own[1], new[own[0]]) if own[0] in new else None
            set_resource_policy(own[1], place.account, place.region, made.physical_id, text)
        if not self._changed(old, new):
            return made
        given = self._given(new)
        if self.name == _FUNCTION:
            # moto would take the text for an archive.
            given["Code"] = function_code(given.get("Code") or {})
        name_property = self.name_property
        if name_property and name_property not in given:
            given[name_property] = made.physical_id.rpartition(_AFTER_BUS)[2]
        told = unread_properties.WatchedProperties(given)
        with self._failures("change"):
            handle = self._model.update_from_cloudformation_json(
                original_resource=made.handle,
                new_resource_name=str(given[name_property]) if name_property else made.physical_id,
                cloudformation_json={"Type": self.name, "Properties": told},
                account_id=place.account,
                region_name=place.region,
            )
        unread_properties.check(self.name, self._unread(told, new, self._changed(old, new)))
        return self._made(place, handle, made.physical_id)

    def _unread(
        self, told: unread_properties.WatchedProperties, properties: Properties, names: set[str]
    ) -> dict[str, Any]:
        """Of some properties, those of which nothing was made, neither by moto nor here."""
        own = {*foreign_settings.SETTINGS.get(self.name, ()), _POLICIES.get(self.name, ("",))[0]}
        if self.name == _BUCKET:
            own |= buckets.SET
        used = _USED.get(self.name)
        unread = told.unread() if used is None else told.keys() - set(used)
        return {name: properties[name] for name in unread & names if name not in own and properties.get(name)}

    def _given(self, properties: Properties) -> dict[str, Any]:
        """Properties as moto reads them: a copy, since it writes into what it is given."""
        given = {**_DEFAULTS.get(self.name, {}), **deepcopy(dict(properties))}
        if self.name in _TAGS_IN_A_MAP and isinstance(given.get(_TAGS), dict):
            given[_TAGS] = [{"Key": key, "Value": value} for key, value in given[_TAGS].items()]
        if foreign_tags.are_given(self.name):
            given.pop(_TAGS, None)
        for name in foreign_settings.UNTOLD.get(self.name, ()):
            given.pop(name, None)
        for name, other in _RENAMED.get(self.name, {}).items():
            if name in given:
                given[other] = given.pop(name)
        if self.name == _REPOSITORY and isinstance(given.get(_ENCRYPTION), dict):
            given[_ENCRYPTION] = {name[:1].lower() + name[1:]: one for name, one in given[_ENCRYPTION].items()}
        if self.name == _ARCHIVE and isinstance(given.get(_PATTERN), dict):
            given[_PATTERN] = json.dumps(given[_PATTERN])
        if self.name == _TABLE and isinstance(given.get(_KEPT), dict):
            given[_KEPT] = foreign_settings.called_encryption(given[_KEPT])
        return given

    @contextmanager
    def _failures(self, verb: str) -> Iterator[None]:
        """Let a bug of moto's fail the resource, so that the stack is rolled back, and does not stop half way."""
        try:
            yield
        except (ResourceFailed, *SERVICE_ERRORS):
            raise
        except Exception as error:
            if verb == "delete" and isinstance(error, TypeError):
                raise
            reason = f"{type(error).__name__}: {error}"
            raise ResourceFailed(f"the sandbox cannot {verb} this resource of type {self.name}: {reason}") from error

    def _complete(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        """Set what moto leaves out."""
        if self.name == _BUCKET:
            buckets.complete(place, made.physical_id, old, new)
        foreign_settings.settle(self.name, place, made.physical_id, old, new)
        if foreign_tags.are_given(self.name) and (old.get(_TAGS) or new.get(_TAGS)):
            by = foreign_tags.named_by(self.name)
            name = made.physical_id if by == "Ref" else str(self.attribute(made, by)).removesuffix(":*")
            foreign_tags.give(self.name, place, name, old, new)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if self.name == _BUCKET and not is_empty(made.physical_id):
            # moto would leave the bucket and say nothing.
            raise ResourceFailed(_NOT_EMPTY)
        if self.name == _REPOSITORY and str(properties.get(_EMPTIES)).lower() == "true":
            empty_repository(place.account, place.region, made.physical_id)
        try:
            self._delete(place, made, properties)
        except SERVICE_ERRORS as error:
            if not is_gone(error):
                raise

    def _delete(self, place: Place, made: Made, properties: Properties) -> None:
        own = deletion(self.name, place.account, place.region, place.partition, made.physical_id, properties)
        if own is not None:
            with self._failures("delete"):
                own()
            return
        if hasattr(made.handle, "delete"):
            try:
                with self._failures("delete"):
                    made.handle.delete(place.account, place.region)
            except TypeError:
                # Some models have a function of that name that is something else; then the type's own is asked.
                pass
            else:
                return
        if hasattr(self._model.delete_from_cloudformation_json, "__isabstractmethod__"):
            raise ResourceFailed(f"the sandbox cannot delete a resource of type {self.name}")
        given = {"Type": self.name, "Properties": deepcopy(dict(properties))}
        with self._failures("delete"):
            self._model.delete_from_cloudformation_json(made.physical_id, given, place.account, place.region)

    def attribute(self, made: Made, name: str) -> Any:
        if name in made.attributes:
            return made.attributes[name]
        try:
            return made.handle.get_cfn_attribute(name)
        except Exception as error:
            if name == "Arn" and made.physical_id.startswith("arn:"):
                return made.physical_id
            raise ResourceFailed(f"the sandbox has no attribute {name} of a resource of type {self.name}") from error

    def _made(self, place: Place, handle: Any, name: str) -> Made:
        identifier = str(getattr(handle, "physical_resource_id", None) or name)
        if self.name == _RULE and handle.event_bus_name != "default":
            identifier = f"{handle.event_bus_name}{_AFTER_BUS}{identifier.rpartition(_AFTER_BUS)[2]}"
        return Made(identifier, attributes_of(self.name, place, identifier, handle), handle)


def foreign_type(name: str) -> ForeignType | None:
    """A type that moto has; None when it has none of that name."""
    model = foreign_model(name)
    return None if model is None else ForeignType(name, model)
