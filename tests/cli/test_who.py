"""
`trustproof who`: everybody who gets in, and nobody else.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Run

HUB, TARGET, VENDOR = "111122223333", "222233334444", "444455556666"
GITHUB = "token.actions.githubusercontent.com"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def role(name: str, principal: dict[str, Any], condition: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A role with one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": trust, **more}}


def listed(run: Run, tmp_path: Path, *resources: dict[str, Any]) -> list[dict[str, Any]]:
    """What the program lists for a template in the target account."""
    template = {"Resources": {f"R{number}": resource for number, resource in enumerate(resources)}}
    (tmp_path / "t.json").write_text(json.dumps(template), encoding="utf-8")
    done = run("who", "t.json", "--account", TARGET, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    entries: list[dict[str, Any]] = json.loads(done.stdout)["entries"]
    return entries


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (MFA, {("users", "required")}),
        ({"BoolIfExists": MFA["Bool"]}, {("callers", "not required")}),
        ({}, {("callers", "not required")}),
        # Nobody gets in.
        ({"StringEquals": {"aws:PrincipalAccount": VENDOR}}, set()),
    ],
)
def test_mfa_is_what_is_demanded(
    run: Run, tmp_path: Path, condition: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    """Not how the condition looks decides, but who is let in by it."""
    entries = listed(run, tmp_path, role("Admin", {"AWS": HUB}, condition, MaxSessionDuration=7200))
    assert {(entry["who"].split()[0], entry["mfa"]) for entry in entries} == expected
    assert {entry["maxSessionDuration"] for entry in entries} <= {7200}


@pytest.mark.parametrize(
    ("principals", "denied", "expected"),
    [
        # Who gets in without MFA hides nobody beside him of whom MFA is asked.
        (
            [HUB, VENDOR],
            (VENDOR, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            {(f"callers of {HUB}", "not required"), (f"users of {VENDOR}", "required")},
        ),
        (
            [HUB, VENDOR],
            (VENDOR, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}),
            {
                (f"callers of {HUB}", "not required"),
                (f"people of Identity Center of {VENDOR}", "cannot carry it"),
                (f"sessions of roles of {VENDOR}", "cannot carry it"),
            },
        ),
        # A role beside an account, or beside a user.
        (
            [HUB, f"arn:aws:iam::{VENDOR}:role/ci"],
            None,
            {(f"callers of {HUB}", "not required"), (f"sessions of arn:aws:iam::{VENDOR}:role/ci", "cannot carry it")},
        ),
        (
            [f"arn:aws:iam::{HUB}:user/eve", f"arn:aws:iam::{VENDOR}:role/ci"],
            None,
            {
                (f"user arn:aws:iam::{HUB}:user/eve", "not required"),
                (f"sessions of arn:aws:iam::{VENDOR}:role/ci", "cannot carry it"),
            },
        ),
    ],
)
def test_each_principal_of_a_statement_is_listed_as_if_it_stood_alone(
    run: Run,
    tmp_path: Path,
    principals: list[str],
    denied: tuple[str, dict[str, Any]] | None,
    expected: set[tuple[str, str]],
) -> None:
    """What one may do without MFA, or as whatever it likes, says nothing of another one."""
    admin = role("Admin", {"AWS": principals}, {})
    if denied is not None:
        (deny,) = role("x", {"AWS": denied[0]}, denied[1])["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        admin["Properties"]["AssumeRolePolicyDocument"]["Statement"].append({**deny, "Effect": "Deny"})
    assert {(entry["who"], entry["mfa"]) for entry in listed(run, tmp_path, admin)} == expected


def test_of_each_kind_of_caller_only_its_own_principals_are_listed(run: Run, tmp_path: Path) -> None:
    """A service is none of the accounts that the same statement names."""
    entries = listed(run, tmp_path, role("Run", {"AWS": HUB, "Service": "lambda.amazonaws.com"}, {}))
    assert {entry["who"] for entry in entries} == {f"callers of {HUB}", "service lambda.amazonaws.com"}


def test_how_long_sessions_of_an_account_last_is_unknown(run: Run, tmp_path: Path) -> None:
    """What the account details do not say is no name of a value."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "sts:*"}]}
    held = {"RoleName": "r", "Path": "/", "Arn": f"arn:aws:iam::{TARGET}:role/r", "AssumeRolePolicyDocument": policy}
    dump = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [held], "Policies": []}
    (tmp_path / "a.json").write_text(json.dumps(dump), encoding="utf-8")
    assert re.search(r"not required +unknown$", run("who", "a.json").stdout, re.MULTILINE)


def test_a_role_is_called_by_its_logical_id_too(run: Run, tmp_path: Path) -> None:
    """In the list for programs always, and in the table where the template gives no name, which nobody would know."""
    unnamed = role("x", {"AWS": HUB}, {})
    del unnamed["Properties"]["RoleName"]
    entries = listed(run, tmp_path, role("admin", {"AWS": HUB}, {}), unnamed)
    assert [one["logicalId"] for one in entries] == ["R0", "R1"]
    table = run("who", "t.json").stdout
    assert re.search(r" admin +unknown", table)
    assert re.search(r" example-stack-R1-\w+ \(R1\) +unknown", table)


def test_what_only_a_deployment_knows_of_a_name_is_not_made_up(run: Run, tmp_path: Path) -> None:
    """A Region in a name stands there as one that is not known: no account has a role of that name otherwise."""
    named: Any = {"Fn::Sub": "Ops-${AWS::Region}"}
    (entry,) = listed(run, tmp_path, role(named, {"AWS": HUB}, {}, Path="/staff/"))
    assert entry["role"] == "Ops-<AWS::Region>"
    assert re.search(r" Ops-<AWS::Region> +unknown", run("who", "t.json").stdout)
    whole: Any = {"Fn::ImportValue": "RoleName"}
    (entry,) = listed(run, tmp_path, role(whole, {"AWS": HUB}, {}))
    assert entry["role"] == "<Fn::ImportValue RoleName>"


def test_group_whose_policies_let_it_ask_is_named(run: Run, tmp_path: Path) -> None:
    """Of an account that is trusted as a whole, the groups that may ask for the role, and no others."""

    def group(name: str, role_name: str) -> dict[str, Any]:
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": f"arn:aws:iam::{TARGET}:role/{role_name}",
        }
        policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
        return {"Type": "AWS::IAM::Group", "Properties": {"GroupName": name, "Policies": [policy]}}

    entries = listed(
        run, tmp_path, role("Admin", {"AWS": TARGET}, MFA), group("admins", "Admin"), group("others", "Other")
    )
    assert [entry["who"] for entry in entries] == [f"members of group admins in {TARGET}"]


def test_machines_cannot_carry_mfa(run: Run, tmp_path: Path) -> None:
    """A service gets in as what it is."""
    (entry,) = listed(run, tmp_path, role("Run", {"Service": "lambda.amazonaws.com"}, {}))
    assert (entry["who"], entry["mfa"]) == ("service lambda.amazonaws.com", "cannot carry it")


def test_table_shows_no_control_characters(run: Run, tmp_path: Path) -> None:
    """What a template says is escaped for the terminal."""
    condition = {"StringNotEquals": {"sts:ExternalId": "\x1b[31m"}}
    template = {"Resources": {"R": role("Vendor", {"AWS": VENDOR}, condition)}}
    (tmp_path / "t.json").write_text(json.dumps(template), encoding="utf-8")
    done = run("who", "t.json", "--account", TARGET)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "sts:ExternalId" in done.stdout
    assert done.stdout.splitlines()[0].startswith("WHO ")


@pytest.mark.parametrize("text", ["{", '{"Resources": []}'])
def test_unreadable_template_is_an_error(run: Run, tmp_path: Path, text: str) -> None:
    """A list that leaves somebody out would be worse than none."""
    (tmp_path / "t.json").write_text(text, encoding="utf-8")
    done = run("who", "t.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "t.json" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("targets", "place"),
    [
        ({"OrganizationalUnitIds": ["ou-ab12-11111111", {"Ref": "Unit"}]}, "every account of ou-ab12-11111111, Unit"),
        ({"Accounts": [HUB, VENDOR]}, f"{HUB}, {VENDOR}"),
        ({}, "unknown"),
    ],
)
def test_a_role_of_a_stack_set_is_where_that_deploys_it(
    run: Run, tmp_path: Path, targets: dict[str, Any], place: str
) -> None:
    """In accounts that no template names one by one, and never in an account that is in no file."""
    carried = {"Resources": {"R": role("audit", {"AWS": HUB}, MFA)}}
    properties = {"TemplateBody": json.dumps(carried), "StackInstancesGroup": [{"DeploymentTargets": targets}]}
    template = {
        "Parameters": {"Unit": {"Type": "String"}},
        "Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}},
    }
    (tmp_path / "t.json").write_text(json.dumps(template), encoding="utf-8")
    (entry,) = json.loads(run("who", "t.json", "--account", TARGET, "--format", "json").stdout)["entries"]
    assert (entry["role"], entry["account"], entry["deployedTo"]) == ("audit", None, place)
    assert place in run("who", "t.json", "--account", TARGET).stdout


def test_a_stack_set_has_a_line_for_each_role_that_its_regions_make(run: Run, tmp_path: Path) -> None:
    """Whose name has the Region in it is another role in each; one without a name is no second one."""
    trust = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "sts:AssumeRole"}
    properties: dict[str, Any] = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    named = {**properties, "RoleName": {"Fn::Sub": "ops-${AWS::Region}"}}
    carried = {
        "Resources": {
            "Named": {"Type": "AWS::IAM::Role", "Properties": named},
            "R": {"Type": "AWS::IAM::Role", "Properties": properties},
        }
    }
    group = {"DeploymentTargets": {"Accounts": [TARGET]}, "Regions": ["eu-central-1", "ap-south-1"]}
    stack_set = {"TemplateBody": json.dumps(carried), "StackInstancesGroup": [group]}
    template = {"Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": stack_set}}}
    (tmp_path / "t.json").write_text(json.dumps(template), encoding="utf-8")
    entries = json.loads(run("who", "t.json", "--format", "json").stdout)["entries"]
    named_roles = sorted(entry["role"] for entry in entries if entry["role"].startswith("ops-"))
    assert named_roles == ["ops-ap-south-1", "ops-eu-central-1"]
    assert len(entries) == 3


def test_one_role_that_templates_of_two_regions_make_is_one_line(run: Run, tmp_path: Path) -> None:
    """IAM has a role of a name once in an account, whichever stack makes it."""
    for region in ("eu", "us"):
        template = {"Resources": {"R": role("audit", {"AWS": HUB}, MFA)}}
        (tmp_path / f"{region}.json").write_text(json.dumps(template), encoding="utf-8")
    done = run("who", "eu.json", "us.json", "--account", TARGET)
    assert len([line for line in done.stdout.splitlines() if "audit" in line]) == 1


@pytest.mark.parametrize(
    ("principal", "condition", "who"),
    [
        (
            {"Federated": f"arn:aws:iam::{TARGET}:oidc-provider/token.actions.githubusercontent.com"},
            {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "repo:acme/shop:environment:production",
                }
            },
            f"tokens of arn:aws:iam::{TARGET}:oidc-provider/{GITHUB} for repo:acme/shop:environment:production",
        ),
        (
            {"Service": "pods.eks.amazonaws.com"},
            {
                "StringEquals": {
                    "aws:RequestTag/kubernetes-namespace": "payments",
                    "aws:RequestTag/kubernetes-service-account": ["ledger", "reports"],
                }
            },
            "service pods.eks.amazonaws.com for payments/ledger or payments/reports",
        ),
    ],
)
def test_whose_tokens_and_pods_is_said(
    run: Run, tmp_path: Path, principal: dict[str, Any], condition: dict[str, Any], who: str
) -> None:
    """An issuer has everybody's tokens, and a cluster everybody's pods: the subject says whose; nothing is cut off."""
    web = "Federated" in principal
    entry_role = role("Deploy", principal, condition)
    if web:
        entry_role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Action"] = "sts:AssumeRoleWithWebIdentity"
    else:
        entry_role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Action"] = [
            "sts:AssumeRole",
            "sts:TagSession",
        ]
    (entry,) = listed(run, tmp_path, entry_role)
    assert entry["who"] == who
    done = run("who", "t.json", "--account", TARGET)
    assert "…" not in done.stdout
    assert who in done.stdout


def test_what_is_not_looked_into_is_said(run: Run, tmp_path: Path) -> None:
    """A template that an earlier synthesis has left gives nobody access, and is named beside the list."""
    out = tmp_path / "cdk.out"
    out.mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Kept.template.json"}}
    files = {
        "manifest.json": {"version": "36.0.0", "artifacts": {"Kept": stack}},
        "cdk.out": {"version": "36.0.0"},
        "Kept.template.json": {"Resources": {"R": role("Kept", {"AWS": VENDOR}, {})}},
        "Gone.template.json": {"Resources": {"R": role("Gone", {"AWS": VENDOR}, {})}},
    }
    for name, content in files.items():
        (out / name).write_text(json.dumps(content), encoding="utf-8")
    done = run("who", "--account", TARGET, "--format", "json")
    assert {entry["role"] for entry in json.loads(done.stdout)["entries"]} == {"Kept"}
    assert [one["path"] for one in json.loads(done.stdout)["passed_over"]] == ["cdk.out/Gone.template.json"]
    assert done.stderr.startswith("passed over cdk.out/Gone.template.json: left over from an earlier synthesis")


def user(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """A user with a policy."""
    document = {"Version": "2012-10-17", "Statement": [*statements]}
    policies = [{"PolicyName": "own", "PolicyDocument": document}] if statements else []
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": name, "Policies": policies}}


def asking(*actions: str, **more: Any) -> dict[str, Any]:
    """A statement by which somebody may ask for a role."""
    return {"Effect": "Allow", "Action": [*actions], "Resource": "*", **more}


ANN, BOB = f"arn:aws:iam::{HUB}:user/ann", f"arn:aws:iam::{HUB}:user/bob"
ASSUME, SOURCE, TAG = "sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"
UNIT = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"


def deployed(where: Path, name: str, account: str, template: dict[str, Any]) -> None:
    """A cloud assembly with a template for an account."""
    (where / name).mkdir()
    properties = {"templateFile": "t.template.json"}
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{account}/eu-central-1",
        "properties": properties,
    }
    manifest = {"version": "36.0.0", "artifacts": {name: stack}}
    (where / name / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (where / name / "t.template.json").write_text(json.dumps(template), encoding="utf-8")


@pytest.mark.parametrize(
    ("principal", "condition", "people", "expected"),
    [
        # Who is named gets in by a grant of its own, and nobody by that of another one.
        (ANN, {}, [user("ann"), user("bob", asking(ASSUME))], {(f"user {ANN}", "which the templates do not give")}),
        (
            [ANN, BOB],
            {},
            [user("ann", asking(ASSUME)), user("bob", asking(ASSUME))],
            {("user ann", ""), ("user bob", "")},
        ),
        (
            [ANN, BOB],
            {},
            [user("ann"), user("bob", asking(ASSUME))],
            {("user bob", ""), (f"user {ANN}", "which the templates do not give")},
        ),
        # Of whom no template says anything, nothing is known.
        (ANN, {}, [user("bob", asking(ASSUME))], {(f"user {ANN}", "")}),
        # Each account that is trusted is said, also beside one of which the grants are known.
        ([HUB, VENDOR], {}, [user("bob", asking(ASSUME))], {("user bob", ""), (f"users of {VENDOR}", "")}),
        # Everybody of an organization is more than those who have a grant here.
        (
            "*",
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "sts:SourceIdentity": "bob"}},
            [user("bob", asking(ASSUME, SOURCE))],
            {("users of any account", "")},
        ),
        # A grant must have what the role demands.
        (
            HUB,
            {"StringEquals": {"sts:SourceIdentity": "bob", "aws:RequestTag/team": "a"}},
            [user("bob", asking(ASSUME))],
            {(f"users of {HUB}", f"{TAG} and {SOURCE}, which user bob")},
        ),
        (
            HUB,
            {"StringEquals": {"sts:SourceIdentity": "bob", "aws:RequestTag/team": "a"}},
            [user("bob", asking(ASSUME, SOURCE, TAG))],
            {("user bob", "")},
        ),
        # Where the account of the role is, only its organization knows.
        (
            HUB,
            {},
            [user("bob", asking(ASSUME, Condition={"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": f"{UNIT}*"}}))],
            {("user bob", f"the account of the role is in the unit {UNIT}")},
        ),
        (
            HUB,
            {},
            [user("bob", asking(ASSUME, Condition={"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}))],
            {("user bob", "the account of the role is in the organization o-a1b2c3d4e5")},
        ),
    ],
)
def test_grants_and_trust_are_met_with_each_other(
    run: Run,
    tmp_path: Path,
    principal: Any,
    condition: dict[str, Any],
    people: list[dict[str, Any]],
    expected: set[tuple[str, str]],
) -> None:
    """Neither side alone says who gets in: a grant names nobody whom the role does not trust, and hides nobody."""
    trusting = role("Admin", {"AWS": principal}, {**MFA, **condition})
    trusting["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Action"] = [ASSUME, SOURCE, TAG]
    for name, account, resources in (("role", TARGET, [trusting]), ("people", HUB, people)):
        template = {"Resources": {f"R{number}": one for number, one in enumerate(resources)}}
        metadata = {"Metadata": {}}
        deployed(tmp_path, name, account, {**template, **metadata})
    done = run("who", "role", "people", "--format", "json")
    assert done.returncode == 0, done.stderr
    entries = [one for one in json.loads(done.stdout)["entries"] if "sessions of roles" not in one["who"]]
    found = {one["who"]: " ".join(one["conditions"]) for one in entries}
    assert len(found) == len(expected)
    for who, provided in expected:
        (key,) = [key for key in found if key.startswith(who)]
        assert provided in found[key]
        assert provided or "policy" not in found[key]


ADDRESS = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
ELSEWHERE = {"NotIpAddress": ADDRESS["IpAddress"]}
NEVER: dict[str, Any] = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "provided"),
    [
        ([asking(ASSUME)], []),
        ([asking(ASSUME, Condition=ADDRESS)], ["IpAddress aws:SourceIp 203.0.113.0/24"]),
        ([asking(ASSUME), {**NEVER, "Condition": ELSEWHERE}], ["not NotIpAddress aws:SourceIp 203.0.113.0/24"]),
        (
            [asking(ASSUME, Condition=MFA), asking(ASSUME, Condition=ADDRESS)],
            ["Bool aws:MultiFactorAuthPresent true or IpAddress aws:SourceIp 203.0.113.0/24"],
        ),
        # Nobody is somebody else, and no service assumes a role for anybody.
        ([asking(ASSUME, Condition={"StringEquals": {"aws:username": "ann"}})], None),
        ([asking(ASSUME, Condition={"Bool": {"aws:ViaAWSService": "true"}})], None),
        ([asking(ASSUME, Condition=ADDRESS), NEVER], None),
    ],
)
def test_what_own_policies_ask_of_a_call_is_provided(
    run: Run, tmp_path: Path, statements: list[dict[str, Any]], provided: list[str] | None
) -> None:
    """Beside somebody who may ask in any case, too: one call that they do not allow says nothing of another one."""
    people = [user("all", asking(ASSUME)), user("bob", *statements)]
    entries = listed(run, tmp_path, role("Admin", {"AWS": TARGET}, {}), *people)
    found = [one["conditions"] for one in entries if one["who"].startswith("user bob")]
    assert found == ([] if provided is None else [provided])


@pytest.mark.parametrize("principal", [HUB, BOB])
@pytest.mark.parametrize(
    ("condition", "trusting", "gets_in"),
    [
        (ADDRESS, ELSEWHERE, False),
        (ADDRESS, ADDRESS, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, MFA, False),
        # Whoever makes the call chooses.
        ({"StringLike": {"sts:RoleSessionName": "a*"}}, {"StringLike": {"sts:RoleSessionName": "*b"}}, True),
    ],
)
def test_one_call_has_to_be_as_both_sides_ask(
    run: Run, tmp_path: Path, principal: str, condition: dict[str, Any], trusting: dict[str, Any], gets_in: bool
) -> None:
    """Who may ask for a role from one address only, and is let in from others only, gets in nowhere."""
    people = {"Resources": {"R": user("bob", asking(ASSUME, Condition=condition))}, "Metadata": {}}
    deployed(
        tmp_path, "role", TARGET, {"Resources": {"R": role("Admin", {"AWS": principal}, trusting)}, "Metadata": {}}
    )
    deployed(tmp_path, "people", HUB, people)
    done = run("who", "role", "people", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["entries"]
    needs = [one for entry in found for one in entry["conditions"] if "a policy" in one]
    assert (any(one["who"].startswith("user bob in") for one in found) and not needs) == gets_in


def in_group(name: str, *statements: dict[str, Any]) -> list[dict[str, Any]]:
    """A group with a policy, and a user in it who has none."""
    policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [*statements]}}]
    group = {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "g", "Policies": policies}}
    member = user(name, asking(ASSUME))
    return [group, {**member, "Properties": {**member["Properties"], "Groups": ["g"]}}]


def with_more(resource: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The same with other properties as well."""
    return {**resource, "Properties": {**resource["Properties"], **more}}


OWN = f"arn:aws:iam::{TARGET}:policy/Own"
WITHOUT = {**NEVER, "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
EVERYBODY_ELSE = {
    (f"sessions of roles of {TARGET}", "cannot carry it", ""),
    (f"people of Identity Center of {TARGET}", "cannot carry it", ""),
}


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([], {(f"callers of {TARGET}", "not required", "")}),
        ([user("ann", asking(ASSUME))], {("user ann", "not required", ""), *EVERYBODY_ELSE}),
        # Of whom nobody here knows all, stands beside who surely may.
        (
            [user("ann", asking(ASSUME)), with_more(user("bob"), ManagedPolicyArns=[OWN])],
            {("user ann", "not required", ""), ("user bob", "not required", OWN), *EVERYBODY_ELSE},
        ),
        (
            [user("ann", asking(ASSUME)), with_more(user("bob"), Groups=["elsewhere"])],
            {("user ann", "not required", ""), ("user bob", "not required", "the group elsewhere"), *EVERYBODY_ELSE},
        ),
        # A role has no line of its own beside everybody of its account, and so none where that is not there.
        (
            [user("ann", asking(ASSUME)), role("ci", {"Service": "ec2.amazonaws.com"}, {})],
            {("user ann", "not required", ""), *EVERYBODY_ELSE},
        ),
        # What their own policies ask for is asked for.
        ([user("ann", asking(ASSUME, Condition=MFA))], {("user ann", "required", "Bool"), *EVERYBODY_ELSE}),
        ([user("ann", asking(ASSUME), WITHOUT)], {("user ann", "required", "not BoolIfExists"), *EVERYBODY_ELSE}),
        (
            in_group("ann", WITHOUT),
            {("user ann", "required", ""), *EVERYBODY_ELSE},
        ),
        (
            [user("ann", asking(ASSUME, Condition=MFA), asking(ASSUME, Condition=ADDRESS))],
            {("user ann", "not required", "IpAddress"), *EVERYBODY_ELSE},
        ),
    ],
)
def test_whose_policies_are_known_hides_nobody_else(
    run: Run, tmp_path: Path, people: list[dict[str, Any]], expected: set[tuple[str, str, str]]
) -> None:
    """An account that is trusted as a whole lets in more than the users of whom the templates know that they may."""
    entries = listed(run, tmp_path, role("Admin", {"AWS": TARGET}, {}), *people)
    found = {(one["who"], one["mfa"], " ".join(one["conditions"])) for one in entries if one["role"] == "Admin"}
    assert len(found) == len(expected), found
    for who, mfa, provided in expected:
        assert [one for one in found if one[0].startswith(who) and one[1] == mfa and provided in one[2]], (who, found)


INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890123456"


def permission_set(name: str, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A permission set."""
    policy = {"InlinePolicy": {"Version": "2012-10-17", "Statement": [*statements]}} if statements else {}
    return {"Type": "AWS::SSO::PermissionSet", "Properties": {"Name": name, "InstanceArn": INSTANCE, **policy, **more}}


def assigned(number: int, group: str) -> dict[str, Any]:
    """An assignment of a permission set, by its place, in the target account."""
    set_ = {"Fn::GetAtt": [f"R{number}", "PermissionSetArn"]}
    whose = {"PrincipalId": group, "PrincipalType": "GROUP", "TargetId": TARGET, "TargetType": "AWS_ACCOUNT"}
    return {"Type": "AWS::SSO::Assignment", "Properties": {"InstanceArn": INSTANCE, "PermissionSetArn": set_, **whose}}


@pytest.mark.parametrize(
    ("other", "provided"),
    [
        (permission_set("Other", CustomerManagedPolicyReferences=[{"Name": "mine"}]), "the managed policy mine"),
        (permission_set("Other", asking("s3:*")), None),
        (permission_set("Other", asking(ASSUME)), ""),
    ],
)
def test_a_permission_set_of_which_not_all_is_known_is_listed(
    run: Run, tmp_path: Path, other: dict[str, Any], provided: str | None
) -> None:
    """Beside one that surely lets its people ask, with what has to be so."""
    sets = [permission_set("Ops", asking(ASSUME)), assigned(1, "g1"), other, assigned(3, "g2")]
    entries = listed(run, tmp_path, role("Admin", {"AWS": TARGET}, {}), *sets)
    found = {one["who"].partition(" in ")[0]: " ".join(one["conditions"]) for one in entries}
    assert "permission set Ops" in found
    assert ("permission set Other" in found) == (provided is not None)
    assert provided is None or provided in found["permission set Other"]


@pytest.mark.parametrize(
    ("statements", "mfa"),
    [([], "not required"), ([WITHOUT], "required"), ([NEVER], None), ([asking(ASSUME), NEVER], None)],
)
def test_a_user_who_is_named_is_held_to_what_its_policies_deny(
    run: Run, tmp_path: Path, statements: list[dict[str, Any]], mfa: str | None
) -> None:
    """A trust policy of the same account that names a user needs no grant, and undoes no Deny."""
    named = role("Admin", {"AWS": f"arn:aws:iam::{TARGET}:user/ann"}, {})
    entries = listed(run, tmp_path, named, user("ann", *statements))
    assert [one["mfa"] for one in entries] == ([] if mfa is None else [mfa])


def held_to(resource: dict[str, Any], *allowed: str) -> dict[str, Any]:
    """The same with a permissions boundary, and the policy that is one."""
    document = {"Version": "2012-10-17", "Statement": [asking(*allowed)]}
    limit = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": "Limit", "PolicyDocument": document},
    }
    properties = {**resource["Properties"], "PermissionsBoundary": {"Ref": "Limit"}}
    return {"Resources": {"Limit": limit, "Caller": {**resource, "Properties": properties}}}


ENTRY = f"arn:aws:iam::{HUB}:role/entry"


@pytest.mark.parametrize(
    ("caller", "principal", "account", "allowed", "gets_in"),
    [
        # A user who has a grant, by the account, by its name, and beside somebody else.
        (user("bob", asking(ASSUME)), HUB, TARGET, "s3:*", False),
        (user("bob", asking(ASSUME)), BOB, TARGET, "s3:*", False),
        (user("bob", asking(ASSUME)), [ANN, BOB], TARGET, "s3:*", False),
        (user("bob", asking(ASSUME)), HUB, TARGET, "sts:*", True),
        (user("bob", asking(ASSUME)), BOB, TARGET, "sts:*", True),
        # A trust policy of the same account that names a user is all that the user needs; a role is held to it.
        (user("bob"), BOB, HUB, "s3:*", True),
        (role("entry", {"Service": "ec2.amazonaws.com"}, {}), ENTRY, HUB, "s3:*", False),
        (role("entry", {"Service": "ec2.amazonaws.com"}, {}), ENTRY, TARGET, "s3:*", False),
        (role("entry", {"Service": "ec2.amazonaws.com"}, {}), ENTRY, TARGET, "sts:*", True),
    ],
)
def test_permissions_boundaries_of_callers_are_asked(
    run: Run, tmp_path: Path, caller: dict[str, Any], principal: Any, account: str, allowed: str, gets_in: bool
) -> None:
    """Whom a boundary lets ask for no role gets into none that another account or a role's trust would open."""
    deployed(tmp_path, "role", account, {"Resources": {"R": role("Admin", {"AWS": principal}, {})}})
    deployed(tmp_path, "people", HUB, held_to(caller, allowed))
    done = run("who", "role", "people", "--format", "json")
    assert done.returncode == 0, done.stderr
    entries = [one["who"] for one in json.loads(done.stdout)["entries"] if one["role"] == "Admin"]
    assert any("bob" in who or "entry" in who for who in entries) == gets_in


def test_no_account_is_made_up(run: Run, tmp_path: Path) -> None:
    """The account of a template that does not say it is that of the deployment, and none that is in no file."""
    principal = {"Fn::GetAtt": ["Somebody", "Arn"]}
    people = {"Somebody": {"Type": "AWS::IAM::User"}, "R": role("Admin", {"AWS": principal}, MFA)}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": people}), encoding="utf-8")
    done = run("who", "t.json", "--format", "json")
    (entry,) = json.loads(done.stdout)["entries"]
    assert entry["who"] == "user Somebody in <AWS::AccountId>"
    assert not re.search("[0-9]{12}", done.stdout)


def test_one_long_caller_does_not_push_the_table_apart(run: Run, tmp_path: Path) -> None:
    """What is longer than anybody's screen pushes only its own line."""
    subjects = [f"repo:acme/shop:environment:production-{number}" for number in range(12)]
    many = role(
        "Deploy",
        {"Federated": f"arn:aws:iam::{TARGET}:oidc-provider/{GITHUB}"},
        {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": subjects}},
    )
    many["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Action"] = "sts:AssumeRoleWithWebIdentity"
    template = {"Resources": {"A": many, "B": role("Admin", {"AWS": HUB}, MFA)}}
    (tmp_path / "t.json").write_text(json.dumps(template), encoding="utf-8")
    lines = run("who", "t.json", "--account", TARGET).stdout.splitlines()
    assert max(len(line) for line in lines if "Deploy" not in line) < 160


def test_what_nobody_has_looked_into_is_said_beside_the_list(run: Run, tmp_path: Path) -> None:
    """A nested stack whose template is elsewhere may have a role: nobody is said only of what was read."""
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://s3/x.yaml"}}
    for beside in ({}, {"R": role("Admin", {"AWS": HUB}, {})}):
        (tmp_path / "t.json").write_text(json.dumps({"Resources": {"Inner": stack, **beside}}))
        done = run("who", "t.json")
        assert done.returncode == 0
        assert done.stderr == "t.json: not checked: the nested stack Inner (TemplateURL), whose template is elsewhere\n"
        assert ("nobody: what was read of the templates has no role" in done.stdout) is not bool(beside)
        told = json.loads(run("who", "t.json", "--format", "json").stdout)
        assert [one["resource"] for one in told["not_checked"]] == ["Inner"]
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}))
    done = run("who", "t.json")
    assert (done.stdout, done.stderr) == ("nobody: the templates have no role that somebody may assume\n", "")
