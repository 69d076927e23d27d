"""
Whether the template of a stack that is looked at is the one that is deployed.

Where the manifest says that the template has been uploaded, the command line of the CDK deploys what lies there,
whatever `templateFile` is: the asset manifests say which file is uploaded to that place.
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.AwsCloudFormationStackProperties.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from trustproof.files.paths import real_path
from trustproof.inputs.assembly.files import below
from trustproof.inputs.text.source import read

_MANIFEST = "manifest.json"
_ASSETS = "cdk:asset-manifest"


class _Upload(NamedTuple):
    """What is uploaded to one place."""

    bucket: object
    #: The file; None for what is not a template as it is: what a program makes, and what is packed.
    path: str | None


class UploadedTemplates:
    """
    What the asset manifests of an assembly upload, read once for all of its stacks.

    Args:
        directory: of the assembly.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._root = real_path(directory)
        #: By the key of what has more than one asset: what these say, as of one file None.
        self._texts: dict[object, frozenset[str | None]] = {}

    def why_another(self, url: object, file: str) -> str:
        """
        Why what is deployed is not known to be a file; empty where it is that file.

        Args:
            url: the `stackTemplateAssetObjectUrl` of the stack; None where its template is not uploaded before.
            file: the template of the stack.

        Raises:
            InputError: an asset manifest cannot be read, or is outside of the assembly.
        """
        if url is None:
            return ""
        bucket, _, key = str(url).removeprefix("s3://").partition("/")
        uploads = self._uploads.get(key, ())
        if uploads and not self._are(key, file):
            return f"the CDK deploys {url!s:.120}, which is made of another source than {os.path.basename(file)}"
        # The bucket may be written in more than one way, with its account or with a placeholder.
        if any(one.bucket == bucket for one in uploads):
            return ""
        return f"the CDK deploys {url!s:.120}, which no asset manifest of the assembly uploads"

    def _are(self, key: str, file: str) -> bool:
        """Whether all that is uploaded with a key is a template, or says the same: equal ones have one place."""
        uploads = self._uploads[key]
        if len(uploads) == 1 and uploads[0].path is not None:
            asset = os.path.join(self._directory, uploads[0].path)
            if real_path(asset) == real_path(file):
                return True
        if key not in self._texts:
            self._texts[key] = frozenset(map(self._text, uploads))
        return self._texts[key] == {read(file).text}

    def _text(self, upload: _Upload) -> str | None:
        """What a file of the assembly says."""
        if upload.path is None:
            return None
        asset = os.path.join(self._directory, upload.path)
        is_inside = os.path.commonpath((self._root, real_path(asset))) == self._root
        return read(asset).text if is_inside and os.path.isfile(asset) else None

    @cached_property
    def _uploads(self) -> Mapping[object, list[_Upload]]:
        """By the key of the place."""
        found: dict[object, list[_Upload]] = {}
        for asset in self._assets():
            path = _path(_mapping(asset.get("source")))
            for place in map(_mapping, _mapping(asset.get("destinations")).values()):
                if isinstance(key := place.get("objectKey"), str):
                    found.setdefault(key, []).append(_Upload(place.get("bucketName"), path))
        return found

    def _assets(self) -> Iterator[Mapping[str, object]]:
        """The assets of all manifests: those that the assembly names, and those that are called like one."""
        directory = self._directory
        manifest = os.path.join(directory, _MANIFEST)
        artifacts = map(_mapping, _mapping(_mapping(read(manifest).load()).get("artifacts")).values())
        properties = (_mapping(one.get("properties")) for one in artifacts if one.get("type") == _ASSETS)
        named = {str(one.get("file")) for one in properties}
        named |= {name for name in os.listdir(directory) if name.endswith(".assets.json")}
        for name in sorted(named):
            path = below(directory, os.path.join(directory, name), manifest)
            yield from map(_mapping, _mapping(_mapping(read(path).load()).get("files")).values())


def _path(source: Mapping[str, object]) -> str | None:
    """The file that is the source of an asset as it is: not what a program makes, and not packed."""
    path = source.get("path")
    if "executable" in source or source.get("packaging", "file") != "file" or not isinstance(path, str) or "\0" in path:
        return None
    return path


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
