"""
What the CDK's function behind `Custom::CDKBucketDeployment` does: `s3_deployment.BucketDeployment`, with the commands
`cp`, `sync` and `rm` of the AWS CLI.

https://github.com/aws/aws-cdk/blob/main/packages/%40aws-cdk/custom-resource-handlers/lib/aws-s3-deployment/bucket-deployment-handler/index.py
https://docs.aws.amazon.com/cli/latest/reference/s3/sync.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from io import BytesIO
from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import Any, ClassVar
from uuid import uuid4
from zipfile import BadZipFile, ZipFile

from botocore.exceptions import ClientError

from trustproof.sandbox.cloudformation.custom_resources.base import CustomResource
from trustproof.sandbox.cloudformation.custom_resources.cdk_functions import CdkFunction
from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Properties

_BUCKETS, _KEYS, _BUCKET, _PREFIX = (
    "SourceBucketNames",
    "SourceObjectKeys",
    "DestinationBucketName",
    "DestinationBucketKeyPrefix",
)
_ARN, _VERSIONS = "DestinationBucketArn", "SourceObjectVersionIds"
_OWNER = "aws-cdk:cr-owned"
#: Options of the AWS CLI, as the CDK has them, to parameters of PutObject.
_SYSTEM = {
    "acl": "ACL",
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
    "sse": "ServerSideEncryption",
    "sse-kms-key-id": "SSEKMSKeyId",
    "storage-class": "StorageClass",
    "website-redirect": "WebsiteRedirectLocation",
}


class BucketDeployment(CustomResource):
    """Files that are put into a bucket out of archives in others."""

    name = "Custom::CDKBucketDeployment"
    service = "s3"
    calls: ClassVar[frozenset[str]] = frozenset({"GetBucketTagging"})
    may_call: ClassVar[frozenset[str]] = frozenset({"HeadObject"})
    modules: ClassVar[frozenset[str]] = frozenset(
        """
        botocore.config botocore.exceptions contextlib os shutil subprocess tempfile urllib.parse uuid zipfile
        """.split()
    )
    required: ClassVar[frozenset[str]] = frozenset({_BUCKETS, _KEYS, _BUCKET})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        system = properties.get("SystemMetadata") or {}
        if unknown := sorted({str(one).lower() for one in system} - {*_SYSTEM, "expires"}):
            raise ResourceFailed(f"what the AWS CLI makes of the metadata {unknown[0]} is not known here")

    def made(self, function: CdkFunction, properties: Properties) -> Made:
        return self._deployed(function, properties, f"aws.cdk.s3deployment.{uuid4()}")

    def changed(self, function: CdkFunction, made: Made, old: Properties, new: Properties) -> Made:
        if not _is_on(new, "RetainOnDelete", "true") and _destination(old) != _destination(new):
            _remove(function.client("s3"), *_destination(old))
        return self._deployed(function, new, made.physical_id)

    def deleted(self, function: CdkFunction, made: Made, properties: Properties) -> None:
        client, (bucket, prefix) = function.client("s3"), _destination(properties)
        if not _is_on(properties, "RetainOnDelete", "true") and not _is_owned(client, bucket, prefix):
            _remove(client, bucket, prefix)
        _invalidate(function, properties)

    def _deployed(self, function: CdkFunction, properties: Properties, physical_id: str) -> Made:
        client, (bucket, prefix) = function.client("s3"), _destination(properties)
        filters = _Filters(properties.get("Exclude") or (), properties.get("Include") or ())
        folder = _folder(prefix)
        files = {name: content for name, content in _contents(client, properties) if filters.take(name)}
        there = [key for key in _keys(client, bucket, folder) if filters.take(key.removeprefix(folder))]
        for name, content in files.items():
            client.put_object(Bucket=bucket, Key=folder + name, Body=content, **_metadata(name, properties))
        if _is_on(properties, "Prune", "true"):
            for key in there:
                if key.removeprefix(folder) not in files:
                    client.delete_object(Bucket=bucket, Key=key)
        said: dict[str, Any] = {_KEYS: properties[_KEYS] if _is_on(properties, "OutputObjectKeys", "true") else []}
        if _ARN in properties:
            said[_ARN] = properties[_ARN]
        if _is_on(properties, "OutputObjectVersionIds", "false"):
            named = (folder + PurePosixPath(str(key)).name for key in properties[_KEYS])
            said[_VERSIONS] = [_version(client, bucket, key) for key in named]
        _invalidate(function, properties)
        return Made(physical_id, said)


class _Filters:
    """Which files are taken: what is excluded, but for what is included; the last one that matches counts."""

    def __init__(self, exclude: Iterable[Any], include: Iterable[Any]) -> None:
        self._patterns = [(str(one), False) for one in exclude] + [(str(one), True) for one in include]

    def take(self, name: str) -> bool:
        """Whether one is taken, by its path from the destination."""
        found = [taken for pattern, taken in self._patterns if fnmatchcase(name, pattern)]
        return found[-1] if found else True


def _destination(properties: Properties) -> tuple[str, str]:
    prefix = str(properties.get(_PREFIX) or "")
    return str(properties.get(_BUCKET)), "" if prefix == "/" else prefix


def _folder(prefix: str) -> str:
    return f"{prefix.rstrip('/')}/" if prefix else ""


def _is_on(properties: Properties, name: str, otherwise: str) -> bool:
    return str(properties.get(name, otherwise)).lower() == "true"


def _contents(client: Any, properties: Properties) -> Iterator[tuple[str, bytes]]:
    """The files of the sources, by their paths; of two with one path the last one stays."""
    sources = list(zip(properties[_BUCKETS], properties[_KEYS], strict=True))
    nothing: list[Any] = [{} for _ in sources]
    markers = properties.get("SourceMarkers") or nothing
    ways = properties.get("SourceMarkersConfig") or nothing
    if len(markers) != len(sources):
        raise ResourceFailed("'source_markers' and 's3_source_zips' must be the same length")
    for (bucket, key), values, way in zip(sources, markers, ways, strict=False):
        content = client.get_object(Bucket=str(bucket), Key=str(key))["Body"].read()
        if not _is_on(properties, "Extract", "true"):
            yield PurePosixPath(str(key)).name, content
            continue
        try:
            with ZipFile(BytesIO(content)) as archive:
                for one in archive.infolist():
                    parts = [part for part in one.filename.split("/") if part not in ("", ".", "..")]
                    if not one.is_dir():
                        yield "/".join(parts), _marked(archive.read(one), values, way)
        except BadZipFile:
            raise ResourceFailed(f"s3://{bucket}/{key} is not a zip file") from None


def _marked(content: bytes, values: Mapping[str, Any], way: Mapping[str, Any]) -> bytes:
    """A file with the values of markers in their places, line by line."""
    escaped = str(way.get("jsonEscape", "false")).lower() == "true"
    given = {str(name): json.dumps(one) if escaped else str(one) for name, one in values.items()}
    if escaped:
        given = {name: one[1:-1] if one[:1] == one[-1:] == '"' else one for name, one in given.items()}
    lines = content.split(b"\n")
    for name, one in given.items():
        lines = [line.replace(name.encode(), one.encode()) for line in lines]
    return b"\n".join(lines)


def _metadata(name: str, properties: Properties) -> dict[str, Any]:
    system = {str(key).lower(): value for key, value in (properties.get("SystemMetadata") or {}).items()}
    user = {str(key).lower(): str(value) for key, value in (properties.get("UserMetadata") or {}).items()}
    found: dict[str, Any] = {_SYSTEM[key]: str(value) for key, value in system.items() if key in _SYSTEM}
    if "expires" in system:
        found["Expires"] = system["expires"]
    kind, _ = guess_type(name)
    return {**({"ContentType": kind} if kind else {}), **found, **({"Metadata": user} if user else {})}


def _keys(client: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (str(one["Key"]) for one in page.get("Contents", ()))


def _remove(client: Any, bucket: str, prefix: str) -> None:
    for key in list(_keys(client, bucket, _folder(prefix))):
        client.delete_object(Bucket=bucket, Key=key)


def _invalidate(function: CdkFunction, properties: Properties) -> None:
    """Tell a distribution that what its caches have is outdated, and see whether that is done: nobody has a cache."""
    distribution = str(properties.get("DistributionId") or "")
    if distribution:
        folder = _folder(_destination(properties)[1])
        paths = [str(one) for one in properties.get("DistributionPaths") or [f"/{folder.lstrip('/')}*"]]
        batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": str(uuid4())}
        client = function.client("cloudfront")
        answer = client.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
        if _is_on(properties, "WaitForDistributionInvalidation", "true"):
            client.get_invalidation(DistributionId=distribution, Id=answer["Invalidation"]["Id"])


def _is_owned(client: Any, bucket: str, prefix: str) -> bool:
    """Whether another deployment has its files there, as the tags of the bucket say; if they can be read."""
    try:
        tags = client.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except ClientError:
        return False
    return any(str(one["Key"]).startswith(f"{_OWNER}:{prefix}" if prefix else _OWNER) for one in tags)


def _version(client: Any, bucket: str, key: str) -> str:
    try:
        return str(client.head_object(Bucket=bucket, Key=key).get("VersionId", ""))
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in ("404", "NoSuchKey", "NotFound"):
            raise
        return ""
