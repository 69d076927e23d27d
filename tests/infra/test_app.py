"""
The app: each template gives exactly what the accounts file says, to nobody else, and with MFA.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import cx_api

import trustproof
from infra import application
from infra.access import LEVELS
from infra.accounts import Accounts, AccountsError
from infra.application import build_app
from infra.boundary import administrators, boundary, check_boundary, left_stacks, render_boundary

REPOSITORY = Path(__file__).resolve().parents[2]

Properties = Callable[[str, str], list[dict[str, Any]]]


def test_there_is_a_stack_for_each_account(accounts: Accounts, assembly: cx_api.CloudAssembly) -> None:
    """Each stack is named after its account, and deployed to it and its Region."""
    environments = {
        stack.stack_name: (stack.environment.account, stack.environment.region) for stack in assembly.stacks
    }
    assert environments == {f"access-{account.name}": (account.id, account.region) for account in accounts.accounts}


def test_roles_are_named_after_who_may_be_what(properties: Properties) -> None:
    """The names that people have in their profiles, and vendors in their settings, are these; they stay."""
    names = {
        account: sorted(role["RoleName"] for role in properties(f"access-{account}", "AWS::IAM::Role"))
        for account in ("hub", "dev", "prod", "audit")
    }
    assert names == {
        "hub": ["OrgAuditor"],
        "dev": ["OrgAdmin", "OrgAuditor", "OrgDeployer", "OrgReader"],
        "prod": [
            "OrgAuditor",
            "OrgCi-shop-deploy",
            "OrgDeployer",
            "OrgOperator",
            "OrgReader",
            "OrgVendor-observability-audit",
        ],
        "audit": ["OrgAuditor", "OrgReader"],
    }


def _end_of(arn: Any) -> str:
    """An ARN from where its partition, which some templates leave to CloudFormation, has ended."""
    text: str = arn if isinstance(arn, str) else arn["Fn::Join"][1][-1]
    return text.removeprefix("arn:aws")


def test_level_is_the_same_policies_for_everybody(everything_assembly: cx_api.CloudAssembly) -> None:
    """What a role may do is what its level says, in infra/access.py or in the file, whoever has it, for an hour."""
    levels = {level.name: level for level in LEVELS} | {level.title: level for level in LEVELS}
    levels |= {"Watcher": levels["audit"], "SiteOperator": levels["operate"], "SiteAdmin": levels["admin"]}
    for stack in everything_assembly.stacks:
        for resource in stack.template.get("Resources", {}).values():
            role = resource.get("Properties", {})
            if resource["Type"] != "AWS::IAM::Role" or role["RoleName"].startswith("OrgCiEntry-"):
                continue
            named = role["RoleName"].removeprefix("Org").removeprefix("Sso").rpartition("-")[2]
            attached = [_end_of(arn) for arn in role["ManagedPolicyArns"]]
            aws = [arn.removeprefix(":iam::aws:policy/") for arn in attached if ":aws:policy/" in arn]
            own = [arn for arn in attached if ":aws:policy/" not in arn]
            account = stack.environment.account
            if levels[named].name == "read":
                # The file says something else of this level.
                assert aws == ["ReadOnlyAccess", "job-function/ViewOnlyAccess"]
                assert own == [f":iam::{account}:policy/platform/ReadTickets", f":iam::{account}:policy/ReadWiki"]
                assert _end_of(role["PermissionsBoundary"]) == f":iam::{account}:policy/platform/People"
            else:
                assert (tuple(aws), own) == (levels[named].managed_policies, [])
                assert "PermissionsBoundary" not in role
            assert role["MaxSessionDuration"] == 3600


def test_vendor_is_told_role_and_external_id(assembly: cx_api.CloudAssembly) -> None:
    """What has to be entered in the vendor's settings is an output of the stack, and the same in every synthesis."""
    outputs = [output["Value"] for output in assembly.get_stack_by_name("access-prod").template["Outputs"].values()]
    assert outputs == [
        "arn:aws:iam::333344445555:role/OrgVendor-observability-audit",
        "b96eea7e31eefa584ec5af181fd25306",
    ]


def test_workflows_enter_before_they_go_on(everything_assembly: cx_api.CloudAssembly) -> None:
    """The stack with the entry roles is deployed before those whose roles trust them, and nothing else waits."""
    waiting = {
        stack.stack_name: [dependency.id for dependency in stack.dependencies if not dependency.id.endswith(".assets")]
        for stack in everything_assembly.stacks
    }
    assert waiting == {
        "access-hub": [],
        "access-audit": ["access-ci"],
        "access-ci": [],
        "access-dev": ["access-ci"],
        "access-idle": [],
        "access-prod": ["access-ci"],
    }


@pytest.mark.parametrize(("read", "synthesized"), [("accounts", "assembly"), ("everything", "everything_assembly")])
def test_gate_is_green(read: str, synthesized: str, request: pytest.FixtureRequest) -> None:
    """
    Every property of every policy is proved; nothing is refuted, and nothing left open but what managed policies allow
    that no template has.
    """
    accounts: Accounts = request.getfixturevalue(read)
    assembly: cx_api.CloudAssembly = request.getfixturevalue(synthesized)
    report = trustproof.check([assembly.directory], config=boundary(accounts))
    left = [result for result in report.results if result.verdict != "proved"]
    assert [one for one in left if "what it allows is not known" not in " ".join(one.reasons)] == []
    assert {one.severity for one in left} <= {"note"}
    assert (left != []) == (read == "everything")
    asked = {result.property for result in report.results}
    assert asked >= {
        "assume-role-scoped",
        "deployers-declared",
        "external-id-required",
        "inside-boundary",
        "mfa-required",
        "mfa-survives-chaining",
        "sensitive-actions-require-mfa",
        "session-duration-bounded",
        "statement-usable",
        "web-identity-bound",
    }


def test_whoever_may_deploy_is_listed_as_administrator(accounts: Accounts, tmp_path: Path) -> None:
    """A role that may use the deploy roles of the CDK, and is not one of those that are meant to, is refuted."""
    assert administrators(accounts) == ["OrgAdmin", "OrgCi-shop-deploy", "OrgDeployer"]
    app = build_app(accounts, outdir=str(tmp_path / "cdk.out"))
    resource = app.node.find_child("access-prod").node.find_child("read").node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.managed_policy_arns = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    with pytest.raises(RuntimeError, match=r"the CDK's deploy role of account 333344445555 may be assumed"):
        app.synth()


def test_gate_is_part_of_the_app(accounts: Accounts, tmp_path: Path) -> None:
    """A role whose MFA condition is taken away stops the synthesis, and the report names it."""
    app = build_app(accounts, outdir=str(tmp_path / "cdk.out"))
    resource = app.node.find_child("access-prod").node.find_child("deploy").node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.add_property_deletion_override("AssumeRolePolicyDocument.Statement.0.Condition")
    with pytest.raises(RuntimeError, match="access-prod/deploy/Resource"):
        app.synth()


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("", []),
        ('"999900001111", # dev', ["access-dev in 999900001111 is no stack of the app any more: unless you destroyed"]),
        ('"222233334444", # development', ["access-development in 222233334444 is no stack of the app any more"]),
        (
            '"222233334444", # dev, eu-west-1',
            ["access-dev in 222233334444 of eu-west-1 is no stack of the app any more: unless you destroyed"],
        ),
        ('"222233334444", # dev, eu-central-1', []),
        # As an older release wrote it.
        ('"222233334444", # dev', []),
    ],
    ids=["none", "gone", "renamed", "moved", "the same", "the same without its Region"],
)
def test_what_is_left_of_an_account_is_said(accounts: Accounts, before: str, said: list[str]) -> None:
    """The app knows no stack of an account that is gone, or has another name or Region, and its roles stay."""
    text = render_boundary(accounts).replace("accounts = [\n", f"accounts = [\n    {before}\n")
    found = left_stacks(accounts, text)
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))


def test_a_third_party_of_ones_own_is_not_what_differs(accounts: Accounts, tmp_path: Path) -> None:
    """What stands below the line stays, so that only what is written anew is named."""
    text = render_boundary(accounts) + '\n[[third-party]]\nname = "Other"\naccounts = ["999900001111"]\n'
    file = tmp_path / "trustproof.toml"
    file.write_text(text, encoding="utf-8")
    assert check_boundary(accounts, file) == file
    file.write_text(text.replace("[boundary]", "[boundary] # ours", 1), encoding="utf-8")
    with pytest.raises(AccountsError, match=r"^trustproof\.toml: is not as the accounts file makes it: "):
        check_boundary(accounts, file)
    file.write_text(re.sub("administrators = .*", "administrators = []", text), encoding="utf-8")
    with pytest.raises(AccountsError, match=r"properties\.deployers-declared\.administrators is not .* .without Org"):
        check_boundary(accounts, file)


def test_command_line_has_the_boundary_of_the_app(accounts: Accounts) -> None:
    """`trustproof.toml` is what the accounts file says; `make boundary` writes it."""
    text = (REPOSITORY / "trustproof.toml").read_text(encoding="utf-8")
    assert text == render_boundary(accounts, text)
    assert tomllib.loads(text) == boundary(accounts)


def test_app_needs_no_credentials_and_no_command_line(tmp_path: Path, assembly: cx_api.CloudAssembly) -> None:
    """`python app.py` writes the same templates, byte for byte, with nothing of AWS in its environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_", "PYTEST_"))}
    subprocess.run(
        [sys.executable, "app.py"],
        cwd=REPOSITORY,
        env={**environment, "CDK_OUTDIR": str(tmp_path / "cdk.out")},
        check=True,
    )
    for stack in assembly.stacks:
        written = tmp_path / "cdk.out" / stack.template_file
        assert written.read_bytes() == Path(stack.template_full_path).read_bytes()


LONG = ", ".join(f'"{"x" * 60}-{number}"' for number in range(60))


@pytest.mark.parametrize(
    ("before", "after", "code", "message"),
    [
        ('environments = ["production"]', f"branches = [{LONG}]", 1, r"workflows/shop/\w+.* trust policy"),
        (
            "",
            '[saml.staff]\nmetadata = "accounts.toml"\nread = ["dev"]\n',
            2,
            r"infra/accounts\.toml:\d+: saml\.staff\.metadata is not what it must be",
        ),
    ],
)
def test_mistakes_are_said_without_a_traceback(
    tmp_path: Path, before: str, after: str, code: int, message: str
) -> None:
    """What is wrong is a sentence of the app, also where a construct or the synthesis finds it."""
    for name in ("app.py", "cdk.json", "trustproof.toml"):
        shutil.copy(REPOSITORY / name, tmp_path / name)
    shutil.copytree(REPOSITORY / "infra", tmp_path / "infra")
    file = tmp_path / "infra" / "accounts.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after) if before else f"{text}\n{after}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == code, done.stderr
    assert re.search(message, done.stderr), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "is not there: it has the settings of the CDK"),
        ("", ":1: is no JSON: Expecting value"),
        ('{\n"context": {,', ":2: is no JSON"),
        ('{"app": "python3 app.py"}', "context must be an object, as 'trustproof new' writes it, got None"),
        ('["context"]', "context must be an object"),
    ],
)
def test_an_app_without_its_settings_is_refused(
    accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, said: str
) -> None:
    """Its templates would be others than those that the command line of the CDK makes."""
    file = tmp_path / "cdk.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(application, "_CDK_JSON", file)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AccountsError, match=f"^cdk.json.*{re.escape(said)}"):
        build_app(accounts, outdir=str(tmp_path / "cdk.out"))
