"""
How long the command line takes (``make bench``), over a Python that does nothing.

Each line is the fastest of several runs: what is slower than that was spent on something else on this machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BROKEN = Path(__file__).resolve().parent.parent / "examples" / "broken"
RUNS = 7
ROLES = 600


def fastest(*arguments: str, status: int = 0) -> float:
    """Run Python with these arguments; the shortest time in milliseconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, *arguments], check=False, capture_output=True, text=True)
        if done.returncode != status:
            sys.exit(f"bench: {arguments} exited with {done.returncode} instead of {status}\n{done.stderr}")
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def big_template() -> str:
    """A template of many roles, each with a trust policy of its own."""
    broken = json.loads((BROKEN / "deny-bool-false.json").read_text(encoding="utf-8"))
    role = broken["Resources"]["Operator"]
    role["Properties"]["AssumeRolePolicyDocument"]["Statement"][1]["Condition"] = {
        "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}
    }
    return json.dumps({"Resources": {f"Role{number}": role for number in range(ROLES)}}, indent=1)


def main() -> None:
    """Print the table."""
    bare = fastest("-c", "pass")
    print(f"{bare:8.1f} ms  python -c pass; the rest is over that")
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "big.json"
        big.write_text(big_template(), encoding="utf-8")
        for file, status, what in (
            (BROKEN / "deny-bool-false.json", 1, "check a small JSON template, refuted"),
            (BROKEN / "allow-bool-if-exists.yaml", 1, "check a small YAML template, refuted"),
            (big, 0, f"check {ROLES} roles in {big.stat().st_size // 1000} kB of JSON, proved"),
        ):
            took = fastest("-m", "trustproof", "check", str(file), status=status)
            print(f"{took - bare:8.1f} ms  {what}")


if __name__ == "__main__":
    main()
