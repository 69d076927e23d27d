"""
Cloud assemblies: the directory that ``cdk synth`` writes.

The manifest gives the stacks, the assemblies nested in it (stages), and the environment of each stack.

https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cloud-assembly-schema/README.md
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from trustproof.errors import InputError, NothingToProve
from trustproof.files.paths import real_path
from trustproof.inputs.assembly.assets import AssetManifests
from trustproof.inputs.assembly.files import below, environment_of
from trustproof.inputs.grammar.values import scalar_text
from trustproof.inputs.nested_stacks.composition import MAX_DEPTH
from trustproof.inputs.text.source import read
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
        self.account: str | None
        self.region: str | None
        self.account, self.region = environment_of(
            str(artifact.get("environment", "")), os.path.join(directory, MANIFEST)
        )

    @property
    def deployment(self) -> tuple[object, ...]:
        """What tells it apart from another stack that is made of the same template."""
        return self.path, self.stack_name, self.account, self.region, tuple(sorted(self.parameters.items()))

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
            _named(entry, "templateFile", f"the stack {identifier}", path)
            found = StackArtifact(directory, identifier, entry, assets)
            below(directory, found.file, path)
            yield found
        elif entry.get("type") == _ASSEMBLY:
            name = _named(entry, "directoryName", f"the assembly {identifier}", path)
            inner = below(directory, os.path.join(directory, name), path)
            if real_path(inner) not in seen:
                seen.add(real_path(inner))
                yield from _stacks(inner, seen, depth + 1)


def _named(entry: Mapping[str, object], key: str, what: str, path: str) -> str:
    """The file or directory of an artifact. Without a name its path would be the assembly itself."""
    name = _mapping(entry.get("properties")).get(key)
    if not isinstance(name, str) or not name:
        raise InputError(f"{what} of the cloud assembly has no {key}", path)
    return name


def _load(path: str) -> object:
    return read(path).load()


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
