"""
What a template says whatever it is deployed with, and what its text tells at a glance: read once, however often the
template is read again for other values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from trustproof.aws.partitions import (
    all_partitions,
    is_region,
    named_partitions,
    partitions_of_regions,
    regions_named,
)
from trustproof.inputs.cloudformation.evaluation.declarations.circular_conditions import CircularConditions
from trustproof.inputs.cloudformation.evaluation.declarations.condition_names import with_condition_names
from trustproof.inputs.cloudformation.evaluation.declarations.found_values import FoundValues
from trustproof.inputs.cloudformation.evaluation.declarations.globals import with_globals
from trustproof.inputs.cloudformation.evaluation.declarations.guarded_functions import ResourceFunctions, functions_in
from trustproof.inputs.cloudformation.evaluation.declarations.implicit_api import with_implicit_api
from trustproof.inputs.cloudformation.evaluation.declarations.macros import Reach, reach_of
from trustproof.inputs.cloudformation.evaluation.declarations.names_read import OIDC_PROVIDER
from trustproof.inputs.cloudformation.evaluation.declarations.tags_of_resources import TagsOfResources
from trustproof.inputs.cloudformation.evaluation.texts import leftovers
from trustproof.inputs.cloudformation.parameters.parameters import read_parameters
from trustproof.inputs.cloudformation.parameters.rules import has_too_many, read_rules
from trustproof.inputs.cloudformation.values.catalogue import GRANTS, ROLE_MAKERS
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, names_in
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.cloudformation.values.plain_references import PlainReferences
from trustproof.inputs.cloudformation.values.program_inputs import ProgramInputs
from trustproof.model.policy import Path

#: A partition in an ARN, which may be put together of its fields. It begins with letters, which are quick to find.
_WRITTEN = re.compile(r"""arn(?<!\warn)["',:\s-]+(aws[a-z-]*)""")

#: What may be the name of a Region in a text.
_MAYBE_REGION = re.compile(r"[a-z]+(?:-[a-z]+)+-\d+")


class TextSigns:
    """
    What the text of a file tells at a glance, each sign looked for once: a file may hold thousands of templates.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._has: dict[str, bool] = {}

    @cached_property
    def possible_regions(self) -> Sequence[str]:
        """The names of Regions in it, also of those that nobody has published."""
        return regions_written(self._text)

    @cached_property
    def partitions_of_arns(self) -> frozenset[str]:
        """The partitions of the ARNs."""
        return frozenset(named_partitions(self._text))

    @cached_property
    def partitions_of_regions(self) -> frozenset[str]:
        """The partitions of the Regions."""
        return frozenset(partitions_of_regions(self._text))

    @cached_property
    def regions(self) -> frozenset[str]:
        """The Regions."""
        return frozenset(regions_named(self._text))

    @cached_property
    def names_issuers(self) -> bool:
        """Whether the issuer of a provider of OIDC tokens may be called by the Region."""
        return self.has(OIDC_PROVIDER) and self.has("AWS::Region")

    @cached_property
    def written_partitions(self) -> frozenset[str]:
        """The partitions of the ARNs, those included that may be put together of their fields."""
        return frozenset(_WRITTEN.findall(self._text))

    @cached_property
    def partition(self) -> str:
        """
        The partition that it is written for: see `aws.partitions.written_partition`. Where no ARN is written out, those
        count that are put together of parts: a local value may be ``arn:aws-us-gov`` alone.
        """
        named = self.partitions_of_arns or self.written_partitions & all_partitions() or self.partitions_of_regions
        return min(named, default="aws")

    @cached_property
    def chooses_by_partition(self) -> bool:
        """Whether a mapping may be looked up by the partition, or by the Region where several partitions are named."""
        if not self.has("Fn::FindInMap") and not self.has("!FindInMap"):
            return False
        return self.has("AWS::Partition") or (self.has("AWS::Region") and len(self.partitions_of_arns) > 1)

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether a text in it may stand for something else when it is deployed."""
        return leftovers.may_be_in(self._text)

    @cached_property
    def may_hold_macros(self) -> bool:
        """Whether a macro may be called in it; a text may be written with escapes."""
        return self.has("Transform") or self.has("\\u") or self.has("\\x")

    @cached_property
    def has_loops(self) -> bool:
        """Whether there may be loops."""
        return self.has(FOREACH)

    def has(self, word: str) -> bool:
        """Whether a word occurs."""
        if word not in self._has:
            self._has[word] = word in self._text
        return self._has[word]


def regions_written(text: str) -> Sequence[str]:
    """The names of Regions in a text, also of those that nobody has published."""
    return [*dict.fromkeys(one for one in _MAYBE_REGION.findall(text) if is_region(one))]


@lru_cache(maxsize=2)
def signs_of(text: str) -> TextSigns:
    """The signs of a text, remembered for the texts at hand."""
    return TextSigns(text)


def chooses_by_partition(conditions: Mapping[str, object]) -> bool:
    """Whether conditions decide by the partition or Region."""
    return bool(conditions) and re.search("AWS::(Partition|Region|URLSuffix)", str(conditions)) is not None


class PlainResources:
    """
    The ``Resources`` section of a template that has no loops.

    Args:
        section: as it is written.
    """

    def __init__(self, section: object) -> None:
        entries = section if isinstance(section, dict) else {}
        self.resources: Mapping[str, dict[str, object]] = {k: v for k, v in entries.items() if isinstance(v, dict)}
        #: What is no resource.
        self.others: Sequence[str] = [key for key in entries if key not in self.resources]
        self.by_type: Mapping[str, Sequence[tuple[int, str]]] = places_by_type(self.resources)
        #: Those of which their reader has something to note.
        self.noted: Sequence[str] = [name for name, one in self.resources.items() if is_noted(one)]
        #: What they tell whom, as far as somebody has asked; None of one that tells nobody.
        self.program_inputs: dict[str, ProgramInputs | None] = {}

    @cached_property
    def referring(self) -> Mapping[str, Mapping[str, None]]:
        """The resources that refer to each resource, by logical ids."""
        return references(self.resources)

    @cached_property
    def functions(self) -> ResourceFunctions:
        """What their functions ask of mappings and of each other."""
        return functions_in(self.resources)

    @cached_property
    def naming_roles(self) -> Sequence[str]:
        """The logical ids of resources that spell out the ARN of a role, and may tell somebody of it."""
        return naming_roles(self.resources)


def references(resources: Mapping[str, object]) -> Mapping[str, Mapping[str, None]]:
    """The resources that refer to each resource, by logical ids."""
    found: dict[str, dict[str, None]] = {}
    for name, one in resources.items():
        for referred in set(names_in(one)):
            found.setdefault(referred, {})[name] = None
    return found


def naming_roles(resources: Mapping[str, Mapping[str, object]]) -> Sequence[str]:
    """The logical ids of resources in which the ARN of a role is spelled out, without those that tell nobody of it."""
    telling = ((name, one) for name, one in resources.items() if not str(one.get("Type")).startswith(GRANTS))
    return [name for name, one in telling if ":role/" in str(one)]


def is_noted(resource: Mapping[str, object]) -> bool:
    """Whether a resource has no type, or is one for which a role is made."""
    type_ = resource.get("Type")
    return not isinstance(type_, str) or type_ in ROLE_MAKERS


def places_by_type(resources: Mapping[str, Mapping[str, object]]) -> Mapping[str, Sequence[tuple[int, str]]]:
    """The resources of each type, each with its place among all."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, (logical_id, resource) in enumerate(resources.items()):
        found.setdefault(str(resource.get("Type")), []).append((place, logical_id))
    return found


def _with_plain_conditions(data: Mapping[str, object]) -> Mapping[str, object]:
    """A template whose conditions compare parameters in one spelling."""
    conditions, declared = data.get("Conditions"), data.get("Parameters")
    parameters = declared if isinstance(declared, dict) else {}
    single = {name for name, one in parameters.items() if isinstance(one, dict) and "List" not in str(one.get("Type"))}
    plain = PlainReferences(single).written(conditions)
    return data if plain is conditions else {**data, "Conditions": plain}


class TemplateText:
    """
    A template as it is written.

    Args:
        data: its content.
        text: of the file that it stands in.
        prefix: where it stands there.
    """

    def __init__(self, data: Mapping[str, object], text: str, prefix: Path = ()) -> None:
        self.signs: TextSigns = signs_of(text)
        #: What macros inside it may change, and what is left besides.
        self.reach: Reach = reach_of(data, self.signs.may_hold_macros, prefix)
        self.data: Mapping[str, object] = _with_plain_conditions(
            with_implicit_api(with_condition_names(self.reach.data))
        )
        self._said: dict[str, bool] = {}
        self._mentioned: dict[str, bool] = {}
        #: What values its parameters may have together, as far as somebody has asked.
        self.found_values: FoundValues = FoundValues()
        #: Which conditions depend on themselves, here and at other assignments.
        self.circular_conditions: CircularConditions = CircularConditions()
        #: Which of its policies may look at tags, as far as somebody has asked.
        self.tags_of_resources: TagsOfResources = TagsOfResources()
        #: What decides about names, as far as somebody has asked.
        self.definitions: dict[str, tuple[tuple[str, str], ...]] = {}
        self._rules: dict[frozenset[str], dict[str, object]] = {}

    def says(self, word: str) -> bool:
        """Whether a word occurs in its resources: looked for once, since it may be asked for each of them."""
        if word not in self._said:
            self._said[word] = word in json.dumps(self.whole.get("Resources"), default=str)
        return self._said[word]

    def mentions(self, word: str) -> bool:
        """Whether a word occurs anywhere in it."""
        if word not in self._mentioned:
            self._mentioned[word] = word in repr(self.data)
        return self._mentioned[word]

    @cached_property
    def whole(self) -> Mapping[str, object]:
        """The template with what its ``Globals`` say in each resource that they are about."""
        return with_globals(self.data)

    @cached_property
    def has_functions_for_conditions(self) -> bool:
        """Whether a loop or another function stands where a condition does."""
        conditions = self.data.get("Conditions")
        return isinstance(conditions, dict) and any(name.startswith("Fn::") for name in conditions)

    @cached_property
    def plain(self) -> PlainResources:
        """Its resources, where there are no loops."""
        return PlainResources(self.whole.get("Resources"))

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters as they are declared."""
        return read_parameters(self.data.get("Parameters"))

    @cached_property
    def has_too_many_rules(self) -> bool:
        """Whether its rules make more comparisons than they may."""
        return has_too_many(self.data.get("Rules"))

    def rules(self, parameters: Mapping[str, Parameter]) -> Mapping[str, object]:
        """Its rules as conditions, where these parameters are declared: written out once for all readings."""
        names = frozenset(name for name, parameter in parameters.items() if not parameter.is_ssm)
        if names not in self._rules:
            self._rules[names] = read_rules(self.data.get("Rules"), parameters)
        return self._rules[names]

    @cached_property
    def is_for_several_partitions(self) -> bool:
        """Whether it decides by the partition or Region what it makes."""
        conditions = self.data.get("Conditions")
        return self.signs.chooses_by_partition or (isinstance(conditions, dict) and chooses_by_partition(conditions))
