"""
What a template declares, and where it is to be deployed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from trustproof.aws.partitions import all_partitions
from trustproof.inputs.cloudformation.evaluation.declarations.circular_conditions import CircularConditions
from trustproof.inputs.cloudformation.evaluation.declarations.condition_outcomes import Outcomes
from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import (
    PlainResources,
    TemplateText,
    TextSigns,
    chooses_by_partition,
    is_noted,
    naming_roles,
    places_by_type,
    references,
)
from trustproof.inputs.cloudformation.evaluation.declarations.foreach import Turns
from trustproof.inputs.cloudformation.evaluation.declarations.found_values import FoundValues
from trustproof.inputs.cloudformation.evaluation.declarations.guarded_functions import (
    ResourceFunctions,
    functions_in,
    functions_in_outputs,
)
from trustproof.inputs.cloudformation.evaluation.declarations.indexes import Indexes
from trustproof.inputs.cloudformation.evaluation.declarations.mapping_entries import MappingEntries
from trustproof.inputs.cloudformation.evaluation.declarations.tags_of_resources import TagsOfResources
from trustproof.inputs.cloudformation.evaluation.declarations.work import Work
from trustproof.inputs.cloudformation.evaluation.declarations.written_partitions import demanded_partitions
from trustproof.inputs.cloudformation.evaluation.texts.leftovers import may_be_in
from trustproof.inputs.cloudformation.parameters.rules import RulesByName, narrow_parameters
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.cloudformation.values.fault import Fault
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM, names_in
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.cloudformation.values.passed_defaults import AtDefault
from trustproof.inputs.cloudformation.values.program_inputs import ProgramInputs
from trustproof.inputs.cloudformation.values.references import CrossStackReference
from trustproof.model.deployments import Assignment, excluded_values
from trustproof.model.policy import Guard, Path
from trustproof.model.text import Symbolic, Text

#: Transforms whose effect on policies is read here, or that have none.
_HARMLESS = (
    "AWS::Serverless-",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-",
    "AWS::CodeDeployBlueGreen",
    # It puts texts in the place of ``[[servicecatalog:product:output]]``, which are left over here:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-servicecatalog.html
    "AWS::ServiceCatalog",
)


def _names_partitions(signs: TextSigns, deployment: Deployment) -> bool:
    """Whether a template writes out partitions, and more than one or next to that of the deployment."""
    given = [str(value) for value in deployment.bindings.values()]
    if deployment.linked_values is not None:
        given.append(str(deployment.linked_values.values))
    said = [signs, *map(TextSigns, given)]
    named = {partition for one in said for partition in one.written_partitions}
    if len(named) > 1 or (bool(named) and any(one.has("AWS::Partition") for one in said)):
        return True
    # A condition on the Region of a request may hold in another partition only.
    if not any(one.has("RequestedRegion") for one in said):
        return False
    of_regions = {partition for one in said for partition in one.partitions_of_regions}
    of_arns = {partition for one in said for partition in one.partitions_of_arns}
    return bool(of_regions - {min(of_arns or of_regions, default="aws")})


def _is_given_partition(deployment: Deployment) -> bool:
    """Whether the partition, or what it decides, is in a value that another stack gives to a template."""
    given: list[object] = [*deployment.bindings.values()]
    if deployment.linked_values is not None:
        given += [deployment.linked_values.values, *deployment.linked_values.bindings.values()]
    return any(TextSigns(str(value)).has(name) for value in given for name in ("AWS::Partition", "AWS::URLSuffix"))


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def macros_of(transform: object) -> list[str]:
    """The macros for a whole template of which it is not known what they change."""
    listed = transform if isinstance(transform, list) else [transform]
    names = [item.get("Name") if isinstance(item, dict) else item for item in listed if item is not None]
    # What a function gives (`!Ref Macro`) is one as well.
    known = [name if isinstance(name, str) else "that is not named" for name in names]
    return [name for name in known if not name.startswith(_HARMLESS)]


class Environment:
    """
    A parsed template's declarations, with its deployment.

    Args:
        written: the template.
        resources: by logical id, where they need no reader of their own.
        assignment: values at which the template is read, where not at the defaults.
    """

    def __init__(
        self,
        written: TemplateText,
        deployment: Deployment,
        resources: Mapping[str, dict[str, object]] | None = None,
        assignment: Assignment | None = None,
    ) -> None:
        data, signs = written.data, written.signs
        self.deployment = deployment
        #: What has been done so far of the work that a template may ask for.
        self.work: Work = Work()
        #: As the template declares them, with defaults that rules may refuse.
        self.declared: Mapping[str, Parameter] = written.parameters
        self.parameters: dict[str, Parameter] = dict(written.parameters)
        self.mappings: dict[str, object] = _mapping(data.get("Mappings"))
        self.conditions: dict[str, object] = _mapping(data.get("Conditions"))
        self.outputs: dict[str, object] = _mapping(data.get("Outputs"))
        self.bindings: dict[str, Text] = deployment.bindings
        #: Of its own parameters, and of those of other stacks that it reads.
        self.at_default: AtDefault = deployment.at_default
        self._refused: dict[tuple[str, str], tuple[Parameter, bool]] = {}
        #: Resources of other stacks, as far as references to them need it.
        self.linked_resources: Mapping[str, dict[str, object]] = {}
        #: The values of other stacks that were asked for and that nobody gives, by the names of their symbols.
        self.references: dict[str, CrossStackReference] = {}
        #: The transforms that may change policies in a way that is not known here.
        self.macros: list[str] = macros_of(data.get("Transform"))
        self._entries: dict[str, MappingEntries] = {}
        #: To which partitions resources have to be deployed, as far as somebody has asked.
        self._demands: dict[str, tuple[str, ...]] = {}
        #: What was looked into so far of what is wrong with conditions, and what of it matters.
        self.faults: dict[str, Fault | None] = {}
        self.faults_met: dict[str, Fault] = {}
        self.faults_told: set[str] = set()
        self._circular: CircularConditions = written.circular_conditions
        self.resources: dict[str, dict[str, object]] = dict(resources or {})
        self._plain: PlainResources | None = None
        #: Where the template stands in its file, for one inside another one.
        self.prefix: Path = ()
        #: Where a resource stands, if not at ``("Resources", logical_id)``.
        self.resource_paths: dict[str, Path] = {}
        #: How each resource was made that a loop has made.
        self.turns: Turns = {}
        #: The collections of the loops that stand inside a resource, by its logical id.
        self.inner_collections: dict[str, list[object]] = {}
        #: Loops that are not written out, by their logical ids, and why; without those that say nothing of access.
        self.unread_loops: dict[str, tuple[object, str]] = {}
        #: What else may make resources, and is not read either.
        self.unknown_resources: list[str] = []
        #: Logical ids of roles that the SAM transform will make, to the resource they are made for.
        self.generated_roles: dict[str, str] = {}
        linked_values = deployment.linked_values
        if linked_values is not None:
            self._add_linked_values(linked_values)
        told = [] if assignment is None else [*excluded_values(assignment)]
        #: The parameters that do not have their defaults where it is read.
        self.not_default: tuple[str, ...] = () if assignment is None else assignment.not_default
        for name in self.not_default:
            parameter = self.parameters.get(name)
            if parameter is None:
                # One of a stack around it.
                continue
            # Where no value is named, it is whatever is not its default.
            is_class = assignment is not None and name in dict(assignment.named)
            excluded = {text for other, text in told if other == name}
            self.parameters[name] = parameter.other_than(excluded) if is_class else parameter._replace(default=None)
        self._open_passed(self.not_default, {} if assignment is None else dict(assignment.values))
        #: Of the Region; where that is not known, the one that the template is written for.
        self.partition: str = deployment.partition or signs.partition
        #: Whether there is only one: else some parts of the template are for one partition, and some for another.
        self.partition_known: bool = deployment.partition is not None or not (
            written.is_for_several_partitions
            or (bool(self.conditions or self.mappings) and _is_given_partition(deployment))
            or (linked_values is not None and chooses_by_partition(linked_values.conditions))
        )
        for name, value in assignment.values if assignment is not None else ():
            if name == "AWS::Partition":
                self.partition, self.partition_known = value, True
        #: Whether ARNs of it may be of one partition, and others of the one that it is deployed to.
        self.names_partitions: bool = deployment.partition is None and _names_partitions(signs, deployment)
        #: The Regions that it writes out, where it may name issuers of tokens by its own, which is not known.
        self.regions_beside_issuers: frozenset[str] | None = None
        if deployment.region is None and linked_values is None and not deployment.bindings and signs.names_issuers:
            given = [TextSigns(str(value)) for value in deployment.parameters.values()]
            self.regions_beside_issuers = signs.regions.union(*(one.regions for one in given))
        #: Whether a text may be a function of org-formation: ``Fn::EnumTargetAccounts Binding '${account}'``.
        self.text_functions: bool = str(data.get("AWSTemplateFormatVersion")).endswith("-OC")
        #: Whether conditions may come from elsewhere, so that one that is not declared is only not known.
        self.is_unfinished: bool = bool(self.macros or self.text_functions or written.has_functions_for_conditions)
        #: Whether any text of the template may stand for something else; spares a search in every string.
        self.dynamic: bool = (
            signs.is_dynamic
            or self.text_functions
            or (linked_values is not None and linked_values.dynamic)
            or any(map(may_be_in, (*deployment.parameters.values(), *map(str, deployment.bindings.values()))))
        )
        #: What is pinned of an SSM parameter is its name, which says nothing of its value.
        self.pinned: dict[str, str] = {
            name: value
            for name, value in deployment.parameters.items()
            if name in self.parameters and not self.parameters[name].is_ssm
        }
        #: Rules that nothing satisfies, in words; they are not among those below.
        self.passed_over: list[str] = []
        #: Why CloudFormation makes no stack with what a template is passed, by its rules; empty where it may.
        self.refused: str = ""
        #: The conditions that hold in every deployment.
        self.rules: tuple[str, ...] = ()
        #: Those of them that no rule says, but what CloudFormation refuses.
        self.demands: dict[str, object] = {}
        self._own_rules: Mapping[str, object] = {}
        #: What is looked up among its resources.
        self.indexes: Indexes = Indexes()
        self._rules_by_name: tuple[object, object, RulesByName] | None = None
        #: Whether there are more rules than are read: none is then.
        self.has_too_many_rules: bool = written.has_too_many_rules
        if "Rules" in data and not self.has_too_many_rules:
            self._read_rules(written.rules(self.parameters))
        if linked_values is not None:
            self.rules += linked_values.rules
        passed = any(isinstance(value, Symbolic) for value in self.bindings.values())
        #: What was found so far of what values parameters may have together, here and at other assignments.
        self.found_values: FoundValues = written.found_values
        #: Which policies may look at tags of what they stand on, here and at other assignments.
        self.tags_of_resources: TagsOfResources = written.tags_of_resources
        #: How conditions came out so far.
        is_given = linked_values is not None and linked_values.gives_values
        self.outcomes = Outcomes(self, are_plain=not is_given and not passed)

    @property
    def declared_besides(self) -> tuple[object, ...]:
        """What decides how conditions come out, beside values and declarations of parameters."""
        return self.conditions, self.mappings, self.deployment, self.bindings, self.rules

    @property
    def own_rules(self) -> tuple[str, ...]:
        """The conditions that hold in every deployment by the ``Rules`` of the template itself."""
        return tuple(rule for rule in self.rules if rule in self._own_rules)

    def rules_about(self, guards: Iterable[Guard]) -> tuple[str, ...]:
        """The rules that have to do with guards: see `parameters.rules.rules_about`."""
        known = self._rules_by_name
        if known is None or known[0] is not self.rules or known[1] is not self.conditions:
            given = {} if self.deployment.linked_values is None else self.deployment.linked_values.values
            known = (self.rules, self.conditions, RulesByName(self.rules, self.conditions, self.bindings, given))
            self._rules_by_name = known
        return known[2].about(guards)

    def circular_conditions(self) -> frozenset[str]:
        """The names of the conditions that depend on themselves."""
        return self._circular.among(self.conditions)

    def _read_rules(self, rules: Mapping[str, object]) -> None:
        self._declared = dict(self.parameters)
        self._own_rules = rules
        self.rules = tuple(self._own_rules)
        self.conditions = {**self.conditions, **self._own_rules}
        self._narrow()

    def _narrow(self) -> None:
        rules = {rule: body for rule, body in self._own_rules.items() if rule in self.rules}
        narrow_parameters(self.parameters, rules, (*self.pinned, *self.deployment.bindings))

    def pass_over(self, rules: Sequence[str], said: str) -> None:
        """Be as if some rules were not there, which a report calls by some words."""
        self.passed_over.append(said)
        self.rules = tuple(rule for rule in self.rules if rule not in rules)
        self.parameters = dict(self._declared)
        self._narrow()

    def _add_linked_values(self, linked_values: LinkedValues) -> None:
        """Declare what expressions of other stacks need; their names cannot be those of this template."""
        self.parameters.update(linked_values.parameters)
        self.mappings = {**self.mappings, **linked_values.mappings}
        self.conditions = {**self.conditions, **linked_values.conditions}
        self.bindings = {**self.bindings, **linked_values.bindings}
        self.at_default = {**linked_values.at_default, **self.at_default}
        self.linked_resources = linked_values.resources
        self.inner_collections.update((name, [*found]) for name, found in linked_values.collections.items())
        self.unread_loops.update(linked_values.unread_loops)
        self.generated_roles.update(linked_values.roles)

    def _open_passed(self, names: Collection[str], values: Mapping[str, str]) -> None:
        """
        Have what is passed be what it is where parameters of the stacks around it are not their defaults.

        Args:
            names: those that have any other value.
            values: what else is given to parameters, the default or not.
        """
        opened: dict[str, Text] = {}
        for own, (defaults, text, _) in self.at_default.items():
            if any(name in names or values.get(name, default) != default for name, default in defaults.items()):
                left = {name: default for name, default in defaults.items() if name not in names}
                kept = {**left, **{name: value for name, value in values.items() if name in defaults}}
                opened[own] = text.bind(kept) if isinstance(text, Symbolic) else text
        self.bindings = {**self.bindings, **opened}

    def leave_out(self, names: Collection[str]) -> None:
        """Be without some resources, of this template or of another stack."""
        self.linked_resources = {name: one for name, one in self.linked_resources.items() if name not in names}
        self.resources = {name: one for name, one in self.resources.items() if name not in names}
        self._plain = None

    def refuses(self, name: str, value: str) -> bool:
        """Whether a parameter that may be chosen is one of a few values, and never this one."""
        parameter = self.parameters.get(name)
        if parameter is None or name in self.bindings:
            return False
        if not parameter.listed or value == parameter.judged_default:
            return False
        # It is asked of the same few values in each reading.
        before, is_refused = self._refused.get((name, value), (None, False))
        if before is not parameter:
            is_refused = parameter.refusal(value) is not None
            self._refused[name, value] = (parameter, is_refused)
        return is_refused

    def entries(self, mapping: str) -> MappingEntries:
        """What stands in a mapping; nothing in one that is not there."""
        if mapping not in self._entries:
            self._entries[mapping] = MappingEntries(self.mappings.get(mapping))
        return self._entries[mapping]

    def resource(self, logical_id: str) -> dict[str, object] | None:
        """A resource that something can refer to, of this template or of another stack; None where there is none."""
        return self.resources[logical_id] if logical_id in self.resources else self.linked_resources.get(logical_id)

    def take(self, plain: PlainResources) -> None:
        """Have the resources of a template without loops, which are the same in each reading of it."""
        self.resources = dict(plain.resources)
        self._plain = None if TRANSFORM in self.resources else plain

    def of_types(self, types: Iterable[str]) -> list[str]:
        """The logical ids of the resources of some types, in the order of the template."""
        places = (place for type_ in types for place in self._by_type.get(type_, ()))
        return [logical_id for _, logical_id in sorted(places)]

    def collections_of(self, logical_id: str) -> list[object]:
        """What decides, as the collections of loops, whether a resource is there, and what it says."""
        made = [source for turn in self.turns.get(logical_id, ()) for source, _ in turn]
        return made + self.inner_collections.get(logical_id, [])

    @property
    def has_loops(self) -> bool:
        """Whether loops have made some of what the resources say."""
        return bool(self.turns) or bool(self.inner_collections)

    @cached_property
    def made_at(self) -> Mapping[Path, Sequence[str]]:
        """The logical ids of what loops have made, by where the template has what they make it of."""
        found: dict[Path, list[str]] = {}
        for logical_id in self.turns:
            found.setdefault(self.path(logical_id), []).append(logical_id)
        return found

    def noted(self) -> Sequence[str]:
        """The resources of which their reader has something to note."""
        plain = self._plain
        return [name for name, one in self.resources.items() if is_noted(one)] if plain is None else plain.noted

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """The resources of each type, each with its place among all."""
        plain = self._plain
        return places_by_type(self.resources) if plain is None else plain.by_type

    @cached_property
    def referring(self) -> Mapping[str, Mapping[str, None]]:
        """The resources that refer to each resource, by logical ids, and an empty text where an output does."""
        found = references(self.resources) if self._plain is None else self._plain.referring
        return {**found, **{name: {**found.get(name, {}), "": None} for name in set(names_in(self.outputs))}}

    @cached_property
    def functions(self) -> ResourceFunctions:
        """What the functions in resources and outputs ask of mappings and of resources."""
        found = functions_in(self.resources) if self._plain is None else self._plain.functions
        given = functions_in_outputs(self.outputs, self.resources)
        if not given.lookups and not given.needed:
            return found
        needed = dict.fromkeys((*found.needed, *given.needed))
        return ResourceFunctions([*found.lookups, *given.lookups], [*needed])

    @cached_property
    def naming_roles(self) -> Sequence[str]:
        """The logical ids of resources that spell out the ARN of a role, and may tell somebody of it."""
        return naming_roles(self.resources) if self._plain is None else self._plain.naming_roles

    @cached_property
    def program_inputs(self) -> dict[str, ProgramInputs | None]:
        """By logical id what resources tell whom, as far as somebody has asked; None of one that tells nobody."""
        return {} if self._plain is None else self._plain.program_inputs

    @cached_property
    def demanded_partitions(self) -> tuple[str, ...]:
        """The partitions that what is in every deployment demands, as a rule one; empty where it may go anywhere."""
        always = (self.demanded_by(name) for name, one in self.resources.items() if "Condition" not in one)
        return tuple(dict.fromkeys(found for demanded in always for found in demanded))

    def demanded_by(self, logical_id: str) -> tuple[str, ...]:
        """The partitions to one of which a resource has to be deployed."""
        if logical_id not in self._demands:
            self._demands[logical_id] = tuple(dict.fromkeys(demanded_partitions(self.resource(logical_id) or {})))
        return self._demands[logical_id]

    @cached_property
    def has_one_partition(self) -> bool:
        """Whether what the template has can only go to the partition that it is read for, and nothing looks that up."""
        demanded = {found for name in self.resources for found in self.demanded_by(name)} & all_partitions()
        return self._is_closed and demanded == set(self.demanded_partitions) & all_partitions() == {self.partition}

    def is_read_at(self, assignment: Assignment) -> bool:
        """Whether an assignment only names the partition that the template is read for in any case."""
        named = (("AWS::Partition", self.partition),)
        return self._is_closed and assignment.values == named and not assignment.not_default

    @property
    def _is_closed(self) -> bool:
        """Whether nothing that the template has looks up the partition, nor takes what may depend on it."""
        elsewhere = self.mappings or self.bindings or self.deployment.linked_values is not None
        return self.partition_known and not elsewhere

    def path(self, logical_id: str) -> Path:
        """Where a resource stands in the template."""
        return self.resource_paths.get(logical_id, ("Resources", logical_id))

    def properties(self, logical_id: str) -> dict[str, object]:
        """The properties of a resource; empty where they are not a mapping."""
        return _mapping((self.resource(logical_id) or {}).get("Properties"))
