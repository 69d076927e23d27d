"""
Chains of roles in one stack and the stacks inside it, where one parameter of the parent decides about all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

import trustproof
from tests.analysis.role_chains.templates import HUB, MFA, arn, assuming, check, role, statement
from tests.strategies import one_in
from trustproof import PROVED, REFUTED, UNKNOWN

Json = dict[str, object]
NOTHING: Json = {"Ref": "AWS::NoValue"}
SECTIONS: Json = {
    "Parameters": {"E": {"Type": "String", "AllowedValues": ["a", "b"], "Default": "a"}},
    "Conditions": {name.upper(): {"Fn::Equals": [{"Ref": "E"}, name]} for name in "ab"},
}
#: What a parent passes, and what that is where its own parameter has one of the values.
PASSED: dict[str, tuple[object, dict[str, str]]] = {
    "as it is": ({"Ref": "E"}, {"a": "a", "b": "b"}),
    "the other": ({"Fn::If": ["A", "b", "a"]}, {"a": "b", "b": "a"}),
}


class Case(NamedTuple):
    """
    A role that trusts another one under a condition, and that one, which is entered without MFA under a condition.
    """

    trusts: str
    entered: str
    how: str
    admin_inside: bool
    entry_inside: bool
    passed: str
    stack_condition: str

    def files(self) -> dict[str, Json]:
        """The templates."""
        trusting: object = statement(arn(HUB, "entry"))
        if self.trusts:
            trusting = {"Fn::If": [self.trusts, trusting, NOTHING]}
        admin = role("admin", statement(HUB, MFA), trusting)  # type: ignore[arg-type]
        entry = role("entry", statement(HUB), assumes="*")
        if self.how == "resource":
            entry["Condition"] = self.entered
        else:
            operand: Json = {"Bool": {"aws:MultiFactorAuthPresent": {"Fn::If": [self.entered, "false", "true"]}}}
            entry = role("entry", statement(HUB, operand), assumes="*")
        resources: dict[str, Json] = {}
        files = {"parent": {**SECTIONS, "Resources": resources}}
        for inside, name, one, passed in (
            (self.admin_inside, "Admin", admin, PASSED["as it is"][0]),
            (self.entry_inside, "Entry", entry, PASSED[self.passed][0]),
        ):
            if not inside:
                resources[name] = one
                continue
            properties: Json = {"TemplateURL": f"{name}.json", "Parameters": {"E": passed}}
            resources[f"{name}Stack"] = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
            if name == "Entry" and self.stack_condition:
                resources[f"{name}Stack"]["Condition"] = self.stack_condition
            files[name] = {**SECTIONS, "Resources": {name: one}}
        return files

    def is_open(self, value: str) -> bool:
        """Whether the chain is there where the parent's parameter has a value."""
        inner = PASSED[self.passed][1][value] if self.entry_inside else value
        return all(
            not condition or condition == there.upper()
            for condition, there in ((self.trusts, value), (self.entered, inner), (self.stack_condition, value))
        )


def cases(*, admin_inside: bool, entry_inside: bool) -> Iterator[Case]:
    """Each way in which the one parameter decides."""
    passed = PASSED if entry_inside else ["as it is"]
    stack = ("", "A", "B") if entry_inside else ("",)
    for trusts, entered, how, each, condition in product(("", "B"), ("A", "B"), ("resource", "operand"), passed, stack):
        yield Case(trusts, entered, how, admin_inside, entry_inside, each, condition)


def admin_of(folder: Path, case: Case, **given: str) -> list[trustproof.Result]:
    """What is said of the role that demands MFA."""
    folder.mkdir()
    for name, data in case.files().items():
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    report = trustproof.check(
        [folder], account=HUB, region="eu-west-1", properties=["mfa-survives-chaining"], parameters=given
    )
    return [one for one in report.results if one.logical_id == "Admin"]


@pytest.mark.parametrize("admin_inside", [False, True])
@pytest.mark.parametrize("entry_inside", [False, True])
def test_a_chain_is_there_at_one_value_of_the_parameter(
    tmp_path: Path, *, admin_inside: bool, entry_inside: bool
) -> None:
    """A chain is refuted where one value of the parameter has all of it, and the value is named; else it is proved."""
    every = [*cases(admin_inside=admin_inside, entry_inside=entry_inside)]
    # One in five of 48 has each value of each part of a case.
    for number, case in enumerate(one_in(5, every) if entry_inside else every):
        found = admin_of(tmp_path / str(number), case)
        open_at = [value for value in "ab" if case.is_open(value)]
        assert {one.verdict for one in found} == {REFUTED if open_at else PROVED}, case
        for one in found if open_at else ():
            named = {} if one.counterexample is None else one.counterexample.parameters
            values = {value for name, value in named.items() if name == "E" or name.endswith("/parent/E")}
            assert values <= {*open_at}, case
            assert values or len(open_at) == 2, case


def test_a_refuted_chain_is_refuted_at_what_it_names(tmp_path: Path) -> None:
    """What the counterexample names, given by ``--parameter``, refutes again, and the other value proves."""
    case = Case("B", "B", "resource", admin_inside=True, entry_inside=True, passed="as it is", stack_condition="")
    (found,) = admin_of(tmp_path / "any", case)
    assert found.counterexample is not None
    (value,) = (value for name, value in found.counterexample.parameters.items() if name.endswith("/E"))
    assert [one.verdict for one in admin_of(tmp_path / "named", case, E=value)] == [REFUTED]
    assert REFUTED not in {one.verdict for one in admin_of(tmp_path / "other", case, E="a" if value == "b" else "b")}


@pytest.mark.parametrize(
    ("attached", "opens"),
    [
        ({"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": {"Ref": "Of"}, "PolicyName": "next"}}, "entry"),
        ({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "Of"}]}}, "entry"),
        ({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": ["entry"]}}, "admin"),
    ],
    ids=["inline", "managed", "what it says"],
)
def test_what_a_template_without_roles_attaches(attached: Json, opens: str, tmp_path: Path) -> None:
    """A role has it as it is at one of the allowed values of a parameter of the template that attaches it."""
    next_: object = "*" if opens == "entry" else {"Fn::Sub": arn(HUB, "${Of}")}
    properties = {**attached["Properties"], "PolicyDocument": assuming(next_)}  # type: ignore[arg-type, dict-item]
    by_role: Json = {"ArnEquals": {"aws:PrincipalArn": arn(HUB, "entry")}}
    roles: Json = {"Entry": role("entry", statement(HUB))}
    trusting: Json = {"Admin": role("admin", statement(HUB, MFA), statement(HUB, by_role))}
    for values, expected in ((["other", opens], REFUTED), (["other", "another"], PROVED)):
        of = {"Of": {"Type": "String", "AllowedValues": values, "Default": "other"}}
        attaching: Json = {"Parameters": of, "Resources": {"Next": {**attached, "Properties": properties}}}
        assert check(tmp_path, roles, trusting, attaching)["Admin"].verdict == expected


@pytest.mark.parametrize("where", ["attached", "managed", "own boundary", "another's boundary"])
def test_an_action_that_a_parameter_gives(where: str, tmp_path: Path) -> None:
    """A policy that says nothing of roles at the default of a parameter counts at the other allowed values."""
    by_role: Json = {"ArnEquals": {"aws:PrincipalArn": arn(HUB, "entry")}}
    entry = role("entry", statement(HUB), **({"assumes": "*"} if "boundary" in where else {}))  # type: ignore[arg-type]
    body = {"Statement": [{"Effect": "Allow", "Action": {"Ref": "May"}, "Resource": "*"}]}
    named = f"arn:aws:iam::{HUB}:policy/next"
    policy: Json = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": "next", "PolicyDocument": body},
    }
    properties = entry["Properties"]
    assert isinstance(properties, dict)
    if where == "attached":
        policy = {
            "Type": "AWS::IAM::Policy",
            "Properties": {"Roles": ["entry"], "PolicyName": "p", "PolicyDocument": body},
        }
    elif where == "managed":
        properties["ManagedPolicyArns"] = [named]
    else:
        properties["PermissionsBoundary"] = {"Ref": "Next"} if where == "own boundary" else named
    roles: Json = {"Entry": entry, "Admin": role("admin", statement(HUB, MFA), statement(HUB, by_role))}
    for other, expected in (("sts:*", REFUTED), ("s3:Get*", PROVED)):
        may = {"May": {"Type": "String", "AllowedValues": ["s3:*", other], "Default": "s3:*"}}
        inside = {**roles, "Next": policy} if where == "own boundary" else {"Next": policy}
        templates = [{"Parameters": may, "Resources": inside}, *([roles] if where != "own boundary" else [])]
        assert check(tmp_path, *templates)["Admin"].verdict == expected


def _stack(file: str, passed: object) -> Json:
    return {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": f"{file}.json", "Parameters": {"E": passed}},
    }


_CHOSEN = PASSED["the other"][0]
_NAMED: Json = {"Fn::Sub": arn(HUB, "entry-${E}")}
_TRUSTING: dict[str, Json] = {"Admin": role("admin", statement(HUB, MFA), statement(_NAMED))}
_ENTRY: dict[str, Json] = {"Entry": role("entry-a", statement(HUB))}
_CALLED: dict[str, Json] = {"Entry": role(None, statement(HUB), RoleName={"Fn::Sub": "entry-${E}"})}
_EITHER = {"Fn::If": ["A", arn(HUB, "entry-a"), arn(HUB, "entry-b")]}
_LISTED: Json = {"Type": "String", "AllowedValues": ["a", "b"]}
_TEXT: Json = {"Type": "String"}
#: What a parent has beside two stacks, the stacks with what they are passed and take, the verdict, and whether it names
#: the default of the parent's parameter.
OF_A_DEFAULT: dict[str, tuple[dict[str, Json], dict[str, tuple[object, Json, dict[str, Json]]], str, bool]] = {
    "a text of listed values": (_ENTRY, {"one": ({"Ref": "E"}, _LISTED, _TRUSTING)}, PROVED, True),
    "a text of any value": (_ENTRY, {"one": ({"Ref": "E"}, _TEXT, _TRUSTING)}, PROVED, True),
    "a text, and a condition about it": (
        {},
        {"one": ({"Ref": "E"}, _TEXT, _TRUSTING), "two": (_CHOSEN, _TEXT, _CALLED)},
        UNKNOWN,
        False,
    ),
    "a condition, and another about it": (
        {"Admin": role("admin", statement(HUB, MFA), statement(_EITHER))},
        {"two": (_CHOSEN, _TEXT, _CALLED)},
        PROVED,
        False,
    ),
}


@pytest.mark.parametrize("case", OF_A_DEFAULT)
def test_a_chain_is_there_at_one_value_of_a_default(case: str, tmp_path: Path) -> None:
    """What one stack takes as a text, and another one by a condition, is never two values of it at once."""
    beside, stacks, expected, is_named = OF_A_DEFAULT[case]
    made = {name: _stack(name, passed) for name, (passed, _, _) in stacks.items()}
    conditions = {"A": {"Fn::Equals": [{"Ref": "E"}, "a"]}}
    declared = {"E": {"Type": "String", "Default": "b"}}
    files: dict[str, Json] = {
        "parent": {"Parameters": declared, "Conditions": conditions, "Resources": {**beside, **made}}
    }
    files |= {name: {"Parameters": {"E": takes}, "Resources": has} for name, (_, takes, has) in stacks.items()}
    for name, data in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    report = trustproof.check([tmp_path], account=HUB, region="eu-west-1", properties=["mfa-survives-chaining"])
    (found,) = (one for one in report.results if one.logical_id == "Admin")
    assert found.verdict == expected
    assert [value for _, value in found.at_defaults] == (["b"] if is_named else [])


#: Where the part that decides stands: beside the roles, in a template of its own, or in a nested stack.
PLACES = ["beside", "apart", "nested", "with the target"]
#: What is attached to the role that lets people in, and the value of the parameter at which that leads on.
ATTACHED: dict[str, tuple[str, str]] = {"a Deny": ("Deny", "b"), "what it may do": ("Allow", "a")}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", ATTACHED)
def test_a_chain_names_the_value_at_which_other_templates_let_it_pass(what: str, place: str, tmp_path: Path) -> None:
    """What a condition of another template attaches is there at one value of its parameter, and not at the other."""
    effect, expected = ATTACHED[what]
    document = {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": "sts:*", "Resource": "*"}}
    properties = {"PolicyDocument": document, "Roles": ["entry"]}
    attached: Json = {"Type": "AWS::IAM::ManagedPolicy", "Condition": "A", "Properties": properties}
    entry = role("entry", statement(HUB), **({"assumes": "*"} if effect == "Deny" else {}))
    roles = {"Entry": entry, "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "entry")))}
    if effect == "Allow":
        # Whom the role trusts by its name needs no policy of its own.
        by_name: Json = {"ArnEquals": {"aws:PrincipalArn": arn(HUB, "entry")}}
        roles["Admin"] = role("admin", statement(HUB, MFA), statement(HUB, by_name))
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "other.json"}, "Condition": "A"}
    inner = {key: value for key, value in attached.items() if key != "Condition"}
    files: dict[str, Json] = {
        "beside": {"main": {**SECTIONS, "Resources": {**roles, "P": attached}}},
        "apart": {"main": {"Resources": roles}, "other": {**SECTIONS, "Resources": {"P": attached}}},
        "with the target": {
            "main": {"Resources": {"Entry": entry}},
            "other": {**SECTIONS, "Resources": {"Admin": roles["Admin"], "P": attached}},
        },
        "nested": {
            "main": {**SECTIONS, "Resources": {**roles, "Inner": nested}},
            "other": {"Resources": {"P": inner}},
        },
    }[place]
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([tmp_path], account=HUB, properties=["mfa-survives-chaining"])
    (found,) = (one for one in report.results if one.logical_id == "Admin")
    assert found.verdict == REFUTED
    assert found.counterexample is not None
    values = {name.rsplit("/")[-1]: value for name, value in found.counterexample.parameters.items()}
    assert values == {"E": expected}
    for value, verdict in {expected: REFUTED, "ab".replace(expected, ""): PROVED}.items():
        report = trustproof.check(
            [tmp_path], account=HUB, properties=["mfa-survives-chaining"], parameters={"E": value}
        )
        assert [one.verdict for one in report.results if one.logical_id == "Admin"] == [verdict]


@pytest.mark.parametrize("declared", [{"Type": "String"}, {"Type": "String", "AllowedValues": ["entry", "other"]}])
@pytest.mark.parametrize("given", ["entry", "other"])
@pytest.mark.parametrize("by_name", [True, False])
def test_a_value_that_is_given_is_passed_like_one_that_is_written(
    by_name: bool, given: str, declared: Json, tmp_path: Path
) -> None:
    """What a nested stack denies counts at a value that is given, as where the parent passes it by itself."""
    entry = role("entry", statement(HUB), assumes="*")
    target = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry")))
    document = {"Statement": {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}}
    named: object = {"Ref": "E"} if by_name else "entry"
    deny = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document, "Roles": [named]}}
    inner: Json = {"Parameters": {"E": declared}, "Resources": {"Deny": deny}}
    (tmp_path / "inner.json").write_text(json.dumps(inner), encoding="utf-8")
    for passed, parameters in (({"Ref": "Given"}, {"Given": given}), (given, {})):
        outer: Json = {
            "Parameters": {"Given": {"Type": "String", "Default": "other"}},
            "Resources": {"Entry": entry, "Admin": target, "Inner": _stack("inner", passed)},
        }
        (tmp_path / "outer.json").write_text(json.dumps(outer), encoding="utf-8")
        report = trustproof.check([tmp_path], account=HUB, properties=["mfa-survives-chaining"], parameters=parameters)
        (found,) = (one for one in report.results if one.logical_id == "Admin")
        assert found.verdict == (REFUTED if by_name and given == "other" else PROVED), parameters
