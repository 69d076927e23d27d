"""
What a resource type of CloudFormation is to the sandbox.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

from trustproof.aws.tags import is_reserved
from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.errors import ResourceFailed

Properties = Mapping[str, Any]
One = TypeVar("One")

#: What a property may be, in CloudFormation's words.
STRING = "String"
INTEGER = "Integer"
BOOLEAN = "Boolean"
LIST = "JSONArray"
OBJECT = "JSONObject"
#: A policy document: an object, or its text.
DOCUMENT = "JSONObject or String"


@dataclass(frozen=True)
class Place:
    """
    Where a resource is made.

    Args:
        cloud: the services behind the resource.
        account: the account id.
        region: the Region.
        partition: that of the Region.
        stack_name: the stack that owns the resource.
        stack_id: its ARN.
        logical_id: its name in the template.
        role_arn: the role that the stack was handed; None where it is made as whoever calls.
    """

    cloud: Cloud
    account: str
    region: str
    partition: str
    stack_name: str
    stack_id: str
    logical_id: str
    role_arn: str | None = None

    @property
    def iam(self) -> Any:
        """IAM of the account."""
        return self.cloud.iam(self.account, self.partition)

    def generated_name(self, longest: int) -> str:
        """A name as CloudFormation makes one: of the stack, the logical id and a random part."""
        random = random_part()
        room = longest - len(random) - 2
        stack = self.stack_name[: max(room - len(self.logical_id), room // 2)]
        return f"{stack}-{self.logical_id[: room - len(stack)]}-{random}"


@dataclass(frozen=True)
class Made:
    """
    A resource that exists.

    Args:
        physical_id: what `Ref` of it is.
        attributes: what `Fn::GetAtt` of it may ask.
        handle: what the type needs to find it again.
    """

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    handle: Any = None


class ResourceType(Protocol):
    """One type of resource."""

    @property
    def name(self) -> str:
        """As templates have it: `AWS::IAM::Role`."""
        ...

    @property
    def name_property(self) -> str | None:
        """The property that gives the resource a name which no other may have; None without one."""
        ...

    @property
    def identifier(self) -> str | None:
        """By what one that exists is named to take it into a stack; None where the sandbox takes none of the type."""
        ...

    @property
    def has_tags(self) -> bool:
        """Whether the tags of a stack come to the resource."""
        ...

    def check(self, properties: Properties) -> None:
        """
        Hold properties to the schema of the type.

        Raises:
            ResourceFailed: for a property that the type does not have, one that is missing, or of the wrong kind.
        """
        ...

    def replaces(self, old: Properties, new: Properties) -> bool:
        """Whether a change makes a new resource."""
        ...

    def check_update(self, old: Properties, new: Properties) -> None:
        """
        See that a change in place can be made at all, before anything is done.

        Raises:
            ResourceFailed: it cannot.
        """
        ...

    def create(self, place: Place, properties: Properties) -> Made:
        """
        Make the resource.

        Raises:
            ResourceFailed: when the service refuses; nothing is left behind.
        """
        ...

    def existing(self, place: Place, physical_id: str) -> Made:
        """
        One that exists, made by somebody else; of a type with an `identifier`.

        Raises:
            ResourceFailed: there is none of that name.
        """
        ...

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Change the resource in place."""
        ...

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Delete the resource; that it is gone already is no error."""
        ...

    def attribute(self, made: Made, name: str) -> Any:
        """
        What `Fn::GetAtt` of the resource is.

        Raises:
            ResourceFailed: when the type has no such attribute.
        """
        ...


class WrappedType:
    """
    A resource type that does what another one does, but for what those below add to it.

    Args:
        kind: the other type.
    """

    def __init__(self, kind: ResourceType) -> None:
        self._kind = kind

    @property
    def name(self) -> str:
        return self._kind.name

    @property
    def name_property(self) -> str | None:
        return self._kind.name_property

    @property
    def identifier(self) -> str | None:
        return self._kind.identifier

    @property
    def has_tags(self) -> bool:
        return self._kind.has_tags

    def check(self, properties: Properties) -> None:
        self._kind.check(properties)

    def replaces(self, old: Properties, new: Properties) -> bool:
        return self._kind.replaces(old, new)

    def check_update(self, old: Properties, new: Properties) -> None:
        self._kind.check_update(old, new)

    def create(self, place: Place, properties: Properties) -> Made:
        return self._kind.create(place, properties)

    def existing(self, place: Place, physical_id: str) -> Made:
        return self._kind.existing(place, physical_id)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return self._kind.update(place, made, old, new)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._kind.delete(place, made, properties)

    def attribute(self, made: Made, name: str) -> Any:
        return self._kind.attribute(made, name)


class DescribedType:
    """
    A resource type that says of itself what it is.
    """

    name: str
    name_property: str | None = None
    identifier: str | None = None
    required: ClassVar[frozenset[str]] = frozenset()
    #: The properties whose change makes a new resource.
    create_only: ClassVar[frozenset[str]] = frozenset()

    def replaces(self, old: Properties, new: Properties) -> bool:
        return any(old.get(name) != new.get(name) for name in self.create_only)

    def check_update(self, old: Properties, new: Properties) -> None:
        """Every change of such a type is known."""

    def existing(self, place: Place, physical_id: str) -> Made:
        raise ResourceFailed(f"the sandbox imports no resources of type {self.name}")

    def attribute(self, made: Made, name: str) -> Any:
        if name not in made.attributes:
            raise ResourceFailed(f"Requested attribute {name} must be a readonly property in schema for {self.name}")
        return made.attributes[name]


class DeclaredType(DescribedType):
    """
    A resource type whose schema is a table.
    """

    #: Property to what it may be.
    properties: ClassVar[Mapping[str, str]]

    @property
    def has_tags(self) -> bool:
        return "Tags" in self.properties

    def check(self, properties: Properties) -> None:
        problems = [
            f"#: extraneous key [{name}] is not permitted" for name in properties if name not in self.properties
        ]
        problems += [f"#: required key [{name}] not found" for name in sorted(self.required - properties.keys())]
        for name, value in properties.items():
            kind = self.properties.get(name)
            if kind is not None and not _is(kind, value):
                problems.append(f"#/{name}: expected type: {kind}, found: {_kind(value)}")
        if problems:
            raise ResourceFailed(
                f"Properties validation failed for resource of type {self.name} with message: [{', '.join(problems)}]"
            )


def _is(kind: str, value: Any) -> bool:
    if kind == DOCUMENT:
        return isinstance(value, (dict, str))
    if kind == STRING:
        # Numbers and booleans are taken as their text.
        return isinstance(value, (str, int, float))
    if kind == INTEGER:
        return not isinstance(value, bool) and (
            isinstance(value, int) or (isinstance(value, str) and value.isdecimal())
        )
    if kind == BOOLEAN:
        return isinstance(value, bool) or value in ("true", "false")
    return isinstance(value, list if kind == LIST else dict)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, (int, float)):
        return "Number"
    if isinstance(value, list):
        return LIST
    return OBJECT if isinstance(value, dict) else STRING


def random_part() -> str:
    """The random part of a generated name."""
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))


def removed_and_added(old: Iterable[One], new: Iterable[One]) -> tuple[list[One], list[One]]:
    """What is only in the first, and what is only in the second; in their order, each once."""
    before, after = list(dict.fromkeys(old)), list(dict.fromkeys(new))
    return [one for one in before if one not in after], [one for one in after if one not in before]


def changed_tags(old: Properties, new: Properties) -> tuple[list[str], list[dict[str, str]]]:
    """The keys of the tags that a new template takes away, and the tags that it gives."""
    before, after = ({tag["Key"]: tag for tag in tags(one)} for one in (old, new))
    return [key for key in before if key not in after], [tag for key, tag in after.items() if before.get(key) != tag]


def named_policies(properties: Properties) -> dict[str, Any]:
    """
    The inline policies of an identity: name to document.

    Raises:
        ResourceFailed: when an entry lacks one of the two, or two have the same name.
    """
    found: dict[str, Any] = {}
    for entry in properties.get("Policies") or []:
        if not isinstance(entry, dict) or "PolicyName" not in entry or "PolicyDocument" not in entry:
            raise ResourceFailed("#/Policies: every entry has a PolicyName and a PolicyDocument")
        if entry["PolicyName"] in found:
            raise ResourceFailed(f"#/Policies: two have the name {entry['PolicyName']}")
        found[str(entry["PolicyName"])] = entry["PolicyDocument"]
    return found


def tags(properties: Properties) -> list[dict[str, str]]:
    """
    The tags of a resource.

    Raises:
        ResourceFailed: when an entry has no key, or one that only AWS sets.
    """
    found = properties.get("Tags") or []
    if not all(isinstance(tag, dict) and "Key" in tag for tag in found):
        raise ResourceFailed("#/Tags: every tag has a Key and a Value")
    check_tags(found)
    return [{"Key": str(tag["Key"]), "Value": str(tag.get("Value", ""))} for tag in found]


def check_tags(found: object) -> None:
    """
    Refuse tags that only AWS sets.

    Raises:
        ResourceFailed: there is one.
    """
    keys = list(found) if isinstance(found, dict) else []
    if isinstance(found, list):
        keys = [tag.get("Key", "") for tag in found if isinstance(tag, dict)]
    if any(is_reserved(str(key)) for key in keys):
        raise ResourceFailed("#/Tags: aws: prefixed tag key names are not allowed for external use.")


def with_stack_tags(kind: ResourceType, properties: Properties, stack_tags: Sequence[Mapping[str, str]]) -> Properties:
    """
    Properties with the tags of the stack, where the type has tags and does not give one of that key itself.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html

    """
    if not stack_tags or not kind.has_tags:
        return properties
    given = properties.get("Tags")
    if isinstance(given, dict):
        # Some types have their tags in a map.
        return {**properties, "Tags": {**{tag["Key"]: tag["Value"] for tag in stack_tags}, **given}}
    own = list(given or [])
    keys = {tag.get("Key") for tag in own if isinstance(tag, dict)}
    return {**properties, "Tags": [*own, *({**tag} for tag in stack_tags if tag["Key"] not in keys)]}
