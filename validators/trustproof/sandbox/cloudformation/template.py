"""
The text of a template, JSON or YAML, as the dictionary that it stands for.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from trustproof.sandbox.cloudformation.errors import OpenLoop, RefusedRequest, Undecided, format_error
from trustproof.sandbox.cloudformation.language_extensions import check_functions, is_extended
from trustproof.sandbox.cloudformation.loops import written_out

#: The largest template of a request, in bytes; one in a bucket may have a megabyte.
MAXIMUM_BODY = 51_200
MAXIMUM_OBJECT = 1_048_576
#: Quotas of one template.
MAXIMUM_RESOURCES = 500
MAXIMUM_OUTPUTS = 200
MAXIMUM_PARAMETERS = 200

_SECTIONS = frozenset(
    "AWSTemplateFormatVersion Description Metadata Parameters Mappings Conditions Rules Transform Resources Outputs "
    "Hooks".split()
)
_ATTRIBUTES = frozenset(
    "CreationPolicy Condition DeletionPolicy DependsOn Metadata Properties Type UpdatePolicy "
    "UpdateReplacePolicy".split()
)
_POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}


#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
_WITH_SNAPSHOTS = frozenset(
    """
    AWS::DocDB::DBCluster AWS::EC2::Volume AWS::ElastiCache::CacheCluster AWS::ElastiCache::ReplicationGroup
    AWS::Neptune::DBCluster AWS::RDS::DBCluster AWS::RDS::DBInstance AWS::Redshift::Cluster
    """.split()
)


@dataclass(frozen=True)
class Template:
    """
    A template that has been read.

    Args:
        text: as it was given.
        resources: logical id to type, properties and attributes.
        parameters: name to declaration.
        extended: whether it asks for the transform `AWS::LanguageExtensions`.
    """

    text: str
    description: str | None = None
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extended: bool = False

    @property
    def types(self) -> list[str]:
        """The types of its resources, each once."""
        return sorted({str(resource["Type"]) for resource in self.resources.values()})

    @property
    def capabilities(self) -> list[str]:
        """
        What the caller must acknowledge before such a template is deployed.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html
        """
        named = False
        iam = False
        for resource in self.resources.values():
            if str(resource["Type"]) not in _ACKNOWLEDGED:
                continue
            iam = True
            named = named or bool(_NAMES.intersection(resource.get("Properties") or {}))
        if not iam:
            return []
        return ["CAPABILITY_NAMED_IAM"] if named else ["CAPABILITY_IAM"]


_ACKNOWLEDGED = frozenset(
    f"AWS::IAM::{name}"
    for name in "AccessKey Group InstanceProfile ManagedPolicy Policy Role User UserToGroupAddition".split()
)
_NAMES = frozenset({"GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName"})


def read_before_deployment(text: str) -> Template:
    """
    Read a template that is read again with the parameters of its stack: of one whose loops are over these, the text.

    Args:
        text: JSON or YAML.

    Raises:
        RefusedRequest: when it is not one; the message says what is wrong.
    """
    try:
        return read_template(text)
    except OpenLoop:
        return Template(text, extended=True)


def read_template(text: str, given: Mapping[str, str | None] | None = None) -> Template:
    """
    Read a template.

    Args:
        text: JSON or YAML.
        given: texts of its parameters, by their names, None of what is hidden: what loops are over.

    Raises:
        RefusedRequest: when it is not one; the message says what is wrong.
    """
    data = _load(text)
    if not isinstance(data, dict):
        raise format_error("unsupported structure.")
    unknown = sorted(str(name) for name in data if name not in _SECTIONS)
    if unknown:
        raise RefusedRequest(f"Invalid template property or properties [{', '.join(unknown)}]")
    if data.get("Transform") is not None and not is_extended(data["Transform"]):
        raise Undecided(f"the sandbox does not run macros, and the template asks for {data['Transform']!r}")
    if data.get("Hooks"):
        raise Undecided("the sandbox does not run hooks of templates")
    if is_extended(data.get("Transform")):
        data = written_out(data, given or {})
    check_functions(data)
    sections = {name: _section(data, name) for name in ("Parameters", "Mappings", "Conditions", "Rules", "Outputs")}
    resources = _section(data, "Resources")
    if not resources:
        raise format_error("At least one Resources member must be defined.")
    for name, most in (
        ("Resources", MAXIMUM_RESOURCES),
        ("Outputs", MAXIMUM_OUTPUTS),
        ("Parameters", MAXIMUM_PARAMETERS),
    ):
        found = len(resources if name == "Resources" else sections[name])
        if found > most:
            raise format_error(f"Number of {name.lower()}, {found}, is greater than maximum allowed, {most}")
    for logical_id, resource in resources.items():
        _check_resource(logical_id, resource, extended=is_extended(data.get("Transform")))
    description = data.get("Description")
    if description is not None and not isinstance(description, str):
        raise format_error("'Description' must be a string.")
    return Template(
        text=text,
        description=description,
        resources=resources,
        parameters=_mappings(sections["Parameters"], "Parameters"),
        mappings=sections["Mappings"],
        conditions=sections["Conditions"],
        rules=_mappings(sections["Rules"], "Rules"),
        outputs=_mappings(sections["Outputs"], "Outputs"),
        metadata=data.get("Metadata") or {},
        extended=is_extended(data.get("Transform")),
    )


def _section(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    if found is None:
        if name in data:
            raise RefusedRequest(f"[/{name}] 'null' values are not allowed in templates")
        return {}
    if not isinstance(found, dict):
        raise format_error(f"'{name}' must be a map.")
    return found


def _mappings(section: Mapping[str, Any], name: str) -> dict[str, Mapping[str, Any]]:
    for key, value in section.items():
        if not isinstance(value, dict):
            raise format_error(f"Every {name} member must be a map; {key} is not.")
    return dict(section)


def _check_resource(logical_id: str, resource: object, *, extended: bool) -> None:
    if not (logical_id.isascii() and logical_id.isalnum()):
        raise format_error(f"Resource name {logical_id} is non alphanumeric.")
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise format_error(f"[/Resources/{logical_id}] Every Resources object must contain a Type member.")
    unknown = sorted(str(name) for name in resource if name not in _ATTRIBUTES)
    if unknown:
        raise RefusedRequest(f"Invalid template resource property '{unknown[0]}'")
    for name in ("Properties", "Metadata"):
        if name in resource and not isinstance(resource[name], dict):
            raise format_error(f"[/Resources/{logical_id}/{name}] expected a map.")
    for name, values in _POLICIES.items():
        if extended and isinstance(resource.get(name), dict):
            raise Undecided(f"the sandbox does not evaluate functions in {name}: {resource[name]!r}")
        if name in resource and resource[name] not in values:
            raise format_error(f"Unrecognized {name} {resource[name]!r} for resource {logical_id}")
    if resource.get("DeletionPolicy") == "Snapshot" and resource["Type"] not in _WITH_SNAPSHOTS:
        raise RefusedRequest(
            f"Template error: resource type {resource['Type']} does not support deletion policy Snapshot"
        )


def _load(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except RecursionError:
            raise format_error("JSON not well-formed. it is nested too deeply") from None
        except ValueError as error:
            # YAML has flow mappings which are no JSON; what is neither is reported as JSON.
            first = str(error)
    else:
        first = ""
    try:
        # The loader is a subclass of SafeLoader.
        return yaml.load(text, Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
        raise format_error(f"{'JSON' if first else 'YAML'} not well-formed. {first or problem}{place}") from None


class _Loader(yaml.SafeLoader):
    """
    YAML as CloudFormation reads it: short forms of functions, no dates, no repeated keys.
    """


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = _mapping(loader, node)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if isinstance(key_node, yaml.ScalarNode):
            key = str(key_node.value)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _string(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_multi_constructor("!", _function)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _string)
