"""
What hostile input costs: each construction in a process of its own, next to the bounds that are promised.

``python benchmarks/hostile.py [NAME ...]``: seconds of one core and the peak of memory, and how much of each bound
that is; the exit status is 1 where one is passed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.hostile.comparisons import ACCOUNT, COMPARISONS, filled_sides
from tests.hostile.constructions import CONSTRUCTIONS
from tests.hostile.growing import Files
from tests.hostile.megabyte import MEGABYTES
from tests.hostile.runs import RUNS, Run

#: For any input of a megabyte, on one core.
SECONDS, MEBIBYTES = 30, 512
#: Bytes of each of two sides.
HALF = 500_000


def measured(folder: Path, paths: Sequence[str]) -> tuple[float, float, int]:
    """Seconds of processor time, peak memory in MiB, and the exit status of a command about what is in a directory."""
    process = subprocess.Popen(
        [sys.executable, "-m", "trustproof", *(paths if paths[0] == "diff" else ("check", "--jobs", "1", *paths))],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode


def template(build: Callable[[], str]) -> Run:
    """A run of one template."""

    def write(folder: Path) -> Sequence[str]:
        text = build()
        file = folder / ("t.json" if text.startswith("{") else "t.yaml")
        file.write_text(text, encoding="utf-8")
        return [file.name]

    return write


def comparison(build: Callable[[int], Files]) -> Run:
    """A run that compares two sides of half a megabyte each."""

    def write(folder: Path) -> Sequence[str]:
        for name, text in filled_sides(build, HALF).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return ["diff", "--account", ACCOUNT, "old", "new"]

    return write


def main() -> int:
    """Measure all that are named, or all, and return the exit status."""
    templates = {**CONSTRUCTIONS, **{f"1 MB of {name}": build for name, build in MEGABYTES.items()}}
    made = {name: template(build) for name, build in templates.items()}
    made.update({f"a run of {name}": run for name, run in RUNS.items()})
    made.update({f"a diff of {name}": comparison(build) for name, build in COMPARISONS.items()})
    wanted = sys.argv[1:]
    passed = False
    sys.stdout.write(f"{'input':34} {'bytes':>9} {'seconds':>8} {'of 30':>6} {'MiB':>5} {'of 512':>6}  exit status\n")
    for name, write in made.items():
        if wanted and not any(one in name for one in wanted):
            continue
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            paths = write(folder)
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            seconds, memory, status = measured(folder, paths)
        over = seconds > SECONDS or memory > MEBIBYTES or status not in (0, 1, 2)
        passed = passed or over
        shares = f"{seconds:8.1f} {seconds / SECONDS:6.0%} {memory:5.0f} {memory / MEBIBYTES:6.0%}"
        sys.stdout.write(f"{name:34} {size:9} {shares}  {status}{'  over' if over else ''}\n")
        sys.stdout.flush()
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main())
