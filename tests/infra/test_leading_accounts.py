"""
Accounts from which the others are reached: nobody is an administrator of one by the way.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.accounts import EXAMPLE_SALT, AccountsError, parse_accounts, read_accounts
from infra.application import build_app
from infra.empty_grants import comes_to_nothing
from infra.management_account import unsaid_management

FILE = Path("accounts.toml")
HUB, DEV, AUDIT, CI, CENTER = ("111122223333", "222233334444", "555566667777", "777788889999", "888899990000")
ROOT = "999988887777"
CENTRAL = [HUB, AUDIT, CI, CENTER, ROOT]


def organization(**tables: Any) -> dict[str, Any]:
    """An accounts file in which every account is in one unit."""
    kinds = {"hub": (HUB, "hub"), "dev": (DEV, "workload"), "audit": (AUDIT, "audit"), "ci": (CI, "ci")}
    kinds["root"] = (ROOT, "management")
    accounts = {
        name: {"id": ident, "kind": kind, "region": "eu-central-1", "unit": "core"}
        for name, (ident, kind) in kinds.items()
    }
    accounts["center"] = {"id": CENTER, "region": "eu-central-1", "unit": "core"}
    return {
        "organization": {"id": "o-a1b2c3d4e5", "units": {"core": "ou-ab12-11111111", "empty": "ou-ab12-22222222"}},
        "accounts": accounts,
        "identity-center": {"instance": "arn:aws:sso:::instance/ssoins-0123456789abcdef", "account": "center"},
        **tables,
    }


@pytest.mark.parametrize("target", ["*", "core"])
@pytest.mark.parametrize(("level", "everywhere"), [("admin", False), ("deploy", False), ("operate", True)])
def test_deploying_is_not_meant_by_the_way(target: str, level: str, everywhere: bool) -> None:
    """Neither everywhere nor a unit means the accounts from which others are reached, for levels that deploy."""
    (group,) = parse_accounts(organization(groups={"people": {level: [target]}}), FILE).groups
    assert set(group.grants.levels) == ({"hub", "dev", "audit", "ci", "center", "root"} if everywhere else {"dev"})


@pytest.mark.parametrize("name", ["hub", "audit", "ci", "center", "root"])
def test_whoever_is_named_is_meant(name: str) -> None:
    """By its own name each of them can be given."""
    (group,) = parse_accounts(organization(groups={"people": {"deploy": [name]}}), FILE).groups
    assert set(group.grants.levels) == {name}


@pytest.mark.parametrize(("level", "central"), [("admin", False), ("audit", True)])
def test_roles_of_units_that_deploy_leave_them_out(tmp_path: Path, level: str, central: bool) -> None:
    """The StackSet makes no role in one of them, and the group may assume none there."""
    role = {"access": level, "units": ["core"], "groups": ["people"]}
    mapping = organization(groups={"people": {"read": ["dev"]}}, **{"organization-roles": {"wide": role}})
    assembly = build_app(parse_accounts(mapping, FILE), outdir=str(tmp_path)).synth()
    resources = [one for stack in assembly.stacks for one in stack.template.get("Resources", {}).values()]
    (stack_set,) = (one["Properties"] for one in resources if one["Type"] == "AWS::CloudFormation::StackSet")
    (instances,) = stack_set["StackInstancesGroup"]
    (statement,) = (
        found
        for one in resources
        if one["Type"] == "AWS::IAM::ManagedPolicy" and "OrgWide" in json.dumps(one)
        for found in one["Properties"]["PolicyDocument"]["Statement"]
    )
    whose = {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}
    if central:
        assert "AccountFilterType" not in instances["DeploymentTargets"]
        assert statement["Condition"] == whose
    else:
        assert instances["DeploymentTargets"]["AccountFilterType"] == "DIFFERENCE"
        assert instances["DeploymentTargets"]["Accounts"] == CENTRAL
        assert statement["Condition"] == {**whose, "StringNotEquals": {"aws:ResourceAccount": CENTRAL}}


def test_what_gives_nobody_anything_is_said(tmp_path: Path) -> None:
    """A unit without an account, one of which a level means no account, and an entry without access; as a warning."""
    mapping = organization(
        groups={"people": {"read": ["empty", "core"]}, "nobody": {}},
        vendors={"logs": {"name": "Logs", "accounts": ["444455556666"]}},
    )
    accounts = parse_accounts(mapping, FILE)
    messages = [
        "groups.people.read gives nobody anything in 'empty', which has no account",
        "vendors.logs has access nowhere",
    ]
    assert list(comes_to_nothing(accounts)) == messages
    stack = build_app(accounts, outdir=str(tmp_path)).synth().get_stack_by_name("access-hub")
    assert [str(one.entry.data).partition(" [ack")[0] for one in stack.messages] == messages
    mapping["accounts"]["dev"].pop("unit")
    mapping["groups"] = {"people": {"deploy": ["core"]}}
    first, _ = comes_to_nothing(parse_accounts(mapping, FILE))
    assert first == (
        "groups.people.deploy gives nobody anything in 'core', which has only hub, audit, center, ci, root: for "
        "deploy, accounts from which others are reached must be named"
    )


def test_a_policy_that_is_called_like_one_of_aws_is_said_to_be_no_such(tmp_path: Path) -> None:
    """The accounts file names no boundary of AWS, so that no account may have the one that is named."""
    mapping = organization(groups={"people": {"read": ["dev"], "deploy": ["dev"]}})
    mapping["levels"] = {
        "read": {"permissions-boundary": "ReadOnlyAccess"},
        "deploy": {"permissions-boundary": "Limit"},
    }
    stack = build_app(parse_accounts(mapping, FILE), outdir=str(tmp_path)).synth().get_stack_by_name("access-hub")
    (said,) = [str(one.entry.data) for one in stack.messages]
    assert said.startswith("levels.read.permissions-boundary is the policy 'ReadOnlyAccess' of your own, which each")


@pytest.mark.parametrize(
    ("name", "kind", "grants", "said"),
    [
        ("management", None, {"deploy": ["core"], "admin": ["*"]}, "groups.people has deploy and admin"),
        ("acme-payer", None, {"admin": ["*"], "read": ["*"]}, "groups.people has admin"),
        # The kind says it, or that it is another account; or the account is named, or nobody deploys there.
        ("management", "management", {"admin": ["*"]}, None),
        ("management", "audit", {"admin": ["*"]}, None),
        ("management", None, {"admin": ["management", "*"]}, None),
        ("management", None, {"read": ["*"]}, None),
        ("managements", None, {"admin": ["*"]}, None),
    ],
)
def test_an_account_called_like_the_management_account_is_asked_for_its_kind(
    tmp_path: Path, name: str, kind: str | None, grants: dict[str, list[str]], said: str | None
) -> None:
    """Files from before the kind give it to whoever deploys everywhere."""
    mapping = organization(groups={"people": grants})
    del mapping["accounts"]["root"], mapping["accounts"]["audit"]
    mapping["accounts"][name] = {"id": ROOT, "region": "eu-central-1", "unit": "core"} | (
        {"kind": kind} if kind else {}
    )
    accounts = parse_accounts(mapping, FILE)
    messages = [*unsaid_management(accounts)]
    if said is None:
        assert not messages
        return
    (message,) = messages
    assert message.startswith(f"accounts.{name} may be the management account of the organization")
    assert said in message
    stack = build_app(accounts, outdir=str(tmp_path)).synth().get_stack_by_name("access-hub")
    assert any(message in str(one.entry.data) for one in stack.messages)
    mapping["accounts"]["dev"]["kind"] = "management"
    assert not [*unsaid_management(parse_accounts(mapping, FILE))]


def with_salt(salt: str, ident: str = DEV, **vendor: str) -> dict[str, Any]:
    """An accounts file with one vendor."""
    logs = {"name": "Logs", "accounts": ["444455556666"], "audit": ["dev"], **vendor}
    mapping = organization(vendors={"logs": logs})
    mapping["organization"]["external-id-salt"] = salt
    mapping["accounts"]["dev"]["id"] = ident
    return mapping


def test_the_published_salt_is_refused_for_real_accounts() -> None:
    """What is derived from it anybody can compute; made-up accounts, and ids that are given, need none of one's own."""
    with pytest.raises(AccountsError, match=re.escape("vendors.logs has an external id in 'dev' that is derived from")):
        parse_accounts(with_salt(EXAMPLE_SALT, "222233334445"), FILE)
    for mapping in (
        with_salt(EXAMPLE_SALT),
        with_salt("81202dbbbbacb09e6a2c9486daad59bf", "222233334445"),
        with_salt(EXAMPLE_SALT, "222233334445", **{"external-id": "0815-4711"}),
    ):
        parse_accounts(mapping, FILE)


@pytest.mark.parametrize("table", ["service-control-policies", "resource-control-policies"])
def test_files_of_control_policies_must_be_there(tmp_path: Path, table: str) -> None:
    """They are not deployed, so nothing else would miss one."""
    mapping = organization()
    mapping["organization"][table] = {"core": ["FullAWSAccess", "policies/x.json"]}
    with pytest.raises(AccountsError, match=rf"organization.{table}.core must be files .*, got 'policies/x.json'"):
        parse_accounts(mapping, tmp_path / "accounts.toml")
    (tmp_path / "policies").mkdir()
    statement = '{"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Principal": "*"}'
    if table == "service-control-policies":
        statement = statement.replace(', "Principal": "*"', "")
    text = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    (tmp_path / "policies" / "x.json").write_text(text, encoding="utf-8")
    parse_accounts(mapping, tmp_path / "accounts.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n  "Version": "2012-10-17",\n  x}', "which is not JSON in line 3: "),
        ("[" * 100_000, "which cannot be read: "),
        ("\xff", "which is not JSON in line 1: "),
        ("[]", "which has no Statement"),
        ('{"Statement": 1}', "which has no Statement"),
        ('{"Version": "2008-10-17", "Statement": []}', "whose Version is '2008-10-17'"),
        ('{"Version": "2012-10-17", "Statement": [{"Effect": "Deni"}]}', "which is none in line 1: "),
    ],
)
def test_files_of_control_policies_hold_policies(tmp_path: Path, text: str, said: str) -> None:
    """What is none is refused by whatever reads the accounts file, with the line of the key."""
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    lines = ["[organization]", 'id = "o-a1b2c3d4e5"', "[organization.service-control-policies]", '"*" = ["x.json"]']
    lines += ["[accounts.hub]", 'kind = "hub"', f'id = "{HUB}"', 'region = "eu-central-1"']
    file = tmp_path / "accounts.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    where = r"accounts.toml:4: organization.service-control-policies.\* must be policies, got 'x.json', "
    with pytest.raises(AccountsError, match=where + re.escape(said)):
        read_accounts(file)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Effect": "Allow"}, "has the Effect Allow"),
        ({"Principal": {"AWS": HUB}}, 'has another Principal than "*"'),
        ({"Principal": None}, "has no Principal"),
        ({"Action": None, "NotAction": "s3:*"}, "has no Action: NotAction is not supported"),
    ],
)
def test_what_organizations_refuses_as_a_resource_control_policy(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    """It would keep nobody out, since it cannot be attached."""
    good = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    bad = {key: value for key, value in {**good, **changed}.items() if value is not None}
    text = f'{{"Version": "2012-10-17", "Statement": [\n{json.dumps(good)},\n{json.dumps(bad)}]}}'
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    mapping = organization()
    mapping["organization"]["resource-control-policies"] = {"core": ["x.json"]}
    message = rf"\.core must be policies, got 'x.json', which is none in line 3: .*{re.escape(said)}"
    with pytest.raises(AccountsError, match=message):
        parse_accounts(mapping, tmp_path / "accounts.toml")
    (tmp_path / "x.json").write_text(text.replace(json.dumps(bad), json.dumps(good)), encoding="utf-8")
    parse_accounts(mapping, tmp_path / "accounts.toml")


@pytest.mark.parametrize("table", ["service-control-policies", "resource-control-policies"])
def test_the_root_has_one_name_for_control_policies(table: str) -> None:
    """By the name that a unit of the file has, they held for the accounts only that are said to be directly in it."""
    mapping = organization()
    mapping["organization"]["units"]["all"] = "r-ab12"
    mapping["organization"][table] = {"all": ["FullAWSAccess"]}
    where = rf"accounts\.toml: organization\.{table}\.all is the root, r-ab12: attach them to '\*'"
    with pytest.raises(AccountsError, match=where):
        parse_accounts(mapping, FILE)
