"""
How long the gate takes: the whole process, over what has to be done in any case, in one run on one machine.

    python benchmarks/gate.py

Every figure is the least of several runs, since what is more than that was spent on something else on this machine, and
the runs of a figure and of its baseline alternate. Where one process is compared with another it is the time of the
processor, which other work on the machine changes little; where all cores are used it is the time that passes.
Milliseconds depend on the machine; what is to be compared with another day are the ratios. It fails where one is over
its bound: the bounds are what was measured, on CPython 3.11, and some 15 % more.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

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

# The bounds, as measured and some 15 % more, each beside the figure that was aimed at.
#: Of a cold start, 16; aimed at: 8, and 10 with a configuration and YAML. The standard library alone is 3 (argparse,
#: re, typing, json, hashlib …); the rest are 470 modules of at most 400 lines, with 210 named tuples, all imported at
#: the top of others: a budget of 8 has room for some 170 such modules.
COLD_START, COLD_START_WITH_YAML = 18.5, 19.5
#: Of the largest template, 29; aimed at: 12. Six are the imports, and the others 0.4 ms for each of 1,661 statements:
#: reading is 17 %, searches 18 %, replays 8 %, and no function by itself is more than 4 %.
LARGEST = 34
#: Where half of the roles are refuted or unknown, 35; aimed at: 25. What is above the template before is that each
#: refutation has a request of its own, which the evaluator replays, and a remedy that is tried out.
TROUBLED = 41
#: As YAML, 4; aimed at: 2. Parsing, which is all that the baseline does, is a quarter of the run.
YAML = 4.6
#: MiB of all processes, 84 and 90; aimed at: 80. The modules are 32 of them, and what processes share counts twice.
MEMORY = {"large.json": 97, "large.yaml": 104}
#: What each of many templates costs at most, over each of few.
EACH = 1.3

#: What was over its bound.
over: list[str] = []


class Spent(NamedTuple):
    """
    What a run took, in seconds.
    """

    #: User and system time of all its processes.
    processor: float
    passed: float


def spent(directory: Path, *arguments: str) -> Spent:
    """Run Python with these arguments, in a directory without a configuration."""
    # The bytecode of a program is written when it is installed; a benchmark that compiles it measures that.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, cwd=directory, env=environment
    )
    took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(arguments)} exited with {done.returncode}\n{done.stderr}")
    return Spent(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, took)


def least(directory: Path, commands: Sequence[Sequence[str]], runs: int) -> list[Spent]:
    """The least of each command; they take turns, so that all see the same machine."""
    rounds = [[spent(directory, *command) for command in commands] for _ in range(runs)]
    return [Spent(*map(min, zip(*of_one, strict=True))) for of_one in zip(*rounds, strict=True)]


def fastest(directory: Path, commands: Sequence[Sequence[str]], runs: int) -> list[float]:
    """The least time that the processor takes for each command, in seconds."""
    return [one.processor for one in least(directory, commands, runs)]


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


def bound(what: str, found: float, most: float | None) -> str:
    """What a line says of its bound, if it has one; what is over it is remembered."""
    if most is None:
        return ""
    if found > most:
        over.append(what.strip())
    return f", at most {most:g}" + (": OVER" if found > most else "")


def row(what: str, took: float, base: float, baseline: str, most: float | None = None) -> None:
    """One line of the table; a ratio over `most` is marked."""
    said = bound(what, took / base, most)
    print(f"{what:<48} {took * 1000:8.1f} ms {took / base:6.2f} x {baseline} ({base * 1000:.1f} ms){said}")


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
    row("cold start, one small template, proved", proved, bare, "python -c pass", COLD_START)
    row("cold start, one small template, refuted", refuted, bare, "python -c pass", COLD_START)
    row("the same with a configuration and YAML", both, bare, "python -c pass", COLD_START_WITH_YAML)


def largest(directory: Path) -> None:
    """The largest template that CloudFormation takes, in both formats."""
    template = templates.large()
    (directory / "large.json").write_text(templates.text(template), encoding="utf-8")
    as_yaml = yaml.dump(json.loads(templates.text(template)), Dumper=yaml.CSafeDumper, sort_keys=False, width=10_000)
    (directory / "large.yaml").write_text(as_yaml, encoding="utf-8")
    (directory / "troubled.json").write_text(templates.text(templates.troubled()), encoding="utf-8")
    commands = (("-c", LOAD_JSON, "large.json"), (*GATE, "large.json"), (*GATE, "troubled.json"))
    load, check, troubled = fastest(directory, commands, MANY)
    row("the largest template, JSON, 1 MB, 430 policies", check, load, "json.load", LARGEST)
    row("the same, half of the roles refuted or unknown", troubled, load, "json.load", TROUBLED)
    compose, check = fastest(directory, (("-c", COMPOSE_YAML, "large.yaml"), (*GATE, "large.yaml")), FEW)
    row(f"the same as YAML, {len(as_yaml) / 1e6:.1f} MB", check, compose, "yaml.compose", YAML)
    for name, most in MEMORY.items():
        what, found = f"  peak memory, {name}", peak(directory, "check", name)
        print(f"{what:<48} {found:8.1f} MiB{bound(what, found, most)}")


def many(directory: Path) -> None:
    """From twenty templates to two thousand, in one process and on all cores."""
    for size in SIZES:
        folder = directory / f"many-{size}"
        folder.mkdir()
        for number in range(size):
            (folder / f"{number:04d}.json").write_text(templates.text(templates.small(number)), encoding="utf-8")
    (one,) = least(directory, ((*GATE, "right.json"),), MANY)
    first = 0.0
    for size in SIZES:
        commands = ((*GATE, "--jobs", "1", f"many-{size}"), (*GATE, f"many-{size}"))
        single, spread = least(directory, commands, FEW if size < max(SIZES) else 2)
        each = (single.processor - one.processor) / size
        first = first or each
        row(f"{size} templates, each, in one process", each, first, f"each of {SIZES[0]}", EACH)
        row(f"  all, on {os.cpu_count()} cores", spread.passed, single.passed, "--jobs 1")


def main() -> None:
    """Print the table; exit with 1 where something is over its bound."""
    with tempfile.TemporaryDirectory() as folder:
        cold_start(Path(folder))
        largest(Path(folder))
        many(Path(folder))
    if over:
        sys.exit(f"over the bound: {', '.join(over)}")


if __name__ == "__main__":
    main()
