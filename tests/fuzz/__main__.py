"""
A large campaign, with its counts: ``python -m tests.fuzz --inputs 20000 --seed 1``.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import traceback
from pathlib import Path
from random import Random

from tests.fuzz.campaign import campaign
from tests.fuzz.documents import ask, changed, count, documents


def main() -> int:
    """Run it, print the counts and the first input of each kind that should not be, and return the exit status."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description="Check mutated templates, and count what happens.")
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, metavar="N", help="check N files of other kinds in place of templates")
    told = parser.parse_args()
    if told.documents is not None:
        return _documents(told.documents, Random(told.seed))
    found = campaign(told.inputs, told.seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.reports.items()))
    sys.stdout.write(
        f"{found.inputs} inputs ({kinds}): {len(found.tracebacks)} kinds of traceback, {len(found.hangs)} hangs,"
        f" {len(found.vanished)} with vanished policies; peak memory {peak} MiB\n"
    )
    for name, text in found.tracebacks.items():
        sys.stdout.write(f"traceback: {name}: {text[:2000]}\n")
    for text in (*found.hangs[:3], *found.vanished[:3]):
        sys.stdout.write(f"{text[:2000]}\n")
    return 1 if found.tracebacks or found.hangs or found.vanished else 0


def _documents(number: int, rng: Random) -> int:
    """Check so many files with one node replaced, and count the kinds of traceback."""
    made = documents()
    every = [(name, at) for name, document in made.items() for at in range(count(document))]
    chosen = rng.sample(every, min(number, len(every)))
    found: dict[str, str] = {}
    for name, at in chosen:
        content = changed(made[name], at)
        with tempfile.TemporaryDirectory() as folder:
            try:
                ask(made[name], content, Path(folder))
            except Exception as error:  # noqa: BLE001
                place = traceback.extract_tb(error.__traceback__)[-1]
                found.setdefault(f"{type(error).__name__} at {place.filename}:{place.lineno}", f"{name}, {at}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{len(chosen)} files of {len(every)}: {len(found)} kinds of traceback; peak memory {peak} MiB\n")
    for kind, where in found.items():
        sys.stdout.write(f"traceback: {kind}: {where}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
