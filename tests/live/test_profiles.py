"""
The configuration of a person: it enters the roles that it is for, in a sandbox as in AWS.
"""

from __future__ import annotations

import configparser
import json
import time
from pathlib import Path
from typing import Any

import boto3
import pyotp
import pytest

from infra.accounts import ACCOUNTS_FILE
from infra.application import build_app
from trustproof.cli.main import main
from trustproof.sandbox import Sandbox

HUB, DEV = "111122223333", "222233334444"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profiles") / "cdk.out"
    build_app(outdir=str(folder)).synth()
    return folder


def test_profiles_of_a_member(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every role that trusts the hub is there, with the device, the duration and a session name; no vendor's is."""
    assert main(["profiles", f"arn:aws:iam::{HUB}:user/alice", str(assembly), "--source-profile", "alice"]) == 0
    found = configparser.ConfigParser()
    found.read_string(capsys.readouterr().out)
    assert "profile dev-OrgDeployer" in found
    assert not [name for name in found.sections() if "OrgVendor" in name or "OrgCi" in name]
    section = dict(found["profile dev-OrgDeployer"])
    assert section.pop("role_session_name").startswith("alice-")
    assert section == {
        "role_arn": f"arn:aws:iam::{DEV}:role/OrgDeployer",
        "source_profile": "alice",
        "mfa_serial": f"arn:aws:iam::{HUB}:mfa/alice",
        "duration_seconds": "3600",
        "region": "eu-central-1",
    }


def test_profiles_of_a_vendor(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever comes with an external id finds it in the profile."""
    assert main(["profiles", "arn:aws:iam::888899990000:user/robot", str(assembly)]) == 0
    found = configparser.ConfigParser()
    found.read_string(capsys.readouterr().out)
    (name,) = found.sections()
    assert name == "profile prod-OrgVendor-observability-audit"
    assert len(found[name]["external_id"]) == 32
    assert "mfa_serial" not in found[name]


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (f"arn:aws:iam::{HUB}:role/r", "expected the ARN of an IAM user"),
        ("arn:aws:iam::000000000000:user/nobody", "no role of"),
    ],
)
def test_nobody(user: str, said: str, assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who is nobody gets an error, and no empty configuration."""
    assert main(["profiles", user, str(assembly)]) == 2
    assert said in capsys.readouterr().err


def test_arguments_in_the_wrong_order(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who names the app first and then the user is told what was expected, and not that a folder is missing."""
    assert main(["profiles", str(assembly), f"arn:aws:iam::{HUB}:user/alice"]) == 2
    assert f'expected the ARN of an IAM user, got "{assembly}"' in capsys.readouterr().err


def test_roles_without_a_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A role that may let the user in, and whose name only the deployment tells, is named; one of a service is not."""

    def role(principal: Any, **more: Any) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document, **more}}

    hub = {"AWS": f"arn:aws:iam::{HUB}:root"}
    resources = {
        "Named": role(hub, RoleName="named"),
        "Unnamed": role(hub),
        "OfService": role({"Service": "lambda.amazonaws.com"}),
        "Given": role(hub, RoleName={"Ref": "Name"}),
        "OfOther": role({"AWS": {"Fn::GetAtt": ["Unnamed", "Arn"]}}, RoleName="other"),
        "OfProvider": role({"Federated": {"Ref": "Provider"}}, RoleName="provided"),
        "Provider": {"Type": "AWS::IAM::SAMLProvider", "Properties": {"SamlMetadataDocument": "x"}},
        "OfUnnamed": role({"AWS": {"Fn::GetAtt": "Somebody.Arn"}}, RoleName="unnamed"),
        "Somebody": {"Type": "AWS::IAM::User"},
        "NotMade": {**role(hub), "Condition": "Never"},
    }
    template = {
        "Parameters": {"Name": {"Type": "String"}},
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": resources,
    }
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{HUB}/eu-central-1",
        "properties": {"templateFile": "s.template.json"},
    }
    (tmp_path / "s.template.json").write_text(json.dumps(template))
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "39.0.0", "artifacts": {"s": stack}}))
    assert main(["profiles", f"arn:aws:iam::{HUB}:user/alice", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("[profile ") == captured.out.count("[profile s-named]") == 1
    assert captured.err.splitlines() == [
        "warning: no profile for s/Unnamed: CloudFormation makes its name up when it is deployed",
        "warning: no profile for s/Given: the parameter Name is given when it is deployed",
        "warning: no profile for s/OfUnnamed: Somebody has no Arn before it is deployed",
    ]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (f"aws://{HUB}/unknown-region", ""),
        ("aws://unknown-account/eu-central-1", "s/R: the account of its stack is not known before it is deployed"),
    ],
)
def test_a_stack_that_leaves_its_environment_open(
    environment: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No Region is made up for a profile, and no account."""
    letting_in = {"Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}}
    app = _app(tmp_path, environment, s={"Resources": {"R": _role(letting_in)}})
    assert main(["profiles", f"arn:aws:iam::{HUB}:user/alice", app]) == (2 if said else 0)
    captured = capsys.readouterr()
    assert ("[profile s-r]" in captured.out, "region = " in captured.out) == (not said, False)
    assert said in captured.err


def _app(folder: Path, environment: str = f"aws://{HUB}/eu-central-1", **stacks: dict[str, Any]) -> str:
    """A cloud assembly of templates."""
    artifacts = {}
    for name, template in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": environment,
            "properties": {"templateFile": f"{name}.template.json"},
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "39.0.0", "artifacts": artifacts}))
    return str(folder)


def _role(*statements: dict[str, Any], name: str = "r") -> dict[str, Any]:
    """A role of a template, whose statements are about assuming it where they say nothing else."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **one} for one in statements],
    }
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "RoleName": name}}


def _sections(user: str, app: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> dict[str, dict[str, str]]:
    """What is printed for a user of the hub."""
    assert main(["profiles", f"arn:aws:iam::{HUB}:user/{user}", app]) == status
    found = configparser.ConfigParser(interpolation=None)
    found.read_string(capsys.readouterr().out)
    return {name.removeprefix("profile "): dict(found[name]) for name in found.sections()}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "900"}}, {"mfa_serial": f"arn:aws:iam::{HUB}:mfa/alice"}),
        ({"Null": {"aws:MultiFactorAuthAge": "false"}}, {"mfa_serial": f"arn:aws:iam::{HUB}:mfa/alice"}),
        ({"Null": {"aws:MultiFactorAuthAge": "true"}}, {}),
        ({"StringEquals": {"sts:RoleSessionName": "ann"}}, {"role_session_name": "ann"}),
        ({"StringLike": {"sts:RoleSessionName": "${aws:username}"}}, {"role_session_name": "alice"}),
        ({"StringLike": {"sts:RoleSessionName": "${aws:username}-*"}}, {}),
        ({"StringLike": {"sts:RoleSessionName": "a*"}}, {}),
    ],
)
def test_what_a_condition_leaves_one_value_for_is_set(
    condition: Any, expected: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """MFA is asked for by its age too, and a session has the name that the trust policy says."""
    role = _role({"Principal": {"AWS": HUB}, "Condition": condition})
    section = _sections("alice", _app(tmp_path, s={"Resources": {"R": role}}), capsys)["s-r"]
    assert {key: section[key] for key in expected} == expected
    assert ("mfa_serial" in section) is ("mfa_serial" in expected)
    if "role_session_name" not in expected:
        assert section["role_session_name"].startswith("alice-")


OTHER_ID = {"StringNotEquals": {"sts:ExternalId": "abc"}}
NO_NAME = {"StringNotLike": {"sts:RoleSessionName": ["a1", "b1"]}}
NOT_DEP = {"StringNotLike": {"sts:RoleSessionName": "dep-*"}}


@pytest.mark.parametrize(
    ("statements", "key", "value", "remarks"),
    [
        ([{"Condition": {"StringLike": {"sts:ExternalId": "ab*"}}}], "external_id", "ab", 0),
        ([{"Condition": {"StringLike": {"sts:ExternalId": "?*"}}}], "external_id", "xx", 0),
        ([{"Condition": {"StringNotEquals": {"sts:ExternalId": "x"}}}], "external_id", None, 0),
        ([{"Condition": {"StringLike": {"sts:RoleSessionName": "dep-*"}}}], "role_session_name", "dep-alice-", 0),
        ([{}, {"Effect": "Deny", "Principal": "*", "Condition": NOT_DEP}], "role_session_name", "dep-alice-", 0),
        ([{}, {"Effect": "Deny", "Principal": "*", "Condition": OTHER_ID}], "external_id", "abc", 0),
        ([{}, {"Effect": "Deny", "Principal": "*", "Condition": NO_NAME}], "role_session_name", "alice-", 1),
        ([{"Condition": {"StringEquals": {"sts:RoleSessionName": ["a1", "b1"]}}}], "duration_seconds", "3600", 1),
    ],
)
def test_values_that_get_in(
    statements: Any, key: str, value: str | None, remarks: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What patterns and Denies leave is set, so that the call gets in; what is left to the person is a remark."""
    role = _role(*({"Principal": {"AWS": HUB}, **one} for one in statements))
    app = _app(tmp_path, s={"Resources": {"R": role}})
    assert main(["profiles", f"arn:aws:iam::{HUB}:user/alice", app]) == 0
    text = capsys.readouterr().out
    assert text.count("\n# ") == remarks
    found = dict(line.split(" = ") for line in text.splitlines() if " = " in line)
    assert found.get(key, "").startswith(value or "")
    assert (key in found) is (value is not None)


@pytest.mark.parametrize(
    "statements",
    [
        [{"Principal": {"AWS": HUB}, "Condition": {"StringEquals": {"aws:username": "bob"}}}],
        [{"Principal": {"AWS": HUB}, "Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}}],
        [{"Principal": {"AWS": HUB}, "Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:user/*"}}}],
        [
            {"Principal": {"AWS": HUB}},
            {"Effect": "Deny", "Principal": "*", "Condition": {"StringEquals": {"aws:username": "${aws:username}"}}},
        ],
        [{"Principal": {"AWS": HUB}, "Action": "sts:TagSession"}],
        [{"Principal": {"Service": "ec2.amazonaws.com"}}],
    ],
)
def test_a_role_that_never_lets_the_user_in_has_no_profile(
    statements: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whose trust policy lets in nobody but others, or only before now, is none of the user's roles."""
    resources = {"R": _role(*statements), "Open": _role({"Principal": {"AWS": HUB}}, name="open")}
    assert set(_sections("alice", _app(tmp_path, s={"Resources": resources}), capsys)) == {"s-open"}


def test_a_deny_without_mfa_asks_for_the_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The Allow statement says nothing of MFA, and yet without it nobody gets in."""
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    role = _role({"Principal": {"AWS": HUB}}, {"Effect": "Deny", "Principal": "*", "Condition": without})
    section = _sections("alice", _app(tmp_path, s={"Resources": {"R": role}}), capsys)["s-r"]
    assert section["mfa_serial"] == f"arn:aws:iam::{HUB}:mfa/alice"


def test_the_way_that_asks_for_least_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two statements that let the user in, the one whose conditions a profile can meet gives the settings."""
    office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    role = _role(
        {"Principal": {"AWS": HUB}, "Condition": office},
        {"Principal": {"AWS": HUB}, "Condition": {"StringEquals": {"sts:ExternalId": "e-1"}}},
    )
    section = _sections("alice", _app(tmp_path, s={"Resources": {"R": role}}), capsys)["s-r"]
    assert section["external_id"] == "e-1"


@pytest.mark.parametrize(
    "principal",
    [
        {"Fn::GetAtt": ["Ann", "Arn"]},
        {"Fn::GetAtt": "Ann.Arn"},
        {"Fn::Sub": "${Ann.Arn}"},
        {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:user/team/${Ann}"},
        {"Fn::Join": ["", [f"arn:aws:iam::{HUB}:user/team/", {"Ref": "Ann"}]]},
    ],
)
def test_a_user_of_the_same_stack(principal: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A trust policy that refers to a user with a name in the template lets that user in, and nobody else."""
    ann = {"Type": "AWS::IAM::User", "Properties": {"UserName": "ann", "Path": "/team/"}}
    app = _app(tmp_path, s={"Resources": {"Ann": ann, "R": _role({"Principal": {"AWS": principal}})}})
    assert set(_sections("team/ann", app, capsys)) == {"s-r"}
    assert not _sections("ann", app, capsys, status=2)
    assert not _sections("team/bob", app, capsys, status=2)


def test_a_user_of_another_stack_of_the_app(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the app exports is known where it is imported."""
    ann = {"Type": "AWS::IAM::User", "Properties": {"UserName": "ann"}}
    exported = {"Arn": {"Value": {"Fn::GetAtt": ["Ann", "Arn"]}, "Export": {"Name": "people:ann"}}}
    role = _role({"Principal": {"AWS": {"Fn::ImportValue": "people:ann"}}})
    app = _app(tmp_path, people={"Resources": {"Ann": ann}, "Outputs": exported}, s={"Resources": {"R": role}})
    assert set(_sections("ann", app, capsys)) == {"s-r"}


def test_a_profile_opens_its_role(
    assembly: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """boto3 with the printed configuration asks for a code, and is in."""
    main(["profiles", f"arn:aws:iam::{HUB}:user/alice", str(assembly), "--source-profile", "alice"])
    printed = capsys.readouterr().out
    with Sandbox(ACCOUNTS_FILE) as aws:
        iam = aws.client("iam", account=HUB)
        iam.create_user(UserName="alice")
        everything = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
        }
        iam.put_user_policy(UserName="alice", PolicyName="go", PolicyDocument=json.dumps(everything))
        trust = json.loads((assembly / "access-dev.template.json").read_text(encoding="utf-8"))
        (role,) = [
            one["Properties"] for one in trust["Resources"].values() if one["Properties"].get("RoleName") == "OrgReader"
        ]
        aws.client("iam", account=DEV).create_role(
            RoleName="OrgReader", AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"])
        )
        key = iam.create_access_key(UserName="alice")["AccessKey"]
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"]
        codes = pyotp.TOTP(device["Base32StringSeed"].decode())
        if time.time() % 30 > 22:
            time.sleep(30 - time.time() % 30)
        now = int(time.time())
        iam.enable_mfa_device(
            UserName="alice",
            SerialNumber=device["SerialNumber"],
            AuthenticationCode1=codes.at(now - 30),
            AuthenticationCode2=codes.at(now),
        )
        config = tmp_path / "config"
        config.write_text(
            f"[profile alice]\naws_access_key_id = {key['AccessKeyId']}\n"
            f"aws_secret_access_key = {key['SecretAccessKey']}\n\n{printed}",
            encoding="utf-8",
        )
        for name, value in (aws.settings | {"AWS_CONFIG_FILE": str(config)}).items():
            monkeypatch.setenv(name, value)
        asked: list[Any] = []

        def code(prompt: str) -> str:
            asked.append(prompt)
            return str(codes.at(now + 30))

        session = boto3.Session(profile_name="dev-OrgReader")
        session._session.get_component("credential_provider").get_provider("assume-role")._prompter = code
        found = session.client("sts").get_caller_identity()["Arn"]
    assert asked
    assert found.startswith(f"arn:aws:sts::{DEV}:assumed-role/OrgReader/alice-")


@pytest.mark.parametrize("path", ["nowhere", "template.yaml", "empty"])
@pytest.mark.parametrize("command", ["verify", "profiles"])
def test_what_is_no_cloud_assembly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: str, command: str
) -> None:
    """A template by itself, another directory and a name that is mistyped: what is expected is said."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.yaml").write_text("Resources: {}")
    (tmp_path / "empty").mkdir()
    user = ["arn:aws:iam::111122223333:user/alice"] if command == "profiles" else []
    assert main([command, *user, path]) == 2
    assert f"{path}: no cloud assembly, which has a manifest.json" in capsys.readouterr().err
