"""
JSON reports: the shape that other programs rely on.
"""

from __future__ import annotations

import json
from dataclasses import replace

from tests.output.builders import mixed, refuted, snapshot
from trustproof.output.json import render_json


def test_the_document_is_that_of_schema_1() -> None:
    """Every result, the proved ones included, in the order of the report."""
    assert render_json(mixed()) == snapshot("mixed.json")


def test_the_schema_has_exactly_its_keys() -> None:
    """Programs may rely on every key being there, and on no other."""
    document = json.loads(render_json(refuted()))
    assert list(document) == ("schema summary version configuration skipped passed_over errors notes results".split())
    assert list(document["summary"]) == ["templates", "policies", "proved", "refuted", "unknown"]
    (found,) = document["results"]
    assert (
        list(found)
        == (
            "property verdict severity template logical_id resource_type construct_path account location message "
            "counterexample reasons reach part_of remedy fingerprint"
        ).split()
    )
    assert list(found["location"]) == ["line", "column", "path"]
    assert list(found["counterexample"]) == ["caller", "credentials", "action", "resource", "context", "parameters"]


def test_an_absent_key_is_null() -> None:
    """A key that the request does not carry is there, as null."""
    (found,) = json.loads(render_json(refuted()))["results"]
    assert found["counterexample"]["context"] == {"aws:MultiFactorAuthPresent": None}


def test_text_beyond_ascii_is_written_as_it_is() -> None:
    """A reader of the raw document sees names as their authors wrote them."""
    report = refuted()
    (found,) = report.results
    assert '"logical_id": "Rôle"' in render_json(replace(report, results=(found._replace(logical_id="Rôle"),)))
