"""
A large campaign, with its counts: ``python -m tests.fuzz --inputs 20000 --seed 1``.
"""

from __future__ import annotations

import argparse
import resource
import sys

from tests.fuzz.campaign import campaign


def main() -> int:
    """Run it, print the counts and the first input of each kind that should not be, and return the exit status."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description="Check mutated templates, and count what happens.")
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
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


if __name__ == "__main__":
    sys.exit(main())
