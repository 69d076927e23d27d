"""
The pages keep their word: the first hour is run, and every command of a page is one that the program takes.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trustproof.cli.arguments import parse

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [
    REPOSITORY / "README.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    REPOSITORY / "constructs_lib" / "README.md",
    REPOSITORY / "infra" / "README.md",
]
FIRST_HOUR = REPOSITORY / "docs" / "first-hour.md"


def commands() -> Iterator[tuple[Path, int, str]]:
    """Page, line and text of every `trustproof` command in the blocks of shells and pipelines."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.finditer(r"^```(?:sh|console|yaml|bash)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            start = text.count("\n", 0, block.start()) + 2
            for number, line in enumerate(block[1].splitlines(), start):
                found = re.search(r"(?:^|\$ |\| |&& |- run: )(trustproof [^|>&]*)", line)
                if found is not None:
                    yield page, number, found[1]


@pytest.mark.parametrize(
    ("page", "line", "command"),
    [pytest.param(*row, id=f"{row[0].relative_to(REPOSITORY)}:{row[1]}") for row in commands()],
)
def test_every_command_is_one(page: Path, line: int, command: str) -> None:
    """The program takes the arguments as a page writes them."""
    arguments = shlex.split(command, comments=True)[1:]
    if arguments in (["--version"], ["--help"]):
        return
    # Three dots stand for what a reader puts there.
    parse([argument.replace("...", "x") for argument in arguments if argument != "..."])


def test_the_first_hour(tmp_path: Path) -> None:
    """Each command of the page, one after the other, prints what stands below it."""
    text = FIRST_HOUR.read_text(encoding="utf-8")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    commands = 0
    for block in re.finditer(r"^```(\w+)(?: title=\"(.*?)\")?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        language, title, content = block.groups()
        if title:
            (tmp_path / title).write_text(content, encoding="utf-8")
        if language != "console":
            continue
        for session in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env={**os.environ, "PATH": path},
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            assert (done.stderr + done.stdout).rstrip("\n") == output.rstrip("\n"), command
            commands += 1
    assert commands > 5


def test_the_recipe_for_tests(tmp_path: Path) -> None:
    """The tests of docs/ci/README.md pass for a role that asks for MFA, and fail for one that does not."""
    text = (REPOSITORY / "docs" / "ci" / "README.md").read_text(encoding="utf-8")
    found = re.search(r'^```python title="(.*?)"\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    assert found is not None
    (tmp_path / found[1]).write_text(found[2])
    for operator, outcome in (("Bool", "2 passed"), ("BoolIfExists", "2 failed")):
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": "sts:AssumeRole",
            "Condition": {operator: {"aws:MultiFactorAuthPresent": "true"}},
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
        (tmp_path / "role.json").write_text(json.dumps({"Resources": {"Deployer": role}}))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert outcome in ran.stdout, ran.stdout
