"""
Cloud assemblies: the directory that ``cdk synth`` writes.

The manifest gives the stacks, the assemblies nested in it (stages), and the environment of each stack. The templates of
nested stacks are files beside it, found by the bucket and key in the ``TemplateURL``.

https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cloud-assembly-schema/README.md
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from trustproof.errors import InputError, NothingToProve, TemplateError
from trustproof.files import real_path
from trustproof.inputs.assembly.acknowledgments import acknowledgments
from trustproof.inputs.assembly.assets import AssetManifests, Assets
from trustproof.inputs.assembly.files import below, data_of, environment_of
from trustproof.inputs.assembly.nested_parameters import (
    Child,
    Children,
    child,
    compared_inside,
    content_of,
    guards_of,
    passed_to,
    perhaps_meant,
    places,
)
from trustproof.inputs.cloudformation.evaluation.passed_values import Reading, bindings, left_to_default, rename_symbols
from trustproof.inputs.cloudformation.linking.presence import presence
from trustproof.inputs.cloudformation.reader import why_no_template
from trustproof.inputs.cloudformation.resources.nested_templates import stack_set_targets
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.catalogue import NESTED_STACK, STACK_SET
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.grammar.values import scalar_text
from trustproof.inputs.nested_stacks.composition import MAX_DEPTH, Composition, Share, mentioned_resources
from trustproof.inputs.nested_stacks.files import local_file, location_of, nested_places
from trustproof.inputs.settings import Settings
from trustproof.inputs.text.source import read
from trustproof.inputs.walk import PassedOver
from trustproof.results.result import BUDGET

MANIFEST = "manifest.json"
_STACK = "aws:cloudformation:stack"
_ASSEMBLY = "cdk:cloud-assembly"


class StackArtifact:
    """
    One stack of an assembly, not read yet.

    Args:
        directory: of the assembly that the stack is listed in.
        identifier: of the artifact.
        artifact: its entry in the manifest.
        assets: what the assembly uploads; None to read that for this stack alone.
    """

    def __init__(
        self, directory: str, identifier: str, artifact: Mapping[str, object], assets: AssetManifests | None = None
    ) -> None:
        self.directory = directory
        self.assets: AssetManifests = assets or AssetManifests(directory)
        self._artifact = artifact
        properties = _mapping(artifact.get("properties"))
        self.file: str = os.path.join(directory, str(properties.get("templateFile", "")))
        self.path: str = str(artifact.get("displayName") or identifier)
        self.stack_name: str = str(properties.get("stackName") or identifier)
        self.parameters: dict[str, str] = {
            str(name): text
            for name, value in _mapping(properties.get("parameters")).items()
            if (text := scalar_text(value)) is not None
        }
        #: Where the template lies that the command line of the CDK deploys; None where it is the file.
        self.template_url: object = properties.get("stackTemplateAssetObjectUrl")
        self.account, self.region = environment_of(
            str(artifact.get("environment", "")), os.path.join(directory, MANIFEST)
        )

    def metadata(self) -> Mapping[str, object]:
        """Construct path to the metadata entries of that construct."""
        inline = _mapping(self._artifact.get("metadata"))
        name = self._artifact.get("additionalMetadataFile")
        if not isinstance(name, str):
            return inline
        extra = _load(below(self.directory, os.path.join(self.directory, name), self.file))
        return {**inline, **_mapping(extra)}


def is_assembly(directory: str) -> bool:
    """Whether a directory is a cloud assembly: its manifest lists artifacts, or would if it could be read."""
    path = os.path.join(directory, MANIFEST)
    if not os.path.isfile(path):
        return False
    if os.path.isfile(os.path.join(directory, "cdk.out")):
        return True
    try:
        return "artifacts" in _mapping(_load(path))
    except InputError:
        # Some other program's manifest may have the same name.
        beside = os.listdir(directory)
        return os.path.basename(real_path(directory)) == "cdk.out" or any(
            name.endswith((".template.json", ".assets.json")) or name.startswith("assembly-") for name in beside
        )


def stacks(directory: str, seen: set[str]) -> list[StackArtifact]:
    """
    Every stack of an assembly and of the assemblies nested in it, in the order of the manifest.

    Args:
        seen: gets the real paths of these assemblies.

    Raises:
        InputError: a manifest cannot be read.
        NothingToProve: there is no stack.
    """
    seen.add(real_path(directory))
    if not (found := list(_stacks(directory, seen))):
        raise NothingToProve("the cloud assembly has no stacks", os.path.join(directory, MANIFEST))
    return found


def _stacks(directory: str, seen: set[str], depth: int = 0) -> Iterator[StackArtifact]:
    path = os.path.join(directory, MANIFEST)
    if depth > MAX_DEPTH:
        raise InputError(f"{BUDGET}: cloud assemblies inside each other ({MAX_DEPTH})", path)
    artifacts = _mapping(_load(path)).get("artifacts", {})
    if not isinstance(artifacts, Mapping):
        raise InputError("the artifacts of the cloud assembly are not a mapping", path)
    assets = AssetManifests(directory)
    for identifier, artifact in artifacts.items():
        entry = _mapping(artifact)
        if entry.get("type") == _STACK:
            found = StackArtifact(directory, identifier, entry, assets)
            below(directory, found.file, path)
            yield found
        elif entry.get("type") == _ASSEMBLY:
            name = _mapping(entry.get("properties")).get("directoryName")
            inner = below(directory, os.path.join(directory, str(name)), path)
            if real_path(inner) not in seen:
                seen.add(real_path(inner))
                yield from _stacks(inner, seen, depth + 1)


def _load(path: str) -> object:
    return read(path).load()


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


# -- reading the templates of a stack


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
        self._metadata: Mapping[str, object] | None = None
        self._assets: Assets | None = None
        self._open: list[str] = []
        self._compared: dict[str, frozenset[str]] = {}

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

    def _read(self, file: str, deployment: Deployment, stack: str) -> Iterator[Template | InputError | PassedOver]:
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
            if nested:
                labels = {
                    # What the outputs of several are is not known.
                    key: self._path(stack, key, one.files[0][0]) if len(one.files) == 1 else ""
                    for key, one in nested.items()
                    if one.are_all
                }
                template = Template(source, data, deployment, stack=stack, construct_paths=paths, nested=labels)
            template.waivers += acknowledgments(self._entries(), template.environment.resources, paths)
        except InputError as error:
            yield error
            return
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
            try:
                inner = self._nested_files(_mapping(_load(file)))
            except InputError:
                # It is said where the template itself is read.
                continue
            new = [file for file in inner.values() if real_path(file) not in found]
            found.update(map(real_path, new))
            open_ += new
        return found

    def _nested_files(self, data: Mapping[str, object]) -> dict[str, str]:
        """Logical ids of nested stacks to their templates; one that is not in the assembly is another project's."""
        entries = {key: _mapping(resource) for key, resource in _mapping(data.get("Resources")).items()}
        nested = {key: self._nested_file(one) for key, one in entries.items() if one.get("Type") == NESTED_STACK}
        return {key: file for key, file in nested.items() if file is not None}

    def _children(self, template: Template) -> dict[str, Children]:
        """Logical ids of nested stacks to what their templates may be."""
        environment = template.environment
        assets = self._nested_files({"Resources": environment.resources})
        found: dict[str, Children] = {}
        for logical_id, resource in environment.resources.items():
            guards = guards_of(environment, resource)
            if (file := assets.get(logical_id)) is not None and self._among is None:
                found[logical_id] = Children((Child(file, Reading(template.resolver, guards, file)),), True)
            elif self._among is not None and (location := location_of(resource)) is not None:
                at = places(template, location, guards, file)
                # What an assembly has at a place stands beside the user's directory, and not below the template.
                files = [(self._given(file or local_file(template.name, one.text)), one, known) for one, known in at]
                given = [(file, one, known) for file, one, known in files if file is not None]
                there = tuple(dict.fromkeys(child(logical_id, file, one, is_known=known) for file, one, known in given))
                perhaps = perhaps_meant(template, logical_id, [one for one, _ in at], self._among)
                found[logical_id] = Children((*there, *perhaps), len(there) == len(at))
        return {logical_id: one for logical_id, one in found.items() if one.files}

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
        return None if file is None or self._among is None else self._among.get(real_path(file))

    def _nested(
        self, template: Template, nested: Mapping[str, Children]
    ) -> Iterator[Template | InputError | PassedOver]:
        stack, deployment = template.stack, template.origin.deployment
        asked = mentioned_resources(template.data) if nested else None
        for logical_id, children in nested.items():
            resource = template.environment.resources[logical_id]
            condition = resource.get("Condition")
            for number, (file, reading, open_) in enumerate(children.files):
                if isinstance(condition, str) and template.resolver.decide(condition) is False:
                    yield PassedOver(file, f"it is for the nested stack {logical_id}, whose condition never holds")
                    continue
                if not self._composition.takes(file, template.name, len(self._open)):
                    return
                passed = passed_to(resource, file, is_known=not template.doubt)
                compared = compared_inside(file, self._templates_in, self._compared, self._open[0])
                bound = bindings(reading, passed, f"{stack}/Parameters.{logical_id}", content_of(file), compared)
                bound = {name: rename_symbols(text, stack) for name, text in bound.items()}
                if resource.get("Type") != STACK_SET:
                    bound |= left_to_default(content_of(file), passed)
                # What the parent passes is not the user's to pin.
                pinned = {name: value for name, value in self._parameters.items() if name not in {*passed, *bound}}
                if resource.get("Type") == STACK_SET:
                    known = not template.doubt
                    targets = stack_set_targets(template.resolver, logical_id, content_of(file), is_known=known)
                    inner = deployment.of_stack_set(pinned, bound, targets)
                else:
                    inner = deployment.of_stack(bound, pinned)
                inner = inner.where(presence(template, logical_id, reading, open_))
                if self._composition.is_enough(file, inner) and asked is not None and logical_id not in asked:
                    continue
                label = self._path(stack, logical_id, file)
                yield from self._read(file, inner, f"{label}-{number + 1}" if len(children.files) > 1 else label)

    def _path(self, stack: str, logical_id: str, file: str) -> str:
        """Path of a nested stack in the assembly."""
        return f"{stack}/{self._nested_name(file) or logical_id}"

    def _nested_file(self, resource: Mapping[str, object]) -> str | None:
        """The file of a nested stack's template; None where it is not in the assembly."""
        if self._assets is None:
            own = os.path.basename(self._artifact.file).removesuffix(".template.json")
            self._assets = Assets(self._artifact.assets, f"{own}.assets.json", self._entries())
        # What the metadata say of its place says nobody to CloudFormation.
        file = self._assets.template_of(_mapping(resource.get("Properties")).get("TemplateURL"))
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
