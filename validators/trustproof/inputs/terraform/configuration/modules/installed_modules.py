"""
Whether a module that is installed is the one that a call asks for: Terraform refuses any other until ``terraform init``
has run again, so nobody will plan with it.

https://developer.hashicorp.com/terraform/language/block/module
https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, NamedTuple

#: A module of a registry: host, namespace, name, system, and a directory inside.
_REGISTRY = re.compile(r"(?:([\w.-]+\.[\w-]+(?::\d+)?)/)?([\w-]+/[\w-]+/[a-z0-9]+)(//.*)?", re.ASCII)
#: Hosts that are one another's default: Terraform's and OpenTofu's.
_DEFAULT_HOSTS = ("registry.opentofu.org", "registry.terraform.io", "")
#: Hosts whose sources are no registry's.
_NO_REGISTRY = ("bitbucket.org", "github.com", "gitlab.com")
#: The host of a bucket, which Terraform puts behind that of S3.
_BUCKET = re.compile(r"([\w.-]+?)\.(s3(?:[.-][\w-]+)?\.amazonaws\.com)")
_CONSTRAINT = re.compile(r"(|=|!=|>|>=|<|<=|~>)\s*v?(\d+(?:\.\d+)*)")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "~>": operator.ge,
}


class Record(NamedTuple):
    """
    What is written down of a module that is installed.
    """

    source: str
    #: Empty for one that comes from no registry.
    version: str = ""


def why_another(record: Record, source: str, version: str) -> str:
    """
    Why a module that is installed is not the one that is called: a clause; empty where it is.

    Args:
        source: of the call.
        version: what the call demands of the version, ``~> 2.0``; empty where it demands nothing.
    """
    if _normal(record.source) != _normal(source):
        return f"has the source {source}, and what is installed is {record.source}: run `terraform init`"
    if version and not satisfies(record.version, version):
        installed = record.version or "no version"
        return f"has the version {version}, and what is installed is {installed}: run `terraform init`"
    return ""


def _normal(source: str) -> str:
    """A source as others that mean the same are written, too: with or without what Terraform adds to it."""
    found = _REGISTRY.fullmatch(source)
    if found is not None and found[1] not in _NO_REGISTRY:
        host = (found[1] or "").lower()
        return f"registry {'' if host in _DEFAULT_HOSTS else host} {found[2]}{found[3] or ''}"
    address, _, query = source.partition("?")
    address = re.sub(r"^(?:[a-z0-9]+::)?(?:[a-z0-9+]+://)?(?:[^@/]*@)?", "", address)
    # Of `git@github.com:acme/x.git` and `https://github.com/acme/x//sub`, one may be written for the other.
    host, _, path = re.sub(r"^([\w.-]+):(?!\d)", r"\1/", address).partition("/")
    parts = [part.removesuffix(".git") for part in path.split("/") if part]
    host = host.lower()
    if (bucket := _BUCKET.fullmatch(host)) is not None:
        host, parts = bucket[2], [bucket[1], *parts]
    host = host.replace("s3.", "s3-", 1) if host.endswith(".amazonaws.com") else host
    return "/".join([host, *parts]) + "?" + "&".join(sorted(filter(None, query.split("&"))))


def satisfies(version: str, constraint: str) -> bool:
    """
    Whether a version is surely one that a constraint admits; one before a release only where nothing is compared but
    that it is the same.
    """
    for part in constraint.split(","):
        found = _CONSTRAINT.fullmatch(part.strip())
        if found is None or not re.fullmatch(r"v?\d+(\.\d+)*", version):
            if part.strip().lstrip("=v ") != version.removeprefix("v"):
                return False
            continue
        limit, own = _numbers(found[2]), _numbers(version)
        length = max(len(limit), len(own))
        padded = [(*numbers, *(0,) * (length - len(numbers))) for numbers in (own, limit)]
        if not _COMPARED[found[1]](*padded):
            return False
        if found[1] == "~>" and padded[0][: len(limit) - 1] != limit[:-1]:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.removeprefix("v").split("."))
