"""
Control policies of the accounts file: those by which nobody gets into a role are refused, and harmless ones are not.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from infra.accounts import AccountsError, parse_accounts, read_accounts
from infra.application import add_stacks
from infra.kept_out import kept_out
from tests.cdk.federated import METADATA
from tests.infra.test_accounts import GOOD, POD

MANAGEMENT = {"id": "999988887777", "region": "eu-central-1", "kind": "management"}
OURS, PERIMETER = "o-a1b2c3d4e5", "StringNotEqualsIfExists"
SPARED = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
#: A policy that allows nothing about roles.
NOTHING = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
MEMBERS, PEOPLE = "users of hub with MFA", "people of permission set Developer in hub"
GITHUB = "token.actions.githubusercontent.com"
CLUSTERS = [f"oidc.eks.eu-central-1.amazonaws.com/id/0000000000000000000000000000000{one}" for one in "AB"]
VENDOR, WORKFLOWS, PODS = "vendor Logs", "workflows of acme/shop", "EKS Pod Identity (pods.eks.amazonaws.com)"

OTHERS = [MEMBERS, PEOPLE, VENDOR]


def said(
    folder: Path,
    statement: dict[str, Any],
    *,
    kind: str = "service",
    target: str = "*",
    managed: bool = True,
    entries: dict[str, Any] | None = None,
) -> list[str]:
    """Whom a statement of a control policy keeps out of some role, as messages."""
    mapping = copy.deepcopy(GOOD)
    mapping["pods"] = {"pod": {**POD, "read": ["dev"]}}
    mapping.update(copy.deepcopy(entries or {}))
    if managed:
        mapping["accounts"]["root"] = MANAGEMENT
    whole = {"Sid": "Why", "Effect": "Deny", "Action": "sts:*", "Resource": "*", **statement}
    if kind == "resource":
        whole["Principal"] = "*"
    (folder / "x.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [whole]}), encoding="utf-8")
    names = ["x.json"] if whole["Effect"] == "Allow" or kind == "resource" else ["FullAWSAccess", "x.json"]
    mapping["organization"][f"{kind}-control-policies"] = {target: names}
    try:
        return list(kept_out(parse_accounts(mapping, folder / "accounts.toml")))
    except AccountsError as error:
        return str(error).splitlines()


def callers(messages: list[str]) -> list[str]:
    return [found[1] for message in messages if (found := re.search(r"(?:denies|allows) \S+ to ([^;]+);", message))]


@pytest.mark.parametrize(
    ("statement", "who"),
    [
        ({}, [MEMBERS, PEOPLE]),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-another000"}}}, [MEMBERS, PEOPLE]),
        ({"Condition": {"StringNotEquals": {"aws:RequestedRegion": "cn-north-1"}}}, [MEMBERS, PEOPLE]),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin*"}}}, [MEMBERS, PEOPLE]),
        ({"Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin*"}}}, [MEMBERS, PEOPLE]),
        ({"Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}}, [MEMBERS]),
        ({"Condition": {"StringNotLike": {"aws:userid": "AROAEXAMPLE:*"}}}, [MEMBERS]),
        # A statement of AWS about credentials of instances, without the other one that spares those of others.
        ({"Condition": {"StringNotEquals": {"aws:Ec2InstanceSourceVpc": "vpc-1"}}}, [MEMBERS, PEOPLE]),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}}, [PEOPLE]),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*/AWSReservedSSO_Dev*"}}}, [PEOPLE]),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*SSO_Developer_*"}}}, [MEMBERS]),
        ({"Condition": {"Null": {"aws:RequestTag/cost": "true"}}}, [MEMBERS, PEOPLE]),
        ({"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}, [PEOPLE]),
        ({"Condition": {"Null": {"aws:username": "false"}}}, [MEMBERS]),
        ({"Condition": {"Null": {"aws:username": "true"}}}, [PEOPLE]),
        ({"Condition": {"Null": {"aws:TokenIssueTime": "false"}}}, [PEOPLE]),
        ({"Resource": "arn:aws:iam::*:role/OrgAud*"}, [MEMBERS]),
        ({"Effect": "Allow", "Action": "s3:*"}, [MEMBERS, PEOPLE]),
    ],
)
def test_a_service_control_policy_that_keeps_everybody_out_is_refused(
    tmp_path: Path, statement: dict[str, Any], who: list[str]
) -> None:
    messages = said(tmp_path, statement)
    assert callers(messages) == who
    assert all(one.startswith("accounts.toml: organization.service-control-policies.* lets nobody") for one in messages)


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "ec2:*"},
        {"Resource": "arn:aws:iam::*:role/Platform*"},
        {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": OURS}}},
        {"Condition": {"StringNotEqualsIfExists": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}},
        {"Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}},
        # One of them newer than anything that is known here.
        {"Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-moon-7"]}}},
        {"Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}},
        # Which users there are, where they are and what they are tagged with is not in the file.
        {"Condition": {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:user/alice", "arn:aws:iam::*:role/aws-*"]}}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "platform"}}},
        {"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}, "Action": "sts:Get*"},
    ],
)
def test_a_harmless_or_undecided_one_says_nothing(tmp_path: Path, statement: dict[str, Any]) -> None:
    assert said(tmp_path, statement) == []


@pytest.mark.parametrize(
    ("statement", "who"),
    [
        ({}, [MEMBERS, PEOPLE, VENDOR, WORKFLOWS, PODS]),
        ({"Condition": {PERIMETER: {"aws:PrincipalOrgID": OURS}}}, [WORKFLOWS, PODS]),
        ({"Condition": {PERIMETER: {"aws:PrincipalOrgID": OURS}, **SPARED}}, [WORKFLOWS]),
        ({"Condition": {PERIMETER: {"aws:PrincipalOrgID": OURS, "aws:PrincipalAccount": "444455556666"}}}, [WORKFLOWS]),
        ({"Condition": {PERIMETER: {"aws:PrincipalAccount": "777777777777"}, **SPARED}}, [WORKFLOWS, *OTHERS]),
        ({"Condition": {"Null": {"aws:PrincipalTag/team": "true"}, **SPARED}}, [WORKFLOWS]),
        (
            {"Action": "sts:AssumeRole", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "1"}, **SPARED}},
            OTHERS,
        ),
        (
            {"Condition": {"StringNotLikeIfExists": {"token.actions.githubusercontent.com:sub": "repo:other/*"}}},
            [WORKFLOWS, MEMBERS, PEOPLE, PODS],
        ),
        ({"Condition": {PERIMETER: {"aws:PrincipalOrgID": OURS, "sts:ExternalId": "1"}, **SPARED}}, [WORKFLOWS]),
        (
            {"Action": "sts:AssumeRole*", "Condition": {"Null": {"sts:SourceIdentity": "true"}, **SPARED}},
            [WORKFLOWS, *OTHERS],
        ),
        (
            {"Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/x"}, **SPARED}},
            [WORKFLOWS, *OTHERS],
        ),
        ({"Action": "sts:TagSession", "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}}, [PODS]),
    ],
)
def test_a_resource_control_policy_is_asked_of_everybody(
    tmp_path: Path, statement: dict[str, Any], who: list[str]
) -> None:
    """Tokens, services and vendors come from no account of the organization, and have to be spared."""
    assert sorted(callers(said(tmp_path, statement, kind="resource"))) == sorted(who)


@pytest.mark.parametrize(
    "condition",
    [
        # The vendor may be of that one.
        {PERIMETER: {"aws:PrincipalOrgID": [OURS, "o-vendor00000"]}},
        {PERIMETER: {"aws:PrincipalOrgID": OURS, "aws:PrincipalAccount": "444455556666"}},
    ],
)
def test_a_perimeter_that_spares_whom_the_file_names_says_nothing(tmp_path: Path, condition: dict[str, Any]) -> None:
    statement = {"Action": "sts:AssumeRole", "Condition": {**condition, **SPARED}}
    assert said(tmp_path, statement, kind="resource") == []


@pytest.mark.parametrize(
    ("condition", "messages"),
    [
        ({PERIMETER: {"aws:PrincipalOrgID": OURS}, **SPARED}, {VENDOR: f"444455556666 is an account of {OURS}"}),
        (
            {PERIMETER: {"aws:PrincipalOrgID": OURS, "aws:PrincipalAccount": "444455556666"}},
            {PODS: "pods.eks.amazonaws.com calls from an account or as a role that is spared, which AWS does not say"},
        ),
        # The perimeter that AWS publishes.
        (
            {PERIMETER: {"aws:PrincipalOrgID": OURS, "aws:ResourceTag/dp:exclude:identity": "true"}, **SPARED},
            {VENDOR: f"444455556666 is an account of {OURS}, or the roles have tags that are spared"},
        ),
        (
            {"StringNotEquals": {"aws:ResourceTag/team": "x"}, "StringEquals": {"aws:PrincipalType": "User"}},
            {MEMBERS: "the roles have tags that are spared"},
        ),
    ],
)
def test_what_is_not_certain_is_a_warning(tmp_path: Path, condition: dict[str, Any], messages: dict[str, str]) -> None:
    """Of which organization a vendor is, from where services call, and tags that are given to roles."""
    found = said(tmp_path, {"Action": "sts:AssumeRole", "Condition": condition}, kind="resource")
    assert callers(found) == [*messages]
    assert [one.partition("(unless ")[2] for one in found] == [f"{one})" for one in messages.values()]


def test_a_region_that_nobody_knows_may_be_a_slip(tmp_path: Path) -> None:
    """A Region that is newer than the CDK has a name that nobody knows here as well."""
    condition = {"StringNotEquals": {"aws:RequestedRegion": "eu-centrall-1"}}
    found = said(tmp_path, {"Condition": condition})
    assert callers(found) == [MEMBERS, PEOPLE]
    assert all(one.endswith("(unless there is a Region eu-centrall-1)") for one in found)
    condition["StringNotEquals"]["aws:RequestedRegion"] = "eu-central-1"
    assert said(tmp_path, {"Condition": condition}) == []


def test_one_of_several_who_is_kept_out_is_a_warning(tmp_path: Path) -> None:
    """Another account of a vendor, another repository: the role is there, and some of those whom it is for get in."""
    vendor = {"name": "Logs", "accounts": ["444455556666", "777788889999"], "audit": ["prod"]}
    spared = {PERIMETER: {"aws:PrincipalOrgID": [OURS, "o-vendor00000"], "aws:PrincipalAccount": "444455556666"}}
    condition = {
        "StringNotEqualsIfExists": {"aws:PrincipalAccount": "444455556666"},
        "Null": {"sts:ExternalId": "false"},
    }
    statement = {"Action": "sts:AssumeRole", "Condition": condition}
    (found,) = said(tmp_path, statement, kind="resource", entries={"vendors": {"logs": vendor}})
    assert "keeps some of those who are meant out of OrgVendor-logs-audit of prod: " in found
    assert found.endswith(" denies sts:AssumeRole to vendor Logs in 777788889999; spare them there")
    assert said(tmp_path, {"Action": "sts:AssumeRole", "Condition": {**spared, **SPARED}}, kind="resource") == []
    shop = {"github": "acme/shop", "also": ["acme/cart"], "branches": ["main"], "read": ["dev"]}
    subject = {"StringNotLike": {f"{GITHUB}:sub": "repo:acme/shop:*"}, "Null": {f"{GITHUB}:sub": "false"}}
    (found,) = said(tmp_path, {"Condition": subject}, kind="resource", entries={"repositories": {"shop": shop}})
    assert found.endswith(" denies sts:AssumeRoleWithWebIdentity to workflows of acme/cart; spare them there")


@pytest.mark.parametrize(
    ("condition", "is_denied"),
    [
        ({"StringNotLike": {f"{GITHUB}:sub": "repo:acme/shop:environment:*"}}, True),
        ({"StringNotLike": {f"{GITHUB}:sub": "repo:acme/shop:ref:refs/heads/*"}}, False),
        ({"StringNotEquals": {f"{GITHUB}:repository": "acme/other"}}, True),
        ({"StringNotEquals": {f"{GITHUB}:repository": "acme/shop"}}, False),
        ({"StringNotLike": {f"{GITHUB}:job_workflow_ref": "acme/gate/*"}}, True),
        ({"StringNotLike": {f"{GITHUB}:job_workflow_ref": "acme/ci/*"}}, False),
        ({"StringNotEquals": {f"{GITHUB}:actor": "somebody"}}, False),
    ],
)
def test_what_tokens_of_workflows_say_is_known(tmp_path: Path, condition: dict[str, Any], is_denied: bool) -> None:
    workflow = "acme/ci/.github/workflows/deploy.yml@refs/heads/main"
    shop = {"github": "acme/shop", "branches": ["main"], "read": ["dev"], "job-workflow-refs": [workflow]}
    statement = {"Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}
    found = said(tmp_path, statement, kind="resource", entries={"repositories": {"shop": shop}})
    assert callers(found) == ([WORKFLOWS] if is_denied else [])


@pytest.mark.parametrize(
    ("condition", "is_denied"),
    [
        ({"StringNotEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}, False),
        ({"StringNotEquals": {"saml:aud": "https://eu-central-1.signin.aws.amazon.com/saml"}}, True),
        ({"StringNotEquals": {"SAML:iss": "https://idp.example.com"}}, False),
        ({"Null": {f"{GITHUB}:sub": "true"}}, True),
        ({"StringNotEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}}, True),
    ],
)
def test_what_assertions_say_is_known(tmp_path: Path, condition: dict[str, Any], is_denied: bool) -> None:
    (tmp_path / "staff.xml").write_text(METADATA, encoding="utf-8")
    people = {"staff": {"metadata": "staff.xml", "read": ["dev"]}}
    statement = {"Action": "sts:AssumeRoleWithSAML", "Condition": condition}
    assert bool(said(tmp_path, statement, kind="resource", entries={"saml": people})) is is_denied


@pytest.mark.parametrize(
    ("subject", "is_denied"),
    [
        ("system:serviceaccount:other:*", True),
        ("system:serviceaccount:a:*", False),
        ("system:serviceaccount:a:c", False),
        ("system:serviceaccount:a/*", True),
    ],
)
def test_what_tokens_of_pods_say_is_known(tmp_path: Path, subject: str, is_denied: bool) -> None:
    accounts = ["a/b", "a/c"]
    pods = {"service-accounts": accounts, "issuers": {"dev": [f"https://{CLUSTERS[0]}"]}, "read": ["dev"]}
    key = f"{CLUSTERS[0]}:sub"
    condition = {"StringNotLikeIfExists": {key: subject}, "Null": {key: "false"}}
    statement = {"Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}
    assert bool(said(tmp_path, statement, kind="resource", entries={"pods": {"pod": pods}})) is is_denied


def test_only_what_holds_for_an_account_counts(tmp_path: Path) -> None:
    """A service control policy is for callers, and holds for no management account; a resource one is for the role."""
    assert said(tmp_path, {}, target="dev") == []
    assert said(tmp_path, {}, target="root") == []
    assert said(tmp_path, {}, kind="resource", target="root") == []
    (found,) = said(tmp_path, {"Action": "sts:AssumeRole"}, kind="resource", target="hub")
    assert "OrgAuditor of hub:" in found


def test_the_root_may_not_hold_for_the_hub(tmp_path: Path) -> None:
    """The hub may be the management account of a file that names none: what holds then nobody says as certain."""
    messages = said(tmp_path, {}, managed=False)
    assert callers(messages) == [MEMBERS, PEOPLE]
    assert all(one.endswith("(unless hub is the management account, for which none holds)") for one in messages)
    assert "unless" not in "".join(said(tmp_path, {}, managed=False, target="hub"))


def test_first_devices_are_a_warning(tmp_path: Path) -> None:
    """Calls to IAM are in one Region, and without MFA: who has no device yet can enrol none."""
    elsewhere = {"Action": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}}
    (found,) = said(tmp_path, elsewhere)
    assert "lets nobody get as far as MFA: statement Why of x.json denies iam:EnableMFADevice" in found
    assert said(tmp_path, {**elsewhere, "Action": "s3:*"}) == []


def test_line_and_statement_are_said(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(NOTHING, encoding="utf-8")
    file = tmp_path / "accounts.toml"
    file.write_text(
        '[organization]\nid = "o-a1b2c3d4e5"\n[organization.service-control-policies]\nhub = ["x.json"]\n'
        '[accounts.hub]\nkind = "hub"\nid = "111122223333"\nregion = "eu-central-1"\n[groups.all]\nread = ["*"]\n',
        encoding="utf-8",
    )
    app = cdk.App(builtin_cloud_formation_validation=False)
    message = (
        r"accounts\.toml:4: organization\.service-control-policies\.hub lets nobody into OrgReader of hub: no policy "
        r"there allows sts:AssumeRole to users of hub with MFA; allow it there, or name FullAWSAccess too$"
    )
    with pytest.raises(AccountsError, match=message):
        add_stacks(app, read_accounts(file))


def test_the_synthesis_warns(tmp_path: Path) -> None:
    mapping = copy.deepcopy(GOOD)
    mapping["organization"]["service-control-policies"] = {"*": ["x.json"]}
    (tmp_path / "x.json").write_text(NOTHING, encoding="utf-8")
    app = cdk.App(builtin_cloud_formation_validation=False)
    add_stacks(app, parse_accounts(mapping, tmp_path / "accounts.toml"))
    hub = app.node.find_child("access-hub")
    assert isinstance(hub, cdk.Stack)
    found = assertions.Annotations.from_stack(hub).find_warning("*", assertions.Match.string_like_regexp("lets nobody"))
    assert len(found) == 3


def test_roles_in_units_are_asked_as_well(tmp_path: Path) -> None:
    mapping = copy.deepcopy(GOOD)
    mapping["accounts"]["tools"] = {"id": "555566667777", "region": "eu-central-1", "kind": "audit"}
    mapping["organization-roles"] = {"wide": {"access": "audit", "units": ["work"], "groups": ["auditors"]}}
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/OrgWide-*", "Principal": "*"}
    (tmp_path / "x.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": deny}), encoding="utf-8")
    mapping["organization"]["resource-control-policies"] = {"work": ["x.json"]}
    with pytest.raises(AccountsError, match=r"lets nobody into OrgWide-wide of unit work: statement 1 of x\.json"):
        list(kept_out(parse_accounts(mapping, tmp_path / "accounts.toml")))


def test_entries_of_workflows_are_asked_as_callers(tmp_path: Path) -> None:
    """Workflows go on from the account where they enter, by its service control policies."""
    mapping = copy.deepcopy(GOOD)
    mapping["accounts"]["build"] = {"id": "777788889999", "region": "eu-central-1", "kind": "ci"}
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}
    (tmp_path / "x.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [deny]}), encoding="utf-8")
    mapping["organization"]["service-control-policies"] = {"build": ["FullAWSAccess", "x.json"]}
    with pytest.raises(AccountsError, match=r"OrgCi-shop-deploy of dev, .* to OrgCiEntry-shop of build;"):
        list(kept_out(parse_accounts(mapping, tmp_path / "accounts.toml")))


@pytest.mark.parametrize(
    ("keys", "who"),
    [
        ({f"{GITHUB}:sub": "true"}, [f"pods tokens with tokens of {CLUSTERS[0]}"]),
        ({f"{CLUSTERS[0]}:aud": "true"}, [WORKFLOWS]),
        # Pods of the other cluster get in.
        ({f"{CLUSTERS[0]}:aud": "false"}, [f"pods tokens with tokens of {CLUSTERS[0]}"]),
        ({f"{GITHUB}:sub": "true", f"{CLUSTERS[1]}:sub": "true"}, [f"pods tokens with tokens of {CLUSTERS[0]}"]),
    ],
)
def test_who_comes_with_one_token_has_none_of_another_issuer(
    tmp_path: Path, keys: dict[str, str], who: list[str]
) -> None:
    """Issuers that a policy leaves in by their claims, as the perimeter that AWS publishes does."""
    mapping = copy.deepcopy(GOOD)
    pods = {"service-accounts": ["a/b"], "issuers": {"dev": [f"https://{one}" for one in CLUSTERS]}, "read": ["dev"]}
    mapping["pods"] = {"tokens": pods}
    what = {"Action": "sts:AssumeRoleWithWebIdentity", "Resource": "*", "Condition": {"Null": keys}}
    statement = {"Effect": "Deny", "Principal": "*", **what}
    (tmp_path / "x.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), encoding="utf-8")
    mapping["organization"]["resource-control-policies"] = {"*": ["x.json"]}
    messages: list[str] = []
    try:
        messages.extend(kept_out(parse_accounts(mapping, tmp_path / "accounts.toml")))
    except AccountsError as error:
        messages.extend(str(error).splitlines())
    assert sorted(callers(messages)) == sorted(who)
