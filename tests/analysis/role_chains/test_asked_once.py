"""
What a search for chains has found of two roles is not looked for again where nothing about these two is otherwise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.role_chains.templates import (
    HUB,
    MFA,
    Json,
    arn,
    assuming,
    check,
    role,
    statement,
    steps_asked_about,
)
from tests.analysis.stacks import assembly, template, trusting
from tests.analysis.stacks import check as check_stacks
from trustproof.analysis.role_chains import assignments, chained_templates
from trustproof.proving import prover

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
    asked = steps_asked_about(monkeypatch)
    found = check(tmp_path, CHAIN, *map(switched, range(others)), certify=False)
    assert found["Goal"].verdict == "proved"
    assert asked["entry", "goal"] == 1
    assert {asked[f"other{number}", "goal"] for number in range(others)} == {2}


@pytest.mark.parametrize(("template", "readings"), [(CHAIN, 1), (switched(0), 3)], ids=["fixed", "switched"])
def test_the_roles_of_a_template_without_parameters_are_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: Json, readings: int
) -> None:
    """Else once more for each value that tells them apart."""
    read: list[object] = []
    nodes_of = chained_templates.nodes_of

    def counted(*args: Any, **more: Any) -> Any:
        read.append(args)
        return nodes_of(*args, **more)

    monkeypatch.setattr(chained_templates, "nodes_of", counted)
    check(tmp_path, template, certify=False)
    assert len(read) == readings


@pytest.mark.parametrize(
    ("condition", "searched"),
    [(MFA, 1), (MFA | {"StringNotEquals": {"aws:SourceAccount": "444400000001"}}, 1), (MFA | USERS, 1)],
    ids=["alike", "an account is spared", "of users"],
)
def test_whether_roles_of_many_accounts_demand_mfa_is_searched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, condition: Json, searched: int
) -> None:
    """A request that gets into the role of one account is tried in the others that say the same."""
    confirmed: list[object] = []
    confirm = prover.confirm

    def counted(*args: Any) -> Any:
        confirmed.append(args)
        return confirm(*args)

    monkeypatch.setattr(prover, "confirm", counted)
    stacks = {
        f"stack{number}": (f"aws://44440000000{number}/eu-central-1", template(Role=trusting(ROOT, condition)))
        for number in range(4)
    }
    report = check_stacks(assembly(tmp_path, stacks), "mfa-survives-chaining")
    assert [one.verdict for one in report.results] == ["proved"] * len(stacks)
    assert len(confirmed) == searched


def test_a_role_of_one_account_that_nobody_enters_there_demands_nothing(tmp_path: Path) -> None:
    """What was found in another account is no answer where it does not get in: the provider is that one's alone."""
    for number, there in ((1, ROOT), (2, "arn:aws:iam::444400000001:user/ann")):
        folder = tmp_path / str(number)
        folder.mkdir()
        stacks = {
            f"stack{account}": (f"aws://44440000000{account}/eu-central-1", template(Role=trusting(there, MFA)))
            for account in (1, 2)
        }
        together = check_stacks(assembly(folder, stacks), "mfa-survives-chaining")
        for name, stack in stacks.items():
            alone = folder / name
            alone.mkdir()
            single = check_stacks(assembly(alone, {name: stack}), "mfa-survives-chaining")
            (of_both,) = (one for one in together.results if name in one.template)
            assert [(one.verdict, one.message) for one in single.results] == [(of_both.verdict, of_both.message)]


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


def entered_by_default(number: int) -> Json:
    """A template with a role that people enter without MFA at another value of its parameter alone."""
    tested: Json = {"Bool": {"aws:MultiFactorAuthPresent": {"Ref": f"P{number}"}}}
    return {
        "Parameters": {f"P{number}": {"Type": "String", "Default": "true"}},
        "Resources": {f"E{number}": role(f"entry{number}", statement(ROOT, USERS | tested), Policies=MAY_ASSUME)},
    }


@pytest.mark.parametrize("asked", [64, 2, 1, 0])
def test_beyond_so_many_defaults_a_proof_is_said_to_rest_on_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: int
) -> None:
    """Two defaults decide, and are named whether somebody has asked about them or not; a third decides nothing."""
    goal = role("goal", statement(ROOT, USERS | MFA), statement([arn(HUB, "entry0"), arn(HUB, "entry1")]))
    monkeypatch.setattr(assignments, "MAX_ASKED", asked)
    templates = [{"Goal": goal}, *map(entered_by_default, range(3))]
    found = check(tmp_path, *templates, certify=False)["Goal"]
    assert found.verdict == "proved"
    named = [f"P{number} of {tmp_path / f'{number + 1}.json'}" for number in range(3 if asked < 3 else 2)]
    assert [name for name, _ in found.at_defaults] == named


def joined(*templates: Json) -> Json:
    """One template of several."""
    sections = ("Parameters", "Resources")
    return {section: {k: v for one in templates for k, v in one.get(section, {}).items()} for section in sections}  # type: ignore[attr-defined]


@pytest.mark.parametrize("together", [(), (1, 3), (2, 3), (1, 2, 3), (0, 1, 2, 3)], ids=str)
def test_what_decides_together_is_named_beside_what_decides_alone(tmp_path: Path, together: tuple[int, ...]) -> None:
    """One default opens a way by itself, two others open another one, wherever they stand: all are named."""
    roles: Json = {"ArnEquals": {"aws:PrincipalArn": [arn(HUB, "entry0"), arn(HUB, "middle")]}}
    # Whom a trust policy does not name directly needs a policy of its own, too.
    goal: Json = {"Resources": {"Goal": role("goal", statement(ROOT, USERS | MFA), statement(ROOT, roles))}}
    policy = [{"PolicyName": "p", "PolicyDocument": assuming({"Ref": "May"})}]
    middle = role("middle", statement(arn(HUB, "entry2")), Policies=policy)
    choosing: Json = {
        "Parameters": {"May": {"Type": "String", "Default": arn(HUB, "nothing")}},
        "Resources": {"Middle": middle},
    }
    parts = [goal, entered_by_default(0), entered_by_default(2), choosing]

    def named(*parts: Json) -> list[str]:
        one = joined(*(parts[number] for number in together))
        beside = [part for number, part in enumerate(parts) if number not in together]
        found = check(tmp_path, *([one] if together else []), *beside, certify=False)["Goal"]
        assert found.verdict == "proved"
        return sorted(name.split()[0] for name, _ in found.at_defaults)

    assert named(*parts) == ["May", "P0", "P2"]
    # Of a role from which nothing leads anywhere, the default is not named.
    parts[2] = entered_by_default(1)
    assert named(*parts) == ["P0"]
