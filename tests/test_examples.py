"""
The broken examples are broken in one way each, and the gate says which.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import called

BROKEN = Path(__file__).resolve().parent.parent / "examples" / "broken"

REFUTED = {
    "allow-bool-if-exists.yaml": "mfa-required",
    "deny-bool-false.json": "mfa-required",
    "mfa-of-a-service.yaml": "statement-usable",
}


def test_every_example_is_expected_to_be_refuted() -> None:
    """No example stands there without anybody looking at it."""
    assert {file.name for file in BROKEN.iterdir()} == REFUTED.keys()


@pytest.mark.parametrize(("name", "ident"), REFUTED.items())
def test_the_gate_stops_the_example(name: str, ident: str) -> None:
    """The gate exits with 1, refutes the one property, and shows a request; the other properties are proved."""
    done = called(BROKEN.parent.parent, "check", "--format", "json", str(BROKEN / name))
    assert (done.returncode, done.stderr) == (1, "")
    results = json.loads(done.stdout)["results"]
    assert {result["property"] for result in results if result["verdict"] == "refuted"} == {ident}
    assert {result["verdict"] for result in results} == {"refuted", "proved"}
    assert all(result["counterexample"] for result in results if result["verdict"] == "refuted")
