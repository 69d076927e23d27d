"""
Whatever stands at a node of a file, there is an answer: a result, or an error of the library's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

import trustproof
from tests.fuzz.documents import Document, ask, changed, count, documents
from tests.strategies import is_deep
from trustproof.output.formats import render
from trustproof.output.style import Style
from trustproof.results.report import Report

DOCUMENTS = documents()


def _contents(name: str, document: Document) -> Iterator[Any]:
    """All of them in depth, else some that are always the same."""
    every = range(count(document))
    numbers = every if is_deep() else sorted(Random(name).sample(every, 25))
    return (changed(document, number) for number in numbers)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_file_of_any_kind_has_an_answer(name: str, tmp_path: Path) -> None:
    """A node of another type, or one that is huge or no text, is no traceback, and the report can be written."""
    for content in _contents(name, DOCUMENTS[name]):
        found = ask(DOCUMENTS[name], content, tmp_path)
        if isinstance(found, Report):
            for form in ("text", "json"):
                render(form, found, Style(coloured=False)).encode()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_files_say_something_as_they_are(name: str, tmp_path: Path) -> None:
    """A file that is refused as it is would be refused whatever is changed in it."""
    found = ask(DOCUMENTS[name], DOCUMENTS[name].content, tmp_path)
    assert isinstance(found, Report)
    assert found.results
    assert not found.errors


#: What has ended in a traceback, or never: the kind of file, where the node is, and what stands there.
FOUND: tuple[tuple[str, tuple[str | int, ...], object], ...] = (
    ("account details", ("UserDetailList", 0, "UserPolicyList"), "x"),
    ("account details", ("UserDetailList", 0, "AttachedManagedPolicies"), 1),
    ("account details", ("RoleDetailList", 0, "Tags"), 1),
    ("account details", ("RoleDetailList", 0, "RoleName"), "\ud800"),
    ("state", ("resources", 0, "name"), "\ud800x"),
    ("plan", ("configuration", "root_module", "resources", 0, "address"), None),
    ("plan", ("configuration", "root_module", "resources", 0, "address"), "x"),
    ("plan", ("configuration", "root_module", "resources", 0, "count_expression", "constant_value"), 10**400),
    ("configuration of Terraform", ("resource", "aws_iam_role", "r", "count"), -1),
    ("assembly", ("artifacts", "S", "properties", "templateFile"), "\ud800.json"),
)


@pytest.mark.parametrize(("name", "path", "value"), FOUND, ids=[f"{name}-{path[-1]}" for name, path, _ in FOUND])
def test_what_was_found_has_an_answer(name: str, path: tuple[str | int, ...], value: object, tmp_path: Path) -> None:
    """Each of the files that a stranger has found."""
    content = documents()[name].content
    at = content
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    found = ask(DOCUMENTS[name], content, tmp_path)
    assert isinstance(found, (Report, trustproof.TrustproofError))
    if isinstance(found, Report):
        assert found.results or found.errors
        render("json", found, Style(coloured=False)).encode()


@pytest.mark.parametrize("count_", ["-1", "1.5", '"x"', "1000000000000"])
def test_a_count_that_is_none_lets_nothing_pass(count_: str, tmp_path: Path) -> None:
    """Terraform refuses it, or makes more than anybody looks at: what the block says is judged."""
    trust = '{Version="2012-10-17",Statement=[{Effect="Allow",Principal="*",Action="sts:AssumeRole"}]}'
    text = f'resource "aws_iam_role" "r" {{\n  count = {count_}\n  assume_role_policy = jsonencode({trust})\n}}\n'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    assert trustproof.check([tmp_path]).failures()
