"""
Several templates put together, as far as they say who may do what: users, groups, roles and their policies.

Every name has the name of its stack before it (``Security/MfaPolicy``), so that each can be told apart and found again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, TypeVar

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.cloudformation.evaluation.declarations.globals import place_in_globals
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import rename_symbols
from trustproof.inputs.cloudformation.linking.importing_holders import are_named_by_text, imported_together
from trustproof.inputs.cloudformation.linking.presence import conditions_of
from trustproof.inputs.cloudformation.linking.relocation import Relocation
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.inputs.text.source import Source
from trustproof.model.deployments import IS_THERE
from trustproof.model.document import Document
from trustproof.model.names import in_stack
from trustproof.model.policy import Path
from trustproof.model.text import GENERATED_NAME, RESOURCE_NAME, Symbol, Text, concat

_J = TypeVar("_J", bound="JoinedTemplate")
#: Why what a template has is not known at other values than its defaults.
_GONE = "the template is not among the others at other values"


class TemplatePart(NamedTuple):
    """
    One of the templates.
    """

    #: The name of its stack, which no other part has.
    label: str
    template: Template

    @property
    def names(self) -> Collection[str]:
        """The logical ids of its resources."""
        return self.template.environment.resources


class _JoinedSource(Source):
    """
    The texts of several templates.
    """

    def __init__(self, parts: Sequence[TemplatePart], ambiguous: Mapping[tuple[str, str], str]) -> None:
        text = "\n".join(part.template.text for part in parts).replace(FOREACH, "")
        super().__init__(", ".join(part.template.name for part in parts), text)
        self.parts = tuple(parts)
        self.ambiguous = ambiguous

    def refuses(self, name: str, value: str) -> bool:
        """Whether a parameter is known not to admit a value, beyond what the content says of it."""
        part, own = self._home(name)
        return part is not None and part.template.source.refuses(own, value)

    def admitted_values(self, name: str) -> Sequence[str]:
        """Some values that a parameter is known to admit, beyond what the content says of it; empty where none is."""
        part, own = self._home(name)
        return () if part is None else part.template.source.admitted_values(own)

    def decided_by(self, name: str) -> Sequence[str]:
        """What decides a value that is no parameter, as far as that is known; empty where it is not."""
        part, own = self._home(name)
        return () if part is None else [f"{part.label}/{one}" for one in part.template.source.decided_by(own)]

    def doubt_about(self, values: Mapping[str, str]) -> str | None:
        """
        Why it is not known whether parameters can have some values together: each template tells it of its own.

        Empty where they can, None where some are of none of the templates.
        """
        by_label: dict[str, dict[str, str]] = {}
        is_all = True
        for name, value in values.items():
            part, own = self._home(name)
            if part is not None:
                by_label.setdefault(part.label, {})[own] = value
            elif in_stack(name)[0]:
                is_all = False
        for label, template in self.parts:
            given = by_label.get(label)
            if given and (doubt := template.assignments.undecided_together(given)):
                return doubt
        return "" if is_all else None

    def _home(self, name: str) -> tuple[TemplatePart | None, str]:
        """The template that has a parameter, if any, and what that is called there."""
        found = [part for part in self.parts if name.startswith(f"{part.label}/")]
        if not found:
            return None, name
        part = max(found, key=lambda one: len(one.label))
        return part, name.removeprefix(f"{part.label}/")


class JoinedTemplate(Template):
    """
    Templates of one account, as one. All of them are taken to be deployed.

    Its documents are called as in their own templates; their paths and the names of holders say which these are.
    """

    #: What is not among them at other values than defaults, and why: nobody knows there what holders have together.
    gone: tuple[tuple[Path, str], ...] = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every policy document."""
        return tuple(_as_at_home(document) for document in super().documents)

    def documents_at(self, logical_id: str, path: Path) -> tuple[Document, ...]:
        """What the document at a path may be."""
        return tuple(map(_as_at_home, super().documents_at(str(path[1]), path)))

    def home_of(self, path: Path) -> tuple[Template, Path, str] | None:
        """The template that has what stands at a path, the path there, and what begins its names among the others."""
        source = self.source
        if not isinstance(source, _JoinedSource):
            return None
        part, home = at_home(path, source.parts)
        return part.template, home, f"{part.label}/"

    @property
    def unread(self) -> tuple[tuple[Path, str], ...]:
        """What could not be read: the path, and why."""
        return (*super().unread, *self.gone)

    # A configuration of Terraform has no parameters: it is made again where its variables have other values.

    def parameter_defaults(self) -> Mapping[str, str]:
        """The parameters and variables that have a default, which they were read at, and the defaults."""
        return {**super().parameter_defaults(), **self._made_at_defaults(lambda one: one.parameter_defaults())}

    def holder_defaults(self) -> Mapping[str, str]:
        """The same for all that is said of users, groups, roles and sessions."""
        return {**super().holder_defaults(), **self._made_at_defaults(lambda one: one.holder_defaults())}

    def at_other_values(self: _J, names: tuple[str, ...]) -> _J | None:
        """The templates as one, those made again of whose variables some have other values; None where none is."""
        source, given = self.source, frozenset(names)
        if not isinstance(source, _JoinedSource):
            return None
        if self._others is None:
            self._others = {}
        if names not in self._others:
            there: list[TemplatePart] = []
            for label, template in source.parts:
                own = tuple(name for name in template.source.defaults if f"{label}/{name}" in given)
                opened = template.at_other_values(own) if own else template
                # What cannot be read without a default denies nobody anything there, nor does what goes elsewhere then.
                stays = opened is not None and opened.account == template.account
                there += [TemplatePart(label, opened)] if opened is not None and stays else []
            is_other = there and there != [*source.parts]
            self._others[names] = made = join(there, source.ambiguous) if is_other else None
            kept = {label for label, _ in there}
            gone = [part for part in source.parts if part.label not in kept]
            if made is not None:
                made.gone = tuple((("Resources", f"{one.label}/{name}"), _GONE) for one in gone for name in one.names)
        found: _J | None = self._others[names]
        return found

    def is_lost_at(self, names: Collection[str]) -> bool:
        """Whether none of them is known to be here where some names have other values than their defaults."""
        source = self.source
        parts = source.parts if isinstance(source, _JoinedSource) else ()
        is_made_again = any(f"{label}/{name}" in names for label, one in parts for name in one.source.defaults)
        return is_made_again and self.at_other_values(tuple(names)) is None

    def instances_made_again(self) -> int:
        """How many instances of resources and modules are made to read it at other values."""
        source = self.source
        parts = source.parts if isinstance(source, _JoinedSource) else ()
        return sum(part.template.instances_made_again() for part in parts)

    def _made_at_defaults(self, defaults: Callable[[Template], Mapping[str, str]]) -> dict[str, str]:
        """Defaults of the templates that are made again at other values, by the names that they have among all."""
        source = self.source
        return {
            f"{label}/{name}": value
            for label, template in (source.parts if isinstance(source, _JoinedSource) else ())
            if template.source.defaults
            for name, value in defaults(template).items()
        }

    def _located(self, message: str, path: Path) -> PolicySyntaxError:
        """What is wrong with one of them is said, with its place, where it is read by itself: there is no such file."""
        return PolicySyntaxError(message, self.name)


def _as_at_home(document: Document) -> Document:
    return document._replace(logical_id=in_stack(document.logical_id)[1])


def join(parts: Sequence[TemplatePart], ambiguous: Mapping[tuple[str, str], str]) -> JoinedTemplate:
    """
    Templates as one.

    Args:
        ambiguous: kind and name of what several templates of the account declare, to the reason to say.
    """
    first = parts[0].template
    resources: dict[str, object] = {}
    linked_values = LinkedValues(ambiguous=ambiguous)
    paths: dict[str, str] = {}
    made: dict[str, object] = {}
    collections: dict[str, list[object]] = {}
    unread_loops: dict[str, tuple[object, str]] = {}
    for label, template in parts:
        same_region = template.region == first.region
        renaming = Relocation(template, label, None, same_region=same_region)
        for logical_id, resource in template.environment.resources.items():
            if catalogue.is_about_holders(str(resource.get("Type"))):
                name = renaming.name(logical_id)
                resources[name] = _resource(template, renaming, logical_id, resource, made)
                if sources := template.environment.collections_of(logical_id):
                    collections[name] = [renaming.value(one) for one in sources]
        for logical_id, (loop, why) in template.environment.unread_loops.items():
            unread_loops[renaming.name(logical_id)] = renaming.value(loop), why
        given = template.origin.deployment.linked_values
        if given is not None:
            linked_values = linked_values.joined(_given(given, label, same_region=same_region))
        around = template.origin.deployment.presence.linked_values
        linked_values = linked_values.joined(around).joined(renaming.linked_values())
        paths |= {renaming.name(key): path for key, path in template.origin.construct_paths.items()}
    by_loops = LinkedValues(conditions=made, collections=collections, unread_loops=unread_loops)
    linked_values = linked_values.joined(by_loops)
    if linked_values.deployments and not are_named_by_text([template for _, template in parts]):
        linked_values = linked_values.joined(_of_their_deployments(parts, resources, linked_values))
    bindings = {name: _as_read_here(text) for name, text in linked_values.bindings.items()}
    linked_values = linked_values._replace(bindings=bindings)
    place = Deployment(first.account, first.region, linked_values=linked_values)
    organizations = {part.template.organization for part in parts}
    deployment = place.in_organization(organizations.pop() if len(organizations) == 1 else None)
    return JoinedTemplate(_JoinedSource(parts, ambiguous), {"Resources": resources}, deployment, construct_paths=paths)


def _of_their_deployments(
    parts: Sequence[TemplatePart], resources: dict[str, object], linked_values: LinkedValues
) -> LinkedValues:
    """
    The conditions that users and roles are judged beside those deployments of others whose exports they have, and what
    these refer to; resources that have one are under it from then on.
    """
    conditions: dict[str, object] = {}
    for label, template in parts:
        given = template.origin.deployment.linked_values or LinkedValues()
        renaming = Relocation(template, label, None)
        for logical_id in template.environment.of_types((catalogue.USER, catalogue.ROLE)) if given.deployments else ():
            name = renaming.name(logical_id)
            found = resources[name]
            condition = imported_together(template, renaming, logical_id, given, linked_values.parameters)
            if condition is not None and isinstance(found, dict):
                own = [{"Condition": found["Condition"]}] if "Condition" in found else []
                key = f"{name} has its imports"
                conditions[key] = {"Fn::And": [*own, condition]} if own else condition
                resources[name] = {**found, "Condition": key}
        conditions |= renaming.conditions
        linked_values = linked_values.joined(renaming.linked_values())
    return linked_values._replace(conditions={**linked_values.conditions, **conditions})


def _resource(
    template: Template,
    renaming: Relocation,
    logical_id: str,
    resource: Mapping[str, object],
    made: dict[str, object],
) -> dict[str, object]:
    """
    A resource under the names that others use.

    Args:
        made: receives the condition under which it is there, where that is more than one of its template.
    """
    type_ = str(resource.get("Type"))
    properties = template.environment.properties(logical_id)
    # Who may assume a role is asked where the role stands.
    properties = {key: value for key, value in properties.items() if key != "AssumeRolePolicyDocument"}
    found: dict[str, object] = {"Type": type_, "Properties": renaming.value(properties)}
    around = template.origin.deployment.presence.conditions
    conditions = [one for one in conditions_of(template, renaming, logical_id) if one not in around]
    name = f"{renaming.name(logical_id)} is there"
    match [*around, *conditions]:
        case []:
            pass
        case [{"Condition": str(only)}]:
            found["Condition"] = only
        case [only]:
            found["Condition"], made[name] = name, only
        case several:
            found["Condition"], made[name] = name, {"Fn::And": several}
    if "Metadata" in resource:
        found["Metadata"] = resource["Metadata"]
    return found


def _given(linked_values: LinkedValues, label: str, *, same_region: bool) -> LinkedValues:
    """What a template is given, by the names that it has among the others; exports are those of one Region."""
    values = {
        name if name.startswith("Fn::") or in_stack(name)[0] else f"{label}/{name}": value
        for name, value in linked_values.values.items()
        if same_region or not name.startswith("Fn::")
    }
    # What it calls its own is what others call by the name of the stack.
    others = {name: text for name, text in linked_values.bindings.items() if in_stack(name)[0] != label}
    bindings = {name: rename_symbols(text, label) for name, text in others.items()}
    # Each resource has the conditions of its stack, and what stands beside it has not.
    own = (IS_THERE, *(name for name in linked_values.conditions if name.startswith(f"{label} admits ")))
    required = tuple(one for one in linked_values.requirements if one not in own)
    return linked_values._replace(values=values, bindings=bindings, requirements=required)


def _as_read_here(text: Text) -> Text:
    """What a stack is passed, with generated names as they are read of the resources of several stacks."""
    if isinstance(text, str):
        return text
    return concat(
        part._replace(holds=RESOURCE_NAME) if isinstance(part, Symbol) and part.holds == GENERATED_NAME else part
        for part in text.parts
    )


def at_home(path: Path, parts: Sequence[TemplatePart]) -> tuple[TemplatePart, Path]:
    """The part in which a path of the joined template leads somewhere, and where there."""
    if len(path) > 1:
        label, logical_id = in_stack(str(path[1]))
        for part in parts:
            if part.label == label:
                return part, _written(part.template, logical_id, path[2:])
    return parts[0], path


def _written(template: Template, logical_id: str, steps: Path) -> Path:
    """Where a part of a resource stands; the SAM transform takes some of it from elsewhere."""
    environment = template.environment
    resource, at = environment.resources[logical_id], environment.path(logical_id)
    return place_in_globals(template.data, resource, environment.prefix, at)((*at, *steps))
