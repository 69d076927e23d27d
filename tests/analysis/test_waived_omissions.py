"""
What nobody looks into is waived by its resource: it stays in the report, and fails nothing.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

import trustproof
from trustproof.config.project_limits import apply_limits
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


class TestNobodyMayWaive:
    """With ``[properties.not-checked] waivable = false``."""

    SETTLED: ClassVar[dict[str, object]] = {"properties": {"not-checked": {"waivable": False}}}

    def test_a_waiver_beside_it_is_an_error(self, tmp_path: Path) -> None:
        """As of any property."""
        with pytest.raises(trustproof.ConfigError, match="not-checked cannot be waived"):
            _check(tmp_path, {"resource": "Share"}, **self.SETTLED)

    def test_no_template_says_otherwise(self, tmp_path: Path) -> None:
        """What stands in a template does not count, and that is said."""
        report = _check(tmp_path, **self.SETTLED, **{"template-waivers": True})
        assert _left(report) == [NESTED, SHARE]
        assert any("waivers of not-checked in templates do not count" in note for note in report.notes)

    def test_an_override_settles_its_templates(self, tmp_path: Path) -> None:
        """A waiver of the rest of the file does not count there."""
        override = {"paths": ["**/a.json"], **self.SETTLED}
        report = _check(tmp_path, {"resource": "Share"}, override=[override])
        assert _left(report) == [NESTED, SHARE]
        assert any("the waiver of not-checked does not count with waivable = false" in note for note in report.notes)

    def test_no_configuration_below_says_otherwise(self, tmp_path: Path) -> None:
        """One in a directory with such a waiver is an error."""
        (tmp_path / "trustproof.toml").write_text("[properties.not-checked]\nwaivable = false\n")
        waiver = f'[[waiver]]\nproperty = "not-checked"\nresource = "Share"\nreason = "{REASON}"\n'
        (tmp_path / "sub.toml").write_text(waiver)
        above, own = (trustproof.load_config(str(tmp_path / name)) for name in ("trustproof.toml", "sub.toml"))
        with pytest.raises(trustproof.ConfigError, match="not-checked cannot be waived: waivable = false in"):
            apply_limits(own, above)

    @pytest.mark.parametrize("table", [{"severity": "off"}, {"max-age": 1}])
    def test_it_is_no_property_otherwise(self, tmp_path: Path, table: dict[str, object]) -> None:
        """It has no severity and no options."""
        with pytest.raises(trustproof.ConfigError, match="unknown key"):
            _check(tmp_path, properties={"not-checked": table})


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
