"""
A nested stack that is there in some deployments only: what it attaches to resources of other templates counts against a
proof, and never for it, where it is not there.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED, UNKNOWN

Json = dict[str, object]

ACCOUNT = "111122223333"
VERDICTS = (PROVED, UNKNOWN, REFUTED)
CONFIG = {"boundary": {"accounts": [ACCOUNT]}}
ORGANIZATION = {"root": "r-a1b2", "accounts": [ACCOUNT], "units": {}}
NO_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
MODE: Json = {"Mode": {"Type": "String", "Default": "on", "AllowedValues": ["on", "off"]}}
IS_ON: Json = {"On": {"Fn::Equals": [{"Ref": "Mode"}, "on"]}}
NAMES: Json = {"Names": {"Type": "CommaDelimitedList", "Default": "erin", "AllowedValues": ["erin", "frank"]}}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str, **more: object) -> Json:
    """A statement about everything."""
    return {"Effect": effect, "Action": "*", "Resource": "*", **more}


def policy(effect: str, who: object = "erin", **more: object) -> Json:
    """A policy that is attached by the name of a user."""
    said = document(statement(effect, **more))
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": f"{effect}-it", "Users": [who], "PolicyDocument": said},
    }


def stack(url: object, condition: str | None = None, **parameters: object) -> Json:
    """A nested stack."""
    found: Json = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": parameters}}
    return found if condition is None else {**found, "Condition": condition}


def application(location: str, condition: str) -> Json:
    """A nested application of SAM."""
    return {"Type": "AWS::Serverless::Application", "Condition": condition, "Properties": {"Location": location}}


def loop(collection: object, name: str, body: Json) -> Json:
    """A loop over names."""
    return {"Fn::ForEach::Loop": ["Who", collection, {f"{name}${{Who}}": body}]}


def user(condition: str | None = None) -> Json:
    """A user who may do everything."""
    said = [{"PolicyName": "all", "PolicyDocument": document(statement("Allow"))}]
    found: Json = {"Type": "AWS::IAM::User", "Properties": {"UserName": "erin", "Policies": said}}
    return found if condition is None else {**found, "Condition": condition}


GUARD = policy("Deny", Condition=NO_MFA)
GROUP: Json = {
    "Type": "AWS::IAM::Group",
    "Properties": {
        "GroupName": "held",
        "Policies": [{"PolicyName": "no", "PolicyDocument": document(statement("Deny", Condition=NO_MFA))}],
    },
}
MEMBER: Json = {"Type": "AWS::IAM::UserToGroupAddition", "Properties": {"GroupName": "held", "Users": ["erin"]}}
CHILD: Json = {"Resources": {"Guard": GUARD}}
NAMED: Json = {
    "Parameters": {"Who": {"Type": "String"}},
    "Resources": {"Guard": policy("Deny", {"Ref": "Who"}, Condition=NO_MFA)},
}
NOTHING: Json = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
SWITCH: Json = {"Parameters": MODE, "Conditions": IS_ON}
LOOPS: Json = {"Transform": "AWS::LanguageExtensions"}


def parent(**resources: object) -> Json:
    """A template with a condition of a parameter."""
    return {**SWITCH, "Resources": resources}


#: What templates there are, the verdict about them, and the parameter that decides with the values that it may have.
CASES: dict[str, tuple[dict[str, Json], str, str]] = {
    "always": ({"t": parent(User=user(), Nested=stack("child.json")), "child": CHILD}, PROVED, ""),
    "condition": ({"t": parent(User=user(), Nested=stack("child.json", "On")), "child": CHILD}, REFUTED, "Mode"),
    "both under the condition": (
        {"t": parent(User=user("On"), Nested=stack("child.json", "On")), "child": CHILD},
        PROVED,
        "Mode",
    ),
    "condition around what is nested": (
        {
            "t": parent(User=user(), Nested=stack("middle.json", "On")),
            "middle": {"Resources": {"Inner": stack("child.json")}},
            "child": CHILD,
        },
        REFUTED,
        "Mode",
    ),
    "user in a stack beside it": (
        {
            "t": parent(Nested=stack("child.json", "On"), Beside=stack("user.json")),
            "child": CHILD,
            "user": {"Resources": {"User": user()}},
        },
        REFUTED,
        "Mode",
    ),
    "user and guard in stacks under one condition": (
        {
            "t": parent(Nested=stack("child.json", "On"), Beside=stack("user.json", "On")),
            "child": CHILD,
            "user": {"Resources": {"User": user()}},
        },
        PROVED,
        "Mode",
    ),
    "application": (
        {"t": parent(User=user(), Nested=application("child.json", "On")), "child": CHILD},
        REFUTED,
        "Mode",
    ),
    "one of two templates": (
        {
            "t": parent(User=user(), Nested=stack({"Fn::If": ["On", "child.json", "other.json"]})),
            "child": CHILD,
            "other": NOTHING,
        },
        REFUTED,
        "Mode",
    ),
    "membership of a group": (
        {
            "t": parent(User=user(), Group=GROUP, Nested=stack("child.json", "On")),
            "child": {"Resources": {"Member": MEMBER}},
        },
        REFUTED,
        "Mode",
    ),
    "loop of stacks over a list": (
        {
            "t": {
                **LOOPS,
                "Parameters": NAMES,
                "Resources": {"User": user(), **loop({"Ref": "Names"}, "N", stack("child.json", Who={"Ref": "Who"}))},
            },
            "child": NAMED,
        },
        UNKNOWN,
        "Names",
    ),
    "loop in another template over a list": (
        {
            "t": {"Resources": {"User": user()}},
            "other": {
                **LOOPS,
                "Parameters": NAMES,
                "Resources": loop({"Ref": "Names"}, "Guard", policy("Deny", {"Ref": "Who"}, Condition=NO_MFA)),
            },
        },
        UNKNOWN,
        "Names",
    ),
    "loop in another template over a text": (
        {
            "t": {"Resources": {"User": user()}},
            "other": {
                **LOOPS,
                "Parameters": {"Name": {"Type": "String", "Default": "erin", "AllowedValues": ["erin", "frank"]}},
                "Resources": loop([{"Ref": "Name"}], "Guard", policy("Deny", {"Ref": "Who"}, Condition=NO_MFA)),
            },
        },
        REFUTED,
        "Name",
    ),
    "loop in another template over what is always there": (
        {
            "t": {"Resources": {"User": user()}},
            "other": {
                **LOOPS,
                "Parameters": {"Name": {"Type": "String", "Default": "frank", "AllowedValues": ["frank", "grace"]}},
                "Resources": loop(["erin", {"Ref": "Name"}], "Guard", policy("Deny", {"Ref": "Who"}, Condition=NO_MFA)),
            },
        },
        PROVED,
        "Name",
    ),
    "what it allows, held back by its parent under the same condition": (
        {
            "t": parent(
                User={"Type": "AWS::IAM::User", "Properties": {"UserName": "erin"}},
                Guard={**GUARD, "Condition": "On"},
                Nested=stack("child.json", "On"),
            ),
            "child": {"Resources": {"Allow": policy("Allow")}},
        },
        PROVED,
        "Mode",
    ),
}
VALUES = {"Mode": ("on", "off"), "Names": ("erin", "frank"), "Name": ("frank",)}


def worst(
    folder: Path,
    files: dict[str, Json],
    given: dict[str, str],
    asked: str = "sensitive-actions-require-mfa",
    **config: object,
) -> tuple[str, trustproof.Report]:
    """The worst verdict about templates, and the report."""
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(folder)],
        config={**CONFIG, **config},  # type: ignore[arg-type]
        account=ACCOUNT,
        parameters=given,
        properties=[asked],
        certify=True,
    )
    assert not report.errors
    return max((one.verdict for one in report.results), key=VERDICTS.index, default=PROVED), report


@pytest.mark.parametrize("name", CASES)
def test_what_a_stack_attaches_that_is_there_at_times(name: str, tmp_path: Path) -> None:
    """What a nested stack attaches to others is there where the stack is."""
    files, verdict, _ = CASES[name]
    assert worst(tmp_path, files, {})[0] == verdict


@pytest.mark.parametrize("name", [name for name, (_, _, parameter) in CASES.items() if parameter])
def test_a_proof_is_one_at_each_value(name: str, tmp_path: Path) -> None:
    """What is proved is proved at each value of what decides, and what is refuted is refuted at one of them."""
    files, verdict, parameter = CASES[name]
    at_each = [worst(tmp_path, files, {parameter: value})[0] for value in VALUES[parameter]]
    assert (max(at_each, key=VERDICTS.index) == PROVED) == (verdict == PROVED)


def test_an_open_loop_is_named(tmp_path: Path) -> None:
    """What nobody knows is named: an item that may be in a list."""
    _, report = worst(tmp_path, CASES["loop in another template over a list"][0], {})
    assert [one.reasons for one in report.results if one.verdict == UNKNOWN] == [
        ("it is not known whether erin is in Names",)
    ]


@pytest.mark.parametrize(("given", "verdict"), [({}, REFUTED), ({"Mode": "on"}, PROVED), ({"Mode": "off"}, REFUTED)])
def test_a_control_policy_that_is_there_at_times(given: dict[str, str], verdict: str, tmp_path: Path) -> None:
    """A control policy of a nested stack holds nobody back where the stack may not be there."""
    control: Json = {
        "Type": "AWS::Organizations::Policy",
        "Properties": {
            "Name": "mfa",
            "Type": "SERVICE_CONTROL_POLICY",
            "TargetIds": ["r-a1b2"],
            "Content": document(statement("Deny", Condition=NO_MFA)),
        },
    }
    files = {"t": parent(User=user(), Nested=stack("child.json", "On")), "child": {"Resources": {"Control": control}}}
    assert worst(tmp_path, files, given, organization=ORGANIZATION)[0] == verdict


def role(name: str, *statements: Json, condition: str | None = None) -> Json:
    """A role."""
    found: Json = {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": name, "AssumeRolePolicyDocument": document(*statements)},
    }
    return found if condition is None else {**found, "Condition": condition}


def trust(principal: str, **more: object) -> Json:
    """A statement of a trust policy."""
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}


WITH_MFA = trust(ACCOUNT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
ENTRY = role("entry", trust(ACCOUNT))
BY_ENTRY = trust(f"arn:aws:iam::{ACCOUNT}:role/entry")
ADMIN = role("admin", WITH_MFA, BY_ENTRY)
NO_ENTRY: Json = {
    "Type": "AWS::IAM::Policy",
    "Properties": {"PolicyName": "no", "Roles": ["entry"], "PolicyDocument": document(statement("Deny"))},
}


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        (
            {
                "t": parent(Admin=ADMIN, Entry=ENTRY, Nested=stack("child.json")),
                "child": {"Resources": {"No": NO_ENTRY}},
            },
            PROVED,
        ),
        (
            {
                "t": parent(Admin=ADMIN, Entry=ENTRY, Nested=stack("child.json", "On")),
                "child": {"Resources": {"No": NO_ENTRY}},
            },
            REFUTED,
        ),
        (
            {
                "t": parent(
                    Admin=ADMIN, Entry=role("entry", trust(ACCOUNT), condition="On"), Nested=stack("child.json", "On")
                ),
                "child": {"Resources": {"No": NO_ENTRY}},
            },
            PROVED,
        ),
        (
            {"t": parent(Admin=ADMIN, Nested=stack("child.json", "On")), "child": {"Resources": {"Entry": ENTRY}}},
            REFUTED,
        ),
        (
            {
                "t": parent(
                    Admin=role("admin", WITH_MFA, {"Fn::If": ["On", {"Ref": "AWS::NoValue"}, BY_ENTRY]}),
                    Nested=stack("child.json", "On"),
                ),
                "child": {"Resources": {"Entry": ENTRY}},
            },
            PROVED,
        ),
    ],
)
def test_chains_through_a_stack_that_is_there_at_times(files: dict[str, Json], verdict: str, tmp_path: Path) -> None:
    """A chain is held back by what is always there, and walked where it is known that all its roles are."""
    assert worst(tmp_path, files, {}, "mfa-survives-chaining")[0] == verdict
