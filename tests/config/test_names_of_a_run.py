"""
What a run says of names and patterns in its configuration that may be mistaken, and what it then fails on.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof.cli.main import main

GROUP = {
    "Type": "AWS::IAM::Group",
    "Properties": {
        "Policies": [
            {
                "PolicyName": "p",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}],
                },
            }
        ]
    },
}
MISTAKEN = '[sensitive]\nactions = ["ec2:StopInstanes"]'
OFF = '[properties.sensitive-actions-require-mfa]\nseverity = "off"'
WAIVER = '[[waiver]]\nproperty = "mfa-required"\nreason = "x"\ntemplate = "{}"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with two templates, of which the run looks at one."""
    (tmp_path / "stacks").mkdir()
    for name in ("a.json", "stacks/b.json"):
        (tmp_path / name).write_text(json.dumps({"Resources": {"Ops": GROUP}}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (MISTAKEN, "", "ec2:StopInstanes is about nothing"),
        ('[sensitive]\nactions = ["ec2:StopInstances"]', "", None),
        (MISTAKEN, "--property statement-usable", None),
        (f"{MISTAKEN}\n{OFF}", "", None),
    ],
)
def test_strict_fails_on_an_action_that_there_is_not(
    project: Path, capsys: pytest.CaptureFixture[str], text: str, arguments: str, said: str | None
) -> None:
    """What asks for an action that AWS does not have is no proof, where it is asked at all."""
    (project / "trustproof.toml").write_text(text)
    assert main(["check", "a.json", *arguments.split()]) == 0
    assert ("note: trustproof.toml: sensitive action" in capsys.readouterr().out) == (said is not None)
    assert main(["check", "a.json", "--strict", *arguments.split()]) == (0 if said is None else 1)
    assert (said or "") in capsys.readouterr().out


@pytest.mark.parametrize("command", ["doctor", "config show"])
def test_doctor_and_config_show_say_so_too(project: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Whoever looks at the configuration sees which of its names are not known."""
    (project / "trustproof.toml").write_text(MISTAKEN)
    main(command.split())
    assert "did you mean ec2:StopInstances?" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["doctor", "config show", "check"])
def test_a_path_that_is_not_there_is_an_error(project: Path, capfd: pytest.CaptureFixture[str], command: str) -> None:
    """No command takes it for a template that it has not read yet."""
    (project / "trustproof.toml").write_text("")
    assert main([*command.split(), "nothere.json"]) != 0
    found = capfd.readouterr()
    assert "nothere.json: cannot be read: no such file or directory" in found.out + found.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WAIVER.format("a.yml"), "trustproof.toml:1: the waiver's template a.yml matches no file in . and below"),
        (WAIVER.format("a.json"), None),
        (WAIVER.format("b.json"), None),
        (WAIVER.format("stacks/"), None),
        (WAIVER.format("/b.json"), "the waiver's template /b.json matches no file"),
        ('[[override]]\npaths = ["stacks/**", "legacy/**"]', "the override's path legacy/** matches no file"),
        ('[[override]]\npaths = ["stacks", "!stacks/c"]', None),
        (WAIVER.format("../other.json"), "trustproof.toml:1: the waiver's template ../other.json matches no file"),
        (WAIVER.format("../other/**"), "the waiver's template ../other/** matches no file"),
        (WAIVER.format("../*/other.json"), None),
        ('[[override]]\npaths = ["../other/*.json"]', "the override's path ../other/*.json matches no file"),
        (
            'nested = ["teams/a/trustproof.toml"]',
            "nested teams/a/trustproof.toml matches no file in . ",
        ),
        ('nested = ["stacks/", "../teams/trustproof.toml"]', None),
    ],
)
def test_a_pattern_that_matches_no_file_is_said(
    project: Path, capsys: pytest.CaptureFixture[str], text: str, said: str | None
) -> None:
    """A pattern for files that are not there is named; one for what the run did not look at is not."""
    (project / "trustproof.toml").write_text(text)
    main(["check", "a.json"])
    assert (said or "") in (out := capsys.readouterr().out)
    assert ("matches no file" in out) == (said is not None)


def test_a_nearer_configuration_holds_for_nothing_outside(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it says of templates beside its directory is about none, though they are there; that of the run may be."""
    (project / "trustproof.toml").write_text(WAIVER.format("../*/a.json"))
    (project / "stacks" / "trustproof.toml").write_text(WAIVER.format("../a.json"))
    main(["check", "."])
    out = capsys.readouterr().out
    said = (
        "for ../a.json is about nothing: its template matches nothing: stacks/trustproof.toml holds for what is below"
    )
    assert f"refuted[waiver-unused] (warning): the waiver of mfa-required {said} stacks" in out
    assert out.count("matches no") == 1


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("gone/**", "matches no file in . and below"),
        ("../gone/a.json", "matches no file"),
        ("../{name}/a.json", 'matches nothing, as no path is written with a detour: write "a.json"'),
        ("../{name}", 'matches nothing, as no path is written with a detour: write "*"'),
        ("../../{above}/other/*.json", 'matches nothing, as no path is written with a detour: write "../other/*.json"'),
    ],
)
def test_a_waiver_of_no_file_is_unused(
    project: Path, capsys: pytest.CaptureFixture[str], pattern: str, why: str
) -> None:
    """A run that has read all there is says so in the finding; one that has not, and one about else, in a note."""
    written = pattern.format(name=project.name, above=project.parent.name)
    (project / "trustproof.toml").write_text(WAIVER.format(written))
    finding = f"the waiver of mfa-required for {written} is about nothing: its template {why}"
    note = f"note: trustproof.toml:1: the waiver's template {written} {why}"
    for arguments, is_finding in ((["."], True), (["a.json"], False), ([".", "--property", "inside-boundary"], False)):
        main(["check", *arguments])
        out = capsys.readouterr().out
        assert ((finding in out), (note in out)) == (is_finding, not is_finding)


def test_nothing_is_said_of_a_directory_that_is_too_large(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are more files than are looked at, no pattern is said to match none."""
    monkeypatch.setattr("trustproof.config.unmatched_patterns.MAX_LOOKS", 2)
    (project / "trustproof.toml").write_text(WAIVER.format("a.yml"))
    main(["check", "a.json"])
    assert "matches no file" not in capsys.readouterr().out
