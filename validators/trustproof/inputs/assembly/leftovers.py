"""
Templates in a cloud assembly that no manifest names: the CDK never removes what an earlier synthesis has written.

Only what the CDK itself would have written counts as left over. Every other file beside a manifest is a file like any
other, so that a manifest that somebody puts beside templates hides none of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.inputs.text.source import read
from trustproof.results.report import LEFT_OVER

#: The file by which the CDK marks an assembly as its own; it holds the version of the manifest's schema.
_MARK = "cdk.out"
_MANIFEST = "manifest.json"
#: How the CDK names templates, those of nested stacks too, and the directories of stages.
_TEMPLATE = ".template.json"
_STAGE = "assembly-"
_ASSETS = "cdk:asset-manifest"
#: The other files that the CDK writes into an assembly, and the directories of code that it copies there.
_OWN_FILES = (_MARK, _MANIFEST, "tree.json", "validation-report.json", "performance-counters.json")
_OWN_ENDS = (".assets.json", ".metadata.json")
_CODE = "asset."


def is_left_over_stage(directory: str, covered: set[str]) -> bool:
    """
    Whether a directory is the assembly of a stage that the app does not have any more.

    Args:
        covered: the real paths of the assemblies that a manifest names.
    """
    outer = os.path.dirname(directory)
    return (
        os.path.basename(directory).startswith(_STAGE)
        and _is_marked(directory)
        and _is_marked(outer)
        and real_path(outer) in covered
        and real_path(directory) not in covered
    )


def why_left_over(file: str, assembly: str) -> str:
    """
    Why a template that is no stack of its assembly is left over; empty where it is not.

    Args:
        assembly: the directory whose manifest would have to name it.
    """
    directory = os.path.dirname(file)
    if not (file.endswith(_TEMPLATE) and _is_marked(assembly) and _is_marked(directory)):
        return ""
    if real_path(file) in set(_uploaded(assembly)):
        return ""
    name = os.path.basename(real_path(assembly))
    return f"{LEFT_OVER}: not in {_MANIFEST}; remove {name} and synthesize again"


def is_part(file: str, assembly: str) -> bool:
    """
    Whether a file is one of those that the CDK writes into an assembly or copies there.

    Args:
        assembly: a directory around it.
    """
    *directories, name = os.path.relpath(file, assembly).split(os.sep)
    return name in _OWN_FILES or name.endswith(_OWN_ENDS) or any(one.startswith(_CODE) for one in directories)


def _is_marked(directory: str) -> bool:
    return os.path.isfile(os.path.join(directory, _MARK)) and os.path.isfile(os.path.join(directory, _MANIFEST))


def _uploaded(assembly: str) -> Iterator[str]:
    """The real paths of the files that are uploaded for the stacks of an assembly, as the products of a catalogue."""
    artifacts = _mapping(_mapping(_load(os.path.join(assembly, _MANIFEST))).get("artifacts"))
    for artifact in map(_mapping, artifacts.values()):
        if artifact.get("type") == _ASSETS:
            name = _mapping(artifact.get("properties")).get("file")
            listed = _mapping(_load(os.path.join(assembly, str(name)))).get("files")
            sources = (_mapping(_mapping(one).get("source")).get("path") for one in _mapping(listed).values())
            named = (path for path in sources if isinstance(path, str) and "\0" not in path)
            yield from (real_path(os.path.join(assembly, path)) for path in named)
        for entries in _mapping(artifact.get("metadata")).values():
            for entry in entries if isinstance(entries, list) else ():
                # The legacy synthesizer has no manifests of assets.
                path = _mapping(_mapping(entry).get("data")).get("path")
                if isinstance(path, str) and "\0" not in path:
                    yield real_path(os.path.join(assembly, path))


def _load(path: str) -> object:
    try:
        return read(path).load()
    except InputError:
        return None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
