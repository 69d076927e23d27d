"""
The steps that inputs take, of one kind and of several sizes.

``python -m tests.hostile.growth KIND SIZE ... [-- ARGUMENTS]`` prints how many functions are called for each size. Each
size is measured in a process of its own, so that none finds what another has left in a memory.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from unittest import mock

from tests.hostile.comparisons import COMPARISONS
from tests.hostile.growing import GROWING
from trustproof.cli.main import main
from trustproof.inputs.terraform.configuration.syntax import trees

#: What is checked, and what is compared.
SHAPES = {**GROWING, **{f"diff-of-{name}": build for name, build in COMPARISONS.items()}}
#: What is asked where nothing else is said.
CHECK = ("check", ".", "--jobs", "1")


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a directory."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def steps(kind: str, size: int, arguments: Sequence[str]) -> int:
    """How many functions are called where a command is given in a directory with an input of this kind and size."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    # The parser of HCL is watched where a text is long, which is a step at each of its own: those are counted there.
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(trees, "_SHORT", sys.maxsize):
        write(Path(folder), SHAPES[kind](size))
        os.chdir(folder)
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
            sys.setprofile(counted)
            try:
                main(list(arguments))
            finally:
                sys.setprofile(None)
        os.chdir("/")
    return count


def steps_alone(kind: str, size: int, arguments: Sequence[str]) -> int:
    """The same in a process of its own, which has imported what this one has."""
    read, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, json.dumps(steps(kind, size, arguments)).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read, encoding="utf-8") as answer:
        found = int(answer.read())
    os.waitpid(child, 0)
    return found


if __name__ == "__main__":
    given, _, asked = " ".join(sys.argv[1:]).partition(" -- ")
    name, *sizes = given.split()
    command = asked.split() or CHECK
    steps(name, 1, command)
    sys.stdout.write(" ".join(str(steps_alone(name, int(size), command)) for size in sizes) + "\n")
