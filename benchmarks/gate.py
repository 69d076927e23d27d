"""
How long the gate takes: the whole process, over what has to be done in any case, in one run on one machine.

    python benchmarks/gate.py

Every figure is the fastest of several runs, since what is slower than that was spent on something else on this
machine, and the runs of a figure and of its baseline alternate. Milliseconds depend on the machine; what is to be
compared with another day are the ratios.

The bounds of the cold start and of the largest template are not held (that of memory by some MiB), and are left as
they were set, so that the distance shows. Where the time goes, on CPython 3.11 (user and system time on a machine with
other work, medians of 9 or 15 alternating runs; 3 of YAML):

- A cold start is 13.7 times ``python -c pass`` (12.6 ms), of which 1.5 are the arguments and the check. The rest is
  imports: the interpreter itself 1.0, the standard library 1.9, the bytecode of 435 modules (4.6 MB, read and
  unmarshalled) 2.1, their 207 named tuples 1.2, and 6.0 to find the modules and to run their bodies. Of 163 of them, a
  third of the bytecode, no function is called for a small template; without these it would be 10 to 11 times, with
  imports in functions throughout, which hide what depends on what. A budget of 8 has room for some 170 such modules.
- The largest template, in one process, is 25 times ``json.load`` (30.8 ms), of which 5 are imports. The other 20 are
  0.4 ms for each of 1,661 statements: reading them is 15 % of that, searches 18 %, replays 11 %, role chains 7 %,
  fingerprints 5 %, and no function by itself is more than 4 %. As YAML it is 3.4 times ``yaml.compose`` (282 ms) for
  the same reason: parsing, which is what the baseline does, is an eighth of the run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

# Run as a file, Python looks for imports beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent))

import templates
import yaml

#: Runs of a process that takes milliseconds, and of one that takes seconds.
MANY, FEW = 21, 5
LOAD_JSON = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"
COMPOSE_YAML = "import sys, yaml; yaml.compose(open(sys.argv[1], encoding='utf-8'), Loader=yaml.CSafeLoader)"
#: The command as it is installed: what a user starts.
GATE = (str(Path(sysconfig.get_path("scripts")) / "trustproof"), "check")
SIZES = (20, 200, 2000)


def seconds(directory: Path, *arguments: str) -> float:
    """Run Python with these arguments, in a directory without a configuration."""
    # The bytecode of a program is written when it is installed; a benchmark that compiles it measures that.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, cwd=directory, env=environment
    )
    took = time.perf_counter() - start
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(arguments)} exited with {done.returncode}\n{done.stderr}")
    return took


def fastest(directory: Path, commands: Sequence[Sequence[str]], runs: int) -> list[float]:
    """The shortest time of each command; they take turns, so that all see the same machine."""
    rounds = [[seconds(directory, *command) for command in commands] for _ in range(runs)]
    return [min(times) for times in zip(*rounds, strict=True)]


def peak(directory: Path, *arguments: str) -> float:
    """The most memory that the command had, in MiB; what two processes share is counted for both."""
    code = (
        "import resource, sys\n"
        "from trustproof.cli.main import main\n"
        "main(sys.argv[1:])\n"
        "who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)\n"
        "print(sum(resource.getrusage(one).ru_maxrss for one in who), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=directory,
    )
    return int(done.stderr.split()[-1]) / 1024


def row(what: str, took: float, base: float, baseline: str, most: float | None = None) -> None:
    """One line of the table; a ratio over `most` is marked."""
    bound = "" if most is None else f", at most {most:g}" + (": OVER" if took / base > most else "")
    print(f"{what:<48} {took * 1000:8.1f} ms {took / base:6.2f} x {baseline} ({base * 1000:.1f} ms){bound}")


def cold_start(directory: Path) -> None:
    """One small template, in which everything is proved, and one with a finding to show."""
    right, wrong = (templates.for_people(1), templates.for_people(1))
    statement = wrong["Statement"]
    assert isinstance(statement, list)
    statement[0]["Condition"] = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    for name, policy in (("right.json", right), ("wrong.json", wrong)):
        resource = templates.resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": policy}, "App/Role/Resource")
        (directory / name).write_text(templates.text({"Resources": {"Role": resource}}), encoding="utf-8")
    configured = directory / "configured"
    configured.mkdir()
    (configured / "trustproof.toml").write_text('[boundary]\naccounts = ["222200000001"]\n', encoding="utf-8")
    as_yaml = yaml.safe_dump(json.loads((directory / "right.json").read_text(encoding="utf-8")), sort_keys=False)
    (configured / "right.yaml").write_text(as_yaml, encoding="utf-8")
    with_configuration = (*GATE, "--config", "configured/trustproof.toml", "configured/right.yaml")
    commands = (("-c", "pass"), (*GATE, "right.json"), (*GATE, "wrong.json"), with_configuration)
    bare, proved, refuted, both = fastest(directory, commands, MANY)
    row("cold start, one small template, proved", proved, bare, "python -c pass", 8)
    row("cold start, one small template, refuted", refuted, bare, "python -c pass", 8)
    row("the same with a configuration and YAML", both, bare, "python -c pass", 10)


def largest(directory: Path) -> None:
    """The largest template that CloudFormation takes, in both formats."""
    template = templates.large()
    (directory / "large.json").write_text(templates.text(template), encoding="utf-8")
    as_yaml = yaml.dump(json.loads(templates.text(template)), Dumper=yaml.CSafeDumper, sort_keys=False, width=10_000)
    (directory / "large.yaml").write_text(as_yaml, encoding="utf-8")
    (directory / "troubled.json").write_text(templates.text(templates.troubled()), encoding="utf-8")
    commands = (("-c", LOAD_JSON, "large.json"), (*GATE, "large.json"), (*GATE, "troubled.json"))
    load, check, troubled = fastest(directory, commands, MANY)
    row("the largest template, JSON, 1 MB, 430 policies", check, load, "json.load", 12)
    row("the same, half of the roles refuted or unknown", troubled, load, "json.load", 25)
    compose, check = fastest(directory, (("-c", COMPOSE_YAML, "large.yaml"), (*GATE, "large.yaml")), FEW)
    row(f"the same as YAML, {len(as_yaml) / 1e6:.1f} MB", check, compose, "yaml.compose", 2)
    for name in ("large.json", "large.yaml"):
        print(f"{'  peak memory, ' + name:<48} {peak(directory, 'check', name):8.1f} MiB, at most 80")


def many(directory: Path) -> None:
    """From twenty templates to two thousand, in one process and on all cores."""
    for size in SIZES:
        folder = directory / f"many-{size}"
        folder.mkdir()
        for number in range(size):
            (folder / f"{number:04d}.json").write_text(templates.text(templates.small(number)), encoding="utf-8")
    (one,) = fastest(directory, ((*GATE, "right.json"),), MANY)
    first = 0.0
    for size in SIZES:
        commands = ((*GATE, "--jobs", "1", f"many-{size}"), (*GATE, f"many-{size}"))
        single, spread = fastest(directory, commands, FEW if size < max(SIZES) else 2)
        each = (single - one) / size
        first = first or each
        row(f"{size} templates, each, in one process", each, first, f"each of {SIZES[0]}", 1.3)
        row(f"  all, on {os.cpu_count()} cores", spread, single, "--jobs 1")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        cold_start(Path(folder))
        largest(Path(folder))
        many(Path(folder))


if __name__ == "__main__":
    main()
