"""
JSON reports: the shape that other programs rely on.
"""

from __future__ import annotations

import json

from tests.output.builders import mixed, refuted, report, result, snapshot, sources
from trustproof.output.json import render as render_json
from trustproof.results.result import PROVED, REFUTED, UNKNOWN


def test_the_document_is_that_of_schema_1() -> None:
    """Every result, the proved ones included, in the order of the report."""
    assert render_json(mixed()) == snapshot("mixed.json")


def test_the_schema_has_exactly_its_keys() -> None:
    """Programs may rely on every key being there, and on no other."""
    document = json.loads(render_json(refuted()))
    assert list(document) == (
        "schema summary version configuration skipped passed_over errors notes verdicts results".split()
    )
    assert list(document["summary"]) == ["templates", "policies", "proved", "refuted", "unknown"]
    (found,) = document["verdicts"]
    assert list(found) == "property verdict template logical_id construct_path account results".split()
    (found,) = document["results"]
    assert (
        list(found)
        == (
            "property verdict severity template logical_id resource_type construct_path account location message "
            "counterexample reasons reach part_of remedy fingerprint suppression"
        ).split()
    )
    assert list(found["location"]) == ["line", "column", "path"]
    assert list(found["counterexample"]) == ["caller", "credentials", "action", "resource", "context", "parameters"]


def test_a_resource_has_one_verdict_for_a_property() -> None:
    """It is the worst that a part of it has, and a proof of another part is none of the resource."""
    one = result(fingerprint="a")
    held = one._replace(verdict=PROVED, counterexample=None, fingerprint="b")
    open_ = held._replace(verdict=UNKNOWN, fingerprint="c")
    other = held._replace(logical_id="Other", fingerprint="d")
    for parts, worst in (((held, one, open_), REFUTED), ((held, open_), UNKNOWN), ((held, held), PROVED)):
        document = json.loads(render_json(report(*parts, other, sources=sources())))
        first, second = document["verdicts"]
        assert (first["verdict"], first["results"]) == (worst, [part.fingerprint for part in parts])
        assert (second["logical_id"], second["verdict"], second["results"]) == ("Other", PROVED, ["d"])
        assert document["summary"]["proved"] == (3 if worst == PROVED else 1)


def test_an_absent_key_is_null() -> None:
    """A key that the request does not carry is there, as null."""
    (found,) = json.loads(render_json(refuted()))["results"]
    assert found["counterexample"]["context"] == {"aws:MultiFactorAuthPresent": None}


def test_text_beyond_ascii_is_written_as_it_is() -> None:
    """A reader of the raw document sees names as their authors wrote them."""
    report = refuted()
    (found,) = report.results
    assert '"logical_id": "Rôle"' in render_json(report.replace(results=(found._replace(logical_id="Rôle"),)))
