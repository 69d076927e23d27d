"""
Differences of templates that speak of each other's things: exports, nested stacks, policies attached from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.results.difference import Difference

OWN, HUB, OTHER = "222233334444", "111122223333", "999988887777"
Json = dict[str, Any]
Side = dict[str, Json]
ALLOW = {"Effect": "Allow", "Action": ["iam:*", "s3:*"], "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}


def policy(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(principal: Any = f"arn:aws:iam::{OWN}:user/x", **properties: Any) -> Json:
    """A role called deploy."""
    trust = policy({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "deploy", "AssumeRolePolicyDocument": trust, **properties},
    }


def managed(*statements: Json, **properties: Any) -> Json:
    """A managed policy."""
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(*statements), **properties}}


def inline(*statements: Json) -> list[Json]:
    """The policies that a role holds itself."""
    return [{"PolicyName": "own", "PolicyDocument": policy(*statements)}]


def compared(folder: Path, old: Side, new: Side) -> Difference:
    """What differs between two directories of templates."""
    for name, side in (("old", old), ("new", new)):
        (folder / name).mkdir()
        for file, template in side.items():
            (folder / name / file).write_text(json.dumps(template))
    return trustproof.diff(folder / "old", folder / "new", account=OWN)


def said(found: Difference) -> list[str]:
    """The changes of access in words."""
    return [f"{one.direction}: {one.message}" for one in found.access]


EXPORTING = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
IMPORTING = {"Resources": {"R": role({"Fn::ImportValue": "who"})}}


def exporting(account: str) -> Json:
    """A template that exports whom another one trusts."""
    value = {"Value": f"arn:aws:iam::{account}:role/ci", "Export": {"Name": "who"}}
    return {**EXPORTING, "Outputs": {"Who": value}}


def test_what_is_exported_decides_who_gets_in(tmp_path: Path) -> None:
    """A role whose template has not changed lets in whom another template names."""
    found = compared(
        tmp_path, {"a.json": exporting(HUB), "b.json": IMPORTING}, {"a.json": exporting(OTHER), "b.json": IMPORTING}
    )
    assert said(found) == [
        f"gained: a session of role ci of account {OTHER} may assume deploy",
        f"lost: a session of role ci of account {HUB} may no longer assume deploy",
    ]
    assert [one.where.template for one in found.access] == [str(tmp_path / side / "b.json") for side in ("new", "old")]


def test_the_same_export_is_no_difference(tmp_path: Path) -> None:
    """Who exports it, and under which logical id, means nothing."""
    renamed = {**EXPORTING, "Outputs": {"Other": exporting(HUB)["Outputs"]["Who"]}}
    found = compared(
        tmp_path, {"a.json": exporting(HUB), "b.json": IMPORTING}, {"c.json": renamed, "b.json": IMPORTING}
    )
    assert found.is_empty


def test_what_a_parent_passes_decides_who_gets_in(tmp_path: Path) -> None:
    """A nested stack whose template has not changed is deployed with what its parent passes."""

    def parent(account: str) -> Json:
        properties = {"TemplateURL": "child.json", "Parameters": {"Who": account}}
        return {"Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}}}

    child = {"Parameters": {"Who": {"Type": "String"}}, "Resources": {"R": role({"Ref": "Who"})}}
    found = compared(
        tmp_path, {"p.json": parent(HUB), "child.json": child}, {"p.json": parent(OTHER), "child.json": child}
    )
    assert [one.counterexample.caller.split(":")[4] for one in found.access] == [OTHER, HUB]


@pytest.mark.parametrize("is_passed", [False, True])
def test_what_a_nested_stack_returns_decides_who_gets_in(tmp_path: Path, is_passed: bool) -> None:
    """A parent that has not changed takes what an output of the nested stack says."""
    properties = {"TemplateURL": "child.json", **({"Parameters": {"Who": HUB}} if is_passed else {})}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
    parent = {"Resources": {"Child": nested, "R": role({"Fn::GetAtt": ["Child", "Outputs.Who"]})}}

    def child(account: str) -> Json:
        value = account if not is_passed else {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "Who"}, f":role/{account}"]]}
        return {**EXPORTING, "Parameters": {"Who": {"Type": "String"}}, "Outputs": {"Who": {"Value": value}}}

    same = {"p.json": parent, "child.json": child(HUB)}
    assert compared(tmp_path, same, {**same, "child.json": {**child(HUB), "Description": "x"}}).is_empty
    (tmp_path / "other").mkdir()
    found = compared(tmp_path / "other", same, {**same, "child.json": child(OTHER)})
    assert [one.direction for one in found.access] == ["gained", "lost"]
    assert OTHER in found.access[0].counterexample.caller


def queue(name: str) -> Json:
    """A template with a queue, which hands on its URL to whoever nests or imports it."""
    made = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}
    return {"Resources": {"Q": made}, "Outputs": {"U": {"Value": {"Ref": "Q"}, "Export": {"Name": "u"}}}}


def queue_policy(named: object) -> Json:
    """A policy that lets everybody send to a queue."""
    anybody = policy({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"})
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [named], "PolicyDocument": anybody}}


def nested(name: str, **passed: object) -> Json:
    """A nested stack, with what it is passed."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": name, "Parameters": passed}}


QUEUE_OF_ANOTHER_STACK: dict[str, Callable[[str], Side]] = {
    "output": lambda name: {
        "child.json": queue(name),
        "p.json": {
            "Resources": {"N": nested("child.json"), "P": queue_policy({"Fn::GetAtt": ["N", "Outputs.U"]})},
        },
    },
    "passed": lambda name: {
        "child.json": {"Parameters": {"U": {"Type": "String"}}, "Resources": {"P": queue_policy({"Ref": "U"})}},
        "p.json": {
            "Resources": {**queue(name)["Resources"], "N": nested("child.json", U={"Fn::GetAtt": ["Q", "QueueUrl"]})},
        },
    },
    "import": lambda name: {
        "child.json": queue(name),
        "p.json": {"Resources": {"P": queue_policy({"Fn::ImportValue": "u"})}},
    },
}


@pytest.mark.parametrize("side", QUEUE_OF_ANOTHER_STACK.values(), ids=QUEUE_OF_ANOTHER_STACK)
def test_a_policy_on_a_queue_of_another_stack_is_on_that_one(tmp_path: Path, side: Callable[[str], Side]) -> None:
    """A template that has not changed opens another queue where the stack that has the queue renames it."""
    arn = "arn:aws:sqs:us-east-1:222233334444"
    assert said(compared(tmp_path, side("feed"), side("payments"))) == [
        f"gained: anonymous may call sqs:SendMessage on {arn}:payments",
        f"lost: anonymous may no longer call sqs:SendMessage on {arn}:feed",
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([DENY], [], "gained"),
        ([DENY], [{**DENY, "Action": "iam:CreateUser"}], "gained"),
        ([], [DENY], "lost"),
        ([DENY], [{**DENY, "Action": ["iam:*", "iam:Get*"]}], None),
    ],
)
def test_a_deny_that_another_template_attaches_counts(
    tmp_path: Path, before: list[Json], after: list[Json], expected: str | None
) -> None:
    """What a role may do is composed of what all templates attach to it."""
    own = {"Resources": {"R": role(Policies=inline(ALLOW))}}

    def other(statements: list[Json]) -> Json:
        return {"Resources": {"P": managed(*statements, {**ALLOW, "Action": "sqs:SendMessage"}, Roles=["deploy"])}}

    found = compared(tmp_path, {"a.json": own, "b.json": other(before)}, {"a.json": own, "b.json": other(after)})
    assert [one.direction for one in found.access] == ([] if expected is None else [expected])
    if found.access:
        assert "iam:" in found.access[0].counterexample.action
        assert found.access[0].where.logical_id == "R"


def test_a_policy_may_move_to_another_template(tmp_path: Path) -> None:
    """What a role has by itself, and what another template attaches to it, is the same to it."""
    found = compared(
        tmp_path,
        {"a.json": {"Resources": {"R": role(Policies=inline(ALLOW))}}, "b.json": EXPORTING},
        {"a.json": {"Resources": {"R": role()}}, "b.json": {"Resources": {"P": managed(ALLOW, Roles=["deploy"])}}},
    )
    assert found.is_empty


def test_an_attachment_that_is_new_is_a_gain_of_the_role(tmp_path: Path) -> None:
    """Whoever attaches a policy to a role of another template is seen, at the policy."""
    own = {"Resources": {"R": role()}}
    found = compared(
        tmp_path,
        {"a.json": own, "b.json": EXPORTING},
        {"a.json": own, "b.json": {"Resources": {"P": managed(ALLOW, Roles=["deploy"])}}},
    )
    assert [one.direction for one in found.access] == ["gained"]
    assert (found.access[0].where.template, found.access[0].where.line) == (str(tmp_path / "new" / "b.json"), 1)


def test_a_boundary_that_is_gone_with_its_template_is_said(tmp_path: Path) -> None:
    """A role whose template has not changed is bounded by what nobody knows any more."""
    own = role(Policies=inline(ALLOW), PermissionsBoundary=f"arn:aws:iam::{OWN}:policy/limit")
    limit = managed({**ALLOW, "Action": "s3:*"}, ManagedPolicyName="limit")
    found = compared(
        tmp_path,
        {"a.json": {"Resources": {"R": own}}, "b.json": {"Resources": {"P": limit}}},
        {"a.json": {"Resources": {"R": own}}, "b.json": EXPORTING},
    )
    assert found.undecided
    assert all(one.counterexample.action.startswith("iam:") for one in found.gained)


def test_a_condition_of_another_template_decides(tmp_path: Path) -> None:
    """What decides over there decides here as well, however alike the template is written."""

    def side(compared_with: str) -> Side:
        return {
            "a.json": {
                "Parameters": {"Stage": {"Type": "String", "Default": "test", "AllowedValues": ["test", "prod"]}},
                "Conditions": {"IsOpen": {"Fn::Equals": [{"Ref": "Stage"}, compared_with]}},
                "Resources": {"T": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {
                    "Who": {"Value": {"Fn::If": ["IsOpen", "*", HUB]}, "Export": {"Name": "who"}},
                },
            },
            "b.json": IMPORTING,
        }

    found = compared(tmp_path, side("nowhere"), side("prod"))
    assert "gained" in {one.direction for one in found.access}


def test_roles_of_one_file_for_two_accounts_are_told_apart(tmp_path: Path) -> None:
    """A cloud assembly deploys the same template to two accounts, and only one of them changes what it passes."""
    for side, second in (("old", HUB), ("new", OTHER)):
        folder = tmp_path / side
        folder.mkdir()
        artifacts = {}
        for number, (account, who) in enumerate(((OWN, HUB), ("333344445555", second))):
            file = f"S{number}.template.json"
            (folder / file).write_text(json.dumps({"Resources": {"R": role(who)}}))
            artifacts[f"S{number}"] = {
                "type": "aws:cloudformation:stack",
                "environment": f"aws://{account}/eu-west-1",
                "properties": {"templateFile": file, "stackName": f"S{number}"},
            }
        (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    found = trustproof.diff(tmp_path / "old", tmp_path / "new")
    assert [(one.direction, one.where.account) for one in found.access] == [
        ("gained", "333344445555"),
        ("lost", "333344445555"),
    ]


def test_explain_knows_what_others_export_and_attach(tmp_path: Path) -> None:
    """The same holds of what is explained."""
    (tmp_path / "a.json").write_text(json.dumps(exporting(HUB)))
    (tmp_path / "b.json").write_text(json.dumps(IMPORTING))
    (found,) = trustproof.explain([tmp_path], "deploy", account=OWN)
    assert [one.who for one in found.entrances] == [f"sessions of arn:aws:iam::{HUB}:role/ci"]
    assert not found.undecided


# -- what one policy, parameter or file says of several things


def topics(*names: str) -> Json:
    """A policy of several topics."""
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sns:Publish", "Resource": "*"}
    arns = [f"arn:aws:sns:eu-west-1:{OWN}:{name}" for name in names]
    properties = {"Topics": arns, "PolicyDocument": policy(statement)}
    return {"Resources": {"P": {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}}}


def test_a_policy_may_come_to_another_resource() -> None:
    """A list of topics that grows lets somebody in at one more, however alike the policy is."""
    found = trustproof.diff(topics("a"), topics("a", "b"), account=OWN)
    assert [(one.direction, one.counterexample.resource) for one in found.access] == [
        ("gained", f"arn:aws:sns:eu-west-1:{OWN}:b")
    ]
    assert trustproof.diff(topics("a", "b"), topics("b", "a"), account=OWN).is_empty
    assert trustproof.explain([topics("a", "b")], "b", account=OWN)[0].entrances


def test_parameters_that_change_places_are_seen() -> None:
    """What is lost with one value is gained with another one, where the two are not the same."""

    def side(first: str, second: str) -> Json:
        trust = policy(
            {"Effect": "Allow", "Principal": {"AWS": {"Ref": first}}, "Action": "sts:AssumeRole"},
            {
                "Effect": "Allow",
                "Principal": {"AWS": {"Ref": second}},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            },
        )
        properties = {"RoleName": "deploy", "AssumeRolePolicyDocument": trust}
        return {
            "Parameters": {name: {"Type": "String"} for name in ("A", "B")},
            "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
        }

    assert {one.direction for one in trustproof.diff(side("A", "B"), side("B", "A"), account=OWN).access} == {
        "gained",
        "lost",
    }


def test_a_parameter_that_is_looked_up_elsewhere_is_said() -> None:
    """The default of a parameter of Systems Manager is a name there, and what that holds is not known."""

    def side(name: str) -> Json:
        parameter = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}
        return {"Parameters": {"Who": parameter}, "Resources": {"R": role({"Ref": "Who"})}}

    assert trustproof.diff(side("/a"), side("/b"), account=OWN).undecided
    assert trustproof.diff(side("/a"), side("/a"), account=OWN).is_empty


@pytest.mark.parametrize(
    ("before", "after"), [(None, "https://a.example/x"), ("https://a.example/x", "https://a.example/y")]
)
def test_a_template_that_is_elsewhere_is_said(before: str | None, after: str) -> None:
    """What a nested stack holds whose template is not given may be anything; the same one says nothing."""

    def side(url: str | None) -> Json:
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
        return {"Resources": {**EXPORTING["Resources"], **({} if url is None else {"N": nested})}}

    assert trustproof.diff(side(before), side(after), account=OWN).undecided
    assert trustproof.diff(side(after), side(after), account=OWN).is_empty


def test_a_file_that_nobody_looks_into_is_said(tmp_path: Path) -> None:
    """What looks like a template and cannot be read is no pass on the new side, unless it was there."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.json").write_text(json.dumps(EXPORTING))
    (tmp_path / "new" / "b.json.j2").write_text('{"Resources": {"R": {"Type": "AWS::IAM::Role"')
    (tmp_path / "new" / "more").symlink_to(tmp_path)
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=OWN)
    said = [reason.partition(": ")[2].partition(":")[0] for one in found.undecided for reason in one.reasons]
    assert said == ["it looks like a template, and not JSON", "a symbolic link to a directory"]
    assert trustproof.diff(tmp_path / "new", tmp_path / "new", account=OWN).is_empty


@pytest.mark.parametrize("key", ["Roles", "Users"])
@pytest.mark.parametrize("value", [{"Ref": "Name"}, "{{resolve:ssm:/x/NAME}}", {"Fn::ImportValue": "NAME"}])
def test_who_has_a_policy_by_another_look_up_is_not_known(key: str, value: object) -> None:
    """Another name in the Parameter Store, or of an export, is that of another role or user."""

    def stack(name: str) -> Json:
        holders = json.loads(json.dumps([value]).replace("NAME", name))
        parameter = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/x/{name}"}
        return {"Parameters": {"Name": parameter}, "Resources": {"P": managed(ALLOW, **{key: holders})}}

    assert trustproof.diff(stack("a"), stack("a"), account=OWN).is_empty
    found = trustproof.diff(stack("a"), stack("b"), account=OWN)
    (undecided,) = found.undecided
    assert "says who or what has the policy" in undecided.reasons[0]
    assert found.access == ()
