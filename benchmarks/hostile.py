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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.hostile.constructions import CONSTRUCTIONS
from tests.hostile.megabyte import MEGABYTES

#: For any input of a megabyte, on one core.
SECONDS, MEBIBYTES = 30, 512


def measured(file: Path) -> tuple[float, float, int]:
    """Seconds of processor time, peak memory in MiB, and the exit status of a check of a file."""
    process = subprocess.Popen(
        [sys.executable, "-m", "trustproof", "check", "--jobs", "1", str(file)],
        cwd=file.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode


def main() -> int:
    """Measure all that are named, or all, and return the exit status."""
    made = {**CONSTRUCTIONS, **{f"1 MB of {name}": build for name, build in MEGABYTES.items()}}
    wanted = sys.argv[1:]
    passed = False
    sys.stdout.write(f"{'input':34} {'bytes':>9} {'seconds':>8} {'of 30':>6} {'MiB':>5} {'of 512':>6}  exit status\n")
    with tempfile.TemporaryDirectory() as folder:
        for name, build in made.items():
            if wanted and not any(one in name for one in wanted):
                continue
            text = build()
            file = Path(folder) / ("t.json" if text.startswith("{") else "t.yaml")
            file.write_text(text, encoding="utf-8")
            seconds, memory, status = measured(file)
            file.unlink()
            over = seconds > SECONDS or memory > MEBIBYTES or status not in (0, 1, 2)
            passed = passed or over
            shares = f"{seconds:8.1f} {seconds / SECONDS:6.0%} {memory:5.0f} {memory / MEBIBYTES:6.0%}"
            sys.stdout.write(f"{name:34} {len(text):9} {shares}  {status}{'  over' if over else ''}\n")
            sys.stdout.flush()
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main())
