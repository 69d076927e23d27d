"""
Which names of a template decide, as texts, who has which policies: of all names, those that another text may be.

What a reference attaches is attached whatever it is called. A text, or a parameter, attaches to whom it names; and an
inline policy replaces another one of its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import sub_parts
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.open_texts import Part, may_be_same

#: Properties of IAM's resources that decide who has a policy: those that say which policy, and those that say who.
_ATTACHED = ("ManagedPolicyArns", "PermissionsBoundary", "PolicyArns")
_ATTACHING = ("Groups", *_ATTACHED, "Roles", "UserToGroupAdditions", "Users")
#: The same of types where the property has another name.
_NAMES_WHO = {
    "AWS::IAM::GroupPolicy": ("GroupName",),
    "AWS::IAM::RolePolicy": ("RoleName",),
    "AWS::IAM::UserPolicy": ("UserName",),
    "AWS::IAM::UserToGroupAddition": ("GroupName",),
}
_MANAGED_POLICY_NAME, _POLICY_NAME = "ManagedPolicyName", "PolicyName"
_OWN_NAMES = ("GroupName", _MANAGED_POLICY_NAME, "RoleName", "UserName")
_POLICY_NAMES = (_MANAGED_POLICY_NAME, _POLICY_NAME)
#: What has a role and gives it no policy.
_PROFILE = "AWS::IAM::InstanceProfile"
#: What stands before the name in the ARN of a policy.
_START = Part("the start of an ARN")
_OF_AWS = ":iam::aws:policy/"
_REFERENCES = ("Ref", "Fn::GetAtt")
_ROLE = "AWS::IAM::Role"
#: So many names of policies are held against each other; of more, each counts.
_MAX_PAIRS = 40_000

_Pieces = tuple[str | Part, ...]


def is_of_iam(resource: Mapping[str, object]) -> bool:
    """Whether a resource is one of IAM, as CloudFormation or Terraform has it."""
    return str(resource.get("Type", "")).startswith(("AWS::IAM::", "Trustproof::IAM::"))


def without_names_of_policies(resource: Mapping[str, object], *, with_tags: bool) -> dict[str, object]:
    """
    A resource without the names of its policies, or its own where it is one.

    Args:
        with_tags: whether policies look at the tags of a role. Those of a user say in any case whether it is a program.
    """
    properties = resource.get("Properties")
    if not isinstance(properties, dict):
        return dict(resource)
    left_out = _POLICY_NAMES if with_tags or resource.get("Type") != _ROLE else (*_POLICY_NAMES, "Tags")
    kept = {key: value for key, value in properties.items() if key not in left_out}
    inline = properties.get("Policies")
    if isinstance(inline, list):
        kept["Policies"] = [
            {key: value for key, value in one.items() if key != _POLICY_NAME} if isinstance(one, dict) else one
            for one in inline
        ]
    return {**resource, "Properties": kept}


class NamesThatMatch:
    """
    Finds what decides who has which policies.

    Args:
        environment: the declarations of the template.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._resources = [
            (name, str(resource.get("Type")), environment.properties(name))
            for name, resource in environment.resources.items()
            if is_of_iam(resource) and resource.get("Type") != _PROFILE
        ]

    def attaching(self) -> Iterator[object]:
        """The properties that say who has a policy, whatever they refer to."""
        return (value for _, value in self._attaching())

    def _attaching(self) -> Iterator[tuple[bool, object]]:
        """The same, each with whether it says which policy."""
        for _, type_, properties in self._resources:
            for key in (*_ATTACHING, *_NAMES_WHO.get(type_, ())):
                if key in properties:
                    yield key in _ATTACHED, properties[key]

    def deciding(self) -> Iterator[object]:
        """The same but for references to what IAM has, and over what the loops go that decide what is there."""
        for logical_id, _, _ in self._resources:
            yield from self._environment.collections_of(logical_id)
        for value in self.attaching():
            yield from self._leaves(value)

    def names(self) -> Iterator[object]:
        """The names that such a text, or that of another policy, may be."""
        # A text by which a policy is attached is the name of nobody who has policies.
        texts: tuple[dict[_Pieces, None], dict[_Pieces, None]] = ({}, {})
        for is_policy, value in self._attaching():
            for one in self._leaves(value):
                if isinstance(one, str) or (isinstance(one, dict) and [*one] != ["Fn::If"]):
                    texts[is_policy].update(dict.fromkeys(self._meant(pieces_of(one))))
        for _, type_, properties in self._resources:
            for key in _OWN_NAMES:
                if key in properties and key not in _NAMES_WHO.get(type_, ()):
                    pieces = pieces_of(properties[key])
                    is_policy = key == _MANAGED_POLICY_NAME
                    meant, said = (_START, *pieces) if is_policy else pieces, texts[is_policy]
                    if any(text != meant and self._may_be(text, meant, properties[key]) for text in said):
                        yield properties[key]
                        yield properties.get("Path")
        yield from self._names_of_policies()

    def _meant(self, text: _Pieces) -> Iterator[_Pieces]:
        """What a text may be that names somebody: nothing where it is a policy of AWS's, and its default, too."""
        if any(isinstance(piece, str) and _OF_AWS in piece for piece in text):
            return
        yield text
        parameter = self._open_parameter(text)
        if parameter is not None and parameter.judged_default:
            yield (parameter.judged_default,)

    def _open_parameter(self, text: _Pieces) -> Parameter | None:
        """The parameter that a text is as a whole, where that may have any value."""
        name = text[0].key if len(text) == 1 and isinstance(text[0], Part) else None
        if not isinstance(name, str) or name in self._environment.bindings:
            return None
        parameter = self._environment.parameters.get(name)
        return parameter if parameter is not None and parameter.allowed is None and not parameter.listed else None

    def _may_be(self, text: _Pieces, meant: _Pieces, name: object) -> bool:
        """Whether a text may be a name at some value of a parameter; where it may be anything, it is only itself."""
        parameter = self._open_parameter(text)
        if parameter is not None:
            return parameter.name in json.dumps(name, default=str)
        return may_be_same(text, meant)

    def _names_of_policies(self) -> Iterator[object]:
        """The names of inline policies of which one may be that of another one of the same holder."""
        found: dict[tuple[str, _Pieces], object] = {}
        for logical_id, _, properties in self._resources:
            inline = properties.get("Policies")
            for holder, entries in (("", [properties]), (logical_id, inline if isinstance(inline, list) else [])):
                for entry in entries:
                    if isinstance(entry, Mapping) and _POLICY_NAME in entry:
                        name = entry[_POLICY_NAME]
                        found.setdefault((holder, pieces_of(name)), name)
        if len(found) ** 2 > _MAX_PAIRS:
            yield from found.values()
            return
        for ((holder, pieces), name), ((other_holder, other_pieces), other) in combinations(found.items(), 2):
            may_share = not holder or not other_holder or holder == other_holder
            if may_share and pieces != other_pieces and may_be_same(pieces, other_pieces):
                yield [name, other]

    def _leaves(self, value: object) -> Iterator[object]:
        """What is attached, or attached to, by something else than a reference, and the conditions of that."""
        if isinstance(value, list):
            for item in value:
                yield from self._leaves(item)
        elif isinstance(value, dict) and isinstance(chosen := value.get("Fn::If"), list) and len(chosen) == 3:
            yield {"Fn::If": chosen[:1]}
            yield from self._leaves(chosen[1:])
        elif value is not None and not self._is_reference(value):
            yield value

    def _is_reference(self, value: object) -> bool:
        """Whether a value is what a reference to a resource of IAM gives."""
        if not isinstance(value, dict) or len(value) != 1 or not any(key in value for key in _REFERENCES):
            return False
        ((_, said),) = value.items()
        name = said[0] if isinstance(said, list) and said else str(said).partition(".")[0]
        resource = self._environment.resource(name) if isinstance(name, str) else None
        return resource is not None and is_of_iam(resource)


def pieces_of(value: object) -> _Pieces:
    """What is known of a text: pieces of it, and names for the others."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict) and len(value) == 1:
        ((key, said),) = value.items()
        if key == "Ref" and isinstance(said, str):
            return (Part(said),)
        if key == "Fn::Sub" and isinstance(said, str):
            return tuple(Part(text) if is_variable else text for is_variable, text in sub_parts(said))
        if key == "Fn::Join" and isinstance(said, list) and len(said) == 2 and isinstance(said[1], list):
            return _joined(str(said[0]), said[1])
    return (Part(json.dumps(value, sort_keys=True, default=str)),)


def _joined(between: str, items: Sequence[object]) -> _Pieces:
    found: list[str | Part] = []
    for at, item in enumerate(items):
        found += [between] if at and between else []
        found += pieces_of(item)
    return tuple(found)
