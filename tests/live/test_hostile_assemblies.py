"""
A cloud assembly was written by others: `verify` opens regular files only, and what it cannot read is an error.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.hostile.constructions import ALLOW, role
from trustproof.errors import InputError, UsageError
from trustproof.live.template_files import template_text
from trustproof.live.verify import read_assembly
from trustproof.scaffold.project import NewArguments

TEMPLATE = json.dumps({"Resources": {"R": role(ALLOW)}})


def _assembly(folder: Path) -> Path:
    """The file of the only stack of an assembly, which is still to be written."""
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111122223333/eu-west-1",
        "properties": {"templateFile": "t.json"},
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"A": stack}}))
    return folder / "t.json"


def test_a_template_is_read(tmp_path: Path) -> None:
    """A stack has the template of its file, whichever way its lines end."""
    _assembly(tmp_path).write_bytes(TEMPLATE.encode() + b"\r\n")
    (found,) = read_assembly(tmp_path)
    assert found.template is not None
    assert set(found.template.resources) == {"R"}


def test_a_pipe_is_no_template(tmp_path: Path) -> None:
    """A pipe that nobody writes to is refused, and not waited for."""
    os.mkfifo(_assembly(tmp_path))
    with pytest.raises(UsageError, match=r"t\.json: cannot be read: it is not a regular file"):
        read_assembly(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such file"), (b"\xff\xfe{", "it is UTF-16"), (b"{\xff", "not UTF-8: byte 0xff at offset 1")],
)
def test_a_file_that_cannot_be_read_is_an_error(content: bytes | None, said: str, tmp_path: Path) -> None:
    """What is wrong with a file is said in words, with its name."""
    file = _assembly(tmp_path)
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=rf"t\.json: cannot be read: {said}"):
        read_assembly(tmp_path)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there are no devices")
def test_a_device_is_no_template() -> None:
    """A device has no end."""
    with pytest.raises(InputError, match="not a regular file"):
        template_text("/dev/zero")


@pytest.mark.parametrize("deep", ['{"a":' * 100_000, "[" * 100_000, "a: " + "{a: " * 100_000, "{" + '"a": 1,' * 3])
def test_a_template_that_is_none_is_a_problem_of_its_stack(deep: str, tmp_path: Path) -> None:
    """Text that is too deep, or broken, keeps nobody from hearing of other stacks."""
    _assembly(tmp_path).write_text(deep)
    (found,) = read_assembly(tmp_path)
    assert found.template is None
    assert "not well-formed" in found.problem


def test_the_organization_of_a_new_project_is_a_regular_file(tmp_path: Path) -> None:
    """A pipe that nobody writes to is refused by `new`, too."""
    os.mkfifo(tmp_path / "accounts")
    with pytest.raises(InputError, match="not a regular file"):
        NewArguments(str(tmp_path / "app"), str(tmp_path / "accounts"), "a", "eu-west-1").run()
