"""
Waivers: what they silence, what they do not, and what is wrong with them.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.cli.program import HELD, HOLE
from trustproof.results.report import Report
from trustproof.results.result import Result

TODAY = date(2026, 11, 26)
BOUNDARY: dict[str, Any] = {"boundary": {"accounts": ["222222222222"]}}
WAIVER = {"property": "mfa-required", "resource": "Deployer", "reason": "until the hub has moved"}


@pytest.fixture(autouse=True)
def _templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stacks").mkdir()
    Path("hole.json").write_text(HOLE)
    Path("stacks/hole.json").write_text(HOLE)
    Path("held.json").write_text(HELD)


def run(*paths: str, today: date | None = TODAY, **tables: Any) -> Report:
    return trustproof.check(paths, config={**BOUNDARY, **tables}, today=today)


def waived(report: Report) -> list[str]:
    return [result.template for result in report.results if result.suppression is not None]


def about_waivers(report: Report) -> list[Result]:
    return [result for result in report.results if result.property.startswith("waiver-")]


@pytest.mark.parametrize(
    ("changes", "templates"),
    [
        ({}, ["hole.json", "stacks/hole.json"]),
        ({"resource": "Dep*"}, ["hole.json", "stacks/hole.json"]),
        ({"resource": "*pl*"}, ["hole.json", "stacks/hole.json"]),
        ({"resource": "*"}, ["hole.json", "stacks/hole.json"]),
        ({"resource": "D*p*o*er", "template": "/hole.json"}, ["hole.json"]),
        ({"resource": "Deployer*Deployer"}, []),
        ({"resource": "Dep*x*"}, []),
        ({"resource": "Dep*e"}, []),
        ({"resource": "D?ployer"}, []),
        ({"resource": "D[e]ployer"}, []),
        ({"template": "/hole.json"}, ["hole.json"]),
        ({"template": "stacks/"}, ["stacks/hole.json"]),
        ({"template": "hole.json"}, ["hole.json", "stacks/hole.json"]),
        ({"resource": "deployer"}, []),
        ({"property": "inside-boundary"}, []),
    ],
    ids=lambda value: str(value),
)
def test_a_waiver_is_about_what_it_names(changes: dict[str, str], templates: list[str]) -> None:
    """Property, resource and template all have to be those of the finding; it stays in the report and fails nothing."""
    report = run("hole.json", "stacks/hole.json", waiver=[{**WAIVER, **changes}])
    assert waived(report) == templates
    assert len([r for r in report.failures() if r.property == "mfa-required"]) == 2 - len(templates)


def test_a_name_that_several_templates_have_is_said() -> None:
    """Whoever adds a template chooses what its resources are called: the waiver covers them, and a note says so."""
    (note,) = run("hole.json", "stacks/hole.json", waiver=[WAIVER]).notes
    assert "for Deployer covers what is called so in hole.json, stacks/hole.json: say which" in note
    for waiver in ({**WAIVER, "template": "hole.json"}, {**WAIVER, "resource": "Dep*"}):
        assert run("hole.json", "stacks/hole.json", waiver=[waiver]).notes == ()
    assert run("hole.json", waiver=[WAIVER]).notes == ()


def test_a_waiver_by_fingerprint_holds_the_template() -> None:
    """Two templates may say the same, and then a number tells the fingerprints apart: which has which may change."""
    (found, _) = [r for r in run("hole.json", "stacks/hole.json").results if r.verdict == "refuted"]
    waiver = {"property": "mfa-required", "reason": "r", "fingerprint": found.fingerprint, "template": "stacks/"}
    assert waived(run("hole.json", "stacks/hole.json", waiver=[waiver])) == ["stacks/hole.json"]
    assert waived(run("stacks/hole.json", "hole.json", waiver=[waiver])) == ["stacks/hole.json"]
    with pytest.raises(trustproof.ConfigError, match="must also name the template"):
        run("hole.json", waiver=[{key: value for key, value in waiver.items() if key != "template"}])


def test_a_name_with_brackets_is_a_name() -> None:
    """Instances of Terraform have an index in their address, which is no class of characters."""
    trust = json.dumps(json.loads(HOLE)["Resources"]["Deployer"]["Properties"]["AssumeRolePolicyDocument"])
    Path("tf").mkdir()
    Path("tf/main.tf").write_text(
        f'resource "aws_iam_role" "r" {{\n  count = 2\n  assume_role_policy = jsonencode({trust})\n}}\n'
    )
    report = run("tf", waiver=[{**WAIVER, "resource": "aws_iam_role.r[0]"}])
    found = [r for r in report.results if r.property == "mfa-required" and r.verdict != "proved"]
    assert [(r.logical_id, r.suppression is not None) for r in found] == [
        ("aws_iam_role.r[0]", True),
        ("aws_iam_role.r[1]", False),
    ]


def test_the_report_has_the_reason() -> None:
    """Whoever reads the report learns why, who answers for it, and until when."""
    waiver = {**WAIVER, "owner": "platform", "expires": "2026-11-26"}
    (found,) = [r for r in run("hole.json", waiver=[waiver]).results if r.suppression is not None]
    assert str(found.suppression) == "until the hub has moved, says platform (until 2026-11-26)"


def test_the_last_day_is_part_of_it_and_the_next_one_is_not() -> None:
    """An expired waiver silences nothing, and is a finding itself."""
    waiver = [{**WAIVER, "expires": "2026-11-26"}]
    assert waived(run("hole.json", waiver=waiver)) == ["hole.json"]
    report = run("hole.json", waiver=waiver, today=date(2026, 11, 27))
    assert waived(report) == []
    (found,) = about_waivers(report)
    assert (found.property, found.severity) == ("waiver-expired", "error")
    assert found.message == "the waiver of mfa-required for Deployer expired on 2026-11-26"
    assert {one.property for one in report.failures()} == {"mfa-required", "waiver-expired"}


def test_the_library_looks_at_no_clock() -> None:
    """Without a day there is no answer where a waiver has a last one; where none has, no day is needed."""
    with pytest.raises(trustproof.UsageError, match="what day it is"):
        run("hole.json", waiver=[{**WAIVER, "expires": "2026-11-26"}], today=None)
    assert waived(run("hole.json", waiver=[WAIVER], today=None)) == ["hole.json"]


def test_an_unused_waiver_is_a_finding() -> None:
    """What is mended needs no waiver any more, and a waiver that is left silences what comes next."""
    (found,) = about_waivers(run("held.json", waiver=[WAIVER]))
    assert (found.property, found.severity, found.verdict) == ("waiver-unused", "warning", "refuted")


def test_a_waiver_of_what_was_not_checked_is_not_unused() -> None:
    """A run over some templates, or some properties, says nothing of waivers for the others."""
    assert about_waivers(run("held.json", waiver=[{**WAIVER, "template": "stacks/"}])) == []
    config = {**BOUNDARY, "waiver": [WAIVER]}
    assert about_waivers(trustproof.check(["held.json"], config=config, properties=["statement-usable"])) == []


def test_a_proof_needs_no_waiver() -> None:
    """What is proved is not marked as waived."""
    assert waived(run("held.json", waiver=[{**WAIVER, "resource": "*"}])) == []


@pytest.mark.parametrize(
    ("waiver", "message"),
    [
        ({"property": "mfa-required", "resource": "A"}, 'lacks the key "reason"'),
        (
            {"property": "mfa-required", "reason": "\u200b", "resource": "A"},
            "reason of a waiver must be a string that is not",
        ),
        (
            {"property": "mfa-required", "reason": " ", "resource": "A"},
            "reason of a waiver must be a string that is not",
        ),
        ({"property": "mfa-required", "reason": "r"}, "must say what it is about"),
        ({"property": "mfa", "reason": "r", "resource": "A"}, 'no property is called "mfa"'),
        ({**WAIVER, "expires": "soon"}, "must be a day such as 2027-01-31"),
        ({**WAIVER, "until": "2027-01-31"}, 'unknown key "until"'),
        ({**WAIVER, "owner": 3}, "owner of a waiver must be a string"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_waiver_that_is_none_is_refused(waiver: dict[str, object], message: str) -> None:
    """A typing error must not silence anything, nor fail to."""
    with pytest.raises(trustproof.ConfigError, match=message):
        run("hole.json", waiver=[waiver])


def test_what_may_not_be_waived_is_not() -> None:
    """`waivable = false` refuses a waiver in the same file."""
    with pytest.raises(trustproof.ConfigError, match="mfa-required cannot be waived"):
        run("hole.json", waiver=[WAIVER], properties={"mfa-required": {"waivable": False}})


class TestInTemplates:
    """Waivers in the template that is judged: a change must not silence the gate that judges it."""

    @staticmethod
    def write(waivers: str, text: str = HOLE) -> None:
        metadata = f'"Type": "AWS::IAM::Role", "Metadata": {{"trustproof": {{"waivers": {waivers}}}}},'
        Path("waived.json").write_text(text.replace('"Type": "AWS::IAM::Role",', metadata))

    WRITTEN = '[{"property": "mfa-required", "reason": "the hub moves", "expires": "2026-12-31"}]'

    def test_they_do_not_count_by_default(self) -> None:
        """The report says that there are some, and fails."""
        self.write(self.WRITTEN)
        report = run("waived.json")
        assert waived(report) == []
        assert report.failures()
        assert "waivers in templates do not count without template-waivers = true: waived.json" in report.notes

    def test_they_count_where_the_configuration_says_so(self) -> None:
        """At the resource, and nowhere else."""
        self.write(self.WRITTEN)
        report = run("waived.json", "hole.json", **{"template-waivers": True})
        assert waived(report) == ["waived.json"]

    def test_not_for_what_may_not_be_waived(self) -> None:
        """The configuration has the last word on a property."""
        self.write(self.WRITTEN)
        tables = {"template-waivers": True, "properties": {"mfa-required": {"waivable": False}}}
        report = run("waived.json", **tables)
        assert waived(report) == []
        said = "waivers of mfa-required in templates do not count with waivable = false: waived.json (Deployer)"
        assert said in report.notes

    def test_an_unused_one_is_a_finding_at_its_resource(self) -> None:
        """Also there, what is mended needs no waiver."""
        self.write(self.WRITTEN, HELD)
        (found,) = about_waivers(run("waived.json", **{"template-waivers": True}))
        assert (found.property, found.template, found.logical_id) == ("waiver-unused", "waived.json", "Deployer")

    @pytest.mark.parametrize(
        ("written", "message"),
        [
            ('[{"property": "mfa-required"}]', "a waiver needs a reason"),
            ('[{"property": "mfa-required", "reason": "r", "resource": "Other"}]', 'unknown key "resource"'),
            ('["mfa-required"]', "a waiver must be a mapping"),
            ('{"property": "mfa-required"}', 'unknown key "waivers"'),
            ('[{"property": "mfa-required", "reason": {"Ref": "Why"}}]', "reason of a waiver must be a string"),
        ],
    )
    def test_one_that_is_none_is_an_error_with_its_place(self, written: str, message: str) -> None:
        """File and line are named, and the exit status is that of a broken input."""
        self.write(written)
        (error,) = run("waived.json", **{"template-waivers": True}).errors
        assert message in error.message
        assert (error.file, error.line) == ("waived.json", 3)

    @pytest.mark.parametrize("key", ["Trustproof", "TRUSTPROOF", "TrustProof"])
    def test_one_below_a_key_with_capitals_is_an_error(self, key: str) -> None:
        """Nothing is waived by it, and whoever wrote it expects otherwise."""
        self.write(self.WRITTEN)
        Path("waived.json").write_text(Path("waived.json").read_text().replace('"trustproof"', f'"{key}"'))
        (error,) = run("waived.json", **{"template-waivers": True}).errors
        assert f'waivers stand below "trustproof", and nothing is waived by "{key}"' in error.message
