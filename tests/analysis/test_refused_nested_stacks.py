"""
Nested stacks that CloudFormation refuses to make with what they are passed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_nested_files import ACCOUNT, CHILD, OUTSIDE, Json, check, parent, stack, verdicts
from trustproof.results.result import PROVED, REFUTED, UNKNOWN

NONE: list[tuple[str, str]] = []


def child(**declared: object) -> Json:
    """A template whose role trusts the account that it is passed."""
    return {**CHILD, "Parameters": {"Account": {"Type": "String", **declared}}}


@pytest.mark.parametrize(
    ("declared", "expected", "why"),
    [
        ({"AllowedPattern": "2+"}, NONE, "does not match its AllowedPattern 2+"),
        ({"AllowedPattern": "[0-9]{12}"}, [("R", REFUTED)], ""),
        # A pattern that is not understood refuses nothing.
        ({"AllowedPattern": "[0-9&&[^2]]+"}, [("R", REFUTED)], ""),
        ({"AllowedValues": [ACCOUNT]}, NONE, f"is not one of its AllowedValues: {ACCOUNT}"),
        ({"AllowedValues": [ACCOUNT, OUTSIDE]}, [("R", REFUTED)], ""),
        ({"MaxLength": 3}, NONE, "has 12 characters, not 0 to 3"),
        ({"MinLength": "13"}, NONE, "has 12 characters, not 13 to any number"),
        ({"Type": "Number", "MaxValue": 5}, NONE, "is more than its MaxValue 5"),
        ({"Type": "Number", "MinValue": 5}, [("R", REFUTED)], ""),
        # A number is the same, however it is written.
        ({"Type": "Number", "AllowedValues": [f"{OUTSIDE}.0"]}, [("R", REFUTED)], ""),
        (
            {"Type": "CommaDelimitedList", "AllowedValues": [ACCOUNT]},
            NONE,
            f"is not one of its AllowedValues: {ACCOUNT}",
        ),
    ],
)
def test_a_value_that_the_nested_template_refuses(
    tmp_path: Path, declared: Json, expected: list[tuple[str, str]], why: str
) -> None:
    """CloudFormation makes no stack with it, so what stands in it is passed over, with all that is nested in it."""
    report = check(
        tmp_path, {"child.json": child(**declared), "parent.json": parent(stack(parameters={"Account": OUTSIDE}))}
    )
    assert verdicts(report) == expected
    said = f"it is for the nested stack Child, which CloudFormation refuses to make: what Account is passed {why}"
    assert [*report.passed_over] == ([(str(tmp_path / "child.json"), said)] if why else [])


def test_one_of_several_stacks_that_is_refused(tmp_path: Path) -> None:
    """Another stack of the same template is judged, and nothing is passed over."""
    stacks = {"A": stack(parameters={"Account": OUTSIDE}), "B": stack(parameters={"Account": ACCOUNT})}
    report = check(tmp_path, {"child.json": child(AllowedValues=[ACCOUNT]), "parent.json": {"Resources": stacks}})
    assert (verdicts(report), report.passed_over) == ([("R", PROVED)], ())


def test_a_macro_may_pass_another_value_than_is_refused(tmp_path: Path) -> None:
    """What is written is not what CloudFormation is given."""
    outer = parent(stack(parameters={"Account": OUTSIDE}), Transform="Mine")
    report = check(tmp_path, {"child.json": child(AllowedValues=[ACCOUNT]), "parent.json": outer})
    assert dict(verdicts(report))["R"] == UNKNOWN


@pytest.mark.parametrize(("allowed", "expected"), [([ACCOUNT], NONE), ([ACCOUNT, OUTSIDE], [("R", REFUTED)])])
def test_a_parameter_of_which_each_value_is_refused(
    tmp_path: Path, allowed: list[str], expected: list[tuple[str, str]]
) -> None:
    """A stack that is passed one of several values is made where one of them is admitted."""
    outer = parent(stack(parameters={"Account": {"Ref": "Given"}}))
    outer["Parameters"] = {"Given": {"Type": "String", "AllowedValues": [OUTSIDE, "444444444444"]}}
    report = check(tmp_path, {"child.json": child(AllowedValues=allowed), "parent.json": outer})
    assert verdicts(report) == expected
