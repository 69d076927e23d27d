"""
Proofs about compositions, roles and chains that rest on the defaults of parameters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.analysis.assignments import defaults as defaults_of_proofs
from trustproof.analysis.assignments import template_assignments
from trustproof.analysis.assignments.defaults import deciding_defaults
from trustproof.analysis.assignments.other_values import other_contexts
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.role_chains import chained_templates

OWN = "111122223333"
MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
COMPOSED = "sensitive-actions-require-mfa"


def policy(*statements: object) -> dict[str, object]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": [*statements]}


def deny(condition: object) -> dict[str, object]:
    """A Deny of everything under a condition."""
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}


def without_mfa(value: object) -> dict[str, object]:
    """A Deny of everything without MFA, if a value says so."""
    return deny({"BoolIfExists": {"aws:MultiFactorAuthPresent": value}})


ELSE = "999988887777"


def in_account(value: object) -> dict[str, object]:
    """A condition that a caller of one account meets."""
    return {"StringEquals": {"aws:PrincipalAccount": value}}


def allow_in(value: object) -> dict[str, object]:
    """An Allow of everything of IAM in one account."""
    return {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": in_account(value)}


ALLOW = policy({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})


def user(*documents: object, **properties: object) -> dict[str, object]:
    """A user with inline policies."""
    inline = [{"PolicyName": f"p{number}", "PolicyDocument": one} for number, one in enumerate(documents)]
    return {"Type": "AWS::IAM::User", "Properties": {**({"Policies": inline} if inline else {}), **properties}}


def trust(value: object) -> dict[str, object]:
    """A role that users of the account assume, with MFA if a value says so."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": value}}
    root = {"AWS": f"arn:aws:iam::{OWN}:root"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": root, "Condition": condition}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy(statement)}}


def template(resources: object, *, conditions: object = None, **defaults: str) -> dict[str, object]:
    """A template with parameters that have defaults, and one that changes nothing."""
    parameters = {name: {"Type": "String", "Default": value} for name, value in {"Team": "a", **defaults}.items()}
    named = {} if conditions is None else {"Conditions": conditions}
    return {"Parameters": parameters, "Resources": resources, **named}


BLOCKED: dict[str, object] = {"BlockPublicPolicy": {"Ref": "V"}, "RestrictPublicBuckets": {"Ref": "V"}}
PUBLIC = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})


def resting(folder: Path, asked: str, **templates: object) -> dict[str, dict[str, str]]:
    """Of each resource of which something is proved, the defaults that this rests on."""
    for name, content in templates.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    report = trustproof.check([folder], config={}, account=OWN, properties=[asked])
    assert report.errors == ()
    assert {one.verdict for one in report.results} == {"proved"}, [one.message for one in report.results]
    found: dict[str, dict[str, str]] = {}
    for one in report.results:
        found.setdefault(one.logical_id, {}).update(one.at_defaults)
    for where, defaults in found.items():
        said = [note for note in report.notes if "proved, at the default" in note and f" {where} (" in note]
        assert [all(name in note for name in defaults) for note in said] == ([True] if defaults else [])
    return found


GROUP = {
    "Type": "AWS::IAM::Group",
    "Properties": {
        "GroupName": "mfa",
        "Policies": [{"PolicyName": "d", "PolicyDocument": policy(without_mfa("false"))}],
    },
}
CHOSEN = {"Fn::If": ["Yes", {"Ref": "Name"}, "ReadOnlyAccess"]}
MEMBER = {"Type": "AWS::IAM::UserToGroupAddition", "Properties": {"GroupName": "mfa", "Users": ["u"]}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (template({"U": user(ALLOW, policy(without_mfa({"Ref": "V"})), UserName={"Ref": "Team"})}, V="false"), ["V"]),
        # Of two that keep each other's promise, either may change.
        (
            template(
                {"U": user(ALLOW, policy(without_mfa({"Ref": "A"}), without_mfa({"Ref": "B"})))}, A="false", B="false"
            ),
            ["A", "B"],
        ),
        (template({"U": user(ALLOW, policy(without_mfa({"Ref": "V"})), policy(without_mfa("false")))}, V="false"), []),
        (template({"U": user(ALLOW, policy(deny(MFA)), Path={"Fn::Sub": "/${Team}/"})}), []),
        (template({"G": GROUP, "U": user(ALLOW, Groups=[{"Ref": "In"}])}, In="mfa"), ["In"]),
        (
            template(
                {
                    "G": GROUP,
                    "U": user(ALLOW, UserName="u"),
                    "M": {**MEMBER, "Properties": {"GroupName": {"Ref": "In"}, "Users": ["u"]}},
                },
                In="mfa",
            ),
            ["In"],
        ),
        (
            template(
                {"U": user(ALLOW, policy(deny({"Fn::If": ["Yes", MFA, MFA]})))},
                conditions={"Yes": {"Fn::Equals": [{"Ref": "V"}, "x"]}},
                V="x",
            ),
            [],
        ),
        (
            template(
                {"U": user(ALLOW, policy(deny({"Fn::If": ["Yes", MFA, MFA]})))},
                conditions={"Yes": {"Fn::Equals": [{"Ref": "V"}, "x"]}},
                V="y",
            ),
            [],
        ),
        # What is written with a default is not the same at the others that conditions do not tell from it.
        (
            template(
                {"U": user(policy(allow_in({"Ref": "V"})), policy(deny(in_account({"Fn::If": ["Yes", OWN, ELSE]}))))},
                conditions={"Yes": {"Fn::Equals": [{"Ref": "V"}, ELSE]}},
                V="444455556666",
            ),
            ["V"],
        ),
        # What a default decides where another parameter has its own.
        (
            template(
                {"U": user(ManagedPolicyArns=[{"Fn::Sub": ["arn:aws:iam::aws:policy/${N}", {"N": CHOSEN}]}])},
                conditions={"Yes": {"Fn::Equals": [{"Ref": "V"}, "x"]}},
                V="x",
                Name="ReadOnlyAccess",
            ),
            ["Name"],
        ),
        (
            template({f"U{n}": user(ALLOW, policy(deny(MFA)), UserName={"Ref": f"V{n}"}) for n in range(20)})
            | {"Parameters": {f"V{n}": {"Type": "String", "Default": f"n{n}"} for n in range(20)}},
            [],
        ),
    ],
    ids=[
        "deny",
        "either",
        "twice",
        "path",
        "groups",
        "addition",
        "either way",
        "either way by others",
        "alike for conditions",
        "beside another",
        "many",
    ],
)
def test_a_composition_names_the_defaults_that_decide_it(tmp_path: Path, content: object, expected: list[str]) -> None:
    """A parameter is named where the property does not hold of the composition at every other value of it."""
    found = resting(tmp_path, COMPOSED, t=content)
    assert sorted({name for defaults in found.values() for name in defaults}) == expected


@pytest.mark.parametrize(
    ("asked", "key", "body", "resting_on"),
    [
        (
            COMPOSED,
            "Deny${N}",
            {"UserName": {"Ref": "N"}, "PolicyName": "d", "PolicyDocument": policy(deny(MFA))},
            {"U"},
        ),
        ("mfa-required", "Role${N}", trust("true")["Properties"], {"Roleu"}),
        (COMPOSED, "Topic${N}", {"TopicName": {"Ref": "N"}}, set()),
    ],
)
def test_what_a_loop_writes_out_rests_on_the_default_of_its_collection(
    tmp_path: Path, asked: str, key: str, body: dict[str, object], resting_on: set[str]
) -> None:
    """With other items it makes other policies, and those for whom there were some may have none."""
    type_ = {"D": "AWS::IAM::UserPolicy", "R": "AWS::IAM::Role", "T": "AWS::SNS::Topic"}[key[0]]
    loop = {"Fn::ForEach::Loop": ["N", {"Ref": "Names"}, {key: {"Type": type_, "Properties": body}}]}
    given = [] if key.startswith("Deny") else [policy(deny(MFA))]
    parameters = {"Names": {"Type": "CommaDelimitedList", "Default": "u"}}
    resources = {"U": user(ALLOW, *given, UserName="u"), **loop}
    content = {"Transform": "AWS::LanguageExtensions", "Parameters": parameters, "Resources": resources}
    found = resting(tmp_path, asked, t=content)
    assert {name for name, defaults in found.items() if name in {"U", "Roleu"} and defaults} == resting_on


def test_a_few_of_many_defaults_are_found(tmp_path: Path) -> None:
    """Which of a long list decide is told, too, and each user has its own."""
    names = [f"V{n}" for n in range(40)]
    users = {
        f"U{name}": user(
            ALLOW, policy(deny(MFA) if name != "V7" else without_mfa({"Ref": name})), UserName={"Ref": name}
        )
        for name in names
        if name != "V7"
    }
    users["Own"] = user(ALLOW, policy(without_mfa({"Ref": "V7"})))
    found = resting(tmp_path, COMPOSED, t=template(users, **{**dict.fromkeys(names, "x"), "V7": "false"}))
    assert {where: defaults for where, defaults in found.items() if defaults} == {"Own": {"V7": "false"}}


def test_a_composition_across_templates_names_the_defaults_of_either(tmp_path: Path) -> None:
    """One's own parameter is called as at home, and one of another stack with the name of that."""
    managed = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": "m", "PolicyDocument": policy(without_mfa({"Ref": "V"}))},
    }
    giving = template({"P": managed}, V="false")
    giving["Outputs"] = {"Arn": {"Value": {"Ref": "P"}, "Export": {"Name": "arn"}}}
    taking = template({"U": user(ALLOW, ManagedPolicyArns=[{"Fn::ImportValue": "arn"}])})
    assert resting(tmp_path, COMPOSED, giving=giving, taking=taking)["U"] == {
        f"V of {tmp_path / 'giving.json'}": "false"
    }


@pytest.mark.parametrize("asked", [COMPOSED, "mfa-survives-chaining"])
@pytest.mark.parametrize(("most", "expected"), [(10**6, ["V"]), (0, ["Other", "V"])])
def test_what_nobody_has_looked_at_may_decide(
    tmp_path: Path, asked: str, most: int, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a template has been read at as many other values as it may be, a proof rests on all of its defaults."""
    monkeypatch.setattr(template_assignments, "MAX_STEPS_AT_OTHER_VALUES", most)
    names = {"Tags": [{"Key": "k", "Value": {"Ref": "Other"}}]}
    if asked == COMPOSED:
        resources = {"U": user(ALLOW, policy(without_mfa({"Ref": "V"})), **names)}
        content = template(resources, V="false", Other="x")
    else:
        first = chained({"StringLike": {"aws:PrincipalArn": {"Ref": "V"}}})
        first["Properties"] = {**first["Properties"], **names}  # type: ignore[dict-item]
        content = template({"First": first, "Target": entered("true")}, V=f"arn:aws:iam::{OWN}:role/*", Other="x")
    found = resting(tmp_path, asked, t=content)
    assert sorted({name for defaults in found.values() for name in defaults}) == expected


def test_how_long_sessions_last_names_the_default_that_says_it(tmp_path: Path) -> None:
    """A duration that a parameter gives may be another one."""
    role = trust("true")
    role["Properties"] = {**role["Properties"], "MaxSessionDuration": {"Ref": "Long"}}  # type: ignore[dict-item]
    content = template({"R": role, "S": trust("true")}, Long="3600")
    assert resting(tmp_path, "session-duration-bounded", t=content) == {"R": {"Long": "3600"}, "S": {}}


def test_proofs_that_rest_on_hundreds_of_defaults_name_the_first_and_share_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of as many roles as variables of which nobody can tell which matter, each would name all: quadratic in both."""
    monkeypatch.setattr(template_assignments, "MAX_STEPS_AT_OTHER_VALUES", 0)
    for most, names in ((3, ["A", "B", "C"]), (1, ["A", "2 others"])):
        monkeypatch.setattr(defaults_of_proofs, "_MOST_NAMED", most)
        roles = {name: trust("true") for name in ("R", "S")}
        for role in roles.values():
            role["Properties"] = {**role["Properties"], "MaxSessionDuration": {"Ref": "A"}}  # type: ignore[dict-item]
            role["Properties"]["Tags"] = [{"Key": "k", "Value": {"Fn::Sub": "${B}${C}"}}]  # type: ignore[index]
        (tmp_path / "t.json").write_text(json.dumps(template(roles, A="3600", B="b", C="c")))
        report = trustproof.check([tmp_path / "t.json"], config={}, properties=["session-duration-bounded"])
        first, second = report.results
        assert [name for name, _ in first.at_defaults] == names
        assert first.at_defaults is second.at_defaults


@pytest.mark.parametrize(
    ("tag", "condition", "expected"),
    [
        ("x", {"StringEquals": {"aws:ResourceTag/zone": "prod"}}, {}),
        ({"Ref": "V"}, {"StringEquals": {"aws:ResourceTag/zone": "prod"}}, {"V": "ops"}),
        ({"Fn::Sub": "${V}-1"}, {"StringLike": {"iam:ResourceTag/Zone": "prod-?"}}, {"V": "ops"}),
        ({"Ref": "V"}, {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceTag/zone}"}}, {"V": "ops"}),
        # What is proved whatever the tag is rests on nothing.
        ({"Ref": "V"}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {}),
        ({"Ref": "V"}, {**MFA, "StringEquals": {"aws:ResourceTag/zone": "prod"}}, {"V": "ops"}),
    ],
)
def test_a_trust_policy_that_looks_at_tags_names_the_defaults_that_these_have(
    tmp_path: Path, tag: object, condition: object, expected: dict[str, str]
) -> None:
    """A tag whose value a parameter has by default may have another one."""
    role = trust("true")
    role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] = condition  # type: ignore[index]
    role["Properties"]["Tags"] = [{"Key": "Zone", "Value": tag}]  # type: ignore[index]
    assert resting(tmp_path, "mfa-required", t=template({"R": role}, V="ops")) == {"R": expected}


@pytest.mark.parametrize(
    ("on", "named", "resource"),
    [
        ("Queue", {"QueueName": {"Ref": "V"}}, f"arn:aws:sqs:us-east-1:{OWN}:other"),
        (
            "Bucket",
            {"BucketName": {"Ref": "V"}, "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
            "arn:aws:s3:::other/*",
        ),
        ("Bucket", None, "arn:aws:s3:::other/*"),
    ],
)
def test_a_policy_names_the_default_of_what_it_stands_on(tmp_path: Path, on: str, named: object, resource: str) -> None:
    """What it says of another resource is about nothing, unless a parameter gives its own that name."""
    type_ = {"Queue": "AWS::SQS::Queue", "Bucket": "AWS::S3::Bucket"}[on]
    open_ = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": resource}
    place = {"Queues": [{"Ref": "R"}]} if on == "Queue" else {"Bucket": {"Ref": "R" if named else "V"}}
    resources = {"P": {"Type": f"{type_}Policy", "Properties": {**place, "PolicyDocument": policy(open_)}}}
    if named:
        resources["R"] = {"Type": type_, "Properties": named}
    found = resting(tmp_path, "inside-boundary", t=template(resources, V="mine"))
    assert found == {"P": {"V": "mine"}}


@pytest.mark.parametrize(
    "resources",
    [
        {
            "R": {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": BLOCKED}},
            "P": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "R"}, "PolicyDocument": PUBLIC}},
        },
        {
            "P": {
                "Type": "AWS::S3::AccessPoint",
                "Properties": {"Bucket": "b", "Policy": PUBLIC, "PublicAccessBlockConfiguration": BLOCKED},
            }
        },
    ],
)
def test_a_public_policy_names_the_default_that_blocks_it(tmp_path: Path, resources: object) -> None:
    """At another value the policy would be public."""
    assert resting(tmp_path, "inside-boundary", t=template(resources, V="true"))["P"] == {"V": "true"}


def test_a_public_policy_names_the_default_that_blocks_it_in_another_template(tmp_path: Path) -> None:
    """The bucket that is imported has its settings by a parameter of its own template."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": BLOCKED}}
    name = {"Out": {"Value": {"Ref": "R"}, "Export": {"Name": "bucket"}}}
    storage = {**template({"R": bucket}, V="true"), "Outputs": name}
    properties = {"Bucket": {"Fn::ImportValue": "bucket"}, "PolicyDocument": PUBLIC}
    access = template({"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}})
    assert resting(tmp_path, "inside-boundary", storage=storage, access=access)["P"] == {"storage/V": "true"}


def chained(condition: object) -> dict[str, object]:
    """A role that users without MFA assume, and whose sessions may assume what demands it, under a condition."""
    target = f"arn:aws:iam::{OWN}:role/target"
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": target}
    root = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}}
    inline = [{"PolicyName": "p", "PolicyDocument": policy(allow, deny(condition))}]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "first", "AssumeRolePolicyDocument": policy(root), "Policies": inline},
    }


def entered(value: object) -> dict[str, object]:
    """A role that demands MFA of people, and trusts another one."""
    first = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{OWN}:role/first"},
    }
    role = trust(value)
    document = role["Properties"]["AssumeRolePolicyDocument"]  # type: ignore[index]
    document["Statement"].append(first)
    role["Properties"]["RoleName"] = "target"  # type: ignore[index]
    return role


SESSION = {"StringLike": {"aws:PrincipalArn": {"Ref": "Who"}}}


def test_a_chain_names_the_defaults_that_break_it(tmp_path: Path) -> None:
    """What a role on the way is denied at the default may be open at another value; who demands no MFA is not asked."""
    resources = {"First": chained(SESSION), "Target": entered({"Ref": "V"})}
    content = template(resources, Who=f"arn:aws:iam::{OWN}:role/*", V="true")
    found = resting(tmp_path, "mfa-survives-chaining", t=content)
    assert found == {"Target": {"Who": f"arn:aws:iam::{OWN}:role/*"}}


GOES_ON = {"Null": {"aws:PrincipalArn": "true"}}
ROWS = {"M": {"other": {"Name": "other"}, "row": {"Name": "first"}}}


@pytest.mark.parametrize(
    ("name", "entering", "expected"),
    [
        ({"Ref": "Name"}, "role/first", {"Name": "other"}),
        ({"Ref": "Name"}, "role/fi*", {"Name": "other"}),
        ({"Fn::Sub": "fi${Name}"}, "role/first", {"Name": "other"}),
        ({"Fn::FindInMap": ["M", {"Ref": "Name"}, "Name"]}, "role/first", {"Name": "other"}),
        # No name that it may be given is that one.
        ({"Fn::Sub": "x${Name}"}, "role/first", {}),
        ("other", "role/first", {}),
    ],
)
def test_a_chain_names_the_default_that_a_role_is_called_by(
    tmp_path: Path, name: object, entering: str, expected: dict[str, str]
) -> None:
    """By another name it may be the role that a policy writes out."""
    first, target = chained(GOES_ON), trust("true")
    first["Properties"] |= {"RoleName": name}  # type: ignore[operator]
    by_arn = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:{entering}"}}
    root = {"AWS": f"arn:aws:iam::{OWN}:root"}
    enter = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": root, "Condition": by_arn}
    target["Properties"]["AssumeRolePolicyDocument"]["Statement"].append(enter)  # type: ignore[index]
    target["Properties"]["RoleName"] = "target"  # type: ignore[index]
    content = {**template({"First": first, "Target": target}, Name="other"), "Mappings": ROWS}
    assert resting(tmp_path, "mfa-survives-chaining", t=content) == {"Target": expected}


def test_one_assignment_at_which_a_chain_differs_tells_that_a_default_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that is another one at a value needs not be read at each assignment for that: the steps are few."""
    monkeypatch.setattr(template_assignments, "MAX_STEPS_AT_OTHER_VALUES", 350)
    first = chained({"StringLike": {"aws:PrincipalArn": {"Ref": "V"}}})
    others = [f"Other{number}" for number in range(7)]
    said = {
        "Description": {"Fn::Join": ["", [{"Ref": name} for name in others]]},
        "Tags": [{"Key": "stage", "Value": {"Ref": "Stage"}}],
    }
    first["Properties"] = {**first["Properties"], **said}  # type: ignore[dict-item]
    defaults = {"V": f"arn:aws:iam::{OWN}:role/*", **dict.fromkeys(others, "x")}
    content = template({"First": first, "Target": entered("true")}, **defaults)
    stages = [f"stage{number}" for number in range(16)]
    content["Parameters"]["Stage"] = {"Type": "String", "AllowedValues": stages}  # type: ignore[index]
    assert {name for names in resting(tmp_path, "mfa-survives-chaining", t=content).values() for name in names} == {"V"}


def test_a_chain_names_the_defaults_of_other_templates(tmp_path: Path) -> None:
    """A role of another template is on the way, and its parameter says whether it goes on."""
    first = template({"First": chained(SESSION)}, Who=f"arn:aws:iam::{OWN}:role/*")
    (tmp_path / "x").mkdir()
    found = resting(tmp_path / "x", "mfa-survives-chaining", first=first, last=template({"Target": entered("true")}))
    (names,) = found.values()
    assert list(names) == [f"Who of {tmp_path / 'x' / 'first.json'}"]


def test_a_chain_names_the_defaults_of_a_template_without_roles(tmp_path: Path) -> None:
    """What it attaches to a role of another template stops the chain at the default of its parameter."""
    attached = {"PolicyName": "stop", "Roles": ["first"], "PolicyDocument": policy(deny(SESSION))}
    stop = template({"Stop": {"Type": "AWS::IAM::Policy", "Properties": attached}}, Who=f"arn:aws:iam::{OWN}:role/*")
    roles = template({"First": chained({"Null": {"aws:PrincipalArn": "true"}}), "Target": entered("true")})
    (tmp_path / "x").mkdir()
    found = resting(tmp_path / "x", "mfa-survives-chaining", roles=roles, stop=stop)
    assert list(found["Target"]) == [f"Who of {tmp_path / 'x' / 'stop.json'}"]


def test_roles_are_read_at_other_values_only_where_one_demands_mfa(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none of the run does, nothing rests on a default of theirs."""
    asked: list[object] = []

    def asked_for(*given: Any, **further: Any) -> Iterator[TemplateContext]:
        asked.append(given)
        return other_contexts(*given, **further)

    monkeypatch.setattr(chained_templates, "other_contexts", asked_for)
    (tmp_path / "first.json").write_text(json.dumps(template({"First": chained(SESSION)}, Who="arn:*")))
    for target in ({}, {"Target": entered("true")}):
        (tmp_path / "last.json").write_text(json.dumps(template({"Topic": {"Type": "AWS::SNS::Topic"}, **target})))
        report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-survives-chaining"])
        assert len(report.results) == len(target)
        assert bool(asked) is bool(target)


def test_a_chain_through_another_template_is_none_where_its_conditions_exclude_each_other(tmp_path: Path) -> None:
    """A role that people enter in production only, and that is denied all there, leads nobody on."""
    first = chained({"StringLike": {"aws:PrincipalArn": "*"}})
    document = first["Properties"]["Policies"][0]["PolicyDocument"]  # type: ignore[index]
    trusting = first["Properties"]["AssumeRolePolicyDocument"]["Statement"]  # type: ignore[index]
    trusting[0] = {"Fn::If": ["IsProd", trusting[0], {"Ref": "AWS::NoValue"}]}
    trusting.append({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}})
    document["Statement"][1] = {"Fn::If": ["IsProd", document["Statement"][1], {"Ref": "AWS::NoValue"}]}
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    content = template({"First": first}, conditions=conditions, Stage="prod")
    found = resting(tmp_path, "mfa-survives-chaining", first=content, last=template({"Target": entered("true")}))
    assert found == {"Target": {}}


def test_a_template_that_is_gone_before_its_chains_are_followed_is_an_error(tmp_path: Path) -> None:
    """What stands in a file that is no longer there may lead to a role of another one."""
    first = template({"First": chained(SESSION)}, Who=f"arn:aws:iam::{OWN}:role/*")
    paths = [tmp_path / "first.json", tmp_path / "last.json"]
    for path, content in zip(paths, (first, template({"Target": entered("true")})), strict=True):
        path.write_text(json.dumps(content))

    def gone(done: int, _: int | None) -> None:
        if done == len(paths):
            paths[0].unlink()

    report = trustproof.check(paths, config={}, account=OWN, properties=["mfa-survives-chaining"], progress=gone)
    assert [error.file for error in report.errors] == [str(paths[0])]


def test_a_value_that_is_given_is_no_default_of_a_composition(tmp_path: Path) -> None:
    """What is pinned is what the proof is about."""
    content = template({"U": user(ALLOW, policy(without_mfa({"Ref": "V"})))}, V="false")
    (tmp_path / "t.json").write_text(json.dumps(content))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=[COMPOSED], parameters={"V": "false"})
    assert [(one.verdict, one.at_defaults) for one in report.results] == [("proved", ())] * 2


def test_what_comes_back_from_a_nested_stack_rests_on_the_defaults_of_what_it_was_passed(tmp_path: Path) -> None:
    """A proof about an output names the parameter that was passed, as one about the parameter itself does."""
    passed = {"TemplateURL": "nested.json", "Parameters": {"Given": {"Ref": "V"}}}
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": passed}
    role = trust({"Fn::GetAtt": ["N", "Outputs.Back"]})
    nested = {"Parameters": {"Given": {"Type": "String"}}, "Outputs": {"Back": {"Value": {"Ref": "Given"}}}}
    topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
    around = template({"N": stack, "Role": role}, V="true")
    found = resting(tmp_path, "mfa-required", around=around, nested={**nested, "Resources": topic})
    assert found == {"Role": {"V": "true"}}


@pytest.mark.parametrize("certify", [False, True])
def test_what_holds_at_each_allowed_value_rests_on_no_default(tmp_path: Path, *, certify: bool) -> None:
    """Values that a parameter may not have are set aside at once, and not one by one until a budget is reached."""
    accounts = [OWN, "222233334444"]
    condition = {"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "Who"}}}
    everybody = {"Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    queue = {
        "Queues": [f"https://sqs.us-east-1.amazonaws.com/{OWN}/q"],
        "PolicyDocument": policy({"Effect": "Allow", **everybody}, {**deny(condition), "Principal": "*"}),
    }
    content = {
        "Parameters": {"Who": {"Type": "String", "AllowedValues": accounts, "Default": OWN}},
        "Resources": {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": queue}},
    }
    (tmp_path / "template.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)],
        account=OWN,
        region="us-east-1",
        config={"boundary": {"accounts": accounts}},
        properties=["inside-boundary"],
        certify=certify,
    )
    assert [(one.verdict, one.at_defaults) for one in report.results] == [("proved", ())]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([{"Ref": "A"}, {"Ref": "B"}], ["exports/A", "exports/B"]),
        ([{"Ref": "A"}, OWN], ["exports/A"]),
        ([OWN, {"Ref": "B"}], ["exports/B"]),
        ([OWN, OWN], []),
    ],
)
def test_an_allowed_value_that_says_which_export_is_taken(
    values: list[object], expected: list[str], tmp_path: Path
) -> None:
    """The proof names what is behind each of them: the first one is the default, the second is taken in other cases."""
    outputs = {
        f"Out{name}": {"Value": value, "Export": {"Name": f"account-{name}"}}
        for name, value in zip(["one", "two"], values, strict=True)
    }
    exports = template({"Topic": {"Type": "AWS::SNS::Topic"}}, A=OWN, B=OWN) | {"Outputs": outputs}
    imported = {"Fn::ImportValue": {"Fn::Sub": "account-${Which}"}}
    entered_by = {"Effect": "Allow", "Principal": {"AWS": imported}, "Action": "sts:AssumeRole"}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy(entered_by)}}
    taking = template({"R": role}, Which="one")
    taking["Parameters"]["Which"]["AllowedValues"] = ["one", "two"]
    for name, content in {"exports": exports, "taking": taking}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [tmp_path], account=OWN, config={"boundary": {"accounts": [OWN]}}, properties=["inside-boundary"]
    )
    (found,) = report.results
    assert (found.verdict, sorted(name for name, _ in found.at_defaults)) == ("proved", expected)


def test_what_decides_together_is_named_beside_what_decides_alone() -> None:
    """Where each named one has its default, nothing else decides."""
    assert deciding_defaults(("a", "b", "c", "d"), lambda some: "b" not in some and not {"a", "d"} <= {*some}) == (
        "a",
        "b",
        "d",
    )


@pytest.mark.parametrize(
    ("deciding", "most"),
    [
        pytest.param((7,), 12, id="alone"),
        pytest.param((3, 29), 16, id="two"),
        pytest.param((0, 12, 31), 22, id="three"),
    ],
)
def test_few_readings_tell_which_defaults_decide_together(deciding: tuple[int, ...], most: int) -> None:
    """Which of 32 defaults decide is found with a few readings for each that does, and not one for each there is."""
    asked: list[tuple[str, ...]] = []
    names = tuple(f"p{number}" for number in range(32))
    wanted = tuple(names[number] for number in deciding)

    def holds(without: tuple[str, ...]) -> bool:
        asked.append(without)
        return not set(wanted) <= set(without)

    assert deciding_defaults(names, holds) == wanted
    assert len(asked) <= most


def test_where_nothing_may_be_asked_all_of_them_may_decide() -> None:
    """No reading is made to tell which of them it is, and each of many proofs is said to rest on all in one pass."""
    names = tuple(f"p{number}" for number in range(1_000))

    def holds(_: tuple[str, ...]) -> bool:
        raise AssertionError("asked")

    assert deciding_defaults(names, holds, 0) == names


@pytest.mark.parametrize(
    ("listed", "expected"), [(None, {"V": "false", "W": "false"}), (["false"], {}), (["false", "true"], {"V": "false"})]
)
def test_what_can_have_one_value_is_no_default(
    listed: list[str] | None, expected: dict[str, str], tmp_path: Path
) -> None:
    """A parameter of which one value is allowed decides like that value: nobody can give it another one."""
    content: dict[str, Any] = template(
        {"U": user(ALLOW, policy(without_mfa({"Ref": "V"}), without_mfa({"Ref": "W"})))}, V="false", W="false"
    )
    if listed is not None:
        content["Parameters"]["W"]["AllowedValues"] = listed
    assert resting(tmp_path, COMPOSED, main=content) == {"U": expected}
