"""
What is too much to compare is said to be, with the name of the budget, and takes a bounded number of steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

import trustproof
from tests.hostile.comparisons import ACCOUNT, COMPARISONS
from tests.hostile.constructions import ALLOW, role
from tests.hostile.growth import write
from trustproof import diff
from trustproof.analysis.role_chains import reach
from trustproof.comparison import comparison_budget
from trustproof.comparison.matching import written_alike
from trustproof.engine import allowance
from trustproof.proving.remedies import without_remedies
from trustproof.results.difference import FAIL_ON, GAINED, LOST, Difference, Undecided, Where
from trustproof.results.result import BUDGET

_Template = Mapping[str, object]


def _trusting(accounts: Sequence[int]) -> dict[str, object]:
    return role([{**ALLOW, "Principal": {"AWS": f"{number:012d}"}} for number in accounts])


def _template(**resources: object) -> _Template:
    return {"Resources": resources}


def _left_open(found: Difference) -> list[str]:
    return [reason for one in found.undecided for reason in one.reasons if BUDGET in reason]


def _with(monkeypatch: pytest.MonkeyPatch, units: int) -> list[allowance.Allowance]:
    """Let a template have so many units; what is spent on the comparison is in what is given back."""
    for module in (allowance, reach):
        monkeypatch.setattr(module, "TEMPLATE_UNITS", units)
    monkeypatch.setattr("trustproof.comparison.differences.verdict_changes", lambda *given: ())
    spent: list[allowance.Allowance] = []

    class Counted(allowance.Allowance):
        def __init__(self, units: int) -> None:
            super().__init__(units)
            spent.append(self)

    monkeypatch.setattr(allowance, "Allowance", Counted)
    return spent


def test_the_sides_share_what_one_run_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever compares two templates waits no longer than whoever asks for the verdicts of one."""
    whole = allowance.template_units()
    asked: list[int] = []

    def asking(*paths: object, **settings: object) -> trustproof.Report:
        asked.append(allowance.template_units())
        return trustproof.check(*paths, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr("trustproof.comparison.verdicts.check", asking)
    assert diff(_template(R=_trusting([1])), _template(R=_trusting([2]))).access
    # What is compared takes as long.
    assert asked == [whole // 5, whole // 5]
    assert allowance.template_units() == whole


@pytest.mark.parametrize(("files", "is_judged"), [(3, True), (30, False)])
def test_of_files_that_are_too_many_no_verdict_is_asked(
    files: int, is_judged: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What each would have finds no answer: all would be judged for nothing, and it is said once."""
    judged: list[object] = []

    def asking(*paths: object, **settings: object) -> trustproof.Report:
        judged.append(paths)
        return trustproof.check(*paths, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr("trustproof.comparison.verdicts.check", asking)
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", 300_000)
    write(tmp_path, COMPARISONS["files"](files))
    found = diff(tmp_path / "old", tmp_path / "new", account=ACCOUNT)
    said = [one for one in _left_open(found) if one.endswith("so that no verdict could be compared")]
    assert len(judged) == (2 if is_judged else 0)
    assert len(said) == (0 if is_judged else 1)
    assert is_judged or found.fails()


def test_verdicts_are_those_of_whoever_asks_for_remedies(tmp_path: Path) -> None:
    """Only what would mend a finding is left out where nobody reads it."""
    write(tmp_path, {**COMPARISONS["mixed"](2), **COMPARISONS["denied-roles"](2)})

    def told() -> list[tuple[object, ...]]:
        report = trustproof.check([tmp_path / "new"], account=ACCOUNT)
        return [(one.property, one.verdict, one.severity, one.message, one.counterexample) for one in report.results]

    with without_remedies():
        without = told()
    assert without == told()


def test_statements_beyond_the_budget_could_not_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a policy of many statements, all others, what is found within the budget is said, and that there is more."""
    old, new = (_template(R=_trusting(range(start, start + 30))) for start in (0, 100))
    whole = diff(old, new)
    assert (len(whole.gained), len(whole.lost), whole.undecided) == (30, 30, ())
    spent = _with(monkeypatch, 400_000)
    found = diff(old, new)
    assert _left_open(found)
    assert found.fails(strict=True)
    assert 0 < len(found.gained) < 30
    # What is compared, then chains on each side; and each may end in the middle of one search.
    assert sum(one.limit - one.left for one in spent) < 3 * 400_000


def test_a_policy_that_needs_more_has_what_others_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each policy has the same part first, and one that comes to its end has what is left: in whatever order."""
    few = {f"R{number}": (_trusting([number]), _trusting([number])) for number in range(20)}
    resources = {"A": (_trusting(range(8)), _trusting(range(100, 108))), **few}
    resources["Z"] = _trusting([50]), _trusting([51])
    _with(monkeypatch, 3_600_000)
    old, new = (_template(**{name: both[side] for name, both in resources.items()}) for side in (0, 1))
    assert not _left_open(diff(old, new))
    monkeypatch.setattr(comparison_budget, "_MUCH_MORE", 100)
    found = diff(old, new)
    assert {one.where.logical_id for one in found.undecided} == {"A"}
    assert {one.where.logical_id for one in found.gained} >= {"A", "Z"}


def test_chains_beyond_the_budget_could_not_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more roles may assume each other than are looked at, or on longer ways, it is said once."""

    def ring(step: int) -> _Template:
        def one(number: int) -> dict[str, object]:
            trusted = f"arn:aws:iam::111122223333:role/r{(number + step) % 6}"
            return role({**ALLOW, "Principal": {"AWS": trusted}}, RoleName=f"r{number}")

        return _template(**{f"R{number}": one(number) for number in range(6)})

    assert not _left_open(diff(ring(1), ring(5), account="111122223333"))
    for name, least in (("MAX_PAIRS", 30), ("MAX_ON_PATHS", 10)):
        with monkeypatch.context() as patched:
            patched.setattr(reach, name, least)
            left = _left_open(diff(ring(1), ring(5), account="111122223333"))
            # Once on each side.
            assert len(left) == 2
            assert all(reason.endswith("so that chains of roles could not be compared") for reason in left)


def test_no_step_is_looked_for_where_not_all_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the steps say nothing of chains that differ, and the sides share the pairs that are asked about."""
    asked: list[object] = []
    step = reach.Roles._step

    def counted(self: reach.Roles, *given: object) -> object:
        asked.append(given)
        return step(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(reach.Roles, "_step", counted)

    def opened(principal: str) -> _Template:
        return _template(**{f"R{one}": role({**ALLOW, "Principal": {"AWS": principal}}) for one in range(6)})

    sides = opened("*"), opened("111122223333")
    for pairs, steps in ((72, 60), (71, 0)):
        asked.clear()
        monkeypatch.setattr(reach, "MAX_PAIRS", pairs)
        assert bool(_left_open(diff(*sides, account="111122223333"))) == (steps == 0)
        assert len(asked) == steps


def test_what_is_said_of_a_template_is_read_once_for_all_of_its_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands of roles that change, each was held against what is written of all others."""
    read: list[object] = []
    attached = written_alike._attached

    def counted(resources: Mapping[object, object]) -> Iterator[tuple[str, str]]:
        read.append(resources)
        return attached(resources)

    monkeypatch.setattr(written_alike, "_attached", counted)
    few, many = ([_template(**{f"R{n}": _trusting([a + n]) for n in range(c)}) for a in (1, 100)] for c in (2, 8))
    counts: list[int] = []
    for sides in (few, many):
        read.clear()
        assert diff(*sides).access
        counts.append(len(read))
    assert counts[0] == counts[1] <= 4


def test_a_budget_that_is_reached_fails_the_gate() -> None:
    """Whoever writes a template can have one reached on purpose, as for `check`; another unknown is for `strict`."""
    left = [Undecided(Where("t", "R", ""), (reason,)) for reason in (f"{BUDGET}: steps (1)", "it is not known")]
    cut_short, open_ = (Difference((), (), (one,), "old", "new") for one in left)
    assert [cut_short.fails(on) for on in FAIL_ON] == [True, True, True, False]
    assert [open_.fails(on) for on in FAIL_ON] == [False] * 4
    assert open_.fails(strict=True)


def _denying_buckets(count: int, *, is_denied: bool) -> _Template:
    """Users who may read all objects, and as many buckets, of which each may deny it everybody."""
    resources: dict[str, object] = {}
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    for number in range(count):
        policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": [read]}}]
        properties: dict[str, object] = {"UserName": f"u{number}", "Policies": policies}
        resources[f"U{number}"] = {"Type": "AWS::IAM::User", "Properties": properties}
        arn = f"arn:aws:s3:::b{number}"
        listed = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:ListBucket", "Resource": arn}
        denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{arn}/*"}
        document = {"Statement": [listed, denied] if is_denied else [listed]}
        properties = {"Bucket": f"b{number}", "PolicyDocument": document}
        resources[f"P{number}"] = {"Type": "AWS::S3::BucketPolicy", "Properties": properties}
    return _template(**resources)


@pytest.mark.parametrize("is_denied", [True, False])
def test_what_others_gain_beyond_the_budget_is_not_decided(monkeypatch: pytest.MonkeyPatch, is_denied: bool) -> None:
    """Of each bucket that denies nothing any more, or does now, either all users are named or the budget is."""
    count = 6
    old, new = (_denying_buckets(count, is_denied=denied) for denied in (is_denied, not is_denied))
    whole = diff(old, new, account="111122223333")
    assert (_stops(whole), whole.undecided) == ({f"P{number}": count for number in range(count)}, ())
    partly = 0
    for units in (10_000, 300_000, 500_000, 600_000, 700_000, 800_000, 900_000):
        _with(monkeypatch, units)
        found = diff(old, new, account="111122223333")
        assert {one.direction for one in found.access} <= {GAINED if is_denied else LOST}
        named = _stops(found)
        left = {one.where.logical_id for one in found.undecided if any(BUDGET in reason for reason in one.reasons)}
        assert left >= {f"P{number}" for number in range(count) if named[f"P{number}"] < count}
        partly += bool(named) and bool(left)
    assert partly


def _stops(found: Difference) -> Counter[str]:
    """How many are let in, or no more, by what each resource denies on one side only."""
    return Counter(stop.where.logical_id for one in found.access for stop in one.stopped_by)


@pytest.mark.parametrize("kind", sorted(COMPARISONS))
def test_what_changed_is_never_nothing_for_want_of_units(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever differs is said, or that a budget was reached; also where nothing at all is left for it."""
    write(tmp_path, COMPARISONS[kind](3))
    sides = tmp_path / "old", tmp_path / "new"
    whole = diff(*sides, account=ACCOUNT)
    assert not whole.is_empty
    for units in (100, 60_000):
        _with(monkeypatch, units)
        found = diff(*sides, account=ACCOUNT)
        assert _left_open(found) or [one.direction for one in found.access] == [one.direction for one in whole.access]
        assert found.fails() or not whole.fails()


def test_what_is_written_alike_and_not_read_to_its_end_is_not_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter whose default is another account on the new side, of which neither side has read whom it names."""

    def trusting(account: str) -> _Template:
        trust = {**ALLOW, "Principal": {"AWS": {"Fn::Join": ["", [{"Ref": "P"}]]}}}
        return {**_template(R=role(trust)), "Parameters": {"P": {"Type": "String", "Default": account}}}

    sides = trusting("111122223333"), trusting("444455556666")
    assert diff(*sides).gained
    monkeypatch.setattr("trustproof.inputs.cloudformation.evaluation.declarations.work.MAX_STEPS", 0)
    found = diff(*sides)
    assert found.gained or _left_open(found)
    assert found.fails()
