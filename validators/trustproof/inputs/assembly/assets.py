"""
The files that an assembly uploads, and which of them the URL of a nested stack means.

CDK composes the URL of the endpoint of S3, the bucket and the key that the asset manifest says the file is uploaded to;
its legacy synthesizer, of parameters that are named after the hash of the file. A URL that is composed otherwise is
another place's, whatever the metadata beside it say.

https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cloud-assembly-schema/lib/assets/file-asset.ts
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from trustproof.inputs.text.source import read

#: The endpoint of S3, in the Region of the stack or another one.
_ENDPOINT = (
    r"https://s3\.(?:\$\{AWS::Region\}|[a-z]{2,4}-[a-z-]+-\d)\.(?:\$\{AWS::URLSuffix\}|amazonaws\.com(?:\.cn)?)/"
)
#: What the legacy synthesizer calls the bucket and the key of a file, which may have been passed on to nested stacks.
_PARAMETER = r"\$\{[A-Za-z0-9]*AssetParameters([0-9a-f]{64})[A-Za-z0-9]*\}"


class FileAsset(NamedTuple):
    """
    A file that is uploaded when the assembly is deployed.
    """

    #: The file, as the user would call it.
    file: str
    #: Bucket and key, with a slash between them; empty where a parameter says them.
    places: tuple[str, ...]
    #: Of its content, as CDK has it.
    hash: str


class AssetManifests:
    """
    The asset manifests of an assembly, read once for all its stacks, when the first asks for them.

    Args:
        directory: of the assembly.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def __reduce__(self) -> tuple[object, ...]:
        """Another process reads them if it has to ask."""
        return AssetManifests, (self.directory,)

    def files(self, first: str) -> Iterator[FileAsset]:
        """
        What they list.

        Args:
            first: the name of the manifest to begin with: others may have the same content in other files.

        Raises:
            InputError: one of them cannot be read.
        """
        yield from self._by_manifest.get(first, ())
        for name, listed in self._by_manifest.items():
            if name != first:
                yield from listed

    @cached_property
    def _by_manifest(self) -> dict[str, tuple[FileAsset, ...]]:
        names = sorted(name for name in os.listdir(self.directory) if name.endswith(".assets.json"))
        return {name: tuple(self._listed(name)) for name in names}

    def _listed(self, name: str) -> Iterator[FileAsset]:
        manifest = _mapping(read(os.path.join(self.directory, name)).load())
        for key, entry in _mapping(manifest.get("files")).items():
            path = _mapping(_mapping(entry).get("source")).get("path")
            destinations = map(_mapping, _mapping(_mapping(entry).get("destinations")).values())
            places = (f"{one.get('bucketName')}/{one.get('objectKey')}" for one in destinations)
            if isinstance(path, str):
                yield FileAsset(os.path.join(self.directory, path), tuple(places), str(key))


class Assets:
    """
    The files that an assembly uploads.

    Args:
        manifests: of the assembly.
        first: the name of the asset manifest of the stack.
        metadata: construct path to the metadata of that construct.
    """

    def __init__(self, manifests: AssetManifests, first: str, metadata: Mapping[str, object]) -> None:
        self._manifests = manifests
        self._directory = manifests.directory
        self._first = first
        self._metadata = metadata

    def template_of(self, location: object) -> str | None:
        """The file that the ``TemplateURL`` of a nested stack means; None where it is none of the assembly's."""
        text = _written(location)
        if "://" not in text:
            # Before it is packaged, a template names another one by its path.
            file = os.path.join(self._directory, text) if isinstance(location, str) and "\0" not in text else ""
            return file if os.path.isfile(file) else None
        endpoint = re.match(_ENDPOINT, text)
        if endpoint is None:
            return None
        place = text[endpoint.end() :]
        hashes = set(re.findall(_PARAMETER, place)) if not re.sub(_PARAMETER, "", place).strip("/") else set()
        found = (one for one in self._all if place in one.places or hashes == {one.hash})
        return next((one.file for one in found), None)

    @cached_property
    def _all(self) -> tuple[FileAsset, ...]:
        return (*self._manifests.files(self._first), *self._of_metadata())

    def _of_metadata(self) -> Iterator[FileAsset]:
        for entries in self._metadata.values():
            for entry in entries if isinstance(entries, list) else ():
                data = _mapping(_mapping(entry).get("data"))
                path, sha = data.get("path"), data.get("sourceHash")
                if _mapping(entry).get("type") == "aws:cdk:asset" and isinstance(path, str) and isinstance(sha, str):
                    yield FileAsset(os.path.join(self._directory, path), (), sha)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _written(value: object) -> str:
    """A text with its functions written as ``${…}``; what cannot be written so is no part of any place."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        return "\0"
    ((function, argument),) = value.items()
    if function == "Ref":
        return f"${{{argument}}}"
    if function == "Fn::Sub" and isinstance(argument, str):
        return argument
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
        between, items = argument
        if isinstance(between, str) and isinstance(items, list):
            return between.join(map(_written, items))
    if function == "Fn::Select" and isinstance(argument, list) and len(argument) == 2:
        # The bucket's prefix and the name of a key are one parameter's: ``prefix/||name``.
        source = _mapping(argument[1]).get("Fn::Split")
        if isinstance(source, list) and len(source) == 2 and source[0] == "||":
            return _written(source[1])
    return "\0"
