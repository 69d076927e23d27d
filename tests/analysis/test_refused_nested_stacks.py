"""
Nested stacks that CloudFormation refuses to make with what they are passed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.test_nested_files import (
    ACCOUNT,
    CHILD,
    OUTSIDE,
    Json,
    check,
    condition,
    parent,
    role,
    stack,
    verdicts,
)
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
    report = check(tmp_path, {"child.json": child(AllowedValues=[ACCOUNT]), "parent.json": outer}, certify=True)
    assert dict(verdicts(report))["R"] == UNKNOWN


@pytest.mark.parametrize(("allowed", "expected"), [([ACCOUNT], NONE), ([ACCOUNT, OUTSIDE], [("R", REFUTED)])])
def test_a_parameter_of_which_each_value_is_refused(
    tmp_path: Path, allowed: list[str], expected: list[tuple[str, str]]
) -> None:
    """A stack that is passed one of several values is made where one of them is admitted."""
    outer = parent(stack(parameters={"Account": {"Ref": "Given"}}))
    outer["Parameters"] = {"Given": {"Type": "String", "AllowedValues": [OUTSIDE, "444444444444"]}}
    report = check(tmp_path, {"child.json": child(AllowedValues=allowed), "parent.json": outer}, certify=True)
    assert verdicts(report) == expected


#: Two nested stacks that are passed one of two values; what both of them admit, and which verdict each role then has.
YES_NO: Json = {"Type": "String", "AllowedValues": ["yes", "no"]}
ONE_OF: Json = {"Type": "String", "AllowedValues": [ACCOUNT, OUTSIDE]}


@pytest.mark.parametrize(
    ("parameters", "conditions", "passed", "declared", "expected"),
    [
        ({"T": ONE_OF}, {}, {"Ref": "T"}, {}, REFUTED),
        ({"T": ONE_OF}, {}, {"Ref": "T"}, {"AllowedValues": [ACCOUNT]}, PROVED),
        ({"T": ONE_OF}, {}, {"Ref": "T"}, {"AllowedPattern": "1.*"}, PROVED),
        ({"T": ONE_OF}, {}, {"Fn::Sub": "${T}"}, {"AllowedValues": [ACCOUNT]}, PROVED),
        # Where there is no such stack, it refuses nothing.
        ({"T": ONE_OF, "Y": YES_NO}, {"Nested": "yes"}, {"Ref": "T"}, {"AllowedValues": [ACCOUNT]}, REFUTED),
        # Of all values that it refuses, CloudFormation takes none: what is wrong is said of the nested stack.
        ({"T": ONE_OF}, {}, {"Ref": "T"}, {"AllowedValues": ["444444444444"]}, REFUTED),
        ({"T": ONE_OF}, {}, "444444444444", {"AllowedValues": [ACCOUNT]}, REFUTED),
        # A default that is refused is nobody's value; one that is not is what is judged.
        ({"T": {"Type": "String", "Default": OUTSIDE}}, {}, {"Ref": "T"}, {"AllowedValues": [ACCOUNT]}, PROVED),
        ({"T": {"Type": "String", "Default": OUTSIDE}}, {}, {"Ref": "T"}, {"AllowedPattern": "1*"}, UNKNOWN),
        (
            {"T": {"Type": "String", "Default": ACCOUNT}},
            {},
            {"Ref": "T"},
            {"AllowedValues": [ACCOUNT, OUTSIDE]},
            PROVED,
        ),
        ({"T": {"Type": "String"}}, {}, {"Ref": "T"}, {"AllowedValues": [ACCOUNT]}, PROVED),
        ({"T": {"Type": "String"}}, {}, {"Ref": "T"}, {"AllowedValues": [ACCOUNT, OUTSIDE]}, REFUTED),
        # A number may be written in several ways.
        ({"T": ONE_OF}, {}, {"Fn::Sub": "${T}"}, {"Type": "Number", "AllowedValues": [f"{OUTSIDE}.0"]}, REFUTED),
        ({"T": ONE_OF}, {}, {"Fn::Sub": "${T}"}, {"Type": "Number", "AllowedValues": [f"{ACCOUNT}.0"]}, PROVED),
    ],
)
def test_what_a_nested_stack_refuses_fails_the_stack_around_it(
    tmp_path: Path, parameters: Json, conditions: Json, passed: object, declared: Json, expected: str
) -> None:
    """The parent is not judged at a value that a stack inside it refuses, where that is made."""
    nested = stack(parameters={"Account": passed})
    outer: Json = {"Parameters": parameters, "Resources": {"Child": nested, "Outer": role({"Ref": "T"})}}
    if conditions:
        outer["Conditions"] = {name: {"Fn::Equals": [{"Ref": "Y"}, value]} for name, value in conditions.items()}
        outer["Resources"]["Child"] = {**nested, "Condition": "Nested"}
    report = check(tmp_path, {"child.json": child(**declared), "parent.json": outer}, certify=True)
    assert dict(verdicts(report))["Outer"] == expected


@pytest.mark.parametrize(("admitted", "expected"), [([ACCOUNT], PROVED), ([OUTSIDE], REFUTED)])
def test_what_one_nested_stack_refuses_is_passed_to_no_other(
    tmp_path: Path, admitted: list[str], expected: str
) -> None:
    """Two stacks are made of one parameter, or none is."""
    stacks = {
        "Child": stack(parameters={"Account": {"Ref": "T"}}),
        "Other": stack("other.json", {"Account": {"Ref": "T"}}),
    }
    strict = {**child(AllowedValues=admitted), "Resources": {"W": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
    files = {
        "child.json": child(),
        "other.json": strict,
        "parent.json": {"Parameters": {"T": ONE_OF}, "Resources": stacks},
    }
    assert verdicts(check(tmp_path, files)) == [("R", expected)]


GIVEN: Json = {"Ref": "T"}
ECHO: Json = {"Account": {"Value": {"Ref": "Account"}}}


@pytest.mark.parametrize(
    ("back", "passed", "outputs", "admitted", "expected"),
    [
        ({"Fn::GetAtt": ["Child", "Outputs.Account"]}, GIVEN, ECHO, [ACCOUNT], PROVED),
        ({"Fn::GetAtt": "Child.Outputs.Account"}, GIVEN, ECHO, [ACCOUNT], PROVED),
        ({"Fn::GetAtt": ["Child", "Outputs.Account"]}, GIVEN, ECHO, [ACCOUNT, OUTSIDE], REFUTED),
        # What it gives back is another value, or made of it.
        ({"Fn::GetAtt": ["Child", "Outputs.Account"]}, ACCOUNT, ECHO, [ACCOUNT], REFUTED),
        ({"Fn::GetAtt": ["Child", "Outputs.Account"]}, GIVEN, {"Account": {"Value": ACCOUNT}}, [ACCOUNT], REFUTED),
        (
            {"Fn::GetAtt": ["Child", "Outputs.Account"]},
            GIVEN,
            {"Account": {"Value": {"Fn::Transform": {"Name": "Mine"}}}},
            [ACCOUNT],
            REFUTED,
        ),
        ({"Fn::GetAtt": ["Child", "Outputs.Other"]}, GIVEN, ECHO, [ACCOUNT], REFUTED),
    ],
)
def test_what_a_nested_stack_refuses_that_another_one_gives_back(
    tmp_path: Path, back: Json, passed: object, outputs: Json, admitted: list[str], expected: str
) -> None:
    """An output that is what the stack is passed is refused where that is, and fails the stack around both."""
    empty = {"W": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
    stacks = {
        "Child": stack(parameters={"Account": passed}),
        "Other": stack("other.json", {"Account": back}),
        "Outer": {**role(OUTSIDE), "Condition": "Open"},
    }
    files = {
        "child.json": {**child(), "Resources": empty, "Outputs": outputs},
        "other.json": {**child(AllowedValues=admitted), "Resources": {**empty, "Inner": role(ACCOUNT)}},
        "parent.json": {
            "Parameters": {"T": {"Type": "String"}},
            "Conditions": {"Open": {"Fn::Equals": [GIVEN, OUTSIDE]}},
            "Resources": stacks,
        },
    }
    report = check(tmp_path, files, certify=True)
    # Where the condition never holds, there is no such role.
    assert dict(verdicts(report)).get("Outer", PROVED) == expected


#: A parameter with a default of which what else the template says admits a few values alone.
USUAL: Json = {"Type": "String", "Default": "a"}
LOOKED_UP: Json = {"Fn::FindInMap": ["M", {"Ref": "S"}, "I"]}


@pytest.mark.parametrize(
    ("sections", "looked_up", "inside", "expected"),
    [
        ({"Mappings": {"M": {"a": {"I": "k"}}}}, LOOKED_UP, ["a"], PROVED),
        ({"Mappings": {"M": {"a": {"I": "k"}, "b": {"I": "k"}}}}, LOOKED_UP, ["a", "b"], PROVED),
        ({"Mappings": {"M": {"a": {"I": "k"}, "b": {"I": "k"}}}}, LOOKED_UP, ["a"], REFUTED),
        ({"Mappings": {"M": {"a": {"I": "k"}}}}, "name", ["a"], REFUTED),
        ({"Rules": {"Q": {"Assertions": [{"Assert": {"Fn::Contains": [["a"], {"Ref": "S"}]}}]}}}, "", ["a"], PROVED),
        # K is always x.
        (
            {
                "Rules": {
                    "Q": {
                        "Assertions": [
                            {"Assert": {"Fn::Or": [{"Fn::Equals": [{"Ref": n}, "a"]} for n in ("S", "K")]}},
                        ]
                    }
                }
            },
            "",
            ["a"],
            PROVED,
        ),
    ],
)
def test_what_a_template_demands_of_what_it_passes(
    tmp_path: Path, sections: Json, looked_up: object, inside: list[str], expected: str
) -> None:
    """A nested stack is judged at the values alone with which the one around it can be deployed."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": looked_up}}
    usual = {"S": USUAL, "K": {"Type": "String", "AllowedValues": ["x"]}}
    outer = {**sections, "Parameters": usual, "Resources": {"T": topic, "N": stack(parameters={"P": {"Ref": "S"}})}}
    ways = [{"Fn::Equals": [{"Ref": "P"}, one]} for one in inside]
    inner = {
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Or": ways} if len(ways) > 1 else ways[0]},
        "Resources": {"R": role({"Fn::If": ["C", ACCOUNT, OUTSIDE]})},
    }
    report = check(tmp_path, {"child.json": inner, "parent.json": outer}, certify=True)
    assert dict(verdicts(report))["R"] == expected


def test_a_default_that_is_refused_passes_nothing_over(tmp_path: Path) -> None:
    """Somebody may deploy the stacks around a nested one with another value than the default."""
    inner = {"Type": "String", "Default": "9"}
    files = {
        "child.json": child(AllowedValues=[ACCOUNT, OUTSIDE]),
        "middle.json": {**parent(stack(parameters={"Account": {"Ref": "T"}})), "Parameters": {"T": inner}},
        "outer.json": {**parent(stack("middle.json", {"T": {"Ref": "T"}})), "Parameters": {"T": inner}},
    }
    report = check(tmp_path, files)
    assert not report.passed_over
    assert [name for name, _ in verdicts(report)] == ["R"]


@pytest.mark.parametrize(
    ("passed", "declared"),
    [
        ("{{resolve:ssm:/account}}", {"AllowedPattern": "[0-9]{12}"}),
        ("{{resolve:ssm:/account}}", {"AllowedValues": [ACCOUNT]}),
        ("{{resolve:ssm:/account}}", {"MaxLength": 12}),
        ("${opt:account}", {"AllowedPattern": "[0-9]{12}"}),
        ("{{ account }}", {"AllowedPattern": "[0-9]{12}"}),
        ("", {"Type": "CommaDelimitedList", "AllowedValues": [ACCOUNT]}),
        (f"{ACCOUNT},", {"Type": "CommaDelimitedList", "AllowedPattern": "[0-9]{12}"}),
        ("1.0,2", {"Type": "List<Number>", "AllowedValues": [1, 2]}),
        (1.0, {"AllowedValues": ["1"]}),
        ("5e0", {"Type": "Number", "AllowedValues": [5]}),
    ],
)
@pytest.mark.parametrize("chosen", [False, True], ids=["always", "by Fn::If"])
def test_a_value_of_which_nobody_knows_that_it_is_refused(
    tmp_path: Path, passed: object, declared: Json, chosen: bool
) -> None:
    """What is written may stand for another value, or be another way to write one: what is in the stacks is judged."""
    open_ = {"Type": "String", **declared}
    inner = {"Parameters": {"Account": open_}, "Resources": {"R": role(OUTSIDE)}}
    value = {"Fn::If": ["Open", passed, ACCOUNT]} if chosen else passed
    outer = parent({**stack(parameters={"Account": value}), "Condition": "Open"}, **condition("b"))
    outer["Resources"] |= {"Q": {**role(OUTSIDE), "Condition": "Open"}}  # type: ignore[operator]
    report = check(tmp_path, {"child.json": inner, "parent.json": outer})
    assert sorted(verdicts(report)) == [("Q", REFUTED), ("R", REFUTED)]
    assert not report.passed_over


def test_a_macro_of_the_nested_template_may_declare_its_parameters_otherwise(tmp_path: Path) -> None:
    """Nor is anything refused for certain by a declaration beside which a macro stands."""
    macro = {"Fn::Transform": {"Name": "Mine"}}
    declared = {"Type": "String", "AllowedValues": [ACCOUNT]}
    sections = [
        {"Account": {**declared, **macro}},
        {"Account": declared, **macro},
        {"Account": {**declared, "AllowedValues": [ACCOUNT, macro]}},
    ]
    for number, section in enumerate(sections):
        inner = {"Parameters": section, "Resources": {"R": role({"Ref": "Account"})}}
        folder = tmp_path / str(number)
        folder.mkdir()
        report = check(folder, {"child.json": inner, "parent.json": parent(stack(parameters={"Account": OUTSIDE}))})
        assert (dict(verdicts(report))["R"], report.passed_over) != (PROVED, ())
        assert not report.passed_over


def test_a_stack_set_is_not_passed_over(tmp_path: Path) -> None:
    """Others may make stacks of it, with values of their own."""
    made = stack(type_="AWS::CloudFormation::StackSet")
    made["Properties"] = {
        "TemplateURL": "child.json",
        "Parameters": [{"ParameterKey": "Account", "ParameterValue": "none"}],
    }
    inner = {**child(AllowedValues=[ACCOUNT]), "Resources": {"R": role(OUTSIDE)}}
    report = check(tmp_path, {"child.json": inner, "parent.json": parent(made)})
    assert (verdicts(report), report.passed_over) == ([("R", REFUTED)], ())


def asserting(*texts: str, **declared: object) -> Json:
    """A nested template with a rule that its account is one of some texts."""
    assertion = {"Fn::Contains": [[*texts], {"Ref": "Account"}]}
    return {**child(**declared), "Rules": {"Q": {"Assertions": [{"Assert": assertion}]}}}


@pytest.mark.parametrize(
    ("passed", "inner", "expected", "is_passed_over"),
    [
        (OUTSIDE, asserting(ACCOUNT), NONE, True),
        (OUTSIDE, asserting(OUTSIDE), [("R", REFUTED)], False),
        ({"Ref": "Given"}, asserting("444444444444"), NONE, True),
        ({"Ref": "Given"}, asserting(ACCOUNT), [("R", PROVED)], False),
        # Nobody knows that the rule refuses it.
        ("{{resolve:ssm:/account}}", asserting(ACCOUNT), [("R", UNKNOWN)], False),
        # Whoever deploys the parent has to give what the rule admits.
        ({"Ref": "Free"}, asserting(ACCOUNT), [("R", PROVED)], False),
        ({"Ref": "Usual"}, asserting(ACCOUNT), [("R", PROVED)], False),
    ],
)
def test_a_rule_that_what_is_passed_does_not_satisfy(
    tmp_path: Path, passed: object, inner: Json, expected: list[tuple[str, str]], is_passed_over: bool
) -> None:
    """It refuses the nested stack, as `AllowedValues` do, and is no error of the input."""
    outer = parent(stack(parameters={"Account": passed}))
    outer["Parameters"] = {
        "Given": {"Type": "String", "AllowedValues": [OUTSIDE, ACCOUNT]},
        "Free": {"Type": "String"},
        "Usual": {"Type": "String", "Default": OUTSIDE},
    }
    report = check(tmp_path, {"child.json": inner, "parent.json": outer})
    assert verdicts(report) == expected
    why = "it is for the nested stack Child, which CloudFormation refuses to make: no values of the parameters"
    said = f"{why} that are not given satisfy the rule Q"
    assert [*report.passed_over] == ([(str(tmp_path / "child.json"), said)] if is_passed_over else [])


def test_a_rule_that_what_a_stack_set_passes_does_not_satisfy(tmp_path: Path) -> None:
    """Others may make stacks of it with other values, so its template is judged, and a note tells of the rule."""
    made = stack(type_="AWS::CloudFormation::StackSet")
    given = [{"ParameterKey": "Account", "ParameterValue": OUTSIDE}]
    made["Properties"] = {"TemplateURL": "child.json", "Parameters": given}
    report = check(tmp_path, {"child.json": asserting(ACCOUNT), "parent.json": parent(made)})
    assert (verdicts(report), report.passed_over) == ([("R", REFUTED)], ())
    assert any("not checked: the rule Q, which no values of the parameters satisfy" in note for note in report.notes)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({}, REFUTED),
        ({"AllowedValues": ["prod"]}, PROVED),
        ({"AllowedValues": ["prod", "dev"]}, REFUTED),
    ],
)
def test_a_condition_on_a_value_that_the_nested_stack_refuses(tmp_path: Path, declared: Json, expected: str) -> None:
    """A parent may pass anything for a parameter with a default, but a stack that is there has admitted it."""
    inner = {
        "Parameters": {"Stage": {"Type": "String", **declared}},
        "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
        "Resources": {"R": role({"Fn::If": ["IsDev", OUTSIDE, ACCOUNT]})},
    }
    outer = parent(stack(parameters={"Stage": {"Ref": "Stage"}}))
    outer["Parameters"] = {"Stage": {"Type": "String", "Default": "prod"}}
    report = check(tmp_path, {"child.json": inner, "parent.json": outer}, certify=True)
    assert verdicts(report) == [("R", expected)]


FREE: Json = {"Type": "String"}
NOT_A: Json = {"NotA": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "a"]}]}}


@pytest.mark.parametrize(
    ("outer", "passed", "inner", "expected", "named"),
    [
        # What is told apart is only what the pattern admits.
        (FREE, {"Ref": "T"}, {"AllowedPattern": "[0-9]{3}"}, REFUTED, "111"),
        ({**FREE, "Default": "a"}, {"Ref": "T"}, {"AllowedPattern": "[0-9]{3}"}, REFUTED, "111"),
        ({**FREE, "Default": "a"}, {"Ref": "T"}, {"AllowedPattern": "a|aa"}, REFUTED, "aa"),
        (
            {**FREE, "AllowedPattern": ".{4,}"},
            {"Ref": "T"},
            {"MinLength": 1, "AllowedPattern": "[a-z]+"},
            REFUTED,
            None,
        ),
        ({**FREE, "Default": "b"}, {"Ref": "T"}, {"AllowedPattern": "a"}, PROVED, None),
        ({**FREE, "Default": "b"}, {"Ref": "T"}, {"Type": "Number"}, REFUTED, "1"),
        # The branch that is refused is never taken.
        (FREE, {"Fn::If": ["OuterC", {"Ref": "T"}, "a"]}, {"AllowedValues": ["b", "d"]}, NONE, None),
        (FREE, {"Fn::If": ["OuterB", {"Ref": "T"}, "a"]}, {"AllowedValues": ["b", "d"]}, REFUTED, "b"),
        # Nothing that it may be passed is admitted.
        (FREE, {"Fn::Sub": "x${T}"}, {"AllowedValues": ["a", "b"]}, NONE, None),
    ],
)
def test_a_nested_stack_is_judged_at_what_it_admits(
    tmp_path: Path, outer: Json, passed: object, inner: Json, expected: object, named: str | None
) -> None:
    """A counterexample names what the nested template admits as well, and there is none where that is nothing."""
    conditions = {f"Outer{text.upper()}": {"Fn::Equals": [{"Ref": "T"}, text]} for text in "bc"}
    files: dict[str, Json] = {
        "child.json": {
            "Parameters": {"Stage": {"Type": "String", **inner}},
            "Conditions": NOT_A,
            "Resources": {"R": role({"Fn::If": ["NotA", OUTSIDE, ACCOUNT]})},
        },
        "parent.json": {
            "Parameters": {"T": outer},
            "Conditions": conditions,
            "Resources": {"Child": stack(parameters={"Stage": passed})},
        },
    }
    report = check(tmp_path, files)
    assert verdicts(report) == (expected if expected is NONE else [("R", expected)])
    assert len(report.passed_over) == (expected is NONE)
    values = {
        key.rpartition("/")[2]: value
        for one in report.results
        if one.counterexample is not None
        for key, value in one.counterexample.parameters.items()
    }
    assert named is None or values == {"T": named}
    if expected == REFUTED:
        assert verdicts(check(tmp_path, files, parameters=values)) == [("R", REFUTED)]


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        ({"Fn::If": ["IsA", ACCOUNT, OUTSIDE]}, PROVED),
        ({"Fn::If": ["IsA", OUTSIDE, ACCOUNT]}, PROVED),
        ({"Fn::If": ["IsA", OUTSIDE, OUTSIDE]}, None),
        ({"Fn::FindInMap": ["M", {"Ref": "Stage"}, "Id"]}, PROVED),
    ],
)
def test_a_rule_of_a_nested_stack_for_what_its_parent_chooses(
    tmp_path: Path, passed: object, expected: str | None
) -> None:
    """The parent is not deployed with what the rule refuses, so neither stack is judged there."""
    outer = parent(stack(parameters={"Account": passed}))
    outer |= {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["a", "b"]}},
        "Conditions": {"IsA": {"Fn::Equals": [{"Ref": "Stage"}, "a"]}},
        "Mappings": {"M": {"a": {"Id": OUTSIDE}, "b": {"Id": ACCOUNT}}},
    }
    report = check(tmp_path, {"child.json": asserting(ACCOUNT), "parent.json": outer}, certify=True)
    assert verdicts(report) == ([] if expected is None else [("R", expected)])


def test_a_stack_that_its_rules_refuse_at_all_that_it_admits(tmp_path: Path) -> None:
    """What a template asserts of a parameter and the values that it lists go together in no deployment."""
    inner = {
        **asserting("444444444444", AllowedValues=[OUTSIDE, ACCOUNT]),
        "Conditions": {"Own": {"Fn::Equals": [{"Ref": "Account"}, ACCOUNT]}},
    }
    outer = parent(stack(parameters={"Account": {"Ref": "T"}}), Parameters={"T": {**FREE, "Default": ACCOUNT}})
    report = check(tmp_path, {"child.json": inner, "parent.json": outer})
    assert verdicts(report) == NONE
    assert [name for name, _ in report.passed_over] == [str(tmp_path / "child.json")]


@pytest.mark.parametrize(
    ("declared", "named"),
    [
        ({**FREE, "Default": "a"}, "b"),
        ({**FREE, "AllowedValues": ["a", "b"], "Default": "a"}, "b"),
        ({**FREE, "Default": "b"}, None),
    ],
)
def test_the_values_without_which_there_is_no_nested_stack(tmp_path: Path, declared: Json, named: str | None) -> None:
    """A counterexample names them, though nothing in the nested stack depends on them."""
    nested = {**stack(parameters={"Account": OUTSIDE}), "Condition": "Open"}
    outer = parent(nested, Conditions=condition("b")["Conditions"], Parameters={"Mode": declared})
    child_ = {"Parameters": {"Account": FREE}, "Resources": {"R": role({"Ref": "Account"})}}
    report = check(tmp_path, {"child.json": child_, "parent.json": outer})
    (found,) = [one.counterexample for one in report.results if one.counterexample is not None]
    assert [*found.parameters.values()] == ([named] if named else [])


def test_a_default_that_a_nested_stack_refuses_is_replaced_in_its_counterexample(tmp_path: Path) -> None:
    """Whoever deploys the stacks has to give another value, which it names."""
    inner = {"Parameters": {"Stage": {**FREE, "AllowedValues": ["b", "c"]}}, "Resources": {"R": role(OUTSIDE)}}
    for declared in ({**FREE, "Default": "a"}, {**FREE, "Default": "a", "AllowedValues": ["a", "b"]}):
        outer = parent(stack(parameters={"Stage": {"Ref": "T"}}), Parameters={"T": declared})
        report = check(tmp_path, {"child.json": inner, "parent.json": outer})
        (found,) = [one.counterexample for one in report.results if one.counterexample is not None]
        assert [*found.parameters.values()] == ["b"]


def test_one_rule_that_nothing_satisfies(tmp_path: Path) -> None:
    """A note tells of it, also where it is the only one."""
    asserted = {"Q": {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "T"}, "z"]}}]}}
    declared = {"T": {**FREE, "AllowedValues": ["a", "b"], "Default": "a"}}
    report = check(tmp_path, {"t.json": {"Parameters": declared, "Rules": asserted, "Resources": {"R": role(OUTSIDE)}}})
    assert verdicts(report) == [("R", REFUTED)]
    assert any("the rule Q, which no values of the parameters satisfy" in note for note in report.notes)


@pytest.mark.parametrize(
    ("declared", "rows", "lookup", "expected"),
    [
        (FREE, ["a"], [], NONE),
        (FREE, ["a", "b"], [], [("R", REFUTED)]),
        ({**FREE, "Default": "a"}, ["a", "b"], [], [("R", REFUTED)]),
        ({**FREE, "AllowedValues": ["a", "b", "c"]}, ["a"], [], NONE),
        (FREE, ["a"], [{"DefaultValue": OUTSIDE}], [("R", REFUTED)]),
    ],
)
def test_a_lookup_of_what_is_passed(
    tmp_path: Path, declared: Json, rows: list[str], lookup: list[object], expected: list[tuple[str, str]]
) -> None:
    """A nested stack is made with the keys of its mapping alone, which its parent may not pass."""
    inner = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Stage": {"Type": "String"}},
        "Mappings": {"Rows": {row: {"Id": OUTSIDE} for row in rows}},
        "Resources": {"R": role({"Fn::FindInMap": ["Rows", {"Ref": "Stage"}, "Id", *lookup]})},
    }
    asserted = {"Q": {"Assertions": [{"Assert": {"Fn::Contains": [["b", "c"], {"Ref": "T"}]}}]}}
    passing = {**stack(parameters={"Stage": {"Ref": "T"}}), "Condition": "Open"}
    conditions = {"Open": {"Fn::Not": [{"Fn::Equals": [{"Ref": "T"}, "z"]}]}}
    outer = parent(passing, Parameters={"T": declared}, Rules=asserted, Conditions=conditions)
    report = check(tmp_path, {"child.json": inner, "parent.json": outer})
    assert verdicts(report) == expected
    assert len(report.passed_over) == (not expected)


@pytest.mark.parametrize(
    ("declared", "expected"), [({"AllowedValues": [ACCOUNT]}, UNKNOWN), ({"AllowedValues": [OUTSIDE]}, REFUTED)]
)
def test_a_value_that_another_nested_stack_gives(tmp_path: Path, declared: Json, expected: str) -> None:
    """A stack that is passed an output that it refuses is not made: nobody gets in, and nothing is proved of it."""
    giving: Json = {**CHILD, "Resources": {}, "Outputs": {"Who": {"Value": {"Ref": "Account"}}}}
    stacks = {
        "A": stack("a.json", {"Account": OUTSIDE}),
        "B": stack(parameters={"Account": {"Fn::GetAtt": ["A", "Outputs.Who"]}}),
    }
    files = {"child.json": child(**declared), "a.json": giving, "parent.json": {"Resources": stacks}}
    report = check(tmp_path, files, certify=True)
    assert verdicts(report) == [("R", expected)]
    said = "CloudFormation refuses to make the stack: what Account is passed is not one of its AllowedValues"
    assert [said in str(one.reasons) for one in report.results] == [expected == UNKNOWN]


def test_a_rule_about_two_listed_parameters_that_are_passed(tmp_path: Path) -> None:
    """A nested stack is not judged at values that the rules of its parent do not admit together."""
    either = {"Fn::Or": [{"Fn::Equals": [{"Ref": "S"}, "prod"]}, {"Fn::Equals": [{"Ref": "K"}, "y"]}]}
    outer = parent(stack(parameters={"S": {"Ref": "S"}, "K": {"Ref": "K"}}))
    outer["Rules"] = {"Q": {"Assertions": [{"Assert": either}]}}
    outer["Parameters"] = {
        "S": {"Type": "String", "AllowedValues": ["dev", "prod"]},
        "K": {"Type": "String", "AllowedValues": ["x", "y"]},
    }
    both = {"Fn::And": [{"Fn::Equals": [{"Ref": "S"}, "dev"]}, {"Fn::Equals": [{"Ref": "K"}, "x"]}]}
    inner = {
        "Parameters": {"S": {"Type": "String"}, "K": {"Type": "String"}},
        "Conditions": {"C": both},
        "Resources": {"R": role({"Fn::If": ["C", OUTSIDE, ACCOUNT]})},
    }
    report = check(tmp_path, {"child.json": inner, "parent.json": outer}, certify=True)
    assert verdicts(report) == [("R", PROVED)]


@pytest.mark.parametrize(("default", "expected"), [("y", UNKNOWN), ("dev", REFUTED), ("prod", PROVED)])
def test_a_value_that_the_mapping_of_the_nested_template_has_no_row_for(
    tmp_path: Path, default: str, expected: str
) -> None:
    """CloudFormation refuses such a lookup, so a role trusts no account by it that somebody could make up."""
    looked_up = {"Fn::FindInMap": ["M", {"Ref": "Account"}, "Id"]}
    not_test = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Account"}, "test"]}]}
    inner = {
        **CHILD,
        "Rules": {"NotTest": {"Assertions": [{"Assert": not_test}]}},
        "Mappings": {"M": {"dev": {"Id": OUTSIDE}, "prod": {"Id": ACCOUNT}}},
        "Resources": {"R": role(looked_up)},
    }
    outer = parent(
        stack(parameters={"Account": {"Ref": "Stage"}}), Parameters={"Stage": {"Type": "String", "Default": default}}
    )
    report = check(tmp_path, {"child.json": inner, "parent.json": outer})
    assert verdicts(report) == [("R", expected)]
