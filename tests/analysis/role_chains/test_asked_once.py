"""
What a search for chains has found of two roles is not looked for again where nothing about these two is otherwise.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.role_chains.templates import HUB, MFA, Json, arn, assuming, check, role, statement
from trustproof.analysis.role_chains import assignments
from trustproof.analysis.role_chains.edge import Edges
from trustproof.analysis.role_chains.roles import Node

ROOT = f"arn:aws:iam::{HUB}:root"
USERS: Json = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}
MAY_ASSUME = [{"PolicyName": "p", "PolicyDocument": assuming("*")}]
#: A role that people enter with MFA, and whose sessions enter another one that demands it.
CHAIN: Json = {
    "Resources": {
        "Entry": role("entry", statement(ROOT, USERS | MFA), Policies=MAY_ASSUME),
        "Goal": role("goal", statement(ROOT, USERS | MFA), statement(arn(HUB, "entry"))),
    }
}


def switched(number: int) -> Json:
    """A template that is read at both values of a parameter, which says whom its role lets in."""
    values = [f"arn:aws:iam::{HUB}:user/{name}" for name in ("u", "v")]
    return {
        "Parameters": {"P": {"Type": "String", "AllowedValues": values}},
        "Resources": {f"Other{number}": role(f"other{number}", statement({"Ref": "P"}, MFA), Policies=MAY_ASSUME)},
    }


@pytest.mark.parametrize("others", [1, 3])
def test_a_step_is_asked_about_once_however_many_readings_others_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """The roles of one template, beside others that have two readings each."""
    asked: Counter[tuple[str, str]] = Counter()
    find = Edges.may_assume

    def may_assume(edges: Edges, source: Node, target: Node, *more: Any) -> Any:
        asked[source.name, target.name] += 1
        return find(edges, source, target, *more)

    monkeypatch.setattr(Edges, "may_assume", may_assume)
    found = check(tmp_path, CHAIN, *map(switched, range(others)), certify=False)
    assert found["Goal"].verdict == "proved"
    assert asked["entry", "goal"] == 1
    assert {asked[f"other{number}", "goal"] for number in range(others)} == {2}


def test_beyond_so_many_steps_a_proof_is_said_to_rest_on_all_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is proved in silence that nobody has looked at."""
    template = switched(0)
    template["Parameters"]["P"]["Default"] = f"arn:aws:iam::{HUB}:user/u"
    del template["Parameters"]["P"]["AllowedValues"]
    template["Resources"].update(CHAIN["Resources"])
    assert check(tmp_path, template, certify=False)["Goal"].at_defaults == ()
    monkeypatch.setattr(assignments, "MAX_STEPS_AT_OTHER_VALUES", -1)
    found = check(tmp_path, template, certify=False)["Goal"]
    assert (found.verdict, found.at_defaults) == ("proved", (("P", f"arn:aws:iam::{HUB}:user/u"),))
