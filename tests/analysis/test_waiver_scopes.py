"""
Where a waiver holds when a run has several configurations, and what may be said of one that is about nothing.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import trustproof
from tests.cli.program import HELD, HOLE
from trustproof.analysis.run import unread_templates

TODAY = date(2026, 11, 27)
BOUNDARY = '[boundary]\naccounts = ["222222222222"]\n'
WAIVER = '[[waiver]]\nproperty = "mfa-required"\nreason = "r"\nresource = "Deployer"\n'
#: Of everything in one directory, about another property.
OVERRIDE = '[[override]]\npaths = ["team/**"]\n[override.properties.session-duration-bounded]\nseverity = "note"\n'
SETTLED = '[[override]]\npaths = ["team/**"]\n[override.properties.mfa-required]\nwaivable = false\n'
OFF = SETTLED.replace("waivable = false", 'severity = "off"')
OFF_EVERYWHERE = 'properties.mfa-required.severity = "off"\n'
METADATA = '{"trustproof": {"waivers": [{"property": "mfa-required", "reason": "r"}]}}'
SHARE = """\
{"Parameters": {"Who": {"Type": "String"}}, "Resources": {
  "Deployer": {"Type": "AWS::RAM::ResourceShare", "Properties": {"Name": "n", "Principals": [{"Ref": "Who"}]}}}}"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(files: dict[str, str], *paths: str, properties: list[str] | None = None) -> trustproof.Report:
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    return trustproof.check(paths or ["."], config=trustproof.load_config(), properties=properties, today=TODAY)


def said(report: trustproof.Report) -> dict[str, int]:
    """How often something is said of waivers, and how much is waived."""
    found = [one.property for one in report.results if one.property.startswith("waiver-")]
    waived = sum(one.suppression is not None for one in (*report.results, *report.omissions))
    return {**{name: found.count(name) for name in found}, **({"waived": waived} if waived else {})}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"team/t.json": HOLE, "main.json": HELD}, {"waived": 1}),
        ({"team/t.json": HOLE}, {"waived": 1}),
        ({"team/t.json": HELD, "main.json": HOLE}, {"waived": 1}),
        ({"team/t.json": HOLE, "main.json": HOLE}, {"waived": 2}),
        ({"team/t.json": HELD, "main.json": HELD}, {"waiver-unused": 1}),
    ],
    ids=["override", "override only", "main", "both", "neither"],
)
@pytest.mark.parametrize("overrides", ["", OVERRIDE, OVERRIDE + OVERRIDE.replace("team/**", "t*.json")])
def test_a_waiver_counts_once_whatever_an_override_says(
    files: dict[str, str], expected: dict[str, int], overrides: str
) -> None:
    """An override makes another configuration of the file, whose waivers stay one list."""
    assert said(check({"trustproof.toml": BOUNDARY + WAIVER + overrides, **files})) == expected


@pytest.mark.parametrize("overrides", ["", OVERRIDE])
def test_an_expired_one_is_said_once(overrides: str) -> None:
    """Also where its findings are on both sides of an override."""
    files = {"team/t.json": HOLE, "main.json": HOLE}
    waiver = WAIVER + "expires = 2026-11-26\n"
    assert said(check({"trustproof.toml": BOUNDARY + waiver + overrides, **files})) == {"waiver-expired": 1}


@pytest.mark.parametrize("overrides", ["", OVERRIDE])
def test_what_is_not_checked_is_waived_once(overrides: str) -> None:
    """Of what is not checked, likewise."""
    waiver = WAIVER.replace("mfa-required", "not-checked")
    report = check({"trustproof.toml": BOUNDARY + waiver + overrides, "team/s.json": SHARE, "main.json": HELD})
    assert said(report) == {"waived": 1}


def test_an_override_settles_for_its_templates() -> None:
    """There a waiver of the file does not count, and the report says where; elsewhere it does."""
    report = check({"trustproof.toml": BOUNDARY + WAIVER + SETTLED, "team/t.json": HOLE, "main.json": HOLE})
    assert [one.template for one in report.results if one.suppression is not None] == ["./main.json"]
    assert {one.template for one in report.failures()} == {"./team/t.json"}
    note = "trustproof.toml:3: the waiver of mfa-required does not count with waivable = false: ./team/t.json"
    assert note in report.notes


@pytest.mark.parametrize("nearer", [WAIVER, '[properties.mfa-required]\nseverity = "off"\n', ""])
def test_an_override_settles_for_the_configurations_below(nearer: str) -> None:
    """What stands nearer to its templates neither waives nor switches off what an override above has settled."""
    files = {"trustproof.toml": BOUNDARY + SETTLED, "team/trustproof.toml": BOUNDARY + nearer, "team/t.json": HOLE}
    report = check(files)
    assert [one.property for one in report.failures()] == ["mfa-required"]
    assert said(report) == {}


@pytest.mark.parametrize("start", [".", "team", "team/sub"])
def test_an_override_between_the_run_and_the_template_settles_too(
    start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the run begins, each configuration above a template has its say."""
    files = {
        "trustproof.toml": BOUNDARY,
        "team/trustproof.toml": BOUNDARY + SETTLED.replace("team/**", "sub/**"),
        "team/sub/trustproof.toml": BOUNDARY + '[properties.mfa-required]\nseverity = "off"\n',
        "team/sub/t.json": HOLE,
    }
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    monkeypatch.chdir(tmp_path / start)
    assert [one.property for one in check({}).failures()] == ["mfa-required"]


def test_a_property_that_an_override_switches_off_was_not_asked() -> None:
    """Where nobody asked, nobody knows that a waiver is about nothing."""
    files = {"trustproof.toml": BOUNDARY + WAIVER + OFF, "team/t.json": HOLE}
    assert said(check(files)) == {}
    assert said(check({**files, "main.json": HELD})) == {"waiver-unused": 1}


@pytest.mark.parametrize("about", ['resource = "Deployer"', 'template = "team/**"'])
def test_a_waiver_for_templates_of_a_nearer_configuration_says_so(about: str) -> None:
    """It has no effect there, and "nothing was found" would be wrong beside the finding."""
    waiver = WAIVER.replace('resource = "Deployer"', about)
    files = {"trustproof.toml": BOUNDARY + waiver, "team/trustproof.toml": BOUNDARY, "team/t.json": HOLE}
    report = check(files)
    assert said(report) == {"waiver-unused": 1}
    (found,) = (one for one in report.results if one.property == "waiver-unused")
    assert "the configuration of ./team/t.json is team/trustproof.toml, and not trustproof.toml" in found.message


@pytest.mark.parametrize("about", ['resource = "Deployer"', 'template = "t.json"', 'template = "*.json"'])
@pytest.mark.parametrize("nearer", [OFF_EVERYWHERE, ""])
@pytest.mark.parametrize("other", [HELD, HOLE])
def test_a_waiver_is_not_about_what_lies_beside_its_directory(about: str, nearer: str, other: str) -> None:
    """A pattern is relative to its file, so a template elsewhere is not "there", whatever it is called."""
    waiver = nearer + BOUNDARY + WAIVER.replace('resource = "Deployer"', about)
    files = {"trustproof.toml": BOUNDARY, "t.json": other, "team/trustproof.toml": waiver, "team/t.json": HELD}
    found = [one.message for one in check(files).results if one.property == "waiver-unused"]
    assert len(found) == (not nearer)
    assert not any("does not hold there" in message for message in found)


@pytest.mark.parametrize("properties", [None, ["mfa-required", "external-id-required"]])
@pytest.mark.parametrize("said_by", ["nearer", "template", "main"])
def test_unused_is_known_where_only_a_nearer_configuration_asks(said_by: str, properties: list[str] | None) -> None:
    """What the configuration of the run switches off is asked all the same of the templates of another one."""
    written = HELD.replace('"Type": "AWS::IAM::Role"', '"Type": "AWS::IAM::Role", "Metadata": ' + METADATA, 1)
    assert written != HELD
    files = {
        "trustproof.toml": OFF_EVERYWHERE + BOUNDARY + (WAIVER if said_by == "main" else ""),
        "team/trustproof.toml": "template-waivers = true\n" + BOUNDARY + (WAIVER if said_by == "nearer" else ""),
        "team/t.json": written if said_by == "template" else HELD,
    }
    assert said(check(files, properties=properties)) == {"waiver-unused": 1}
    assert said(check(files, properties=["external-id-required"])) == {}


def test_a_waiver_for_templates_of_which_nobody_asks_may_be_about_something() -> None:
    """Another template, of a nearer configuration that asks, does not make it one for that template."""
    files = {"trustproof.toml": OFF_EVERYWHERE + BOUNDARY + WAIVER, "t.json": HOLE}
    assert said(check({**files, "team/trustproof.toml": BOUNDARY, "team/t.json": HOLE})) == {}


@pytest.mark.parametrize(
    ("waiver", "files", "paths", "is_unused"),
    [
        (WAIVER, {"a.json": HELD, "b.json": HOLE}, ["a.json"], False),
        (WAIVER, {"a.json": HELD}, ["a.json"], True),
        (WAIVER, {"a.json": HELD, "package.json": "{}", "c.yaml": "on: push\n"}, ["a.json"], True),
        (WAIVER, {"a.json": HELD, "x/b.txt": HOLE}, ["a.json"], False),
        (WAIVER, {"a.json": HELD, "x/b.json": HELD}, ["x"], False),
        (WAIVER, {"x/a.json": HELD, "x/b.json": HELD}, ["x"], True),
        (WAIVER, {"a.json": HELD, "b.json": HELD}, ["a.json", "b.json"], True),
        (WAIVER, {"a.json": HELD, "x/m.tf": "# nothing yet\n"}, ["a.json"], False),
        (WAIVER + 'template = "a.json"\n', {"a.json": HELD, "b.json": HOLE}, ["a.json"], True),
        (WAIVER + 'template = "a.json"\n', {"a.json": HELD, "x/a.json": HOLE}, ["a.json"], False),
        (WAIVER + 'template = "/a.json"\n', {"a.json": HELD, "x/a.json": HOLE}, ["a.json"], True),
        (WAIVER + 'template = "x/**"\n', {"x/a.json": HELD, "x/b.json": HELD}, ["x/a.json"], False),
        ('exclude = ["x/"]\n' + WAIVER, {"a.json": HELD, "x/b.json": HOLE}, ["a.json"], True),
        (WAIVER.replace("mfa-required", "not-checked"), {"a.json": HELD, "b.json": SHARE}, ["a.json"], False),
        (WAIVER.replace("mfa-required", "not-checked"), {"a.json": HELD}, ["a.json"], True),
    ],
)
def test_unused_is_known_where_all_was_read_that_a_waiver_may_be_about(
    waiver: str, files: dict[str, str], paths: list[str], is_unused: bool
) -> None:
    """A run over a part of a project says nothing of waivers for the rest."""
    exclude, _, rest = waiver.rpartition("\n[[")
    toml = waiver.replace("[[waiver]]", BOUNDARY + "[[waiver]]", 1) if exclude else BOUNDARY + rest
    assert said(check({"trustproof.toml": toml, **files}, *paths)) == ({"waiver-unused": 1} if is_unused else {})


def test_a_large_directory_is_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many files to look at, one of them may be what a waiver is about."""
    files = {"trustproof.toml": BOUNDARY + WAIVER, "a.json": HELD, "b.json": "{}", "c.json": "{}"}
    assert said(check(files, "a.json")) == {"waiver-unused": 1}
    monkeypatch.setattr(unread_templates, "MAX_FILES", 1)
    assert said(check(files, "a.json")) == {}


def test_a_waiver_of_an_invariant_that_is_gone_is_about_nothing() -> None:
    """It would be silent for ever, and cover the next invariant of that name."""
    invariant = '[[invariant]]\nname = "ci"\nresources = ["Deployer"]\naccounts = []\n'
    waiver = BOUNDARY + WAIVER.replace("mfa-required", "invariant-ci")
    assert said(check({"trustproof.toml": waiver + invariant, "a.json": HOLE})) == {"waived": 1}
    report = check({"trustproof.toml": waiver})
    assert said(report) == {"waiver-unused": 1}
    (found,) = (one for one in report.results if one.property == "waiver-unused")
    assert found.message.endswith("is about nothing: the configuration has no such invariant")


def test_a_configuration_by_a_link_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared file that a directory links to is that of the run; a link to anything else is passed over."""
    Path("shared").mkdir()
    Path("shared/trustproof.toml").write_text(BOUNDARY)
    Path("shared/other.toml").write_text(BOUNDARY)
    Path("team").mkdir()
    Path("team/trustproof.toml").symlink_to("../shared/trustproof.toml")
    Path("team/other.toml").symlink_to("../shared/other.toml")
    monkeypatch.chdir(tmp_path / "team")
    assert [path for path, _ in check({"a.json": HELD}).passed_over] == ["./other.toml"]
