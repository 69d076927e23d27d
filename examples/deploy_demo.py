"""
What ``make demo`` ends with: the app deployed by the CDK CLI to accounts where trust is enforced, and tried out.

    trustproof sandbox --accounts infra/accounts.toml -- python examples/deploy_demo.py

Exits with 0 when everybody got in who should, and nobody else; and each broken template let in, live, whom the gate
said it would, until its remedy was applied. It runs against the sandbox only: it makes users and breaks into roles.
"""

from __future__ import annotations

import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pyotp
from botocore.exceptions import ClientError

REPOSITORY = Path(__file__).resolve().parent.parent
ACCOUNTS_FILE = REPOSITORY / "infra" / "accounts.toml"
#: Key of the accounts file to the end of the name of the role: what `infra/access.py` says of it.
LEVELS = {"audit": "Auditor", "read": "Reader", "operate": "Operator", "deploy": "Deployer", "admin": "Admin"}
#: Levels that `"*"` and units do not mean in the hub, whose deployers may deploy everywhere: it has to be named.
DEPLOYING = ("deploy", "admin")
ACKNOWLEDGED = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
#: Whatever a member may do elsewhere, it is done by way of these.
ASSUME_ANYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
}
#: Template of `examples/broken` to the role in it, the caller that its counterexample names, and the remedy as an edit.
BROKEN = {
    "allow-bool-if-exists.yaml": ("Administrator", "an access key, without MFA", ("BoolIfExists", "Bool")),
    "deny-bool-false.json": ("Operator", "an access key, without MFA", ('"Bool":', '"BoolIfExists":')),
    "mfa-of-a-service.yaml": (
        "NightlyReport",
        "the service lambda.amazonaws.com",
        ('            Condition:\n              Bool:\n                aws:MultiFactorAuthPresent: "true"\n', ""),
    ),
}


class Failed(Exception):
    """Something did not go as announced."""


class Demo:
    """
    The demo, step by step; what one step finds, later ones use.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.accounts: dict[str, Any] = tomllib.loads(ACCOUNTS_FILE.read_text(encoding="utf-8"))
        self.hub = next(name for name, one in self.accounts["accounts"].items() if one.get("kind") == "hub")
        self.members: dict[str, Any] = {}
        self._sessions: dict[str, boto3.Session] = {}

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """What is done, in order."""
        yield "Bootstrap the accounts", self.bootstrap
        yield "cdk deploy --all", self.deploy
        yield "cdk deploy --all once more: nothing to do", self.deploy_again
        yield "trustproof verify: what is deployed is what was proved", self.verify
        yield "A member of each group enrols an MFA device", self.enrol
        yield "The five steps of AssumeRole", self.five_steps
        yield "Who gets in", self.who_gets_in
        yield "The broken templates, live: in as the gate said, and out with the remedy", self.broken
        yield "cdk destroy --all", self.destroy

    # Deployment

    def bootstrap(self) -> None:
        """Create the CDK's own stack in each account: its template is the CLI's, asked for once."""
        template = self.run("cdk", "bootstrap", "--show-template", "--no-notices")
        hub = self.accounts["accounts"][self.hub]["id"]
        for name in self.accounts["accounts"]:
            self.stack(
                name,
                "CDKToolkit",
                template,
                TrustedAccounts=hub,
                CloudFormationExecutionPolicies="arn:aws:iam::aws:policy/AdministratorAccess",
            )
            say(f"{name}: bootstrapped, trusts {hub}")

    def deploy(self) -> None:
        """Synthesize the app once, and deploy every stack to its account."""
        self.run("cdk", "synth", "--quiet", "--no-notices", "--output", str(self.scratch / "cdk.out"))
        self.cdk("deploy", "--all", "--require-approval", "never")

    def deploy_again(self) -> None:
        """A deployment that changes nothing finds nothing to change."""
        said = self.cdk("deploy", "--all", "--require-approval", "never")
        expect(said.count("(no changes)") == len(self.accounts["accounts"]), "a second deployment changed something")

    def verify(self) -> None:
        """Compare every deployed policy with that of its template, by what they mean."""
        profiles = [word for name in self.accounts["accounts"] for word in ("--profile", name)]
        said = self.run("trustproof", "verify", str(self.scratch / "cdk.out"), *profiles)
        say(said.strip())

    def destroy(self) -> None:
        """Take the app away; the accounts have none of its roles then."""
        for member in self.members.values():
            member.leave()
        self.cdk("destroy", "--all", "--force")
        for name in self.accounts["accounts"]:
            left = [role for role in self.roles(name) if role.startswith("Org")]
            expect(left == ["OrganizationAccountAccessRole"], f"{name}: {left} are left")

    # Trust

    def enrol(self) -> None:
        """
        Make a user in each group, who then enrols an MFA device with nothing but the own access key.

        The groups of the app let their members do that, and nothing else before they have used MFA.
        """
        for group in self.accounts["groups"]:
            self.members[group] = Member(self.client("iam", self.hub), group)
            say(f"{self.members[group].name}: member of {group}, with a device of the own")

    def five_steps(self) -> None:
        """One member, one role: from the role with its permissions to the call of a resource."""
        group, account, level = self.granted()[0]
        member, role = self.members[group], f"Org{LEVELS[level]}"
        iam = self.client("iam", account)
        found = iam.get_role(RoleName=role)["Role"]
        held = [one["PolicyName"] for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
        say(f"1. role with permissions     {found['Arn']}: {', '.join(held)}")
        (statement,) = found["AssumeRolePolicyDocument"]["Statement"]
        say(
            f"2. trust policy              {json.dumps(statement['Principal'])} if {json.dumps(statement['Condition'])}"
        )
        say(f"3. AssumeRole                {member.name}, signed in with MFA")
        assumed = member.assume(found["Arn"], "mfa")
        expect(isinstance(assumed, dict), f"{member.name} was not let into {role}")
        say(f"4. temporary credentials     {assumed['AccessKeyId']}, until {assumed['Expiration']:%H:%M:%S}")
        ids = session(assumed).client("sts").get_caller_identity()
        say(f"5. resource access           as {ids['Arn']}")
        buckets = session(assumed).client("s3").list_buckets()["Buckets"]
        say(f"                             s3:ListBuckets: {', '.join(one['Name'] for one in buckets)}")

    def who_gets_in(self) -> None:
        """Every member tries every role of the app, with the access key and with MFA."""
        granted = set(self.granted())
        there = {account: self.roles(account) for account in self.accounts["accounts"]}
        rows = []
        wrong = 0
        for group, member in self.members.items():
            kept_out = 0
            for account, level, how in itertools.product(there, LEVELS, HOW):
                role = f"Org{LEVELS[level]}"
                if role not in there[account]:
                    continue
                arn = f"arn:aws:iam::{self.accounts['accounts'][account]['id']}:role/{role}"
                expected = how == "mfa" and (group, account, level) in granted
                observed = isinstance(member.assume(arn, how), dict)
                wrong += expected != observed
                kept_out += not expected and not observed
                if expected or expected != observed:
                    rows.append((member.name, f"{HOW[how]} to {role} in {account}", expected, observed))
            rows.append((member.name, f"{kept_out} other ways: by access key, or to other roles", False, False))
        table(rows)
        expect(not wrong, f"{wrong} of these did not go as infra/accounts.toml says")

    def broken(self) -> None:
        """Deploy each broken template, let its counterexample in or see it kept out, and apply the remedy."""
        account = next(name for name in self.accounts["accounts"] if name != self.hub)
        stranger = Outsider(self.client("iam", account))
        rows = []
        try:
            for file, (logical_id, who, (old, new)) in BROKEN.items():
                text = (REPOSITORY / "examples" / "broken" / file).read_text(encoding="utf-8")
                expect(old in text, f"{file}: there is no {old!r} to replace")
                name = file.partition(".")[0]
                service = who.removeprefix("the service ") if who.startswith("the service") else None
                keys = self.as_service(service, account) if service else stranger.session
                for body, what in ((text, "as written"), (text.replace(old, new), "with the remedy")):
                    self.stack(account, name, body)
                    arn = self.role_of(account, name, logical_id)
                    observed = isinstance(assume(keys.client("sts"), arn), dict)
                    # Of a service MFA keeps out whom the role is for; of a key, it should and does not.
                    expected = (what == "with the remedy") == (service is not None)
                    rows.append((who, f"{file}, {what}", expected, observed))
                self.client("cloudformation", account).delete_stack(StackName=name)
        finally:
            stranger.leave()
        table(rows)
        expect(all(expected == observed for _, _, expected, observed in rows), "a counterexample was not reproduced")

    def granted(self) -> list[tuple[str, str, str]]:
        """Who may be what where: group, account and level, as the accounts file says."""
        found = []
        for group, grants in self.accounts["groups"].items():
            for level, name in itertools.product(LEVELS, self.accounts["accounts"]):
                meant = {name}
                if not (name == self.hub and level in DEPLOYING):
                    meant |= {"*", self.accounts["accounts"][name].get("unit")}
                if meant & set(grants.get(level, ())):
                    found.append((group, name, level))
        return found

    # Tools

    def client(self, service: str, account: str) -> Any:
        """A client that acts as the administrator of an account."""
        if account not in self._sessions:
            self._sessions[account] = boto3.Session(profile_name=account)
        return self._sessions[account].client(service)

    def roles(self, account: str) -> list[str]:
        """The names of the roles of an account."""
        pages = self.client("iam", account).get_paginator("list_roles").paginate()
        return sorted(role["RoleName"] for page in pages for role in page["Roles"])

    def role_of(self, account: str, stack: str, logical_id: str) -> str:
        """The ARN of a role of a stack."""
        found = self.client("cloudformation", account).describe_stack_resource(
            StackName=stack, LogicalResourceId=logical_id
        )
        role = found["StackResourceDetail"]["PhysicalResourceId"]
        return str(self.client("iam", account).get_role(RoleName=role)["Role"]["Arn"])

    def as_service(self, service: str, account: str) -> boto3.Session:
        """Keys that sign as a service of AWS, which only the sandbox hands out."""
        account_id = self.accounts["accounts"][account]["id"]
        said = self.run("trustproof", "sandbox", "as-service", service, "--source-account", account_id)
        try:
            return session(json.loads(said))
        except ValueError:
            raise Failed(f"the sandbox gave no credentials of {service}, but: {said[:200]!r}") from None

    def stack(self, account: str, name: str, body: str, **parameters: str) -> None:
        """Create a stack, or update it, and see that it is complete."""
        client = self.client("cloudformation", account)
        asked = {
            "StackName": name,
            "TemplateBody": body,
            "Capabilities": ACKNOWLEDGED,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        }
        try:
            client.describe_stacks(StackName=name)
        except ClientError:
            client.create_stack(**asked)
        else:
            client.update_stack(**asked)
        status = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        expect(status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), f"{name} in {account} is {status}")

    def cdk(self, *arguments: str) -> str:
        """Run the CDK CLI on the synthesized app, from the hub."""
        app = str(self.scratch / "cdk.out")
        return self.run("cdk", *arguments, "--app", app, "--profile", self.hub, "--no-notices")

    def run(self, *command: str) -> str:
        """Run a program, and return what it says; what it complains of is shown only when it fails."""
        program = shutil.which(command[0])
        if program is None:
            raise Failed(f"there is no {command[0]} on PATH: run `make demo`, which brings it")
        shown = shlex.join(command).replace(str(self.scratch), "…")
        print(f"   $ {shown}", flush=True)
        done = subprocess.run([program, *command[1:]], cwd=REPOSITORY, check=False, text=True, capture_output=True)
        if done.returncode:
            sys.stdout.write(done.stdout + done.stderr)
            raise Failed(f"{command[0]} exited with status {done.returncode}")
        # The CLI writes its progress to the one or the other.
        return done.stdout if done.stdout.lstrip().startswith(("{", "Description")) else done.stdout + done.stderr


HOW = {"key": "access key", "mfa": "MFA"}


class Member:
    """
    A user of the hub, in one group, with an access key and an MFA device.

    Args:
        admin: a client of IAM that may make users.
        group: the name of the group.
    """

    def __init__(self, admin: Any, group: str) -> None:
        self._admin = admin
        self._group = group
        self.name = f"{group.removesuffix('s')}-of-the-demo"
        admin.create_user(UserName=self.name)
        admin.add_user_to_group(GroupName=group, UserName=self.name)
        self._key = admin.create_access_key(UserName=self.name)["AccessKey"]
        self._sts = {"key": session(self._key).client("sts")}
        self._enrol()

    def _enrol(self) -> None:
        iam = session(self._key).client("iam")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=self.name)["VirtualMFADevice"]
        self._serial = device["SerialNumber"]
        codes = pyotp.TOTP(device["Base32StringSeed"].decode())
        if time.time() % 30 > 24:
            # The codes are about to change, and the first of the three would be too old by the time it arrives.
            time.sleep(30 - time.time() % 30)
        now = int(time.time())
        # A code counts once, for its own half minute and the one on either side. The last one and this one enrol the
        # device, and the next one signs in: nobody has to wait.
        iam.enable_mfa_device(
            UserName=self.name,
            SerialNumber=self._serial,
            AuthenticationCode1=codes.at(now - 30),
            AuthenticationCode2=codes.at(now),
        )
        signed_in = self._sts["key"].get_session_token(SerialNumber=self._serial, TokenCode=codes.at(now + 30))
        self._sts["mfa"] = session(signed_in["Credentials"]).client("sts")

    def assume(self, arn: str, how: str) -> Any:
        """The credentials of a role; what STS says where it refuses."""
        return assume(self._sts[how], arn)

    def leave(self) -> None:
        """Take the user out of the account."""
        self._admin.deactivate_mfa_device(UserName=self.name, SerialNumber=self._serial)
        self._admin.delete_virtual_mfa_device(SerialNumber=self._serial)
        self._admin.delete_access_key(UserName=self.name, AccessKeyId=self._key["AccessKeyId"])
        self._admin.remove_user_from_group(GroupName=self._group, UserName=self.name)
        self._admin.delete_user(UserName=self.name)


class Outsider:
    """
    A user of the account of a broken role, who may assume what lets the account in, and has no MFA.

    Args:
        admin: a client of IAM that may make users.
    """

    name = "without-mfa-of-the-demo"

    def __init__(self, admin: Any) -> None:
        self._admin = admin
        admin.create_user(UserName=self.name)
        admin.put_user_policy(UserName=self.name, PolicyName="assume", PolicyDocument=json.dumps(ASSUME_ANYTHING))
        self._key = admin.create_access_key(UserName=self.name)["AccessKey"]
        self.session = session(self._key)

    def leave(self) -> None:
        """Take the user out of the account."""
        self._admin.delete_access_key(UserName=self.name, AccessKeyId=self._key["AccessKeyId"])
        self._admin.delete_user_policy(UserName=self.name, PolicyName="assume")
        self._admin.delete_user(UserName=self.name)


def session(keys: Any) -> boto3.Session:
    """A session with the keys that an answer of AWS holds."""
    return boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"), region_name="eu-central-1"
    )


def assume(sts: Any, arn: str) -> Any:
    """The credentials of a role that the owner of a client of STS asks for; what STS says where it refuses."""
    try:
        return sts.assume_role(RoleArn=arn, RoleSessionName="trustproof-demo")["Credentials"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return error.response["Error"]["Message"]


def table(rows: list[tuple[str, str, bool, bool]]) -> None:
    """Show who tried what, and what came of it."""
    words = {True: "gets in", False: "kept out"}
    lines = [("who", "how", "expected", "observed", "")]
    for who, how, expected, observed in rows:
        lines.append((who, how, words[expected], words[observed], "✓" if expected == observed else "✗"))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    for line in lines:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say(text: str) -> None:
    """A line of progress."""
    print(f"   {text}", flush=True)


def expect(holds: bool, otherwise: str) -> None:
    """Stop the demo where something is not as announced."""
    if not holds:
        raise Failed(otherwise)


def main() -> None:
    """Run the demo, in a sandbox of its own where there is none."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint is None:
        command = ["trustproof", "sandbox", "--accounts", str(ACCOUNTS_FILE), "--", sys.executable, __file__]
        sys.exit(subprocess.run(command, check=False).returncode)
    if urlsplit(endpoint).hostname not in ("127.0.0.1", "localhost"):
        sys.exit(f"demo: {endpoint} is no sandbox, and the demo makes users and breaks into roles: it stops here")
    # The app is not in question here, and the CDK's own checks of it take a second a time.
    os.environ |= {"CDK_VALIDATION": "false", "CDK_DISABLE_CLI_TELEMETRY": "true"}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        for number, (title, step) in enumerate(Demo(Path(scratch)).steps(), start=1):
            print(f"\n{number}. {title}", flush=True)
            try:
                step()
            except (Failed, ClientError) as error:
                sys.exit(f"demo: {error}")
            say(f"({time.monotonic() - started:.0f} s)")
    print("\nEverybody got in who should, and nobody else.")


if __name__ == "__main__":
    main()
