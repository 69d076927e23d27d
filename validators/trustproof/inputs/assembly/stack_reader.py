"""
The template of a stack and those of the stacks nested in it.

In an assembly, the templates of nested stacks are files beside the manifest, found by the bucket and key in the
``TemplateURL``; elsewhere, they are the files that the user has given besides.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from trustproof.errors import InputError, TemplateError
from trustproof.files.paths import real_path
from trustproof.inputs.assembly.acknowledgments import acknowledgments
from trustproof.inputs.assembly.assets import Assets
from trustproof.inputs.assembly.cdk_assembly import StackArtifact
from trustproof.inputs.assembly.files import below, data_of
from trustproof.inputs.assembly.leftovers import why_left_over
from trustproof.inputs.assembly.nested_parameters import (
    Child,
    Children,
    ComparedParameters,
    child,
    content_of,
    demands_of,
    files_inside,
    guards_of,
    passed_to,
    perhaps_meant,
    places,
)
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import (
    OF_PLACE,
    DeploymentValue,
    bindings,
    left_to_default,
    parameter_store_names,
    passed_at_defaults,
    rename_symbols,
)
from trustproof.inputs.cloudformation.evaluation.stacks.refused_values import refused_binding, taken_at_default
from trustproof.inputs.cloudformation.linking.presence import may_be_made, presence
from trustproof.inputs.cloudformation.reader import READER, why_no_template
from trustproof.inputs.cloudformation.resources.other_templates.nested_templates import (
    left_by_stack_set,
    stack_set_targets,
)
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.catalogue import CATALOGUE_PRODUCT, NESTED_STACK, STACK_SET
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.nested_stacks.composition import Composition, Share, mentioned_resources
from trustproof.inputs.nested_stacks.files import local_file, location_of, nested_places, written_places
from trustproof.inputs.settings import Settings
from trustproof.inputs.text.source import read
from trustproof.inputs.walk import PassedOver
from trustproof.model.text import Symbolic


class StackReader:
    """
    Reads the template of one stack and those of the stacks nested in it.

    Args:
        artifact: the stack.
        settings: account and Region of a stack that leaves its own open, and what the user has pinned.
        share: what the stacks nested in it may cost.
    """

    def __init__(self, artifact: StackArtifact, settings: Settings, share: Share) -> None:
        self._artifact = artifact
        self._composition = Composition(share)
        self._account = artifact.account or settings.account
        self._region = artifact.region or settings.region
        self._parameters = settings.parameters
        #: The real paths of files that may be read, to what the user calls them; None for all.
        self._among: Mapping[str, str] | None = None
        #: Paths that templates name to what the user calls these files.
        self._called: dict[str, str | None] = {}
        self._metadata: Mapping[str, object] | None = None
        self._assets: Assets | None = None
        self._open: list[str] = []
        self._compared = ComparedParameters(self._templates_in)
        #: By the path of a nested stack: the parameters that may be passed something else than it is judged with.
        self._at_default: dict[str, frozenset[str]] = {}
        #: Files of which it is said that stacks which may have them are never there.
        self._never: set[str] = set()
        #: Names of parameters to the files among those that may be read that take them.
        self._taking: dict[tuple[str, ...], Mapping[str, None]] = {}

    def templates(self) -> Iterator[Template | InputError | PassedOver]:
        """The stack's template, then those of its nested stacks, depth first; an error for each that cannot be read."""
        artifact = self._artifact
        deployment = Deployment(
            self._account, self._region, artifact.stack_name, {**artifact.parameters, **self._parameters}
        )
        yield from self._read(artifact.file, deployment, artifact.path)
        yield from self._composition.errors

    def below(self, template: Template, among: Mapping[str, str]) -> Iterator[Template | InputError | PassedOver]:
        """A template that was read already, by itself, and those of its nested stacks that are among some files."""
        self._among = among
        yield from self._read(template.name, template.origin.deployment, self._artifact.path)
        yield from self._composition.errors

    def _read(
        self, file: str, deployment: Deployment, stack: str, *, is_repeated: bool = False
    ) -> Iterator[Template | InputError | PassedOver]:
        if file in self._open:
            return
        try:
            source = read(file)
            data = source.load()
            if not isinstance(data, Mapping):
                raise TemplateError(why_no_template(data), file)
            # The manifest says that it is a stack, so it may have no resources.
            paths = self._construct_paths(file, data)
            template = Template(source, data, deployment, stack=stack, construct_paths=paths)
            # Loops are written out by then.
            nested = self._children(template)
            products = dict.fromkeys(self._products(template), "")
            if nested or products:
                labels = products | {
                    # What the outputs of several are is not known.
                    key: self._path(stack, key, only.file) if (only := one.only()) is not None else ""
                    for key, one in nested.items()
                    if one.are_all and one.number()
                }
                demands = demands_of(template, nested)
                asking = deployment.demanding(demands)
                template = Template(source, data, asking, stack=stack, construct_paths=paths, nested=labels)
                # What they do not admit is not passed to others.
                nested = self._children(template) if demands else nested
            template.waivers += acknowledgments(self._entries(), template.environment.resources, paths)
        except InputError as error:
            yield error
            return
        refused = template.environment.refused
        if refused and self._open and not deployment.is_in_stack_set:
            name = stack.rpartition("/")[2]
            why = f"it is for the nested stack {name}, which CloudFormation refuses to make: {refused}"
            yield from (PassedOver(one, why) for one in files_inside(file, self._templates_in))
            return
        if not may_be_made(template):
            demanded = "the conditions of the stacks around it never hold together with what it takes"
            why = f"it is for a nested stack, and {demanded}"
            yield from (PassedOver(one, why) for one in files_inside(file, self._templates_in))
            return
        if is_repeated:
            statements = sum(len(one.policy.statements) for one in template.documents)
            is_open = any(isinstance(text, Symbolic) for text in deployment.bindings.values())
            self._composition.charge_statements(statements, is_open=is_open)
        yield template
        self._open.append(file)
        yield from self._nested(template, nested)
        self._open.pop()

    def nested_files(self) -> set[str]:
        """The real paths of the templates that are nested in the stack, at any depth."""
        found: set[str] = set()
        open_ = [self._artifact.file]
        while open_:
            file = open_.pop()
            inner = self._nested_files(content_of(file))
            new = [file for file in inner.values() if real_path(file) not in found]
            found.update(map(real_path, new))
            open_ += new
        return found

    def _nested_files(self, data: Mapping[str, object]) -> dict[str, str]:
        """Logical ids of nested stacks to their templates; one that is not in the assembly is another project's."""
        entries = {key: _mapping(resource) for key, resource in _mapping(data.get("Resources")).items()}
        nested = {key: self._nested_file(one) for key, one in entries.items() if one.get("Type") == NESTED_STACK}
        return {key: file for key, file in nested.items() if file is not None}

    def _products(self, template: Template) -> Iterator[str]:
        """Logical ids of products of a catalogue all whose templates the assembly uploads, and which stand in it."""
        for logical_id, resource in template.environment.resources.items():
            if resource.get("Type") == CATALOGUE_PRODUCT and self._among is None:
                listed = _mapping(resource.get("Properties")).get("ProvisioningArtifactParameters")
                infos = [_mapping(_mapping(one).get("Info")) for one in (listed if isinstance(listed, list) else [])]
                if infos and all(self._is_read(one.get("LoadTemplateFromURL")) for one in infos):
                    yield logical_id

    def _is_read(self, location: object) -> bool:
        """Whether a template is one of the assembly's: in a directory that is read whole, it is so like any other."""
        try:
            file = self._uploaded(location)
        except InputError:
            return False
        if file is None or not file.endswith(READER.suffixes) or why_left_over(file, self._artifact.directory):
            return False
        return READER.reads(content_of(file))

    def _children(self, template: Template) -> dict[str, Children]:
        """Logical ids of nested stacks to what their templates may be."""
        environment = template.environment
        assets = self._nested_files({"Resources": environment.resources})
        found: dict[str, Children] = {}
        for logical_id, resource in environment.resources.items():
            guards = guards_of(environment, resource)
            if (file := assets.get(logical_id)) is not None and self._among is None:
                found[logical_id] = Children((Child(file, DeploymentValue(template.resolver, guards, file)),), True)
            elif self._among is not None and (location := location_of(resource)) is not None:
                at = places(template, location, guards, file)
                # What an assembly has at a place stands beside the user's directory, and not below the template.
                files = [(self._given(file or local_file(template.name, one.text)), one, known) for one, known in at]
                given = [(file, one, known) for file, one, known in files if file is not None]
                there = tuple(dict.fromkeys(child(logical_id, file, one, is_known=known) for file, one, known in given))
                perhaps = perhaps_meant(template, logical_id, [one for one, _ in at], self._among, self._taking)
                known = all(known for _, known in at)
                named = [*written_places(location, template.data)] if known else []
                others = {f for place in named if (f := self._given(local_file(template.name, place))) is not None}
                others -= {file for file, _, _ in there}
                others = {file for file in others if not perhaps.has(file)}
                found[logical_id] = Children(there, len(given) == len(at), tuple(sorted(others)), perhaps)
        return {logical_id: one for logical_id, one in found.items() if one.number() or one.others}

    def _templates_in(self, file: str) -> Iterator[tuple[Mapping[str, object], str]]:
        """The resources of a template that make nested stacks, each with a template that is read for it."""
        data = content_of(file)
        if self._among is None:
            yield from (
                (_mapping(_mapping(data["Resources"])[key]), one) for key, one in self._nested_files(data).items()
            )
        for resource, place in nested_places(data) if self._among is not None else ():
            if (given := self._given(local_file(file, place))) is not None:
                yield resource, given

    def _given(self, file: str | None) -> str | None:
        """What the user calls a file; None where it is not given."""
        if file is None or self._among is None:
            return None
        if file not in self._called:
            self._called[file] = self._among.get(real_path(file))
        return self._called[file]

    def _nested(
        self, template: Template, nested: Mapping[str, Children]
    ) -> Iterator[Template | InputError | PassedOver]:
        stack, deployment = template.stack, template.origin.deployment
        asked = mentioned_resources(template.data) if nested else None
        for logical_id, children in nested.items():
            for other in children.others:
                why = f"the nested stack {logical_id} has another template"
                yield from (PassedOver(one, why) for one in files_inside(other, self._templates_in))
            resource = template.environment.resources[logical_id]
            condition = resource.get("Condition")
            if isinstance(condition, str) and template.resolver.decide(condition) is False:
                why = f"it is for the nested stack {logical_id}, whose condition never holds"
                for file in [*(one.file for one in children.there), *children.perhaps.but_for(self._never)]:
                    yield from (PassedOver(one, why) for one in files_inside(file, self._templates_in))
                continue
            for number, (file, reading, open_) in enumerate(children.files()):
                is_repeated = not self._composition.is_fresh(file)
                if not self._composition.takes(file, template.name, len(self._open)):
                    return
                passed = passed_to(resource, file, is_known=not template.doubt)
                compared = self._compared.of(file, self._open[0])
                bound = bindings(reading, passed, f"{stack}/Parameters.{logical_id}", content_of(file), compared)
                is_set = resource.get("Type") == STACK_SET
                bound = {name: rename_symbols(text, stack, OF_PLACE if is_set else ()) for name, text in bound.items()}
                if not is_set:
                    bound |= left_to_default(content_of(file), passed)
                elif not template.doubt:
                    bound |= left_by_stack_set(resource, content_of(file))
                at_default = taken_at_default(reading.resolver, passed, self._at_default.get(stack, ()))
                # Others may make stacks of a StackSet, with other values.
                is_certain = not is_set and not template.doubt
                if is_certain and (refused := refused_binding(content_of(file), bound, at_default)):
                    why = f"it is for the nested stack {logical_id}, which CloudFormation refuses to make: {refused}"
                    yield from (PassedOver(one, why) for one in files_inside(file, self._templates_in))
                    continue
                over = reading.resolver.environment.collections_of(logical_id)
                made_of = passed_at_defaults(reading.resolver, passed, bound, stack, over)
                # What the parent passes is not the user's to pin.
                pinned = {name: value for name, value in self._parameters.items() if name not in {*passed, *bound}}
                pinned |= parameter_store_names(reading, passed, content_of(file))
                if is_set:
                    known = not template.doubt
                    targets = stack_set_targets(template.resolver, logical_id, content_of(file), is_known=known)
                    inner = deployment.of_stack_set(pinned, bound, targets, made_of)
                else:
                    inner = deployment.of_stack(bound, pinned, made_of)
                refusing = content_of(file) if is_certain else None
                inner = inner.where(presence(template, logical_id, reading, open_, refusing))
                if self._composition.is_enough(file, inner) and asked is not None and logical_id not in asked:
                    continue
                label = self._path(stack, logical_id, file)
                label = f"{label}-{number + 1}" if children.number() > 1 else label
                self._at_default[label] = at_default
                yield from self._read(file, inner, label, is_repeated=is_repeated)

    def _path(self, stack: str, logical_id: str, file: str) -> str:
        """Path of a nested stack in the assembly."""
        return f"{stack}/{self._nested_name(file) or logical_id}"

    def _nested_file(self, resource: Mapping[str, object]) -> str | None:
        """The file of a nested stack's template; None where it is not in the assembly."""
        # What the metadata say of its place says nobody to CloudFormation.
        return self._uploaded(_mapping(resource.get("Properties")).get("TemplateURL"))

    def _uploaded(self, location: object) -> str | None:
        """The file of the assembly that a template is made of, by where it is uploaded to; None for another place."""
        if self._assets is None:
            own = os.path.basename(self._artifact.file).removesuffix(".template.json")
            self._assets = Assets(self._artifact.assets, f"{own}.assets.json", self._entries())
        file = self._assets.template_of(location)
        # Elsewhere it is read only if somebody has given it.
        inside = file is not None and self._among is None
        return below(self._artifact.directory, file, self._artifact.file) if file is not None and inside else file

    # -- construct paths

    def _entries(self) -> Mapping[str, object]:
        if self._metadata is None:
            self._metadata = self._artifact.metadata()
        return self._metadata

    def _template_roots(self) -> dict[str, str]:
        """Construct path of each stack and nested stack to the name of its template."""
        return {
            path.strip("/"): str(name)
            for path, entries in self._entries().items()
            for name in data_of(entries, "aws:cdk:templateFile")
        }

    def _nested_name(self, file: str) -> str | None:
        found = next((path for path, name in self._template_roots().items() if name == os.path.basename(file)), None)
        return found.rsplit("/", 1)[-1] if found else None

    def _construct_paths(self, file: str, data: object) -> dict[str, str]:
        """Logical ids of one template to construct paths; the template's own metadata wins over it."""
        resources = _mapping(_mapping(data).get("Resources"))
        if any("aws:cdk:path" in _mapping(_mapping(r).get("Metadata")) for r in resources.values()):
            return {}
        roots = self._template_roots()
        found: dict[str, str] = {}
        for path, entries in self._entries().items():
            construct = path.strip("/")
            root = max((r for r in roots if construct == r or construct.startswith(r + "/")), key=len, default=None)
            belongs = root is None or roots[root] == os.path.basename(file)
            for logical_id in data_of(entries, "aws:cdk:logicalId") if belongs else ():
                found[str(logical_id)] = construct
        return found


def nested_files(artifact: StackArtifact) -> set[str]:
    """The real paths of the templates that are nested in a stack of an assembly, at any depth."""
    return StackReader(artifact, Settings(), Share()).nested_files()


def has_nested(template: Template) -> bool:
    """Whether a template has nested stacks."""
    return any(location_of(resource) is not None for resource in template.environment.resources.values())


def with_nested(
    template: Template, among: Mapping[str, str], share: Share
) -> Iterator[Template | InputError | PassedOver]:
    """
    A template by itself, or of an assembly whose manifest is not at hand, and those of its nested stacks.

    Args:
        among: the real paths of the files that may be read, to what the user calls them.
        share: what the nested stacks may cost.
    """
    if not among:
        yield template
        return
    directory, name = os.path.split(template.name)
    deployment = template.origin.deployment
    identifier = name.removesuffix(".template.json")
    if identifier == name:
        # A file of one's own, whose name others may have elsewhere.
        identifier = os.path.splitext(template.name)[0]
    artifact = StackArtifact(directory or ".", identifier, {"properties": {"templateFile": name}})
    settings = Settings(deployment.account, deployment.region, deployment.parameters)
    yield from StackReader(artifact, settings, share).below(template, among)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
