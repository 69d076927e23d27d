"""
The README keeps its word: its programs run, its console sessions print what it says, its configuration is accepted.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.program import called

REPOSITORY = Path(__file__).resolve().parent.parent
README = REPOSITORY / "README.md"


class Block(NamedTuple):
    """One fenced block of the README."""

    line: int
    text: str


class Session(NamedTuple):
    """A command of a console block, and what stands below it."""

    line: int
    command: str
    output: str


def blocks(language: str) -> list[Block]:
    """The fenced blocks of the README in one language."""
    text = README.read_text(encoding="utf-8")
    fences = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(text.count("\n", 0, fence.start()) + 1, fence[1]) for fence in fences]


def sessions() -> list[Session]:
    """Every command of the README's console blocks."""
    found = []
    for block in blocks("console"):
        first, *rest = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
        assert first == "", f"README.md:{block.line}: a console block begins with a command"
        for session in rest:
            command, _, output = session.partition("\n")
            found.append(Session(block.line, command, output))
    return found


def by_line(value: Block | Session) -> str:
    """What a parameter is called in the name of a test."""
    return f"line-{value.line}"


@pytest.mark.parametrize("block", blocks("python"), ids=by_line)
def test_the_programs_run(block: Block) -> None:
    """Each Python block runs by itself, and what it asserts holds."""
    # As many empty lines as stand before the block, so that a traceback names the line of the README.
    program = "\n" * block.line + block.text
    exec(compile(program, str(README), "exec"), {"__name__": "readme"})


@pytest.mark.parametrize("session", sessions(), ids=by_line)
def test_the_sessions_print_what_they_show(session: Session) -> None:
    """Each `$ trustproof …` prints exactly what stands below it."""
    program, *arguments = shlex.split(session.command)
    assert program == "trustproof", f"README.md:{session.line}"
    done = called(REPOSITORY, *arguments)
    assert done.stderr + done.stdout.rstrip("\n") == session.output.rstrip("\n")


def test_the_configuration_is_accepted(tmp_path: Path) -> None:
    """The gate reads the README's `trustproof.toml` without complaint."""
    (block,) = blocks("toml")
    file = tmp_path / "trustproof.toml"
    file.write_text(block.text, encoding="utf-8")
    done = called(REPOSITORY, "check", "examples/broken", "--config", str(file))
    assert done.stderr == ""
    assert done.returncode == 1


def test_links_lead_somewhere() -> None:
    """Each relative link of the project's own pages names a file that exists."""
    missing = [
        f"{page.relative_to(REPOSITORY)}: {target}"
        for pattern in ("*.md", "docs/**/*.md", "*/README.md")
        for page in sorted(REPOSITORY.glob(pattern))
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not missing, "\n".join(missing)
