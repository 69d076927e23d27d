"""
Verdicts that depend on how a template is deployed: parameters, conditions, accounts, StackSets.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import trustproof
from trustproof.output.json import render as render_json

Json = dict[str, object]

HOLE: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
SOUND: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def template(condition: object, principal: object = "111122223333", **sections: Json) -> Json:
    """A template with one role."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    return {"Resources": {"Role": role}, **sections}


def ask(tmp_path: Path, content: Json, ident: str = "mfa-required", **more: object) -> trustproof.Result:
    """The one result of a property about a template."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(file)], properties=[ident], **more)  # type: ignore[arg-type]
    assert report.errors == ()
    (result,) = report.results
    return result


PROD_ONLY: dict[str, Json] = {
    "Parameters": {"Env": {"Type": "String", "Default": "dev"}},
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
}


def test_every_branch_is_judged(tmp_path: Path) -> None:
    """A hole in the branch that the default does not take is found, and the parameter that takes it is named."""
    found = ask(tmp_path, template({"Fn::If": ["IsProd", HOLE, SOUND]}, **PROD_ONLY))
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"Env": "prod"}


def test_default_branch_names_the_default(tmp_path: Path) -> None:
    """A hole in the branch of the default names the parameter too."""
    found = ask(tmp_path, template({"Fn::If": ["IsProd", SOUND, HOLE]}, **PROD_ONLY))
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"Env": "dev"}


@pytest.mark.parametrize(("value", "verdict"), [("prod", "refuted"), ("dev", "proved")])
def test_pinned_parameter_leaves_one_branch(value: str, verdict: str, tmp_path: Path) -> None:
    """A parameter that is given decides which branch there is."""
    content = template({"Fn::If": ["IsProd", HOLE, SOUND]}, **PROD_ONLY)
    assert ask(tmp_path, content, parameters={"Env": value}).verdict == verdict


def test_condition_of_a_resource_is_part_of_the_question(tmp_path: Path) -> None:
    """A branch that excludes the resource's own condition exists in no deployment."""
    content = template({"Fn::If": ["IsProd", SOUND, HOLE]}, **PROD_ONLY)
    content["Resources"]["Role"]["Condition"] = "IsProd"  # type: ignore[index]
    assert ask(tmp_path, content).verdict == "proved"


def test_parameter_without_default_may_be_anything(tmp_path: Path) -> None:
    """Who the account is does not matter for MFA; the counterexample says which was taken."""
    parameters: Json = {"Hub": {"Type": "String", "AllowedPattern": r"\d{12}"}}
    principal = {"Fn::Sub": "arn:aws:iam::${Hub}:root"}
    open_ = ask(tmp_path, template(HOLE, principal, Parameters=parameters))
    assert open_.verdict == "refuted"
    assert open_.counterexample is not None
    assert set(open_.counterexample.parameters) == {"Hub"}
    assert ask(tmp_path, template(SOUND, principal, Parameters=parameters)).verdict == "proved"


@pytest.mark.parametrize(
    ("pattern", "ident", "verdict"),
    [
        ("^(111122223333|222233334444)$", "inside-boundary", "proved"),
        ("^(111122223333|999988887777)$", "inside-boundary", "refuted"),
        ("^arn:aws:iam::111122223333:role/[a-z]+$", "inside-boundary", "proved"),
        ("^arn:aws:iam::111122223333:role/[a-z]+$", "mfa-required", "proved"),
        ("^arn:aws:iam::[0-9]{12}:role/[a-z]+$", "mfa-required", "proved"),
        ("^arn:aws:iam::(111122223333|222233334444):(user|role)/.+$", "inside-boundary", "proved"),
        ("^arn:aws:iam::111122223333:user/[a-z]+$", "mfa-required", "refuted"),
        ("^arn:aws:iam::999988887777:role/[a-z]+$", "inside-boundary", "refuted"),
        ("^arn:aws:iam::[0-9]{12}:role/[a-z]+$", "inside-boundary", "unknown"),
        ("^[0-9]{12}$", "inside-boundary", "unknown"),
        ("(unreadable", "inside-boundary", "unknown"),
    ],
)
@pytest.mark.parametrize("place", ["Principal", "Condition"])
def test_a_parameter_is_what_its_pattern_admits(
    tmp_path: Path, pattern: str, ident: str, verdict: str, place: str
) -> None:
    """What an ``AllowedPattern`` spells out is known of every value that the parameter may have."""
    who = {"Ref": "Who"}
    key = "aws:PrincipalArn" if "arn" in pattern or place == "Principal" else "aws:PrincipalAccount"
    named: Json = {"StringEquals": {key: who}}
    content = template({}, who) if place == "Principal" else template(named, "*")
    content["Parameters"] = {"Who": {"Type": "String", "AllowedPattern": pattern}}
    config = {"boundary": {"accounts": ["111122223333", "222233334444"]}}
    found = ask(tmp_path, content, ident, config=config, account="111122223333")
    if found.verdict == "refuted":
        assert found.counterexample is not None
        assert re.fullmatch(pattern, found.counterexample.parameters["Who"])
    assert found.verdict == verdict


def test_unresolved_principal_leaves_the_boundary_open(tmp_path: Path) -> None:
    """An account that is not known yet is never inside the boundary by itself."""
    parameters: Json = {"Hub": {"Type": "String"}}
    content = template(SOUND, {"Fn::Sub": "arn:aws:iam::${Hub}:root"}, Parameters=parameters)
    config = {"boundary": {"accounts": ["111122223333"]}}
    found = ask(tmp_path, content, "inside-boundary", config=config)
    assert found.verdict == "unknown"
    assert "give the value of Hub: --parameter Hub=VALUE" in found.reasons
    pinned = {"config": config, "parameters": {"Hub": "111122223333"}}
    assert ask(tmp_path, content, "inside-boundary", **pinned).verdict == "proved"


@pytest.mark.parametrize("value", [{"Fn::ImportValue": "hub"}, "{{resolve:ssm:/hub}}"])
def test_import_and_dynamic_reference_are_not_known(value: object, tmp_path: Path) -> None:
    """What another stack or a store decides leaves the boundary open, and MFA decided."""
    principal = {"Fn::Join": ["", ["arn:aws:iam::", value, ":root"]]}
    assert ask(tmp_path, template(SOUND, principal), "inside-boundary").verdict == "unknown"
    assert ask(tmp_path, template(HOLE, principal)).verdict == "refuted"
    assert ask(tmp_path, template(SOUND, principal)).verdict == "proved"


def test_parameter_in_the_condition_is_judged_at_each_allowed_value(tmp_path: Path) -> None:
    """A switch without default is a hole when one of its values is."""
    parameters: Json = {"Mfa": {"Type": "String", "AllowedValues": ["true", "false"]}}
    content = template({"Bool": {"aws:MultiFactorAuthPresent": {"Ref": "Mfa"}}}, Parameters=parameters)
    found = ask(tmp_path, content)
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"Mfa": "false"}


#: What decides a condition and is known to nobody but the deployment, and the parameters of a counterexample then.
UNDECIDED: list[tuple[object, dict[str, str]]] = [
    ({"Fn::Equals": [{"Fn::ImportValue": "flag"}, "on"]}, {"Fn::ImportValue flag": "on"}),
    ({"Fn::Equals": ["{{resolve:ssm:/flag}}", "on"]}, {"ssm:/flag": "on"}),
    ({"Fn::Equals": [{"Fn::Join": ["-", [{"Ref": "A"}, {"Ref": "B"}]]}, "x-y"]}, {"A": "x", "B": "y"}),
    ({"Fn::Equals": [{"Fn::Sub": "${A}-x"}, {"Ref": "B"}]}, {"A": "example", "B": "example-x"}),
    (
        {"Fn::Equals": [{"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}, "gov"]},
        {"AWS::Region": "us-gov-west-1"},
    ),
]


@pytest.mark.parametrize(("condition", "parameters"), UNDECIDED, ids=lambda value: str(value)[:40])
def test_a_role_may_exist_under_a_condition_that_nobody_decides(
    tmp_path: Path, condition: object, parameters: dict[str, str]
) -> None:
    """A condition that the template does not decide is open: it is judged where the role is there."""
    sections: Json = {"Parameters": {"A": {"Type": "String"}, "B": {"Type": "String"}}, "Conditions": {"C": condition}}
    content = template(HOLE, **sections)  # type: ignore[arg-type]
    content["Resources"]["Role"].update({"Condition": "C"})  # type: ignore[index]
    content["Resources"]["Role"]["Properties"]["MaxSessionDuration"] = 43200  # type: ignore[index]
    found = ask(tmp_path, content)
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert {name: found.counterexample.parameters[name] for name in parameters} == parameters
    assert ask(tmp_path, content, "session-duration-bounded").verdict == "refuted"
    assert ask(tmp_path, template(SOUND, **sections)).verdict == "proved"  # type: ignore[arg-type]


def test_an_open_condition_is_the_same_wherever_it_stands(tmp_path: Path) -> None:
    """A role that is there only with it does not have the branch without it."""
    sections: Json = {"Conditions": {"C": {"Fn::Equals": [{"Fn::ImportValue": "flag"}, "on"]}}}
    content = template({"Fn::If": ["C", SOUND, HOLE]}, **sections)  # type: ignore[arg-type]
    assert ask(tmp_path, content).verdict == "refuted"
    content["Resources"]["Role"]["Condition"] = "C"  # type: ignore[index]
    assert ask(tmp_path, content).verdict == "proved"


def test_a_role_that_nobody_knows_to_exist_is_not_accused(tmp_path: Path) -> None:
    """Where the search for parameter values ends at its budget, the duration of sessions is unknown."""
    names = [f"P{number}" for number in range(9)]
    differ = [
        {"Fn::Not": [{"Fn::Equals": [{"Ref": one}, {"Ref": other}]}]}
        for number, one in enumerate(names)
        for other in names[:number]
    ]
    # There are values for eight of the nine.
    values = [str(number) for number in range(8)]
    content = template(
        SOUND,
        Parameters={name: {"Type": "String", "AllowedValues": values} for name in names},
        Conditions={"Hard": {"Fn::And": differ}},
    )
    content["Resources"]["Role"].update({"Condition": "Hard"})  # type: ignore[index]
    content["Resources"]["Role"]["Properties"]["MaxSessionDuration"] = 43200  # type: ignore[index]
    found = ask(tmp_path, content, "session-duration-bounded")
    assert found.verdict == "unknown"
    assert "budget reached" in found.reasons[0]


def test_a_parameter_that_is_not_empty_may_be_anybody(tmp_path: Path) -> None:
    """The usual condition on an optional account says only that there is one, and nobody knows which."""
    sections: Json = {
        "Parameters": {"VendorAccount": {"Type": "String", "Default": ""}},
        "Conditions": {"HasVendor": {"Fn::Not": [{"Fn::Equals": [{"Ref": "VendorAccount"}, ""]}]}},
    }
    content = template(SOUND, {"Ref": "VendorAccount"}, **sections)  # type: ignore[arg-type]
    content["Resources"]["Role"]["Condition"] = "HasVendor"  # type: ignore[index]
    config = {"boundary": {"accounts": ["111122223333"]}}
    assert ask(tmp_path, content, "inside-boundary", config=config).verdict == "unknown"
    # Somebody can use it, and the counterexample without MFA names whoever is taken.
    assert ask(tmp_path, content, "statement-usable").verdict == "proved"
    content = template(HOLE, {"Ref": "VendorAccount"}, **sections)  # type: ignore[arg-type]
    content["Resources"]["Role"]["Condition"] = "HasVendor"  # type: ignore[index]
    found = ask(tmp_path, content)
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters["VendorAccount"] not in ("", "example")


def test_a_condition_that_is_not_declared_does_not_hide_other_templates(tmp_path: Path) -> None:
    """It is an error with file and line, and the other results are there."""
    broken = template(SOUND)
    broken["Resources"]["Role"]["Condition"] = "Missing"  # type: ignore[index]
    for name, content in {"a-broken.json": broken, "b-hole.json": template(HOLE)}.items():
        (tmp_path / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], properties=["mfa-required"])
    assert [result.verdict for result in report.results] == ["proved", "refuted"]
    (error,) = report.errors
    assert str(error).startswith(str(tmp_path / "a-broken.json") + ":")
    assert error.line is not None
    assert error.message == "the condition Missing is not declared"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (True, "refuted"),
        (1, "refuted"),
        ("true", "refuted"),
        (False, "unknown"),
        (None, "unknown"),
        (["true"], "unknown"),
        ({"Ref": "true"}, "unknown"),
    ],
    ids=str,
)
def test_a_condition_that_is_no_text_is_not_passed_over(tmp_path: Path, condition: object, expected: str) -> None:
    """A Deny that is only there under one keeps nobody out: without quotes the name ``On`` is true in YAML."""
    allow, deny = (
        {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": "ec2:*", "Resource": "*"}}
        for effect in ("Allow", "Deny")
    )
    user = {"UserName": "u", "Policies": [{"PolicyName": "p", "PolicyDocument": allow}]}
    denied = {"UserName": "u", "PolicyName": "d", "PolicyDocument": deny}
    content = {
        "Parameters": {"P": {"Type": "String", "Default": "a"}},
        "Conditions": {name: {"Fn::Equals": [{"Ref": "P"}, "a"]} for name in ("true", "1")},
        "Resources": {
            "U": {"Type": "AWS::IAM::User", "Properties": user},
            "D": {"Type": "AWS::IAM::UserPolicy", "Condition": condition, "Properties": denied},
        },
    }
    (tmp_path / "t.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([tmp_path / "t.json"], properties=["sensitive-actions-require-mfa"], certify=True)
    assert {one.logical_id: one.verdict for one in report.results}["U"] == expected


def test_a_condition_that_is_not_declared_is_no_macro_s(tmp_path: Path) -> None:
    """What stays open by it is said to be so by a condition that nobody declares, where no macro is."""
    content = template(HOLE)
    content["Resources"]["Role"]["Condition"] = "Missing"  # type: ignore[index]
    trust = content["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]  # type: ignore[index]
    trust["Statement"] = {"Fn::If": ["Missing", trust["Statement"], []]}
    (tmp_path / "t.json").write_text(json.dumps(content), encoding="utf-8")
    (found,) = trustproof.check([tmp_path / "t.json"], properties=["mfa-required"]).results
    assert found.reasons == ("CloudFormation refuses the condition, or does not know it: Condition Missing",)


def test_own_account_is_inside_whoever_it_is(tmp_path: Path) -> None:
    """`AWS::AccountId` is inside the boundary also where the account is not given."""
    content = template(SOUND, {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"})
    config = {"boundary": {"accounts": ["222233334444"]}}
    assert ask(tmp_path, content, "inside-boundary", config=config).verdict == "proved"


def test_template_of_a_stack_set_is_judged(tmp_path: Path) -> None:
    """The template that a StackSet carries is judged, and the finding points at it."""
    body = json.dumps(template(HOLE))
    stack_set = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": body}}
    found = ask(tmp_path, {"Resources": {"Everywhere": stack_set}})
    assert found.verdict == "refuted"
    assert found.logical_id == "Everywhere/Role"
    assert found.path[:4] == ("Resources", "Everywhere", "Properties", "TemplateBody")


BY_PARTITION: dict[str, Json] = {
    "Mappings": {"M": {"aws": {"v": "true"}, "aws-cn": {"v": "false"}, "aws-us-gov": {"v": "true"}}},
}


@pytest.mark.parametrize(
    "key",
    [{"Ref": "AWS::Partition"}, {"Fn::Sub": "${AWS::Partition}"}, {"Fn::Join": ["", [{"Ref": "AWS::Partition"}]]}],
    ids=str,
)
def test_mapping_is_judged_in_each_partition(key: Json, tmp_path: Path) -> None:
    """A hole in the entry of another partition is found, and a caller of that partition shown."""
    value: Json = {"Fn::FindInMap": ["M", key, "v"]}
    condition: Json = {"Bool": {"aws:MultiFactorAuthPresent": value}}
    own: Json = {"Fn::Sub": "arn:${AWS::Partition}:iam::111122223333:root"}
    found = ask(tmp_path, template(condition, own, **BY_PARTITION))
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"AWS::Partition": "aws-cn"}
    assert found.counterexample.caller.startswith("arn:aws-cn:iam::111122223333:")


def test_mapping_is_judged_in_the_partition_of_a_known_region(tmp_path: Path) -> None:
    """Where the Region is known, the other entries are not there."""
    condition: Json = {"Bool": {"aws:MultiFactorAuthPresent": {"Fn::FindInMap": ["M", {"Ref": "AWS::Partition"}, "v"]}}}
    content = template(condition, **BY_PARTITION)
    assert ask(tmp_path, content, region="eu-west-1").verdict == "proved"
    assert ask(tmp_path, content, region="cn-north-1").verdict == "refuted"


def test_mapping_default_stands_for_the_other_partitions(tmp_path: Path) -> None:
    """What holds where no entry fits is judged too."""
    value: Json = {"Fn::FindInMap": ["M", {"Ref": "AWS::Partition"}, "v", {"DefaultValue": "false"}]}
    sections: dict[str, Json] = {"Mappings": {"M": {"aws": {"v": "true"}}}}
    found = ask(tmp_path, template({"Bool": {"aws:MultiFactorAuthPresent": value}}, **sections))
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"AWS::Partition": "aws-cn"}


def test_a_principal_of_another_partition_than_the_deployment(tmp_path: Path) -> None:
    """A part that is for one partition and names somebody of another lets in nobody there."""
    sections: dict[str, Json] = {"Conditions": {"CN": {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]}}}
    content = template(SOUND, "arn:aws:iam::111122223333:root", **sections)
    role = content["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]  # type: ignore[index]
    (statement,) = role["Statement"]
    hole = {key: value for key, value in statement.items() if key != "Condition"}
    role["Statement"] = [{"Fn::If": ["CN", hole, statement]}]
    found = ask(tmp_path, content)
    assert found.verdict == "proved"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ({"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}, "eusc"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}, "iso"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}, "isof"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "AWS::Partition"}]}]}, "eusc"),
        ({"Fn::Select": [2, {"Fn::Split": ["-", {"Ref": "AWS::Partition"}]}]}, "e"),
        ({"Ref": "AWS::URLSuffix"}, "csp.hci.ic.gov"),
        ({"Fn::Select": [0, {"Fn::Split": [".", {"Ref": "AWS::URLSuffix"}]}]}, "sc2s"),
        ({"Fn::Sub": "${AWS::Partition}/x"}, "aws-iso-b/x"),
    ],
)
def test_a_part_of_a_region_is_judged_in_every_partition(tmp_path: Path, part: Json, text: str) -> None:
    """A condition that looks at a part of where it is may mean a partition that few people have accounts in."""
    content = template({"Bool": {"aws:MultiFactorAuthPresent": {"Fn::If": ["There", "false", "true"]}}})
    content["Conditions"] = {"There": {"Fn::Equals": [part, text]}}
    assert ask(tmp_path, content).verdict == "refuted"


def with_parameter(value: object, **parameter: object) -> Json:
    """A template whose condition on MFA has a value of a parameter."""
    content = template({"Bool": {"aws:MultiFactorAuthPresent": value}})
    content["Parameters"] = {"NeedMfa": {"Type": "String", **parameter}}
    return content


def test_a_proof_that_rests_on_a_default_says_so(tmp_path: Path) -> None:
    """Whoever deploys the template may give the parameter another value."""
    content = with_parameter({"Ref": "NeedMfa"}, Default="true")
    (tmp_path / "template.json").write_text(json.dumps(content))
    report = trustproof.check([str(tmp_path / "template.json")], account="111122223333")
    resting = {result.property: result.at_defaults for result in report.results if result.at_defaults}
    assert resting == {"mfa-required": (("NeedMfa", "true"),)}
    assert any(note.endswith("proved, at the default of NeedMfa: Role (mfa-required)") for note in report.notes)
    assert '"at_defaults": {\n        "NeedMfa": "true"\n      }' in render_json(report)


@pytest.mark.parametrize(
    "content",
    [
        with_parameter({"Ref": "NeedMfa"}, AllowedValues=["true"], Default="true"),
        with_parameter("true", Default="true"),
        {
            **with_parameter({"Fn::If": ["Yes", "true", "true"]}, Default="true"),
            "Conditions": {"Yes": {"Fn::Equals": [{"Ref": "NeedMfa"}, "true"]}},
        },
    ],
    ids=["one value", "not used", "either way"],
)
def test_a_proof_that_holds_at_every_value_rests_on_no_default(tmp_path: Path, content: Json) -> None:
    """A parameter that changes nothing is not named."""
    (tmp_path / "template.json").write_text(json.dumps(content))
    report = trustproof.check([str(tmp_path / "template.json")], account="111122223333")
    assert all(result.verdict == "proved" and not result.at_defaults for result in report.results)


def test_a_value_that_is_given_is_no_default(tmp_path: Path) -> None:
    """What the command line pins is what the proof is about."""
    (tmp_path / "template.json").write_text(json.dumps(with_parameter({"Ref": "NeedMfa"}, Default="true")))
    named, given = [str(tmp_path / "template.json")], {"NeedMfa": "true"}
    report = trustproof.check(named, account="111122223333", parameters=given)
    assert not any(result.at_defaults for result in report.results)


def test_what_is_none_of_the_usual_partitions_is_another_one(tmp_path: Path) -> None:
    """A condition may leave out by name every partition that most people have accounts in."""
    content = template({"Bool": {"aws:MultiFactorAuthPresent": {"Fn::If": ["Usual", "true", "false"]}}})
    usual = ("aws", "aws-cn", "aws-us-gov", "aws-iso")
    content["Conditions"] = {"Usual": {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Partition"}, one]} for one in usual]}}
    assert ask(tmp_path, content).verdict == "refuted"


@pytest.mark.parametrize("sides", [("Home", "AWS::Region"), ("AWS::Region", "Home")])
@pytest.mark.parametrize(
    ("region", "here", "elsewhere"),
    [
        ("cn-north-1", "refuted", "refuted"),
        ("eu-west-1", "refuted", "refuted"),
        ("us-gov-west-1", "proved", "refuted"),
    ],
)
@pytest.mark.parametrize("is_here", [True, False], ids=["here", "elsewhere"])
def test_parameter_compared_with_a_known_region(
    tmp_path: Path, sides: tuple[str, str], region: str, here: str, elsewhere: str, *, is_here: bool
) -> None:
    """A Region that is given is no other one, whatever a condition compares it with: a foreign account was proved."""
    foreign: Json = {"Fn::Sub": "arn:${AWS::Partition}:iam::999988887777:root"}
    own: Json = {"Fn::Sub": "arn:${AWS::Partition}:iam::111122223333:root"}
    sections: dict[str, Json] = {
        "Parameters": {"Home": {"Type": "String", "AllowedValues": ["us-east-1", "eu-west-1", "cn-north-1"]}},
        "Conditions": {"IsHome": {"Fn::Equals": [{"Ref": name} for name in sides]}},
    }
    chosen = ["IsHome", foreign, own] if is_here else ["IsHome", own, foreign]
    content = template({}, {"Fn::If": chosen}, **sections)
    config = {"boundary": {"accounts": ["111122223333"]}}
    found = ask(tmp_path, content, "inside-boundary", account="111122223333", region=region, config=config)
    assert found.verdict == (here if is_here else elsewhere)
    given = dict(found.counterexample.parameters) if found.counterexample is not None else {}
    assert given.keys() <= {"Home"}
    assert not given or (given["Home"] == region) is is_here


@pytest.mark.parametrize("name", ["AWS::AccountId", "AWS::Partition", "AWS::URLSuffix"])
def test_parameter_compared_with_what_the_place_says(tmp_path: Path, name: str) -> None:
    """What a parameter is compared with is what the account and Region that are given say."""
    sections: dict[str, Json] = {
        "Parameters": {"P": {"Type": "String", "AllowedValues": ["111122223333", "aws-cn", "amazonaws.com.cn"]}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "P"}, {"Ref": name}]}},
    }
    content = template({}, {"Fn::If": ["Is", "999988887777", "111122223333"]}, **sections)
    config = {"boundary": {"accounts": ["111122223333"]}}
    by_place = {
        place: ask(tmp_path, content, "inside-boundary", account=place[0], region=place[1], config=config)
        for place in (("111122223333", "cn-north-1"), ("222233334444", "eu-west-1"))
    }
    assert [one.verdict for one in by_place.values()] == ["refuted", "proved"]
    (there,) = (one.counterexample for one in by_place.values() if one.counterexample is not None)
    assert [*there.parameters] == ["P"]
