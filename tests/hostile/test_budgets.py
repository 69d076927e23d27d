"""
What is small and asks for much gets an answer: a verdict, an unknown with the name of the budget, or an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.hostile import constructions
from tests.hostile.constructions import CONSTRUCTIONS
from tests.hostile.megabyte import addresses, found_in_map, policies_of_one_role, question_marks
from trustproof.analysis.assignments import template_assignments
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.execution import pool
from trustproof.analysis.execution.task import Task
from trustproof.analysis.role_chains import chained_templates
from trustproof.analysis.run import run as run_module
from trustproof.analysis.templates import template as template_module
from trustproof.engine import allowance
from trustproof.inputs.cloudformation.evaluation.assignments import assignment_classes
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import ConditionReader
from trustproof.inputs.cloudformation.evaluation.declarations import tags_of_resources, work
from trustproof.inputs.cloudformation.evaluation.functions import keys_asked_for
from trustproof.inputs.cloudformation.evaluation.texts.composed_words import ComposedWord
from trustproof.inputs.cloudformation.parameters import samples
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.discovery.inputs import read_template
from trustproof.inputs.reader import Number
from trustproof.model.deployments import Assignment
from trustproof.model.text import MAX_VARIABLES
from trustproof.properties.mfa_required import MfaRequired
from trustproof.properties.shared import boundary_questions
from trustproof.proving import answers, prover, trial
from trustproof.results.result import BUDGET
from trustproof.sets.search import BudgetReached

#: Those that come to the end of the string searches take half a minute, and are for the benchmark.
_SLOW = (
    "hard-patterns", "many-roles", "many-statements", "deep-reference", "trusting-roles", "listed-parameters",
    "long-join", "two-keys", "chained-rules", "nested-choices",
)  # fmt: skip
#: Those that are decided in spite of what they ask for.
_DECIDED = {
    "backtracking", "backtracking-alternatives", "backtracking-any", "backtracking-reference", "doubling-choices",
    "doubling-conditions", "quoted-templates", "repeated-pattern",
}  # fmt: skip
#: Those that the readers of JSON and YAML refuse.
_REFUSED = {"deep-dashes", "deep-functions", "deep-lists", "deep-yaml"}


@pytest.mark.parametrize("name", [name for name in CONSTRUCTIONS if name not in _SLOW])
def test_what_is_not_decided_names_its_budget(name: str, tmp_path: Path) -> None:
    """Each construction has an answer, and what is left open is an error that says which budget was reached."""
    text = CONSTRUCTIONS[name]()
    file = tmp_path / ("t.json" if text.startswith("{") else "t.yaml")
    file.write_text(text, encoding="utf-8")
    report = trustproof.check([file])
    said = [str(error) for error in report.errors]
    said += [reason for result in report.results for reason in result.reasons]
    assert name in _DECIDED or name in _REFUSED or any(BUDGET in line for line in said)
    if name in _REFUSED:
        assert report.errors


def test_lookups_in_one_another_are_read_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which keys a mapping is asked for is read of each lookup, and not again of each one around it."""

    def readings(depth: int) -> int:
        count = 0

        def counted(value: object) -> Iterator[str]:
            nonlocal count
            count += 1
            yield from names_in(value)

        monkeypatch.setattr(keys_asked_for, "names_in", counted)
        file = tmp_path / "t.json"
        file.write_text(constructions.deep_map(depth), encoding="utf-8")
        trustproof.check([file])
        return count

    assert 0 < readings(40) <= 2.5 * readings(20)


def test_a_symbol_takes_as_much_work_as_many_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of thirty-two values that nobody knows is too long where one of more characters is not."""
    monkeypatch.setattr(work, "MAX_TEXT", 1_000)

    def is_too_long(text: str) -> bool:
        file = tmp_path / "t.json"
        file.write_text(text, encoding="utf-8")
        return any(
            "characters of one text" in reason for one in trustproof.check([file]).results for reason in one.reasons
        )

    assert is_too_long(constructions.doubling_unknown(6))
    assert not is_too_long(constructions.doubling_unknown(5))
    assert not is_too_long(constructions.doubling_sub(7))


def test_a_resource_that_takes_too_much_leaves_the_others_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one role asks for is left open of that role: the rest of its file is proved and refuted as it is."""
    monkeypatch.setattr(work, "MAX_STEPS", 40)
    many = [{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{n:012}:root"} for n in range(400)]
    callers: dict[str, Any] = {"Heavy": many, "Bad": "*", "Good": {"Fn::Sub": "${AWS::AccountId}"}}
    roles = {
        name: constructions.role({**constructions.ALLOW, "Principal": {"AWS": who}}) for name, who in callers.items()
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": roles}), encoding="utf-8")
    report = trustproof.check([file])
    assert not report.errors
    found = {name: {one.verdict for one in report.results if one.logical_id == name} for name in ("Bad", "Good")}
    assert ("refuted" in found["Bad"], "proved" in found["Good"]) == (True, True)
    left = [one for one in report.results if one.logical_id == "Heavy" and one.property != "session-duration-bounded"]
    assert left
    assert all((one.verdict, one.severity) == ("unknown", "error") and BUDGET in str(one.reasons) for one in left)


def test_a_policy_whose_only_user_takes_too_much_has_a_line_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has read who has it: it is neither decided nor attached to nobody."""
    monkeypatch.setattr(work, "MAX_STEPS", 40)
    many = [{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/P{n}"} for n in range(400)]
    heavy = constructions.role(constructions.ALLOW)
    heavy["Properties"]["ManagedPolicyArns"] = [*many, {"Ref": "Policy"}]
    allow = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    document = {"PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": document}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"Heavy": heavy, "Policy": policy}}), encoding="utf-8")
    report = trustproof.check([file])
    found = [one for one in report.results if one.logical_id == "Policy"]
    assert found
    assert {(one.verdict, one.severity) for one in found} == {("unknown", "error")}
    assert all("who has this policy is not known: Heavy" in str(one.reasons) for one in found)
    assert not any("attached to nobody" in note for note in report.notes)


def _hard(folder: Path, count: int) -> list[str]:
    """Files of one hard policy each, no two alike, and some easy ones."""
    for n in range(count):
        denied = [f"*{'abcdefgh'[k]}{'?' * (12 + k)}{n}" for k in range(8)]
        deny = {**constructions.ALLOW, "Effect": "Deny"}
        statements = [{**deny, "Condition": {"StringNotLike": {"sts:RoleSessionName": one}}} for one in denied]
        role = constructions.role([constructions.ALLOW, *statements])
        (folder / f"hard{n}.json").write_text(json.dumps({"Resources": {"R": role}}), encoding="utf-8")
    easy = constructions.role({**constructions.ALLOW, "Principal": {"AWS": "1" * 12}})
    for n in range(4):
        (folder / f"easy{n}.json").write_text(json.dumps({"Resources": {"R": easy}}), encoding="utf-8")
    return [f"hard{n}.json" for n in range(count)]


def _left_open(report: trustproof.Report) -> set[str]:
    """The files of which a budget has left something open."""
    open_ = {Path(one.template).name for one in report.results if any(BUDGET in reason for reason in one.reasons)}
    assert not any(BUDGET in str(error) for error in report.errors)
    return open_


@pytest.mark.parametrize(("count", "is_looked_for"), [(MAX_VARIABLES, True), (MAX_VARIABLES + 1, False)])
def test_a_text_of_too_many_policy_variables_is_unknown(count: int, is_looked_for: bool, tmp_path: Path) -> None:
    """Each is decided with all of the others: a thousand took eight seconds, and four thousand had no end."""
    text = "-".join(f"${{aws:PrincipalTag/{n}}}" for n in range(count))
    test = {"StringEquals": {"aws:PrincipalTag/all": text}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": test}
    document = {"Version": "2012-10-17", "Statement": statement}
    resource = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"R": resource}}), encoding="utf-8")
    (found,) = trustproof.check([file], properties=["inside-boundary"]).results
    assert (found.verdict, found.severity) == ("unknown", "error")
    assert any(BUDGET in reason for reason in found.reasons) is not is_looked_for


def test_the_files_of_a_run_share_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    What comes to the end of a first share has a part of what the run has; where that is not enough, an error and the
    report say so, and what is easy is decided in any case.
    """
    names = _hard(tmp_path, 14)

    def run(units: int) -> trustproof.Report:
        monkeypatch.setattr(allowance, "TEMPLATE_UNITS", units)
        return trustproof.check([tmp_path], properties=["inside-boundary"])

    enough, too_little = run(20_000_000), run(200_000)
    assert not _left_open(enough)
    assert not any(BUDGET in note for note in enough.notes)
    assert _left_open(too_little) == set(names)
    (said,) = (note for note in too_little.notes if BUDGET in note)
    assert "work of the run" in said
    assert all(name in said for name in names)
    assert "easy" not in said
    open_ = [one for one in too_little.results if any(BUDGET in reason for reason in one.reasons)]
    assert {one.severity for one in open_} == {"error"}


def _exporting(folder: Path, count: int, value: Callable[[int], object]) -> dict[str, trustproof.Result]:
    """Templates that export something and trust it, the last one first: what is said of each role's boundary."""
    for n in range(count):
        one = constructions.role({**constructions.ALLOW, "Principal": {"AWS": value(n)}})
        outputs = {"O": {"Value": value(n), "Export": {"Name": f"e{n}"}}}
        content = json.dumps({"Resources": {"R": one}, "Outputs": outputs})
        (folder / f"{999 - n}.json").write_text(content, encoding="utf-8")
    boundary = {"boundary": {"accounts": ["111122223333"]}}
    report = trustproof.check([folder], properties=["inside-boundary"], config=boundary)
    assert not report.errors
    assert len(report.results) == count
    return {Path(one.template).stem: one for one in report.results}


def test_a_value_that_many_stacks_pass_on_is_known(tmp_path: Path) -> None:
    """It is what the first one of them exports, wherever it is asked for first."""
    found = _exporting(
        tmp_path, 300, lambda n: {"Fn::ImportValue": f"e{n - 1}"} if n else "arn:aws:iam::111122223333:root"
    )
    assert {one.verdict for one in found.values()} == {"proved"}


def test_a_value_that_many_stacks_make_of_each_other_is_unknown(tmp_path: Path) -> None:
    """Of those that each make their own of it, no more than a number are followed; the others say why."""

    def value(n: int) -> object:
        given: object = {"Fn::ImportValue": f"e{n - 1}"} if n else "arn:aws:iam::111122223333:role/r"
        return {"Fn::Join": ["", [given, "r"]]}

    found = _exporting(tmp_path, 150, value)
    assert {found[f"{999 - n}"].verdict for n in range(50)} == {"proved"}
    beyond = [found[f"{999 - n}"] for n in range(70, 150)]
    assert {(one.verdict, one.severity) for one in beyond} == {("unknown", "error")}
    assert all(any(BUDGET in reason for reason in one.reasons) for one in beyond)


def test_values_that_depend_on_each_other_are_looked_for_once(tmp_path: Path) -> None:
    """Every template exports what all others export: there are more ways through twelve of them than can be walked."""
    found = _exporting(
        tmp_path, 12, lambda n: {"Fn::Join": ["", [{"Fn::ImportValue": f"e{k}"} for k in range(12) if k != n]]}
    )
    assert {one.verdict for one in found.values()} == {"unknown"}


def test_a_long_circle_of_exports_is_unknown(tmp_path: Path) -> None:
    """It is longer than what is looked into at a time."""
    found = _exporting(tmp_path, 90, lambda n: {"Fn::ImportValue": f"e{(n + 1) % 90}"})
    assert {one.verdict for one in found.values()} == {"unknown"}


def test_what_a_file_is_given_does_not_depend_on_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same files come to the end of the budget of a run, in whatever order and by however many processes."""
    _hard(tmp_path, 14)
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", 60_000)
    files = sorted(tmp_path.iterdir())
    alone = trustproof.check(files, properties=["inside-boundary"])
    turned = trustproof.check(files[::-1], properties=["inside-boundary"])
    shared = trustproof.check(files, properties=["inside-boundary"], jobs=2)
    assert shared.results == alone.results
    assert sorted(one.reasons for one in alone.results) == sorted(one.reasons for one in turned.results)


def test_a_run_of_any_size_leaves_something_to_each_file() -> None:
    """A template alone has all; of many, each has a first share, and those that need more divide what the run has."""
    whole, megabyte = allowance.TEMPLATE_UNITS, 1_000_000
    first = [allowance.first_units(files) for files in (0, 1, 3, 75, 300, 1_000_000)]
    assert first == [whole, whole, 3 * whole // 8, 3 * whole // 200, 3 * whole // 800, whole // 500]
    assert [allowance.first_units(12, size * megabyte) for size in (1, 4, 8, 80)] == [
        3 * whole // 32,
        3 * whole // 8,
        *[3 * whole // 4] * 2,
    ]
    assert [allowance.second_units(reached) for reached in (1, 3, 15)] == [whole, whole // 2, whole // 10]
    assert [allowance.second_units(6, 80 * megabyte, spent) for spent in (0, 6 * whole, 12 * whole)] == [
        whole, whole, whole // 2
    ]  # fmt: skip


def test_runs_that_share_what_one_has_leave_no_file_more_than_its_part() -> None:
    """Of thousands of files, the least that each has in a run of its own is many times what a comparison has."""
    for files in (2, 500, 2_000, 100_000):
        alone = allowance.first_units(files)
        with allowance.shared_by(5):
            shared = allowance.first_units(files)
            assert shared * files <= allowance.run_units(0)
        assert 0 < shared <= alone // 5 + 1


def test_a_run_costs_little_more_than_one_template_that_is_as_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve files of eighty kilobytes took twelve times as long as one of a megabyte, and what stands inside one."""
    units = 200_000
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", units)
    spent: list[allowance.Allowance] = []

    class Counted(allowance.Allowance):
        def __init__(self, units: int) -> None:
            super().__init__(units)
            spent.append(self)

    monkeypatch.setattr(allowance, "Allowance", Counted)
    hard = json.loads(constructions.hard_patterns(roles=6))

    def cost(*templates: object) -> int:
        spent.clear()
        for number, template in enumerate(templates):
            (tmp_path / f"{number}.json").write_text(json.dumps(template), encoding="utf-8")
        report = trustproof.check([tmp_path], properties=["inside-boundary"])
        assert any(one.verdict == "unknown" for one in report.results)
        return sum(min(one.limit - one.left, one.limit) for one in spent)

    inside = {
        f"S{number}": {
            "Type": "AWS::CloudFormation::StackSet",
            "Properties": {
                "StackSetName": f"s{number}",
                "PermissionModel": "SELF_MANAGED",
                "TemplateBody": json.dumps(hard),
            },
        }
        for number in range(20)
    }
    assert cost({"Resources": inside}) < 3 * units
    assert cost(*[hard] * 20) < 3 * units


def test_a_template_that_is_longer_than_a_megabyte_has_more() -> None:
    """The details of a large account are no denser than those of a small one; what has no end has no more than that."""
    lengths = (0, 1_000_000, 1_500_000, 8_000_000, 100_000_000)
    assert [allowance.units_for_text(1_000, length) for length in lengths] == [1_000, 1_000, 1_500, 8_000, 8_000]


def test_a_policy_that_is_longer_than_aws_takes_has_less() -> None:
    """What costs most is as long as it is: of what a policy has, one of a megabyte has a thirtieth part."""
    assert [allowance.units_for_length(1_000, length) for length in (0, 20_480, 32_768, 65_536, 1_000_000)] == [
        1_000, 1_000, 1_000, 500, 32
    ]  # fmt: skip


@pytest.mark.parametrize("units", [10, 100, 300, 600, 1_000, 2_000, 4_000, 8_000])
def test_the_end_of_the_work_ends_no_template(units: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the work on a policy comes to its end, that is an answer about this policy, and no error of the file."""
    networks = {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", {"Ref": "Office"}]}}
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    statements = [everybody, {**everybody, "Effect": "Deny", "Condition": networks}]
    policy = {"Queues": ["q"], "PolicyDocument": {"Statement": statements}}
    file = tmp_path / "t.json"
    parameters = {"Office": {"Type": "String", "Default": "192.0.2.0/24"}}
    resources = {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}}
    file.write_text(json.dumps({"Parameters": parameters, "Resources": resources}), encoding="utf-8")
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", units)
    report = trustproof.check([file])
    assert not report.errors
    assert "inside-boundary" in {one.property for one in report.results}
    for one in report.results:
        assert one.verdict != "unknown" or (one.severity == "error" and BUDGET in one.reasons[0])


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_policy_that_needs_more_than_its_part_has_what_others_left(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hard policy beside easy ones is decided, where its equal part of the work would not do."""
    _hard(tmp_path, 1)
    hard = json.loads((tmp_path / "hard0.json").read_text(encoding="utf-8"))["Resources"]["R"]
    accounts = ({**constructions.ALLOW, "Principal": {"AWS": f"{n:012d}"}} for n in range(40))
    easy = {f"E{n}": constructions.role(one) for n, one in enumerate(accounts)}
    (file := tmp_path / "t.json").write_text(json.dumps({"Resources": {"R": hard, **easy}}), encoding="utf-8")
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", 800_000)

    def verdicts() -> set[str]:
        report = trustproof.check([file], properties=["inside-boundary"], jobs=jobs)
        return {one.verdict for one in report.results if one.logical_id == "R"}

    assert verdicts() == {"refuted"}
    monkeypatch.setattr(template_module, "with_what_is_left", lambda _context, _asking, answers: answers)
    assert verdicts() == {"unknown"}


def test_few_of_those_that_need_more_have_more_once_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Where many templates come to the end of their first share and one of them to that of its part as well, that one has
    what it needs: the template with the groups names every account, and the others what is declared of all.
    """
    _hard(tmp_path, 30)
    for number in range(70):
        (tmp_path / f"easy{number}.json").write_text(constructions.many_roles(1), encoding="utf-8")
    units = 1_000_000
    asked: list[tuple[int, int]] = []
    run_on = run_module.run_on

    def counted(unfinished: Sequence[object], *given: Task) -> object:
        asked.append((len(unfinished), given[0].units))
        found = run_on(unfinished, *given)
        if len(asked) == 1:
            # As if all but two had had enough.
            for items in found[:-2]:
                items[:] = [one._replace(checked=one.checked._replace(is_unfinished=False)) for one in items]
        return found

    monkeypatch.setattr(run_module, "run_on", counted)
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", units)
    trustproof.check([tmp_path], properties=["inside-boundary"])
    (every, more), (few, most) = asked
    assert every == 30
    assert few == 2
    assert units // 100 < more <= units // 20
    assert 4 * more <= most


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_far_larger_than_the_others_has_all_from_the_first(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The hub that names all accounts is judged once, beside the others, and as if it had come to the end of a share
    first; where all is not enough for it, it is not judged again with as much.
    """
    for number in range(70):
        (tmp_path / f"easy{number}.json").write_text(constructions.many_roles(1), encoding="utf-8")
    (tmp_path / "hub.json").write_text(constructions.hard_patterns(roles=30), encoding="utf-8")
    again: list[int] = []
    run_on = run_module.run_on

    def counted(unfinished: Sequence[object], *given: object) -> object:
        again.append(len(unfinished))
        return run_on(unfinished, *given)

    monkeypatch.setattr(run_module, "run_on", counted)
    report = trustproof.check([tmp_path], properties=["inside-boundary"], jobs=jobs)
    assert again == []
    monkeypatch.setattr(pool, "_FAR_LARGER", 1_000)
    monkeypatch.setattr(pool, "_HALF", 0)
    later = trustproof.check([tmp_path], properties=["inside-boundary"], jobs=1)
    assert report.results == later.results
    assert again == [1]


@pytest.mark.parametrize(
    "text",
    [
        constructions.many_statements(400),
        constructions.hard_patterns(roles=30),
        constructions.trusting_roles(40),
        constructions.many_roles(100),
        json.dumps({"Resources": {"R": policies_of_one_role(150)}}),
        addresses(2_000),
        found_in_map(100, 50),
        question_marks(400),
    ],
    ids=["statements", "patterns", "chains", "roles", "policies", "addresses", "mapping", "question-marks"],
)
def test_the_work_on_a_template_is_bounded_in_steps(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much a template asks for, what is spent on it stays near its budget: each part of the work has one."""
    units, spent = 1_000_000, []
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", units)

    class Counted(allowance.Allowance):
        def __init__(self, units: int) -> None:
            super().__init__(units)
            spent.append(self)

    monkeypatch.setattr(allowance, "Allowance", Counted)
    file = tmp_path / "t.json"
    file.write_text(text, encoding="utf-8")
    trustproof.check([file])
    # Policies one by one, identities, facts and chains; and each may end in the middle of one search.
    assert sum(one.limit - one.left for one in spent) < 6 * units


@pytest.mark.parametrize(("bound", "most"), [("MAX_READ_TOGETHER", 4 * 8 - 1), ("MAX_STEPS_TOGETHER", 4 * 8 - 1)])
def test_what_is_read_at_other_values_is_bounded(
    bound: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    At each value of a parameter a policy is judged beside all others; where these are too many together, or take too
    many steps, every policy that depends on one is left open by the budget, whichever process judges it, and what is
    refuted stays so.
    """
    file = tmp_path / "t.json"
    file.write_text(constructions.listed_parameters(4), encoding="utf-8")

    def verdicts() -> set[tuple[str, str, bool]]:
        found = trustproof.check([file], config={"boundary": {"accounts": ["000000000000"]}}).results
        # How long sessions last depends on no parameter here.
        about = [one for one in found if one.property != "session-duration-bounded"]
        return {(one.verdict, one.severity, any(BUDGET in why for why in one.reasons)) for one in about}

    assert not any(reached for _, _, reached in verdicts())
    monkeypatch.setattr(template_assignments, bound, most)
    reached = verdicts()
    assert ("unknown", "error", True) in reached
    assert not any(verdict == "proved" for verdict, _, _ in reached)


def test_rules_are_counted_at_each_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a template takes to be read includes its rules, which each reading follows again."""
    values = [f"{n:012d}" for n in range(1, 41)]
    file = tmp_path / "t.json"
    file.write_text(
        json.dumps(
            {
                "Parameters": {"P": {"Type": "String"}},
                "Rules": {"U": {"Assertions": [{"Assert": {"Fn::Contains": [values, {"Ref": "P"}]}}]}},
                "Resources": {"R": constructions.role([{**constructions.ALLOW, "Principal": {"AWS": {"Ref": "P"}}}])},
            }
        ),
        encoding="utf-8",
    )
    monkeypatch.setattr(template_assignments, "MAX_STEPS_TOGETHER", 100 * len(values))
    config = {"boundary": {"accounts": values}}
    (found,) = trustproof.check([file], config=config, properties=["inside-boundary"]).results
    assert (found.verdict, found.severity) == ("unknown", "error")
    assert any("read at each assignment" in why for why in found.reasons)


def test_a_chain_that_takes_too_much_is_left_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which names the sessions of a role may have is not known where nothing is left to tell."""
    caller = {**constructions.ALLOW, "Principal": {"AWS": "111122223333"}}
    names = {"StringLike": {"sts:RoleSessionName": [f"a{n}*b" for n in range(20)]}}
    session = {"AWS": "arn:aws:sts::111122223333:assumed-role/s/a1xb"}
    trusts = {
        "s": [{**caller, "Condition": names}],
        "t": [
            {**caller, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
            {**caller, "Principal": session},
        ],
    }
    may = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    policies = [{"PolicyName": "p", "PolicyDocument": may}]
    roles = {name: constructions.role(trust, RoleName=name, Policies=policies) for name, trust in trusts.items()}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": roles}), encoding="utf-8")
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", 1_000)
    (found,) = trustproof.check([file], account="111122223333", properties=["mfa-survives-chaining"]).results
    assert (found.verdict, found.severity) == ("unknown", "error")


def test_how_much_is_said_of_one_policy_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy is refuted, however little is left; further statements that are, are an error of the budget at least."""
    statements = [{**constructions.ALLOW, "Principal": {"AWS": f"{n:012d}"}} for n in range(30)]
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"R": constructions.role(statements)}}), encoding="utf-8")

    def found() -> list[trustproof.Result]:
        config = {"boundary": {"accounts": ["9" * 12]}}
        return [*trustproof.check([file], config=config, properties=["inside-boundary"]).results]

    assert {one.verdict for one in found()} == {"refuted"}
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", 90_000)
    less = found()
    assert len(less) == 30
    assert any(one.verdict == "refuted" for one in less)
    left = [one for one in less if one.verdict == "unknown"]
    assert left
    assert all(one.severity == "error" and any(BUDGET in why for why in one.reasons) for one in left)


@pytest.mark.parametrize("asked", ["mfa-required", "assume-role-scoped", "mfa-survives-chaining"])
def test_no_words_of_a_reason_decide_how_bad_it_is(asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a search leaves open at the end of its budget is an error in any words, also in a chain of roles."""
    whole = prover.Prover._ask

    def ask(self: prover.Prover, *args: Any) -> object:
        if self.inquiry.ident == asked:
            raise BudgetReached("steps", 0)
        return whole(self, *args)

    monkeypatch.setattr(prover.Prover, "_ask", ask)
    monkeypatch.setattr(answers, "BUDGET", "no more of this")
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    users = {**constructions.ALLOW, "Principal": {"AWS": "111122223333"}}
    sessions = {**constructions.ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:role/Entry"}}
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": allowed}}]
    resources = {
        "Entry": constructions.role(users, RoleName="Entry", Policies=policies),
        "Target": constructions.role([{**users, "Condition": mfa}, sessions]),
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    found = trustproof.check([file], account="111122223333", properties=[asked]).results
    left = [one for one in found if one.verdict == "unknown"]
    assert {one.severity for one in left} == {"error"}
    assert not any(BUDGET in why for one in left for why in one.reasons)


def test_forms_of_a_statement_are_not_worded_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a statement that parameters give many forms, the findings are as much work as there are forms."""
    rows = {f"k{n}": {f"v{m}": f"arn:aws:iam::{2 * n + m:012d}:root" for m in range(2)} for n in range(4)}
    principal = {"AWS": {"Fn::FindInMap": ["M", {"Ref": "A"}, {"Ref": "B"}]}}
    template = {
        "Parameters": {"A": {"Type": "String"}, "B": {"Type": "String"}},
        "Mappings": {"M": rows},
        "Resources": {"R": constructions.role([{**constructions.ALLOW, "Principal": principal}])},
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    asked, found = [], MfaRequired.found

    def counted(self: MfaRequired, *about: Any) -> Any:
        asked.append(about)
        return found(self, *about)

    tried, stops = [], trial.Trial.stops

    def tried_out(self: trial.Trial, *about: Any) -> bool:
        tried.append(about)
        return stops(self, *about)

    monkeypatch.setattr(MfaRequired, "found", counted)
    monkeypatch.setattr(trial.Trial, "stops", tried_out)
    trustproof.check([file], config={}, properties=["mfa-required"])
    assert 0 < len(asked) <= 4 * len(rows)
    # Each form says of one principal what it would be alone.
    assert not tried


def test_what_a_value_does_not_matter_to_is_not_decided_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each condition has a parameter of its own, conditions are decided as often as values are tried."""
    decided: list[object] = []
    whole = ConditionReader.expression

    def expression(self: ConditionReader, expression: object) -> bool | None:
        decided.append(expression)
        return whole(self, expression)

    monkeypatch.setattr(ConditionReader, "expression", expression)
    file = tmp_path / "t.json"
    file.write_text(constructions.nested_choices(10), encoding="utf-8")
    trustproof.check([file])
    assert len(decided) < 4_000


def test_a_template_is_looked_through_once_for_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many parameters need a value of their own, the accounts that stand in the text are looked for once."""
    looked: list[str] = []
    whole = samples.example_accounts

    def example_accounts(text: str) -> tuple[str, ...]:
        looked.append(text)
        return whole(text)

    monkeypatch.setattr(samples, "example_accounts", example_accounts)
    operand = {"Fn::Sub": "".join(f"${{P{n}}}*" for n in range(8))}
    allowed = {**constructions.ALLOW, "Condition": {"StringLike": {"sts:ExternalId": operand}}}
    parameters = {f"P{n}": {"Type": "String"} for n in range(8)}
    file = tmp_path / "t.json"
    resources = {f"R{n}": constructions.role(allowed) for n in range(2)}
    file.write_text(json.dumps({"Parameters": parameters, "Resources": resources}), encoding="utf-8")
    trustproof.check([file])
    assert 1 <= len(looked) <= 2


def test_the_values_of_a_parameter_are_looked_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many roles admit whom a parameter names, the accounts that it may be are looked for once."""
    looked: list[int] = []
    whole = boundary_questions.accounts_in

    def accounts_in(texts: Iterable[str]) -> set[str]:
        found = whole(texts)
        looked.append(len(found))
        return found

    monkeypatch.setattr(boundary_questions, "accounts_in", accounts_in)
    monkeypatch.setattr(assignment_classes, "MAX_ASSIGNMENTS", 8)
    allowed = {**constructions.ALLOW, "Principal": {"AWS": {"Ref": "P"}}}
    parameters = {"P": {"Type": "String", "AllowedValues": [f"{n:012d}" for n in range(40)]}}
    file = tmp_path / "t.json"
    resources = {f"R{n}": constructions.role(allowed) for n in range(3)}
    file.write_text(json.dumps({"Parameters": parameters, "Resources": resources}), encoding="utf-8")
    trustproof.check([file])
    assert [count for count in looked if count > 8] == [40]


def test_policies_of_what_is_no_role_are_not_read_for_chains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many values a bucket policy is judged at, roles are read for their chains at the values of theirs."""
    read: list[Assignment | None] = []
    whole = chained_templates.nodes_of

    def nodes_of(context: TemplateContext, number: Number, **told: bool) -> Any:
        read.append(context.assignment)
        return whole(context, number, **told)

    monkeypatch.setattr(chained_templates, "nodes_of", nodes_of)
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": {"Fn::Sub": "arn:aws:s3:::${P}/*"}}
    bucket = {"PolicyDocument": {"Statement": [denied]}, "Bucket": {"Ref": "P"}}
    trust = {**constructions.ALLOW, "Principal": {"AWS": "111122223333"}}
    resources = {
        "R": constructions.role(trust, RoleName="r"),
        "B": {"Type": "AWS::S3::BucketPolicy", "Properties": bucket},
    }
    parameters = {"P": {"Type": "String", "AllowedValues": ["a", "b", "c"]}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Parameters": parameters, "Resources": resources}), encoding="utf-8")
    trustproof.check([file], account="111122223333", properties=["mfa-survives-chaining"])
    assert {*read} == {None}


def test_each_template_is_looked_through_once_for_tags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates that are asked in turns about each of their policies are looked through once for keys of tags."""
    made: list[str] = []
    whole = tags_of_resources.ComposedWord

    def composed_word(word: str, own: object, others: object) -> ComposedWord:
        made.append(word)
        return whole(word, own, others)

    monkeypatch.setattr(tags_of_resources, "ComposedWord", composed_word)
    tags = [{"Key": "k", "Value": {"Ref": "P"}}]
    resources = {f"R{n}": constructions.role(constructions.ALLOW, Tags=tags) for n in range(3)}
    content = {"Parameters": {"P": {"Type": "String", "AllowedValues": ["a", "b"]}}, "Resources": resources}
    templates = []
    for number in range(2):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        templates.append(read_template(str(file)))
    for name in resources:
        for one in templates:
            assert isinstance(one, Template)
            one.classes([("Resources", name, "Properties", "AssumeRolePolicyDocument")])
    assert len(made) == 2
