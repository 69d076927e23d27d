"""
Whether the template of a stack that is looked at is the one that is deployed.

Where the manifest says that the template has been uploaded, the command line of the CDK deploys what lies there,
whatever `templateFile` is: the asset manifests say which file is uploaded to that place.
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.AwsCloudFormationStackProperties.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from trustproof.inputs.assembly.files import below
from trustproof.inputs.text.source import read

_MANIFEST = "manifest.json"
_ASSETS = "cdk:asset-manifest"


def why_another_template(directory: str, url: object, file: str) -> str:
    """
    Why what is deployed is not known to be a file; empty where it is that file.

    Args:
        directory: of the assembly.
        url: the `stackTemplateAssetObjectUrl` of the stack; None where its template is not uploaded before.
        file: the template of the stack.

    Raises:
        InputError: an asset manifest cannot be read, or is outside of the assembly.
    """
    if url is None:
        return ""
    bucket, _, key = str(url).removeprefix("s3://").partition("/")
    is_there = False
    for asset in _assets(directory):
        source = _mapping(asset.get("source"))
        for place in map(_mapping, _mapping(asset.get("destinations")).values()):
            # The bucket may be written in more than one way, with its account or with a placeholder.
            if place.get("objectKey") != key:
                continue
            if not _is_template(directory, source, file):
                return f"the CDK deploys {url!s:.120}, which is made of another source than {os.path.basename(file)}"
            is_there |= place.get("bucketName") == bucket
    return "" if is_there else f"the CDK deploys {url!s:.120}, which no asset manifest of the assembly uploads"


def _is_template(directory: str, source: Mapping[str, object], file: str) -> bool:
    """
    Whether the source of an asset is a template as it is: not what a program makes, and not packed.

    Stacks with equal templates have one place, and an asset each.
    """
    path = source.get("path")
    if "executable" in source or source.get("packaging", "file") != "file" or not isinstance(path, str) or "\0" in path:
        return False
    asset = os.path.join(directory, path)
    if os.path.realpath(asset) == os.path.realpath(file):
        return True
    root = os.path.realpath(directory)
    is_inside = os.path.commonpath((root, os.path.realpath(asset))) == root
    return is_inside and os.path.isfile(asset) and read(asset).text == read(file).text


def _assets(directory: str) -> Iterator[Mapping[str, object]]:
    """The assets of all manifests of an assembly: those that it names, and those that are called like one."""
    manifest = os.path.join(directory, _MANIFEST)
    artifacts = map(_mapping, _mapping(_mapping(read(manifest).load()).get("artifacts")).values())
    properties = (_mapping(one.get("properties")) for one in artifacts if one.get("type") == _ASSETS)
    named = {str(one.get("file")) for one in properties}
    named |= {name for name in os.listdir(directory) if name.endswith(".assets.json")}
    for name in sorted(named):
        path = below(directory, os.path.join(directory, name), manifest)
        yield from map(_mapping, _mapping(_mapping(read(path).load()).get("files")).values())


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
