"""
Real plans and states of others: no traceback, and no policy that is lost in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.inputs.discovery.inputs import read_paths
from trustproof.inputs.terraform.snapshots.detect import RAW_STATE, kind_of
from trustproof.inputs.terraform.types.table import policies
from trustproof.output.formats import FORMATS, render
from trustproof.output.style import Style

CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "corpus" / "terraform"
#: Files that are no plans and no states, or are meant for something else.
OTHERS = ("MANIFEST.json", "enforce_s3_buckets_encryption_mock.json")

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real plans and states is not here")


def _files() -> list[Path]:
    if not CORPUS.is_dir():
        return []
    found = (path for path in sorted(CORPUS.rglob("*")) if path.suffix in (".json", ".tfstate"))
    return [path for path in found if path.name not in OTHERS and "modules" not in path.relative_to(CORPUS).parts[:1]]


FILES = _files()


def _resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def _held(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Address and argument of every policy that a file is known to hold."""
    if kind_of(content) == RAW_STATE:
        listed = [
            (
                ".".join(filter(None, (one.get("module", ""), one["type"], one["name"]))),
                one["type"],
                found["attributes"],
            )
            for one in content["resources"]
            for found in one["instances"]
            if one["mode"] == "managed" and found.get("attributes")
        ]
    else:
        values = content.get("planned_values", content.get("values", {})).get("root_module", {})
        listed = [(one["address"], one["type"], one.get("values", {})) for one in _resources(values)]
    for address, type_, values in listed:
        for argument in policies(type_):
            block, _, inner = argument.name.partition(".")
            found = values.get(block)
            for one in found if inner and isinstance(found, list) else [{inner: found}]:
                if isinstance(one, dict) and one.get(inner):
                    yield address, argument.name


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_a_real_file_is_judged(file: Path) -> None:
    """Whatever it holds, there is a report in every form."""
    report = trustproof.check([file])
    for form in FORMATS:
        assert isinstance(render(form, report, Style(coloured=False)), str)


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_no_policy_is_lost(file: Path) -> None:
    """Each argument with a policy is a document, or what AWS would refuse, or a place that could not be read."""
    content = json.loads(file.read_text(encoding="utf-8"))
    inputs = read_paths([str(file)])
    said: list[str] = []
    for found in inputs.templates:
        said += [document.logical_id for document in found.documents]
        said += [str(path[1]) for path, _ in found.unread if len(path) > 1]
        said += found.presentation.notes
    said += [error.message for error in inputs.errors]
    for address, argument in _held(content):
        assert any(address in one for one in said), (address, argument)


@pytest.mark.skipif(not FILES, reason="the corpus of real plans and states is not here")
def test_the_corpus_is_what_it_was() -> None:
    """A test that looked into nothing would hold."""
    kinds = [kind_of(json.loads(file.read_text(encoding="utf-8"))) for file in FILES]
    held = sum(1 for file in FILES for _ in _held(json.loads(file.read_text(encoding="utf-8"))))
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {"plan": 40, "raw state": 30, "state": 2}
    assert held == 20
