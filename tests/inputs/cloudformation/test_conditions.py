"""
Conditions: every branch is read with its guards, and guards are turned into parameter values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.inputs.cloudformation.evaluation.conditions.contradictions import contradicts
from trustproof.inputs.cloudformation.evaluation.declarations import circular_conditions as module_of_circles
from trustproof.inputs.cloudformation.evaluation.declarations import work
from trustproof.inputs.cloudformation.evaluation.declarations.circular_conditions import circular_conditions
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.inputs.discovery.inputs import read_paths
from trustproof.model.deployments import Assignment
from trustproof.model.policy import Guard
from trustproof.model.text import LIST, Symbol
from trustproof.results.result import BUDGET

Read = Callable[..., Template]
Role = Callable[..., dict[str, Any]]

PROD, DEV = "111122223333", "444455556666"
SECTIONS: dict[str, Any] = {
    "Parameters": {
        "Env": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "test", "prod"]},
        "Vendor": {"Type": "String", "Default": ""},
        "Free": {"Type": "String"},
        "Other": {"Type": "String"},
        "HubAccount": {"Type": "String"},
        "Twelve": {"Type": "String", "AllowedPattern": r"\d{12}"},
        "Letters": {"Type": "String", "AllowedPattern": r"[a-z]+"},
    },
    "Mappings": {"Stage": {"dev": {"Kind": "low"}, "prod": {"Kind": "high"}, "test": {"Kind": "low"}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "IsTest": {"Fn::Equals": ["test", {"Ref": "Env"}]},
        "NotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
        "ProdOrTest": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]},
        "HasVendor": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Vendor"}, ""]}]},
        "ProdVendor": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "HasVendor"}]},
        "Never": {"Fn::Equals": ["a", "b"]},
        "Always": {"Fn::Equals": [True, "true"]},
        "InChina": {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]},
        "InIreland": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "Same": {"Fn::Equals": [{"Ref": "Free"}, {"Ref": "Other"}]},
        "SameAccount": {"Fn::Equals": [{"Ref": "HubAccount"}, {"Ref": "Free"}]},
        "High": {"Fn::Equals": [{"Fn::FindInMap": ["Stage", {"Ref": "Env"}, "Kind"]}, "high"]},
        "Joined": {"Fn::Equals": [{"Fn::Join": ["-", [{"Ref": "Free"}, "x"]]}, "a-x"]},
        "Filled": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", [{"Ref": "Vendor"}]]}, ""]}]},
        "Substituted": {"Fn::Equals": [{"Fn::Sub": "${Free}-${Other}"}, "x-y"]},
        "Government": {"Fn::Equals": [{"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}, "gov"]},
        "Imported": {"Fn::Equals": [{"Fn::ImportValue": "flag"}, "on"]},
        "ImportedOff": {"Fn::Equals": ["off", {"Fn::ImportValue": "flag"}]},
        "SameImports": {"Fn::Equals": [{"Fn::ImportValue": "flag"}, "{{resolve:ssm:/flag}}"]},
        "Unsolved": {"Fn::Equals": [{"Ref": "Free"}, {"Fn::Sub": "${Other}-x"}]},
        "C9": {"Fn::Equals": [{"Ref": "Free"}, "a"]},
        "C10": {"Fn::Equals": [{"Ref": "Free"}, "b"]},
        "UnsolvedToo": {"Fn::Equals": [{"Fn::Join": ["-", [{"Ref": "Other"}, "x"]]}, {"Fn::Sub": "${Free}"}]},
        "Unlisted": {"Fn::Equals": [{"Fn::FindInMap": ["None", {"Ref": "Free"}, "Kind"]}, "high"]},
        "Unread": {"Fn::Equals": [{"Fn::FindInMap": []}, "on"]},
        "Unlike": {"Fn::Equals": [{"Ref": "Twelve"}, {"Ref": "Letters"}]},
        "IsTwelve": {"Fn::Equals": [{"Ref": "Twelve"}, "x"]},
        **{f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(8)},
    },
}
for number in range(8):
    SECTIONS["Parameters"][f"P{number}"] = {"Type": "String"}


def if_(condition: str, then: Any, otherwise: Any = None) -> dict[str, Any]:
    """``Fn::If``, without the second branch by default."""
    return {"Fn::If": [condition, then, {"Ref": "AWS::NoValue"} if otherwise is None else otherwise]}


def test_every_branch_is_judged_whatever_the_default(resolved: Callable[..., list[Any]]) -> None:
    """Both branches of an open condition are variants with the condition as guard."""
    assert resolved(if_("IsProd", PROD, DEV), SECTIONS) == [((PROD,), {"IsProd": True}), ((DEV,), {"IsProd": False})]


def test_a_pinned_parameter_decides_its_conditions(resolved: Callable[..., list[Any]]) -> None:
    """What is pinned leaves one branch, without guards."""
    assert resolved(if_("IsProd", PROD, DEV), SECTIONS, parameters={"Env": "prod"}) == [((PROD,), {})]
    assert resolved(if_("InChina", PROD, DEV), SECTIONS, region="eu-west-1") == [((DEV,), {})]
    assert resolved(if_("Never", PROD, if_("Always", DEV, "x")), SECTIONS) == [((DEV,), {})]


def test_branches_that_no_deployment_has_are_left_out(resolved: Callable[..., list[Any]]) -> None:
    """Conditions that exclude each other are not multiplied."""
    found = resolved([if_("IsProd", "p", "n"), if_("IsTest", "t", "o")], SECTIONS)
    assert [principals for principals, _ in found] == [("p", "o"), ("n", "t"), ("n", "o")]


def test_a_parameter_has_the_values_under_which_its_branch_exists(resolved: Callable[..., list[Any]]) -> None:
    """A branch that excludes the default is judged at every value that the branch admits."""
    found = resolved([if_("IsProd", "p", "n"), {"Ref": "Env"}], SECTIONS)
    assert [principals for principals, _ in found] == [("p", "prod"), ("n", "dev")]
    found = resolved([{"Ref": "Env"}, if_("ProdOrTest", "x", "y")], SECTIONS)
    assert [principals for principals, _ in found] == [("test", "x"), ("prod", "x"), ("dev", "y")]
    (_, first), (_, second) = resolved([{"Fn::Sub": "${AWS::Partition}"}, if_("InChina", "x", "y")], SECTIONS)
    assert (first, second) == ({"InChina": True}, {"InChina": False})


def test_a_parameter_is_not_taken_for_one_value_that_its_branch_admits(resolved: Callable[..., list[Any]]) -> None:
    """Not to be empty says nothing of what it is; to be equal says all, and so does to be the only other value."""
    (filled, _), (empty, _) = resolved([if_("HasVendor", {"Ref": "Vendor"}, "none")], SECTIONS)
    assert (str(filled[0]), empty) == ("<Vendor>", ("none",))
    (equal, _), (other, _) = resolved([if_("C0", {"Ref": "P0"}), {"Ref": "P0"}], SECTIONS)
    assert (equal, [str(text) for text in other]) == (("x", "x"), ["<P0>"])
    (ireland, _), (elsewhere, _) = resolved([{"Ref": "AWS::Region"}, if_("InIreland", "x", "y")], SECTIONS)
    assert (ireland, [str(text) for text in elsewhere]) == (("eu-west-1", "x"), ["<AWS::Region>", "y"])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda document, statement: if_("IsProd", document(statement)),
        lambda document, statement: document(if_("IsProd", [statement])),
        lambda document, statement: document([if_("IsProd", statement)]),
        lambda document, statement: document([if_("IsProd", [statement])]),
        lambda document, statement: document(
            {**statement, "Action": if_("IsProd", "sts:AssumeRole", "sts:TagSession")}
        ),
        lambda document, statement: document({**statement, "Effect": if_("IsProd", "Allow", "Deny")}),
        lambda document, statement: document({**statement, "Principal": if_("IsProd", {"AWS": PROD}, "*")}),
        lambda document, statement: document({**statement, "Condition": if_("IsProd", {"Bool": {"k": True}})}),
        lambda document, statement: document({**statement, "Condition": {"Bool": if_("IsProd", {"k": True})}}),
        lambda document, statement: document({**statement, "Condition": {"Bool": {"k": if_("IsProd", True)}}}),
        lambda document, statement: document({**statement, "Condition": {"Bool": {"k": [if_("IsProd", True)]}}}),
    ],
)
def test_if_may_stand_at_every_level(read: Read, wrap: Callable[..., Any]) -> None:
    """From the document to the operand, the branch that holds in production is read under that guard."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": PROD}}
    document = wrap(lambda s: {"Version": "2012-10-17", "Statement": s}, statement)
    properties = {"AssumeRolePolicyDocument": document}
    template = read({**SECTIONS, "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}})
    (found,) = template.documents
    first = found.policy.statements[0]
    assert first.guards == (Guard("IsProd", True),)
    assert first.effect == "Allow"
    assert template.source_line(template.locate(first.path).line).strip()
    others = found.policy.statements[1:]
    assert all(s.guards == (Guard("IsProd", False),) for s in others)
    assert all(s._replace(guards=(), path=()) != first._replace(guards=(), path=()) for s in others)


def test_six_conditions_are_expanded_and_seven_are_not(read: Read, role: Role) -> None:
    """Beyond 64 combinations a statement is unreadable, and may allow as well as deny."""
    six = read({**SECTIONS, "Resources": {"R": role([if_(f"C{n}", str(n)) for n in range(6)])}})
    assert len(six.documents[0].policy.statements) == 64
    seven = read({**SECTIONS, "Resources": {"R": role([if_(f"C{n}", str(n)) for n in range(7)])}})
    statements = seven.documents[0].policy.statements
    assert [s.effect for s in statements] == ["Allow", "Deny"]
    assert "budget reached: combinations of conditions" in statements[0].unreadable[0]


def test_the_condition_of_a_resource_guards_its_documents(read: Read, role: Role) -> None:
    """A resource's condition is on the document, decides the same condition inside it, and may remove it."""
    resources = {
        "A": {**role([if_("IsProd", "p", "n"), {"Ref": "Env"}]), "Condition": "IsProd"},
        "B": {**role("*"), "Condition": "Never"},
        "C": {**role("*"), "Condition": "Always"},
    }
    template = read({**SECTIONS, "Resources": resources})
    first, second = template.documents
    assert (first.logical_id, first.guards) == ("A", (Guard("IsProd", True),))
    assert [(s.guards, [p.value for p in s.principals or ()]) for s in first.policy.statements] == [((), ["p", "prod"])]
    assert (second.logical_id, second.guards) == ("C", ())
    assert [r.logical_id for r in template.roles] == ["A", "C"]


@pytest.mark.parametrize(
    ("guards", "expected"),
    [
        ({}, {}),
        ({"NotProd": True}, {}),
        ({"IsProd": True}, {"Env": "prod"}),
        ({"ProdOrTest": True}, {"Env": "test"}),
        ({"ProdOrTest": True, "IsTest": False}, {"Env": "prod"}),
        ({"IsProd": True, "IsTest": True}, None),
        ({"IsProd": True, "NotProd": True}, None),
        ({"HasVendor": True}, {"Vendor": "example"}),
        ({"ProdVendor": True}, {"Env": "prod", "Vendor": "example"}),
        ({"ProdVendor": False, "IsProd": True}, {"Env": "prod"}),
        ({"High": True}, {"Env": "prod"}),
        ({"High": True, "IsProd": False}, None),
        ({"InIreland": True}, {"AWS::Region": "eu-west-1"}),
        ({"InIreland": False}, {"AWS::Region": "us-east-1"}),
        ({"InChina": True}, {"AWS::Partition": "aws-cn"}),
        ({"Same": True}, {"Free": "example", "Other": "example"}),
        ({"Same": False}, {"Free": "example", "Other": "Example1"}),
        ({"SameAccount": True}, {"Free": "111122223333", "HubAccount": "111122223333"}),
        ({"Same": True, "Free": "a"}, {"Free": "a", "Other": "a"}),
        ({"Filled": True}, {"Vendor": "example"}),
        ({"IsTwelve": True}, None),
        ({"Env": "prod", "IsProd": False}, None),
        ({"Never": True}, None),
        # A text is taken apart where that gives the other one.
        ({"Joined": True}, {"Free": "a"}),
        ({"Joined": False}, {"Free": "example"}),
        ({"Joined": True, "Same": False, "Free": "b"}, None),
        ({"Substituted": True}, {"Free": "x", "Other": "y"}),
        ({"Government": True}, {"AWS::Region": "us-gov-west-1"}),
        # What a parameter does not tell may be either way, and the same each time.
        ({"Imported": True}, {"Fn::ImportValue flag": "on"}),
        ({"Imported": False}, {"Fn::ImportValue flag": "example"}),
        ({"Imported": True, "ImportedOff": True}, None),
        ({"Imported": False, "ImportedOff": False}, {"Fn::ImportValue flag": "example"}),
        ({"SameImports": True}, {"Fn::ImportValue flag": "example", "ssm:/flag": "example"}),
        ({"SameImports": False}, {"Fn::ImportValue flag": "example", "ssm:/flag": "Example1"}),
        ({"SameImports": True, "Imported": True}, {"Fn::ImportValue flag": "on", "ssm:/flag": "on"}),
        ({"Unsolved": True}, {"Free": "example-x", "Other": "example"}),
        ({"Unsolved": True, "C9": True}, None),
        ({"Unsolved": False}, {"Free": "example", "Other": "example"}),
        ({"Unsolved": True, "C9": True, "C10": True}, None),
        ({"Unsolved": True, "UnsolvedToo": False}, None),
        ({"Unlisted": True}, {"Free": "example", 'Fn::FindInMap ["None", {"Ref": "Free"}, "Kind"]': "high"}),
        ({"Unread": True}, {'Fn::Equals [on, {"Fn::FindInMap": []}]': "true"}),
        ({"Unlike": True}, {"Fn::Equals [<Letters>, <Twelve>]": "true"}),
        ({"NotDeclared": True}, {"Condition NotDeclared (refused)": "true"}),
        ({"NotDeclared": False}, {"Condition NotDeclared (refused)": "false"}),
    ],
)
def test_realise_finds_parameters_or_proves_that_there_are_none(
    read: Read, role: Role, guards: dict[str, bool | str], expected: dict[str, str] | None
) -> None:
    """An assignment prefers defaults, then AllowedValues in order; None means that no deployment has the guards."""
    template = read({**SECTIONS, "Resources": {"R": role("*")}})
    assert template.assignments.satisfy(Guard(name, value) for name, value in guards.items()) == expected


@pytest.mark.parametrize("condition", ["Imported", "Unsolved", "Unlisted", "Substituted"])
@pytest.mark.parametrize("holds", [True, False])
def test_a_deployment_has_what_its_conditions_take(read: Read, role: Role, condition: str, holds: bool) -> None:
    """Deployed with the values that were found, a template has the branch that they were found for."""
    template = read({**SECTIONS, "Resources": {"R": role(if_(condition, "then", "else"))}})
    values = template.assignments.satisfy([Guard(condition, holds)])
    assert values is not None
    (statement,) = template.at(values).documents[0].policy.statements
    assert statement.guards == ()
    assert [p.value for p in statement.principals or ()] == ["then" if holds else "else"]


WRONG = "expected one of Condition, Fn::And, Fn::Equals, Fn::Not, Fn::Or"


def test_circles_of_conditions_are_found_by_one_look() -> None:
    """What is on a circle depends on itself, and what only leads to one or stands between two does not."""
    written = {"A": "", "B": "A", "C": "D", "D": "C B", "E": "D F", "F": "G", "G": "F H", "H": "H gone"}
    named = {name: {"Fn::Or": [{"Condition": one} for one in others.split()]} for name, others in written.items()}
    assert circular_conditions(named) == {"C", "D", "F", "G", "H"}
    row = {f"C{i}": {"Fn::Not": [{"Condition": f"C{i - 1}"}]} for i in range(30_000)}
    assert circular_conditions(row) == frozenset()
    assert circular_conditions({**row, "C-1": {"Condition": "C29999"}}) == {*row, "C-1"}


def test_circles_are_looked_for_once_for_all_values(read: Read, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template of a condition for each of its roles is read as often as it has roles."""
    looked: list[Mapping[str, object]] = []

    def look(conditions: Mapping[str, object]) -> frozenset[str]:
        looked.append(conditions)
        return circular_conditions(conditions)

    monkeypatch.setattr(module_of_circles, "circular_conditions", look)
    named = {f"C{n}": {"Fn::Equals": [{"Ref": "P"}, f"{n}"]} for n in range(9)}
    roles = {f"R{n}": {"Condition": f"C{n}", **role("*")} for n in range(9)}
    template = read({"Parameters": {"P": {"Type": "String"}}, "Conditions": named, "Resources": roles})
    assert [len(template.at({"P": f"{n}"}).documents) for n in range(9)] == [1] * 9
    assert looked == [named]


def test_conditions_that_name_others_are_work(read: Read, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are looked up is counted, since it took minutes."""
    conditions: dict[str, object] = {f"C{i}": {"Fn::Not": [{"Condition": f"C{i - 1}"}]} for i in range(1, 90)}
    conditions["C0"] = {"Fn::Equals": [{"Ref": "P"}, "a"]}
    roles = {f"R{i}": {"Condition": f"C{89 - i}", **role("*")} for i in range(20)}
    data = {"Parameters": {"P": {"Type": "String"}}, "Conditions": conditions, "Resources": roles}
    assert read(data).unread == ()
    monkeypatch.setattr(work, "MAX_STEPS", 8)
    assert any(BUDGET in reason for _, reason in read(data).unread)


@pytest.mark.parametrize(
    ("conditions", "message", "line"),
    [
        ({}, "the condition A is not declared", 5),
        ({"A": {"Condition": "B"}}, "the condition B is not declared", 4),
        ({"A": {"Condition": "A"}}, "the condition A depends on itself", 3),
        ({"A": {"Fn::Not": [{"Condition": "A"}]}}, "the condition A depends on itself", 3),
        ({"A": {"Fn::Equals": [{"Fn::If": ["A", "a", "b"]}, "a"]}}, "the condition A depends on itself", 3),
        ({"A": {}}, f"the condition A: it is an object, {WRONG}", 3),
        ({"A": True}, f"the condition A: it is true, {WRONG}", 3),
        ({"A": {"Ref": "P"}}, f"the condition A: it is Ref, {WRONG}", 3),
        ({"A": {"Condition": ["B"]}}, "the condition A: Condition takes the name of a condition, not a list", 3),
        ({"A": {"Fn::Equals": "a"}}, "the condition A: Fn::Equals takes two values", 3),
        ({"A": {"Fn::Equals": ["a", "a", "b"]}}, "the condition A: Fn::Equals takes two values", 3),
        ({"A": {"Fn::Not": []}}, "the condition A: Fn::Not takes a list of one condition", 3),
        ({"A": {"Fn::Or": [{"Fn::And": "x"}]}}, "the condition A: Fn::And takes a list of conditions", 3),
    ],
)
@pytest.mark.parametrize("used", ["resource", "statement"])
def test_a_condition_that_cloudformation_refuses_is_an_error_with_a_place(
    tmp_path: Path, role: Role, conditions: dict[str, Any], message: str, line: int, used: str
) -> None:
    """The error says what is wrong where it is written, and the policies are judged with the condition open."""
    resource = {"Condition": "A", **role("*")} if used == "resource" else role(if_("A", "*", "x"))
    sections = {"Conditions": conditions} if conditions else {}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({**sections, "Resources": {"R": resource}}, indent=2))
    (template,) = read_paths([str(file)]).templates
    (error,) = template.errors
    assert error.message == message
    if conditions:
        assert error.line == line
    assert template.source_line(error.line or 0).strip().startswith(('"A"', '"Condition"', '"Fn::If"'))
    assert len(template.documents) == 1
    assert template.assignments.satisfy([Guard("A", True)]) is not None


@pytest.mark.parametrize("unfinished", [{"Transform": "Mine"}, {"Conditions": {"Fn::Transform": {"Name": "Mine"}}}])
def test_a_condition_may_come_from_a_macro(read: Read, role: Role, unfinished: dict[str, Any]) -> None:
    """Where a macro may still write conditions, one that is not declared is not known."""
    template = read({**unfinished, "Resources": {"R": {"Condition": "A", **role("*")}}})
    assert template.errors == ()
    assert template.documents[0].guards == (Guard("A", True),)
    assert template.assignments.satisfy([Guard("A", True)]) == {"Condition A": "true"}


def test_realise_respects_what_is_pinned(read: Read, role: Role) -> None:
    """A guard that contradicts a pinned parameter cannot hold."""
    template = read({**SECTIONS, "Resources": {"R": role("*")}}, parameters={"Env": "dev"})
    assert template.assignments.satisfy([Guard("IsProd", True)]) is None
    assert template.assignments.satisfy([Guard("IsProd", False)]) == {}


def test_realise_has_a_budget(read: Read, role: Role) -> None:
    """Conditions over many parameters end in an answer or in a refusal, never in a long search."""
    names = [f"Q{n}" for n in range(12)]
    literals = [str(n) for n in range(11)]
    differ = [{"Fn::Not": [{"Fn::Equals": [{"Ref": a}, {"Ref": b}]}]} for i, a in enumerate(names) for b in names[:i]]
    sections = {
        "Parameters": {name: {"Type": "String", "AllowedValues": literals} for name in names},
        "Conditions": {"Hard": {"Fn::And": differ}},
    }
    template = read({**sections, "Resources": {"R": role("*")}})
    with pytest.raises(UndeterminedGuards):
        template.assignments.satisfy([Guard("Hard", True)])


def test_values_that_conditions_do_not_tell_apart_are_one_case(read: Read, role: Role) -> None:
    """What fails with one instance type fails with each of its family, whatever else is compared."""

    def family(name: str) -> dict[str, object]:
        first = {"Fn::Select": [0, {"Fn::Split": [".", {"Ref": name}]}]}
        return {"Fn::Or": [{"Fn::Equals": [first, f"{name}{number}"]} for number in range(30)]}

    def either(*sides: tuple[str, bool]) -> dict[str, object]:
        has_image = {"Condition": "HasImage"}
        others = ({"Condition": name} if holds else {"Fn::Not": [{"Condition": name}]} for name, holds in sides)
        return {"Fn::Or": [has_image, *others]}

    families = [[("Arm", arm), ("Small", small)] for arm in (True, False) for small in (True, False)]
    sections = {
        "Parameters": {
            **{name: {"Type": "String", "Default": "t3.large"} for name in ("Type", "Other")},
            "Image": {"Type": "String", "Default": ""},
        },
        "Conditions": {
            "HasImage": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Image"}, ""]}]},
            "Arm": family("Type"),
            "Small": family("Other"),
            "Refused": {"Fn::And": [either(*sides) for sides in families]},
        },
    }
    template = read({**sections, "Resources": {"R": role("*")}})
    assert template.assignments.satisfy([Guard("Refused", True)]) == {"Image": "example"}


def test_rules_that_only_known_values_connect_are_searched_apart(read: Read, role: Role) -> None:
    """What one name may be is asked once, whatever the eleven others are that rules let be something at one stage."""
    names = [f"P{number}" for number in range(12)]

    def equal(name: str, text: str) -> dict[str, object]:
        return {"Fn::Equals": [{"Ref": name}, text]}

    def rule(name: str) -> dict[str, object]:
        either = {"Fn::Or": [equal(name, ""), {"Fn::And": [equal("Stage", "test"), equal(f"Of{name}", name)]}]}
        return {"Assertions": [{"Assert": either}]}

    own = {name: {"Type": "String", "Default": ""} for one in ("Stage", *names) for name in (one, f"Of{one}")}
    sections = {"Parameters": own, "Rules": {f"Of{name}": rule(name) for name in names}}
    template = read({**sections, "Resources": {"R": role("*")}})

    def asked(stage: str, said: str) -> dict[str, str] | None:
        guards = [Guard(name, "x" if one == "1" else "") for name, one in zip(names, said, strict=True)]
        return template.assignments.satisfy([Guard("Stage", stage), *guards])

    assert asked("test", "1" + "0" * 11) == {"Stage": "test", "P0": "x", "OfP0": "P0"}
    assert asked("live", "0" * 12) == {"Stage": "live"}
    assert asked("live", "0" * 11 + "1") is None
    asked("test", "1" * 12)
    asked("test", "0" * 12)
    before = template.environment.work.steps
    for number in range(100):
        found = asked("test", f"{number:012b}")
        assert found is not None
        assert len(found) == 1 + 2 * f"{number:b}".count("1")
    assert template.environment.work.steps - before < 100 * 20


def test_a_demand_that_always_holds_is_no_part_of_a_question(read: Read) -> None:
    """What refers to a resource that is there whenever it is itself costs no question more steps, nor more names."""
    kinds = [f"Kind{number}" for number in range(8)]
    made = {f"Made{kind}": {"Fn::And": [{"Condition": "Own"}, {"Condition": kind}]} for kind in kinds}
    conditions = {
        "Own": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        **{kind: {"Fn::Equals": [{"Ref": kind}, "yes"]} for kind in kinds},
        **made,
        "AnyMade": {"Fn::Or": [{"Condition": name} for name in made]},
    }

    def reading(needed: dict[str, str]) -> Template:
        parameters = {name: {"Type": "String", "Default": "no"} for name in (*kinds, "Env")}
        there = {
            condition: {"Type": "AWS::SNS::Topic", "Condition": condition, "Properties": {"TopicName": {"Ref": other}}}
            for condition, other in (dict.fromkeys(needed.values(), "Env") | needed).items()
        }
        return read({"Parameters": parameters, "Conditions": conditions, "Resources": there})

    always = reading(dict.fromkeys(made, "AnyMade"))
    assert always.environment.rules == ()
    assert reading(dict.fromkeys(made, "Own")).environment.rules == ()
    before = always.environment.work.steps
    assert always.assignments.satisfy([Guard("MadeKind0", True)]) == {"Env": "prod", "Kind0": "yes"}
    assert always.environment.work.steps - before < 40

    may_fail = reading({"MadeKind0": "Kind1"})
    assert len(may_fail.environment.rules) == 1
    assert may_fail.assignments.satisfy([Guard("MadeKind0", True), Guard("Kind1", False)]) is None


def test_values_are_tried_again_only_of_what_is_in_the_way(read: Read, role: Role) -> None:
    """What contradicts itself is found whatever other parameters there are: in a vendor's bucket there were three."""
    names, literals = ["A", "B", "C"], [str(n) for n in range(20)]
    sections = {
        "Parameters": {
            **{name: {"Type": "String", "AllowedValues": literals} for name in names},
            "D": {"Type": "String", "AllowedValues": ["x", "y"]},
        },
        "Conditions": {
            "Differ": {"Fn::And": [{"Fn::Not": [{"Fn::Equals": [{"Ref": n}, {"Ref": "C"}]}]} for n in "AB"]},
            "Alike": {"Fn::Or": [{"Fn::Equals": [{"Ref": "A"}, {"Ref": "B"}]}, {"Condition": "Differ"}]},
            "Neither": {"Fn::And": [{"Fn::Not": [{"Fn::Equals": [{"Ref": "D"}, v]}]} for v in "xy"]},
        },
    }
    template = read({**sections, "Resources": {"R": role("*")}})
    wanted = [Guard("Differ", True), Guard("Alike", True)]
    assert template.assignments.satisfy(wanted) is not None
    assert template.assignments.satisfy([*wanted, Guard("Neither", True)]) is None


@pytest.mark.parametrize(
    ("wanted", "contradict"),
    [
        ({"Any": True, "First": False, "Second": False}, True),
        ({"Any": True, "First": False}, False),
        ({"Any": False, "Second": True}, True),
        ({"IsA": True, "IsB": True}, True),
        ({"IsA": True, "First": False}, True),
        ({"IsA": False, "IsB": False}, False),
        ({"First": True, "Broken": True}, False),
    ],
)
def test_conditions_contradict_by_how_they_are_put_together(
    read: Read, role: Role, wanted: dict[str, bool], contradict: bool
) -> None:
    """No value has to be tried where one condition is made of others that are not to hold."""
    equal = {name: {"Fn::Equals": [{"Ref": "P"}, text]} for name, text in (("IsA", "a"), ("IsB", "b"))}
    conditions = {
        **equal,
        "First": {"Fn::Or": [{"Condition": "IsA"}, {"Fn::Equals": [{"Ref": "Q"}, "a"]}]},
        "Second": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Q"}, "b"]}]},
        "Any": {"Fn::Or": [{"Condition": "First"}, {"Condition": "Second"}]},
        "Broken": {"Fn::And": []},
    }
    parameters = {"P": {"Type": "String"}, "Q": {"Type": "String"}}
    template = read({"Parameters": parameters, "Conditions": conditions, "Resources": {"R": role("*")}})
    assert contradicts(template.environment, wanted, {}) is contradict


def test_what_was_found_at_one_assignment_is_not_taken_for_another(read: Read, role: Role) -> None:
    """Asked at several assignments of one template, a search gives what it gives where nothing was asked before."""
    sections = {
        "Parameters": {"P": {"Type": "String", "Default": ""}, "Q": {"Type": "String", "AllowedValues": ["a", "b"]}},
        "Conditions": {
            "HasP": {"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, ""]}]},
            "Both": {"Fn::And": [{"Condition": "HasP"}, {"Fn::Equals": [{"Ref": "Q"}, "a"]}]},
            "Here": {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]},
        },
        "Resources": {
            "R": role("*"),
            "Topic": {"Type": "AWS::SNS::Topic", "Condition": "HasP"},
            "Refers": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": if_("Here", {"Ref": "Topic"}, "t")}},
        },
    }
    shared = read(sections)
    places = [
        Assignment(((name, value),), (), ())
        for name, value in (
            ("P", ""),
            ("P", "x"),
            ("Q", "a"),
            ("Q", "b"),
            ("AWS::Partition", "aws"),
            ("AWS::Partition", "aws-cn"),
        )
    ]
    places.append(Assignment((("Fn::Equals [, <P>]", "false"),), ("P",), ()))
    for name in ("HasP", "Both", "Here"):
        for holds in (True, False):
            guards = [Guard(name, holds)]
            found = [shared.assigned(place).assignments.satisfy(guards) for place in places]
            assert found == [read(sections).assigned(place).assignments.satisfy(guards) for place in places]
            assert len({str(one) for one in found}) > 1
    # What resources ask of each other is looked for once.
    assert {id(shared.assigned(place).environment.functions) for place in places} == {id(shared.environment.functions)}


def test_at_is_the_template_as_deployed(read: Read, role: Role) -> None:
    """With values bound, conditions are decided, defaults hold elsewhere, and documents are found again."""
    resources = {
        "R": role([if_("IsProd", {"Ref": "Free"}, "n"), {"Fn::GetAtt": ["Q", "Arn"]}, {"Fn::ImportValue": "x"}]),
        "Q": {**role("*"), "Condition": "HasVendor"},
    }
    template = read({**SECTIONS, "Resources": resources})
    first = next(d for d in template.documents if d.logical_id == "R")
    values = {"Env": "prod", "Free": PROD, "AWS::AccountId": DEV, "Q": "made", "Fn::ImportValue x": "imported"}
    deployed = template.at(values)
    again = deployed.document("R", first.path)
    assert again is not None
    (statement,) = again.policy.statements
    assert statement.guards == ()
    expected = [PROD, f"arn:aws:iam::{DEV}:role/made", "imported"]
    assert [p.value for p in statement.principals or ()] == expected
    assert [d.logical_id for d in deployed.documents] == ["R"]
    assert deployed.document("Q", ("Resources", "Q", "Properties", "AssumeRolePolicyDocument")) is None
    assert template.at(values) is deployed
    default = template.at({}).document("R", first.path)
    assert default is not None
    assert next(str(p.value) for p in default.policy.statements[0].principals or ()) == "n"


def test_a_bound_list_parameter_is_a_list(read: Read, role: Role) -> None:
    """A list parameter without default is one symbol until a value with commas is bound to it."""
    sections = {"Parameters": {"Ids": {"Type": "CommaDelimitedList"}}}
    template = read({**sections, "Resources": {"R": role({"Ref": "Ids"})}})
    (statement,) = template.documents[0].policy.statements
    (principal,) = statement.principals or ()
    assert principal.value.symbols == (Symbol("Ids", "parameter", type="CommaDelimitedList", holds=LIST),)
    (bound,) = template.at({"Ids": "a,b"}).documents[0].policy.statements
    assert [p.value for p in bound.principals or ()] == ["a", "b"]


@pytest.mark.parametrize(
    ("linked", "is_kept"),
    [
        pytest.param(LinkedValues(ambiguous={("name of a role", "r"): "b.yaml has it too"}), True, id="whose-else"),
        pytest.param(LinkedValues(values={"b.yaml/x": "y"}), False, id="what-it-is"),
    ],
)
def test_what_conditions_need_is_kept_next_to_others(
    read: Read, role: Role, linked: LinkedValues, *, is_kept: bool
) -> None:
    """What is found about conditions once holds for the next reading too, unless another template gives values."""
    template = read({**SECTIONS, "Resources": {"R": {**role("*"), "Condition": "IsProd"}}}).relinked(linked)
    asked = [Guard("ProdOrTest", value=True), Guard("IsTest", value=False)]
    assert template.deployments({}).satisfy(asked) == {"Env": "prod"}
    assert template.environment.outcomes.are_plain is is_kept


@pytest.mark.parametrize("compared", ['{"a":1}', '{"a":"1"}', '{"a": 1}', "x"])
def test_how_json_is_written_decides_nothing(compared: str) -> None:
    """Blanks, order and numbers of what CloudFormation writes as JSON are in no manual: a comparison holds or not."""
    written = {"Fn::ToJsonString": {"a": 1}}
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": PROD},
            "Action": "sts:AssumeRole",
            "Condition": {
                "Fn::If": [
                    "Same",
                    {"StringLike": {"aws:username": "*"}},
                    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                ]
            },
        },
    }
    template = {
        "Transform": "AWS::LanguageExtensions",
        "Conditions": {"Same": {"Fn::Equals": [{"Fn::Join": ["", [written]]}, compared]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}},
    }
    (found,) = trustproof.check([template], account=PROD, properties=["mfa-required"]).results
    assert found.verdict != trustproof.PROVED
