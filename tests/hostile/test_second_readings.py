"""
What is asked once for each part of a template does not go through the whole each time.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.hostile.constructions import ALLOW, many_statements, role
from trustproof.inputs.cloudformation.evaluation.declarations import constant_parts
from trustproof.proving import surroundings


def _texts_of_all_resources(count: int, file: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """How often all resources were sorted by type, and written as one text, where each has a condition of its own."""
    asked = {"sorted": 0, "written": 0}
    sort, write = constant_parts.places_by_type, json.dumps

    def sorted_by_type(resources: dict[str, dict[str, object]]) -> object:
        asked["sorted"] += 1
        return sort(resources)

    def written(value: object, **options: object) -> str:
        asked["written"] += isinstance(value, dict) and len(value) == count and "R0" in value
        return write(value, **options)  # type: ignore[arg-type]

    template = {
        "Parameters": {f"P{n}": {"Type": "String"} for n in range(count)},
        "Conditions": {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(count)},
        "Resources": {f"R{n}": {**role(ALLOW), "Condition": f"C{n}"} for n in range(count)},
    }
    file.write_text(json.dumps(template), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(constant_parts, "places_by_type", sorted_by_type)
        patched.setattr(json, "dumps", written)
        trustproof.check([file], properties=["inside-boundary"])
    return asked["sorted"], asked["written"]


def test_all_resources_are_gone_through_as_often_whatever_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten roles with a condition each, or five: the whole section is sorted and searched as often."""
    few = _texts_of_all_resources(5, tmp_path / "t.json", monkeypatch)
    many = _texts_of_all_resources(10, tmp_path / "t.json", monkeypatch)
    assert few == many


def _denies_told(count: int, file: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often a Deny was worded for the findings next to it, in a policy of so many statements."""
    worded: list[str] = []
    tell = surroundings.surrounding

    def surrounding(kind: str, holder: str, content: str = "") -> str:
        worded.append(content)
        return tell(kind, holder, content)

    file.write_text(many_statements(count), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(surroundings, "surrounding", surrounding)
        report = trustproof.check([file], properties=["inside-boundary"])
    assert all(one.around for one in report.results)
    return len(worded)


def test_what_stands_beside_findings_is_worded_once_for_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a policy with twice the statements, each Deny is worded as often, though there are twice the findings."""
    few = _denies_told(6, tmp_path / "t.json", monkeypatch)
    many = _denies_told(12, tmp_path / "t.json", monkeypatch)
    assert 0 < many <= 2 * few
