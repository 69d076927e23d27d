"""
An account that a stack goes to is taken to be one's own; one that nobody declares is named.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.cli.main import main

OWN, OTHER = "111122223333", "999988887777"


def _report(folder: Path, account: str | None = None, stacks: int = 1, **config: object) -> trustproof.Report:
    artifacts = {}
    for number in range(stacks):
        template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
        (folder / f"S{number}.template.json").write_text(json.dumps(template))
        artifacts[f"S{number}"] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{OTHER}/eu-west-1",
            "properties": {"templateFile": f"S{number}.template.json"},
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    return trustproof.check([str(folder)], account=account, config=config)


def _notes(folder: Path, account: str | None = None, stacks: int = 1, **config: object) -> list[str]:
    report = _report(folder, account, stacks, **config)
    assert not report.omissions
    return [note for note in report.notes if "does not declare account" in note]


def test_an_account_that_is_not_declared_is_named(tmp_path: Path) -> None:
    """Once, with the stacks that go to it."""
    (note,) = _notes(tmp_path, stacks=5, boundary={"accounts": [OWN]})
    assert note.startswith(f"configuration: [boundary] does not declare account {OTHER}, which ")
    assert note.endswith("S2.template.json and 2 more go to")


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"boundary": {"organizations": ["o-a1b2c3d4e5"]}},
        {"boundary": {"accounts": [OWN, OTHER]}},
        {"boundary": {"accounts": [OWN]}, "organization": {"root": "r-ab12", "accounts": [OTHER]}},
    ],
)
def test_what_is_declared_or_nobody_declares_is_no_note(tmp_path: Path, config: dict[str, object]) -> None:
    """Without a list of accounts, nothing is missing from one."""
    assert _notes(tmp_path, **config) == []


def test_what_the_user_has_named_is_no_note(tmp_path: Path) -> None:
    """`--account` is said by whoever runs the gate."""
    assert _notes(tmp_path, OTHER, boundary={"accounts": [OWN]}) == []


def test_whoever_writes_the_assembly_does_not_choose_whose_account_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack that goes to an account which the file of the run does not declare fails the strict gate."""
    (tmp_path / "trustproof.toml").write_text(f'[boundary]\naccounts = ["{OWN}"]\n')
    monkeypatch.chdir(tmp_path)
    _report(tmp_path, stacks=5)
    report = trustproof.check(["."], config=trustproof.load_config())
    assert [(one.template, one.what) for one in report.omissions] == [
        (f"./S{number}.template.json", f"whom it lets in, as trustproof.toml does not declare account {OTHER}")
        for number in range(5)
    ]
    assert main(["check", "."]) == 0
    assert main(["check", "--strict", "."]) == 1
    assert main(["check", "--strict", "--account", OTHER, "."]) == 0
    # Who changes a program changes what it gives and where its stacks go.
    assert not trustproof.check(["."], config={"boundary": {"accounts": [OWN]}}).omissions


def test_the_values_that_an_assembly_gives_are_said(tmp_path: Path) -> None:
    """A stack is judged at the parameters of its manifest, and says so; what the user gives wins."""
    template = {"Parameters": {"P": {"Type": "String"}}, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    (tmp_path / "t.json").write_text(json.dumps(template))
    properties = {"templateFile": "t.json", "parameters": {"P": "a"}}
    artifact = {"type": "aws:cloudformation:stack", "environment": f"aws://{OWN}/eu-west-1", "properties": properties}
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"S": artifact}}))
    said = f"{tmp_path / 't.json'}: judged at the values that the assembly gives the stack: P=a"
    assert trustproof.check([str(tmp_path)]).notes.count(said) == 1
    assert said not in trustproof.check([str(tmp_path)], parameters={"P": "b"}).notes
