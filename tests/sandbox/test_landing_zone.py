"""
The example of a landing zone, deployed in the order of its dependencies: whoever is meant gets in, and nobody else.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aws_cdk", reason="the example needs the cdk extra")

from aws_cdk import cx_api
from botocore import UNSIGNED
from botocore.config import Config

from tests.sandbox.cast import Cast, allow, refusal
from trustproof.sandbox import Sandbox
from trustproof.sandbox.credentials.issuers import TokenRequest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "landing-zone"
HUB, DEVELOPMENT, PRODUCTION, AUDIT, CI = (
    "111122223333",
    "222233334444",
    "333344445555",
    "555566667777",
    "777788889999",
)
GITHUB = "token.actions.githubusercontent.com"
REFUSED = "AccessDenied"
#: What the accounts file has here, since the management account of a sandbox is its own.
GUARDRAIL = "AWS::Organizations::Policy"
FILES = {"SERVICE_CONTROL_POLICY": "service.json", "RESOURCE_CONTROL_POLICY": "resource.json"}
ACCOUNTS = """
[organization]
id = "o-a1b2c3d4e5"
[organization.units]
workloads = "ou-ab12-11111111"
[organization.service-control-policies]
"*" = ["FullAWSAccess", "service.json"]
[organization.resource-control-policies]
workloads = ["resource.json"]
"""


def account(name: str, number: str, *more: str) -> str:
    """An entry of an accounts file."""
    return "\n".join([f"[accounts.{name}]", f'id = "{number}"', 'region = "eu-central-1"', *more, ""])


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> cx_api.CloudAssembly:
    """The example, synthesized."""
    return synthesized(tmp_path_factory.mktemp("zone"))


def synthesized(folder: Path) -> cx_api.CloudAssembly:
    """The cloud assembly of the example, below a folder."""
    spec = importlib.util.spec_from_file_location("landing_zone_deployed", EXAMPLE / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: cx_api.CloudAssembly = module.build_app(str(folder / "cdk.out")).synth()
    return found


class Zone(Cast):
    """
    Everybody who calls; root users make them, whom a guardrail for users does not stop.
    """

    def iam(self, account: str = HUB) -> Any:
        return self.aws.client("iam", self.aws.root_keys(account))

    def member(self, group: str) -> dict[str, str]:
        """A user of the hub in a group, who may do nothing but what the group may."""
        user = self.user(account=HUB)
        self.iam().add_user_to_group(GroupName=group, UserName=user["Name"])
        return user

    def with_mfa(self, user: dict[str, str]) -> Any:
        """Keys of a session with MFA."""
        serial = self.device(user)
        given = {"SerialNumber": serial, "TokenCode": self.code(serial)}
        return self.sts(user).get_session_token(**given)["Credentials"]


@pytest.fixture(scope="module")
def zone(assembly: cx_api.CloudAssembly, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zone]:
    """The accounts, with every stack in them and the guardrails around them."""
    with Sandbox(accounts_file(tmp_path_factory.mktemp("organization"), assembly)) as aws:
        yield deployed(aws, assembly)


def accounts_file(folder: Path, assembly: cx_api.CloudAssembly, *, guarded: bool = True) -> Path:
    """The accounts of the example, with the control policies that it makes around them or without."""
    unit = 'unit = "workloads"'
    file = folder / "accounts.toml"
    file.write_text(
        (ACCOUNTS if guarded else ACCOUNTS.partition("[organization.service-control-policies]")[0])
        + account("hub", HUB, 'kind = "hub"')
        + account("development", DEVELOPMENT, unit)
        + account("production", PRODUCTION, unit)
        + account("audit", AUDIT)
        + account("ci", CI)
    )
    for stack in assembly.stacks:
        for resource in stack.template["Resources"].values():
            if resource["Type"] == GUARDRAIL:
                properties = resource["Properties"]
                (folder / FILES[properties["Type"]]).write_text(json.dumps(properties["Content"]))
    return file


def deployed(aws: Sandbox, assembly: cx_api.CloudAssembly) -> Zone:
    """Every stack of the example, each after those that it depends on."""
    zone = Zone(aws)
    zone.iam(CI).create_open_id_connect_provider(
        Url=f"https://{GITHUB}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    # What assembly.stacks lists is in the order of the dependencies.
    for stack in assembly.stacks:
        if any(resource["Type"] == GUARDRAIL for resource in stack.template["Resources"].values()):
            continue
        keys = aws.root_keys(stack.environment.account)
        cloudformation = aws.client("cloudformation", keys, region=stack.environment.region)
        template = {key: value for key, value in stack.template.items() if key not in ("Parameters", "Rules")}
        cloudformation.create_stack(
            StackName=stack.stack_name,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
        (there,) = cloudformation.describe_stacks(StackName=stack.stack_name)["Stacks"]
        events = cloudformation.describe_stack_events(StackName=stack.stack_name)["StackEvents"]
        reasons = [event["ResourceStatusReason"] for event in events if event.get("ResourceStatusReason")]
        assert there["StackStatus"] == "CREATE_COMPLETE", (stack.stack_name, reasons)
    return zone


def role(number: str, name: str) -> str:
    return f"arn:aws:iam::{number}:role/{name}"


ROLES = [role(DEVELOPMENT, "Deployer"), role(PRODUCTION, "Reader"), role(PRODUCTION, "Deployer")] + [
    role(number, "SecurityAuditor") for number in (DEVELOPMENT, PRODUCTION, AUDIT)
]
#: Group to the roles that its members get into.
MEMBERS = {"developers": {ROLES[0], ROLES[1]}, "operators": {ROLES[2]}, "auditors": {ROLES[3], ROLES[4]}}


@pytest.mark.parametrize("group", sorted(MEMBERS))
def test_members_of_a_group_get_into_its_roles_with_mfa(zone: Zone, group: str) -> None:
    """Into each of them, and into no other; without MFA into none."""
    member = zone.member(group)
    for arn in ROLES:
        assert refusal(partial(zone.assume, member, arn))[0] == REFUSED
    session = zone.with_mfa(member)
    for arn in ROLES:
        if arn in MEMBERS[group]:
            assert zone.assume(session, arn)["Credentials"]
        else:
            assert refusal(partial(zone.assume, session, arn))[0] == REFUSED


@pytest.mark.parametrize(("subject", "gets_in"), [("environment:production", True), ("ref:refs/heads/main", False)])
def test_workflows_enter_and_go_on(zone: Zone, subject: str, gets_in: bool) -> None:
    """By the entry role to production, and not past it."""
    sts = zone.aws.client("sts", config=Config(signature_version=UNSIGNED))
    token = zone.aws.token(TokenRequest(f"https://{GITHUB}", "sts.amazonaws.com", f"repo:acme/shop:{subject}", {}))

    def enter() -> Any:
        arn = role(CI, "WorkflowEntry")
        return sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="run-1", WebIdentityToken=token)

    if not gets_in:
        assert refusal(enter)[0] == REFUSED
        return
    entered = enter()["Credentials"]
    assert zone.assume(entered, role(PRODUCTION, "WorkflowDeployer"))["Credentials"]
    assert refusal(lambda: zone.assume(entered, role(PRODUCTION, "Deployer")))[0] == REFUSED


def test_users_of_every_account_are_behind_the_guardrail(zone: Zone) -> None:
    """Whatever their own policies allow, they have MFA first."""
    user = zone.user(allow("*"), account=PRODUCTION)
    assert refusal(zone.aws.client("s3", user).list_buckets)[0] == REFUSED
    assert zone.aws.client("s3", zone.with_mfa(user)).list_buckets()
