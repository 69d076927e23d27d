"""
What nobody looks into is waived by its resource: it stays in the report, and fails nothing.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import trustproof
from trustproof.output.json import render as render_json
from trustproof.output.style import Style
from trustproof.output.text import render as render_text

REASON = "the network team looks at it"
#: Whom a parameter names, nobody can declare; the template of the nested stack is elsewhere.
TEMPLATE = {
    "Parameters": {"Who": {"Type": "String"}},
    "Resources": {
        "Share": {
            "Type": "AWS::RAM::ResourceShare",
            "Metadata": {"trustproof": {"waivers": [{"property": "not-checked", "reason": "says the template"}]}},
            "Properties": {"Name": "n", "Principals": [{"Ref": "Who"}]},
        },
        "Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/a.json"}},
    },
}
SHARE, NESTED = "Principals of Share", "the nested stack Nested (TemplateURL)"
TODAY = date(2026, 11, 27)


def _check(folder: Path, *waivers: dict[str, object], **config: object) -> trustproof.Report:
    (folder / "a.json").write_text(json.dumps(TEMPLATE))
    said = [{"property": "not-checked", "reason": REASON, **one} for one in waivers]
    file = str(folder / "a.json")
    return trustproof.check([file], config={"waiver": said, **config}, today=TODAY)


def _left(report: trustproof.Report) -> list[str]:
    return [what for _, what in report.not_checked]


@pytest.mark.parametrize(
    ("waiver", "left"),
    [
        ({"resource": "Share"}, [NESTED]),
        ({"resource": "Nest*"}, [SHARE]),
        ({"resource": "Share", "expires": "2026-11-27", "owner": "network"}, [NESTED]),
        ({"resource": "Share", "expires": "2026-11-26"}, [NESTED, SHARE]),
        ({"resource": "Share", "template": "stacks/"}, [NESTED, SHARE]),
        ({"resource": "share"}, [NESTED, SHARE]),
        ({"resource": "of"}, [NESTED, SHARE]),
    ],
)
def test_a_waiver_is_about_the_resource_that_it_names(
    tmp_path: Path, waiver: dict[str, object], left: list[str]
) -> None:
    """It counts for what is not checked of that resource, in those templates, until its last day."""
    assert _left(_check(tmp_path, waiver)) == left


def test_all_that_is_waived_fails_nothing(tmp_path: Path) -> None:
    """A strict gate is green where somebody answers for each, and says so with the reason."""
    report = _check(tmp_path, {"resource": "Share", "owner": "network"}, {"resource": "Nested"})
    report.raise_for_status(strict=True)
    shown = render_text(report, Style(coloured=False))
    assert f"not checked, and waived: {NESTED}, whose template is elsewhere; {REASON}" in shown
    assert f"not checked, and waived: {SHARE}, which lets others in by itself" in shown
    assert f"{REASON}, says network" in shown
    assert "; 0 not checked and 2 more waived;" in shown
    (one, other) = json.loads(render_json(report))["not_checked"]
    assert (one["what"], one["resource"], one["suppression"]["reason"]) == (NESTED, "Nested", REASON)
    assert (other["resource"], other["suppression"]["owner"]) == ("Share", "network")


def test_what_counts_is_written_without_a_reason(tmp_path: Path) -> None:
    """A program reads of what nobody answers for that there is no suppression."""
    found = json.loads(render_json(_check(tmp_path)))["not_checked"]
    assert [one["suppression"] for one in found] == [None, None]


def test_a_template_does_not_waive_by_itself(tmp_path: Path) -> None:
    """A waiver in the template that is judged counts only where the configuration lets it."""
    assert _left(_check(tmp_path)) == [NESTED, SHARE]
    assert _left(_check(tmp_path, **{"template-waivers": True})) == [NESTED]


@pytest.mark.parametrize(
    ("waiver", "rule"),
    [({"resource": "Share", "expires": "2026-11-26"}, "waiver-expired"), ({"resource": "Gone"}, "waiver-unused")],
)
def test_a_waiver_that_is_not_in_force_is_a_finding(tmp_path: Path, waiver: dict[str, object], rule: str) -> None:
    """One that is over or about nothing is said, as any other."""
    assert [one.property for one in _check(tmp_path, waiver).failures("warning")] == [rule]


@pytest.mark.parametrize(
    ("waiver", "said"),
    [
        ({"resource": "*"}, "must name its resource"),
        ({"template": "a.json"}, "must name its resource"),
        ({"resource": "Share", "template": "a.json", "fingerprint": "00"}, "it has no fingerprint"),
    ],
)
def test_a_waiver_of_everything_is_refused(tmp_path: Path, waiver: dict[str, object], said: str) -> None:
    """What a later change adds is for somebody to look at."""
    with pytest.raises(trustproof.ConfigError, match=said):
        _check(tmp_path, waiver)
