"""
An account that a stack goes to is taken to be one's own; one that nobody declares is named.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

OWN, OTHER = "111122223333", "999988887777"


def _notes(folder: Path, account: str | None = None, stacks: int = 1, **config: object) -> list[str]:
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
    report = trustproof.check([str(folder)], account=account, config=config)
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
