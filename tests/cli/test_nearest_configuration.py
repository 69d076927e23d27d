"""
Several configurations in one repository: the nearest one, what it extends, overrides, and `config show`.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

import trustproof
from trustproof.analysis.execution import pool
from trustproof.cli.main import main

ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    },
}
ROOT = """\
[boundary]
accounts = ["111122223333"]
"""
MILD = '[properties.mfa-required]\nseverity = "warning"\n'


def repository(root: Path, files: dict[str, str]) -> None:
    """Write the configurations, and a template in each of three directories."""
    for folder in ("a", "b", "b/c"):
        (root / folder).mkdir(exist_ok=True)
        (root / folder / "role.json").write_text(json.dumps({"Resources": {"Open": ROLE}}))
    for name, text in files.items():
        (root / name).write_text(text)


def verdicts(report: trustproof.Report, ident: str = "mfa-required") -> dict[str, str]:
    """Directory of each template to the severity of a property that does not hold there, or its verdict."""
    return {
        Path(one.template).parent.name: one.severity if one.verdict == "refuted" else one.verdict
        for one in report.results
        if one.property == ident
    }


def checked(root: Path, monkeypatch: pytest.MonkeyPatch, jobs: int = 1) -> trustproof.Report:
    """As the command line does it, from the root."""
    monkeypatch.chdir(root)
    return trustproof.check(["."], config=trustproof.load_config(), jobs=jobs)


TABLE = [
    ("one for all", {"trustproof.toml": ROOT}, {"a": "error", "b": "error", "c": "error"}),
    ("nearer", {"trustproof.toml": ROOT, "b/trustproof.toml": MILD}, {"a": "error", "b": "warning", "c": "warning"}),
    (
        "nearest",
        {"trustproof.toml": ROOT, "b/trustproof.toml": MILD, "b/c/trustproof.toml": ROOT},
        {"a": "error", "b": "warning", "c": "error"},
    ),
    (
        "a pyproject.toml without our table is nobody's",
        {"b/pyproject.toml": "[project]\nname='b'\n"},
        {"a": "error", "b": "error", "c": "error"},
    ),
    (
        "override",
        {
            "trustproof.toml": f'{ROOT}[[override]]\npaths = ["b/c/**"]\n'
            '[override.properties.mfa-required]\nseverity="off"'
        },
        {"a": "error", "b": "error"},
    ),
    (
        "the last override that matches wins",
        {
            "trustproof.toml": ROOT
            + '[[override]]\npaths = ["b/**"]\n[override.properties.mfa-required]\nseverity="note"\n'
            + '[[override]]\npaths = ["c/"]\n[override.properties.mfa-required]\nseverity="warning"\n'
        },
        {"a": "error", "b": "note", "c": "warning"},
    ),
    (
        "off at the root, asked nearer",
        {"trustproof.toml": '[properties.mfa-required]\nseverity="off"', "b/trustproof.toml": MILD},
        {"b": "warning", "c": "warning"},
    ),
]


@pytest.mark.parametrize(("files", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_template_has_the_nearest_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: dict[str, str]
) -> None:
    """Severities, and what is asked, are those of the configuration nearest to the template, overrides included."""
    repository(tmp_path, files)
    assert verdicts(checked(tmp_path, monkeypatch)) == expected


def test_processes_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates that other processes check have the same configurations."""
    monkeypatch.setattr(pool, "MIN_SHARE", 8)
    repository(tmp_path, {"trustproof.toml": ROOT, "b/trustproof.toml": MILD})
    for number in range(18):
        (tmp_path / "b" / f"{number}.json").write_text(json.dumps({"Resources": {"Open": ROLE}}))
    one = checked(tmp_path, monkeypatch)
    assert one.results == checked(tmp_path, monkeypatch, jobs=2).results
    assert [n.file for n in one.nearer] == ["b/trustproof.toml"]


def test_a_named_configuration_is_that_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names a file wants that one, whatever lies nearer to a template."""
    repository(tmp_path, {"named.toml": ROOT, "b/trustproof.toml": MILD})
    monkeypatch.chdir(tmp_path)
    report = trustproof.check(["."], config=trustproof.load_config("named.toml"))
    assert set(verdicts(report).values()) == {"error"}


def test_what_extends_keeps_what_it_does_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The boundary of the root holds below it, and the severity that is written nearer wins."""
    extending = 'extends = "../trustproof.toml"\n' + MILD
    repository(tmp_path, {"trustproof.toml": ROOT, "b/trustproof.toml": extending})
    report = checked(tmp_path, monkeypatch)
    assert verdicts(report) == {"a": "error", "b": "warning", "c": "warning"}
    assert verdicts(report, "inside-boundary") == {"a": "proved", "b": "proved", "c": "proved"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "trustproof.toml"', "b/trustproof.toml:1: extends itself, by trustproof.toml"),
        ('extends = "none.toml"', "b/trustproof.toml:1: extends none.toml, which is no file"),
        ('extends = ["../pyproject.toml"]', "which has no [tool.trustproof] table"),
        ("extends = 7", "extends must be an array of strings, got 7"),
        ("[[override]]\n", 'lacks the key "paths"'),
        ("[[override]]\npaths = []\n", "override.paths must name at least one pattern"),
        ('[[override]]\npaths = ["x"]\nexclude = ["y"]\n', 'unknown key "exclude" in [override]'),
        (
            '[[override]]\npaths = ["x"]\n[override.properties.mfa]\nseverity = "off"\n',
            'b/trustproof.toml:3: unknown property "mfa"',
        ),
    ],
)
def test_a_nearer_configuration_that_is_none_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    """It is said once, with its line, and the templates that it is for are not judged by another one."""
    repository(tmp_path, {"trustproof.toml": ROOT, "pyproject.toml": "", "b/trustproof.toml": text})
    report = checked(tmp_path, monkeypatch)
    (error,) = report.errors
    assert message in str(error)
    assert set(verdicts(report)) == {"a"}


def test_waivers_are_of_the_templates_of_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiver in a nearer file says nothing of templates elsewhere, whatever their resources are called."""
    waiving = '[[waiver]]\nproperty = "mfa-required"\nreason = "moves"\nresource = "Open"\n'
    repository(tmp_path, {"trustproof.toml": ROOT, "b/trustproof.toml": waiving})
    report = checked(tmp_path, monkeypatch)
    waived = {Path(r.template).parent.name for r in report.results if r.suppression is not None}
    assert waived == {"b", "c"}


def test_the_report_says_what_holds_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A nearer configuration, and what it switches off, is in the notes: nothing is silenced in silence."""
    repository(tmp_path, {"trustproof.toml": ROOT, "b/trustproof.toml": '[properties.mfa-required]\nseverity="off"'})
    report = checked(tmp_path, monkeypatch)
    assert "b/trustproof.toml is the configuration of 2 templates, and does not ask mfa-required" in report.notes


def test_config_show_prints_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`config show` prints each configuration that holds, as TOML that says the same when it is read."""
    from trustproof.cli.main import main

    repository(
        tmp_path,
        {
            "trustproof.toml": ROOT + '[[third-party]]\nname = "O\\"X"\naccounts = ["444455556666"]\n',
            "b/trustproof.toml": 'extends = "../trustproof.toml"\n[properties.mfa-required]\nmax-age = 3600\n',
        },
    )
    (tmp_path / "b" / "package.json").write_text('{"name": "app"}')
    monkeypatch.chdir(tmp_path)
    assert main(["config", "show"]) == 0
    parts = capsys.readouterr().out.split("# b/trustproof.toml")
    assert "which extends trustproof.toml" in parts[1]
    assert re.findall("^#   .*", parts[1], re.MULTILINE) == ["#   ./b/c/role.json", "#   ./b/role.json"]
    shown = [tomllib.loads("#" + part) for part in parts]
    # The severity of each finding is its own, unless somebody says one for all.
    assert shown[1]["properties"]["mfa-required"] == {"max-age": 3600}
    assert "[properties.mfa-required]\n# severity: error, or milder by finding\nmax-age = 3600\n" in parts[1]
    for one in shown:
        assert one["boundary"]["accounts"] == ["111122223333"]
        assert one["third-party"] == [{"name": 'O"X', "accounts": ["444455556666"]}]
        trustproof.read_config(one)


def _write_open_role(directory: Path) -> None:
    """A configuration of Terraform of two files, with a role that anybody may assume."""
    pytest.importorskip("tree_sitter_hcl")
    directory.mkdir()
    (directory / "o.tf").touch()
    (directory / "main.tf").write_text(
        f'resource "aws_iam_role" "open" {{\n'
        f"  assume_role_policy = {json.dumps(json.dumps(ROLE['Properties']['AssumeRolePolicyDocument']))}\n}}\n"
    )


@pytest.mark.parametrize("named", [".", "b", "b/"])
@pytest.mark.parametrize(
    ("files", "severity"),
    [
        ({"trustproof.toml": ROOT, "b/trustproof.toml": MILD}, "warning"),
        ({"trustproof.toml": f'{ROOT}[[override]]\npaths = ["b/**"]\n[override.{MILD[1:]}'}, "warning"),
        ({"trustproof.toml": f'{ROOT}[[override]]\npaths = ["b"]\n[override.{MILD[1:]}'}, "warning"),
        ({"trustproof.toml": f'{ROOT}[[override]]\npaths = ["*.tf"]\n[override.{MILD[1:]}'}, "warning"),
        ({"trustproof.toml": f'{ROOT}[[override]]\npaths = ["a/"]\n[override.{MILD[1:]}'}, "error"),
    ],
)
def test_a_configuration_of_terraform_has_what_lies_in_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], severity: str, named: str
) -> None:
    """The sources are one directory: the file in it is nearest, and an override that is about them is about it."""
    _write_open_role(tmp_path / "b")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    report = trustproof.check([named], config=trustproof.load_config(), account="111122223333")
    assert [one.severity for one in report.results if one.property == "mfa-required"] == [severity]


@pytest.mark.parametrize(
    ("pattern", "is_about_it"),
    [
        ("b", True),
        ("b/", True),
        ("b/**", True),
        ("b/*", True),
        ("*.tf", True),
        ("b/?*.tf", True),
        ("[!x]/*[.]tf", True),
        ("b/?.tf", False),
        ("b/[!x].tf", False),
        ("b/[!x]*.tf", False),
        ("b/[^a-m]*", False),
        ("b/main.tf", False),
        ("**/main.tf", False),
    ],
)
def test_a_pattern_is_about_a_configuration_of_terraform_as_a_whole_or_said_to_be_about_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pattern: str,
    is_about_it: bool,
) -> None:
    """Waivers and overrides read a pattern alike, and nobody is left to think that one of a single file holds."""
    _write_open_role(tmp_path / "b")
    monkeypatch.chdir(tmp_path)
    waiver = f'[[waiver]]\nproperty = "mfa-required"\nreason = "later"\ntemplate = "{pattern}"\n'
    override = f'[[override]]\npaths = ["{pattern}"]\n[override.{MILD[1:]}'
    for written in (waiver, override):
        (tmp_path / "trustproof.toml").write_text(f"{ROOT}{written}")
        assert main(["check", ".", "--account", "111122223333"]) == (0 if is_about_it else 1)
        said = 'matches a part of a configuration of Terraform, which is judged as a whole: write "b"'
        assert (said in capsys.readouterr().out) != is_about_it


SETTLED = f"{ROOT}[properties.mfa-required]\nwaivable = false\n"


@pytest.mark.parametrize(
    "nested",
    [
        '[properties.mfa-required]\nseverity = "off"\n',
        '[properties.mfa-required]\nseverity = "note"\n',
        "[properties.mfa-required]\nwaivable = true\n",
        '[[third-party]]\nname = "v"\naccounts = ["111122223333"]\n',
        '[[override]]\npaths = ["*.json"]\n[override.properties.mfa-required]\nseverity = "off"\n',
        "template-waivers = true\n",
    ],
)
@pytest.mark.parametrize("place", ["b", "b/c"])
def test_what_is_settled_above_cannot_be_loosened_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nested: str, place: str
) -> None:
    """A property with ``waivable = false`` is what the configuration above says, however many there are below it."""
    repository(tmp_path, {"trustproof.toml": SETTLED, "b/trustproof.toml": MILD, f"{place}/pyproject.toml": ""})
    (tmp_path / place / "trustproof.toml").write_text(nested)
    waived: dict[str, object] = {"Trustproof": {"Waivers": [{"property": "mfa-required", "reason": "r"}]}}
    for folder in ("b", "b/c"):
        content: dict[str, object] = {"Resources": {"Open": {**ROLE, "Metadata": waived}}}
        (tmp_path / folder / "role.json").write_text(json.dumps(content))
    report = checked(tmp_path, monkeypatch)
    assert verdicts(report) == {"a": "error", "b": "error", "c": "error"}
    assert not any(result.suppression for result in report.results)
    # It holds from a directory below, too.
    monkeypatch.chdir(tmp_path / place)
    assert verdicts(trustproof.check(["role.json"], config=trustproof.load_config())) == {"": "error"}


@pytest.mark.parametrize(
    ("above", "nested", "asked"),
    [
        (SETTLED, 'exclude = ["**"]\n', {"", "c"}),
        (SETTLED, 'extends = "../trustproof.toml"\nexclude = ["c/", "role.json"]\n', {"", "c"}),
        # What the one above leaves out is left out from below as well, by its own directory.
        ('exclude = ["b/c/"]\n' + SETTLED, 'exclude = ["role.json"]\n', {""}),
        ('exclude = ["b/c/"]\n' + SETTLED, 'exclude = ["b/c/"]\n', {""}),
        # Where nothing is settled, a directory is its owners'.
        (ROOT, 'exclude = ["c/"]\n', {""}),
    ],
)
def test_what_is_settled_above_is_asked_of_what_is_left_out_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, above: str, nested: str, asked: set[str]
) -> None:
    """A change to a directory leaves nothing out of a gate that runs there."""
    repository(tmp_path, {"trustproof.toml": above, "b/trustproof.toml": nested})
    monkeypatch.chdir(tmp_path / "b")
    report = trustproof.check(["."], config=trustproof.load_config())
    assert set(verdicts(report)) == asked
    said = any("its exclude does not count: waivable = false in" in note for note in report.notes)
    assert said is ("waivable" in above and "b/c" not in nested)


def test_a_boundary_is_settled_with_a_property(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is one of us decides what is inside the boundary."""
    settled = '[boundary]\naccounts = ["999988887777"]\n[properties.inside-boundary]\nwaivable = false\n'
    repository(tmp_path, {"trustproof.toml": settled, "b/trustproof.toml": ROOT})
    report = checked(tmp_path, monkeypatch)
    assert set(verdicts(report, "inside-boundary").values()) == {"error"}
    # Whoever has declared the account in the nearer one is told which of them counts.
    refuted = [one for one in report.results if one.property == "inside-boundary" and one.remedy]
    told = {Path(one.template).parent.name: one.remedy.text for one in refuted if one.remedy}
    assert " in [boundary], or" in told["a"]
    assert " in [boundary] of trustproof.toml, or" in told["b"]
    said = "b/trustproof.toml: its [boundary] does not count: waivable = false in trustproof.toml"
    assert [said in note for note in report.notes].count(True) == 1


@pytest.mark.parametrize(
    ("tables", "said", "of_one"),
    [
        ("", "waivers in templates do not count without template-waivers = true", ""),
        (
            "template-waivers = true\n[properties.mfa-required]\nwaivable = false\n",
            "waivers of mfa-required in templates do not count with waivable = false",
            " (Open)",
        ),
    ],
    ids=["template-waivers", "waivable"],
)
def test_waivers_that_do_not_count_are_one_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: str, said: str, of_one: str
) -> None:
    """However many templates write a waiver, and however many configurations they have, the run says it once."""
    files = {f"{place}/trustproof.toml": tables for place in ("a", "b/c")} if tables == "" else {}
    repository(tmp_path, {"trustproof.toml": tables, **files})
    for place in ("a", "b/c"):
        content = json.loads((tmp_path / place / "role.json").read_text())
        waivers = [{"property": "mfa-required", "reason": "moves"}]
        content["Resources"]["Open"]["Metadata"] = {"trustproof": {"waivers": waivers}}
        (tmp_path / place / "role.json").write_text(json.dumps(content))
    report = checked(tmp_path, monkeypatch)
    expected = f"{said}: ./a/role.json{of_one}, ./b/c/role.json{of_one}"
    assert [note for note in report.notes if "do not count" in note] == [expected]


def test_a_waiver_of_what_is_settled_above_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its line, as where both stand in one file."""
    waiver = '[[waiver]]\nproperty = "mfa-required"\nreason = "r"\nresource = "*"\n'
    repository(tmp_path, {"trustproof.toml": SETTLED, "b/trustproof.toml": waiver})
    report = checked(tmp_path, monkeypatch)
    assert [str(error) for error in report.errors] == [
        "b/trustproof.toml:1: mfa-required cannot be waived: waivable = false in trustproof.toml"
    ]
    assert verdicts(report) == {"a": "error"}


@pytest.mark.parametrize(
    ("nested", "said"),
    [
        ("template-waivers = true\n", "waivers in templates"),
        ('[boundary]\naccounts = ["999988887777"]\n', "a [boundary] of its own"),
        (MILD, "mfa-required warning"),
        ('[[waiver]]\nproperty = "mfa-required"\nreason = "r"\nresource = "*"\n', "1 waiver"),
        ('[[third-party]]\nname = "v"\naccounts = ["999988887777"]\n', "1 third party"),
        ('[sensitive]\nactions = ["s3:GetObject"]\n', "[sensitive] actions of its own"),
    ],
)
def test_a_note_says_what_a_nearer_configuration_may_let_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nested: str, said: str
) -> None:
    """Beside what it switches off."""
    repository(tmp_path, {"trustproof.toml": ROOT, "b/c/trustproof.toml": nested})
    report = checked(tmp_path, monkeypatch)
    assert f"b/c/trustproof.toml is the configuration of ./b/c/role.json, with {said}" in report.notes
    (counted,) = (note for note in report.notes if note.endswith("does not list it, is not checked"))
    assert counted.startswith(f"b/c/trustproof.toml: what it lets pass ({said})")


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"b/c/trustproof.toml": "[properties.mfa-required]\nseverity = 'off'\n"}, 1),
        ({"b/c/trustproof.toml": "template-waivers = true\n"}, 1),
        ({"b/c/trustproof.toml": "[properties.mfa-required]\nmax-age = 90000\n"}, 1),
        ({"b/c/trustproof.toml": '[boundary]\naccounts = ["999988887777"]\n'}, 1),
        ({"b/c/trustproof.toml": '[boundary]\naccounts = ["111122223333"]\n'}, 0),
        ({"b/c/trustproof.toml": "[properties.mfa-required]\nseverity = 'error'\n"}, 0),
        (
            {
                "b/c/trustproof.toml": "template-waivers = true\n",
                "trustproof.toml": 'nested = ["b/*/trustproof.toml"]\n',
            },
            0,
        ),
        ({"b/c/trustproof.toml": "template-waivers = true\n", "trustproof.toml": 'nested = ["a/"]\n'}, 1),
        (
            {
                "b/c/trustproof.toml": "template-waivers = true\n",
                "trustproof.toml": 'extends = "b/c/trustproof.toml"\n',
            },
            0,
        ),
        ({"trustproof.toml": MILD + "[[override]]\npaths = ['b/']\nproperties.mfa-required.severity = 'off'\n"}, 0),
    ],
)
def test_the_strict_gate_wants_to_know_who_loosens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], status: int
) -> None:
    """A configuration that lets more pass than that of the run fails ``--strict``, unless that one lists it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b" / "c").mkdir(parents=True)
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
    (tmp_path / "b" / "c" / "role.json").write_text(json.dumps(template), encoding="utf-8")
    (tmp_path / "trustproof.toml").write_text(ROOT, encoding="utf-8")
    for name, text in files.items():
        (tmp_path / name).write_text(text + ROOT if name == "trustproof.toml" else text)
    assert main(["check", "--strict", "."]) == status
    assert main(["check", "."]) == 0


def test_an_invariant_that_is_left_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that does not have an invariant of the run lets pass what that one does not."""
    invariant = '[[invariant]]\nname = "people"\nresources = ["*"]\nmfa = true\n'
    repository(
        tmp_path, {"trustproof.toml": invariant, "b/c/trustproof.toml": MILD + invariant, "b/trustproof.toml": ""}
    )
    report = checked(tmp_path, monkeypatch)
    assert "b/trustproof.toml is the configuration of ./b/role.json, with no people" in report.notes
    assert {file for file, _ in report.not_checked} == {"b/c/trustproof.toml", "b/trustproof.toml"}


def test_a_baseline_that_only_what_is_judged_names_silences_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A baseline counts for the configuration of the run, and neither for a nearer one nor beside one that is named."""
    gate = tmp_path / "gate.toml"
    gate.write_text("[properties.statement-usable]\nseverity = 'error'\n")
    own = tmp_path / "repository"
    own.mkdir()
    repository(own, {"a/trustproof.toml": "baseline = 'known.json'\n", "trustproof.toml": "nested = ['a/']\n"})
    monkeypatch.chdir(own / "a")
    assert main(["baseline", "write", "."]) == 0
    assert main(["check", "--strict", "."]) == 0
    assert main(["check", "--strict", "--config", str(gate), "."]) == 1
    monkeypatch.chdir(own)
    assert main(["check", "--strict", "a"]) == 1
    assert main(["check", "--strict", "--config", str(gate), "a"]) == 1
