"""
Is what is deployed what was proved: every change of meaning is found with a request, and no other.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pyotp
import pytest

from infra.accounts import ACCOUNTS_FILE
from infra.application import build_app
from trustproof.cli.main import main
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.live.policy_comparison import DIFFERS, ONLY_DEPLOYED, SAME, UNKNOWN, about, compare
from trustproof.model.document import IDENTITY
from trustproof.model.request import ROLE_SESSION, USER_KEY, Caller, Request
from trustproof.sandbox import Sandbox
from trustproof.spec.access import may
from trustproof.spec.callers import principal_keys

HUB, DEV, PROD, AUDIT = "111122223333", "222233334444", "333344445555", "555566667777"
ACKNOWLEDGED = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
HUB_ROOT = {"AWS": f"arn:aws:iam::{HUB}:root"}
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """A sandbox with the app in it, deployed without the CLI; and the app's assembly."""
    folder = tmp_path_factory.mktemp("verify") / "cdk.out"
    build_app(outdir=str(folder)).synth()
    with Sandbox(ACCOUNTS_FILE) as aws:
        for account in aws.organization.accounts.values():
            aws.client("ssm", account=account.id).put_parameter(
                Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String"
            )
            body = (folder / f"access-{account.name}.template.json").read_text(encoding="utf-8")
            aws.client("cloudformation", account=account.id).create_stack(
                StackName=f"access-{account.name}", TemplateBody=body, Capabilities=ACKNOWLEDGED
            )
        yield aws, folder


@pytest.fixture
def verified(
    deployed: tuple[Sandbox, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """What `trustproof verify` says: status, output and errors."""
    aws, folder = deployed
    for name, value in aws.settings.items():
        monkeypatch.setenv(name, value)

    def call(*profiles: str, more: tuple[str, ...] = ()) -> tuple[int, str, str]:
        given = [word for profile in profiles for word in ("--profile", profile)]
        status = main(["verify", str(folder), *given, *more])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


ALL = ("hub", "dev", "prod", "audit")


def test_what_was_just_deployed_is_the_same(verified: Any) -> None:
    """Every account, and not by emptiness."""
    status, said, errors = verified(*ALL)
    assert (status, errors) == (0, ""), said
    assert int(said.split(" same")[0].split()[-1]) >= 30
    assert "0 differs, 0 unknown" in said


def test_an_account_without_credentials_is_not_checked(verified: Any) -> None:
    """What was not looked at is said, and is no success."""
    status, said, errors = verified("dev")
    assert status == 2
    assert "0 differs" in said
    assert f"account {PROD}: not checked (access-prod)" in errors


def test_credentials_of_another_account(verified: Any) -> None:
    """A wrong account is an error, and nothing of it is looked at."""
    status, said, errors = verified("management")
    assert status == 2
    assert "is for account 999999999999" in errors
    assert said.startswith("0 same")


def test_a_profile_that_is_not_there(verified: Any) -> None:
    """A profile that nobody configured is an error without traceback."""
    status, _, errors = verified("nobody")
    assert status == 2
    assert "cannot read the configuration" in errors


def trust(aws: Sandbox, role: str) -> dict[str, Any]:
    found = aws.client("iam", account=DEV).get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return dict(json.loads(json.dumps(found)))


def weaker(document: dict[str, Any]) -> None:
    document["Statement"][0]["Condition"] = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}


def stricter(document: dict[str, Any]) -> None:
    document["Statement"][0]["Condition"]["IpAddress"] = {"aws:SourceIp": "203.0.113.0/24"}


def another(document: dict[str, Any]) -> None:
    document["Statement"][0]["Principal"] = {"AWS": [HUB, PROD]}


def more(document: dict[str, Any]) -> None:
    document["Statement"].append({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


def denied(document: dict[str, Any]) -> None:
    document["Statement"].append({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (weaker, "deployed: allowed; template: not"),
        (stricter, "template: allowed; deployed: not"),
        (another, "deployed: allowed; template: not"),
        (more, "deployed: allowed; template: not"),
        (denied, "template: allowed; deployed: not"),
    ],
)
def test_a_changed_trust_policy_is_found(change: Any, said: str, deployed: Any, verified: Any) -> None:
    """One operator, principal or statement: with a request that tells the two apart."""
    aws, _ = deployed
    iam = aws.client("iam", account=DEV)
    before = trust(aws, "OrgReader")
    after = trust(aws, "OrgReader")
    change(after)
    iam.update_assume_role_policy(RoleName="OrgReader", PolicyDocument=json.dumps(after))
    try:
        status, out, _ = verified("dev")
    finally:
        iam.update_assume_role_policy(RoleName="OrgReader", PolicyDocument=json.dumps(before))
    assert status == 1
    assert f"differs: {DEV} role OrgReader: trust policy\n    {said}\n" in out
    assert "calls sts:AssumeRole" in out
    assert "1 differs" in out


def test_a_user_who_needs_no_policy_any_more_is_found(
    deployed: Any, tmp_path: Path, verified: Any, capsys: Any
) -> None:
    """Somebody without policies gets into a role of the own account that names her, and `verify` says so."""
    aws, _ = deployed
    iam = aws.client("iam", account=DEV)
    iam.create_user(UserName="al")
    key = iam.create_access_key(UserName="al")["AccessKey"]
    document = json.loads(statement(**trusting(DEV)))
    properties = {"RoleName": "for-dev", "AssumeRolePolicyDocument": document}
    body = json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}})
    write_app(tmp_path, body)
    stacks = aws.client("cloudformation", account=DEV, region="eu-central-1")
    stacks.create_stack(StackName="one", TemplateBody=body, Capabilities=ACKNOWLEDGED)
    arn = f"arn:aws:iam::{DEV}:role/for-dev"
    al = boto3.client(
        "sts",
        endpoint_url=aws.settings["AWS_ENDPOINT_URL"],
        region_name="eu-central-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    try:
        with pytest.raises(al.exceptions.ClientError, match="AccessDenied"):
            al.assume_role(RoleArn=arn, RoleSessionName="al")
        named = statement(**trusting(DEV, f"arn:aws:iam::{DEV}:user/al"))
        iam.update_assume_role_policy(RoleName="for-dev", PolicyDocument=named)
        al.assume_role(RoleArn=arn, RoleSessionName="al")
        assert main(["verify", str(tmp_path), "--profile", "dev"]) == 1
    finally:
        stacks.delete_stack(StackName="one")
    out = capsys.readouterr().out
    assert "deployed: allowed, whatever the caller's identity policies say; template: not" in out
    assert f"arn:aws:iam::{DEV}:user/al calls sts:AssumeRole" in out


def write_app(folder: Path, body: str) -> None:
    """An assembly of one stack of one account."""
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{DEV}/eu-central-1",
        "properties": {"templateFile": "one.json", "stackName": "one"},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"one": artifact}}), encoding="utf-8")
    (folder / "one.json").write_text(body, encoding="utf-8")


@pytest.mark.parametrize("role", ["OrgReader"])
def test_a_rewriting_of_the_same_meaning_is_no_drift(role: str, deployed: Any, verified: Any) -> None:
    """Order, lists of one, identifiers, another spelling of the account."""
    aws, _ = deployed
    iam = aws.client("iam", account=DEV)
    before = trust(aws, role)
    after = trust(aws, role)
    after["Statement"][0] |= {
        "Sid": "Renamed",
        "Action": ["sts:AssumeRole", "sts:AssumeRole"],
        "Principal": {"AWS": [f"arn:aws:iam::{HUB}:root"]},
    }
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(after, indent=4))
    try:
        status, out, _ = verified("dev")
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))
    assert status == 2, out
    assert "0 differs, 0 unknown" in out


def test_a_policy_that_somebody_attached_is_found(deployed: Any, verified: Any) -> None:
    """What a role holds beside its template is drift, inline or managed; and so is what it lost."""
    aws, _ = deployed
    iam = aws.client("iam", account=DEV)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="OrgReader", PolicyName="by-hand", PolicyDocument=json.dumps(document))
    status, out, _ = verified("dev")
    iam.delete_role_policy(RoleName="OrgReader", PolicyName="by-hand")
    assert status == 1
    assert "role OrgReader: permissions\n    deployed: allowed; template: not" in out
    assert "calls iam:" in out

    iam.detach_role_policy(RoleName="OrgReader", PolicyArn=READ)
    status, out, _ = verified("dev")
    iam.attach_role_policy(RoleName="OrgReader", PolicyArn=READ)
    assert status == 1
    assert "role OrgReader: permissions\n    template: allowed; deployed: not" in out


def test_other_facts(deployed: Any, verified: Any) -> None:
    """A longer session is drift as well."""
    aws, _ = deployed
    iam = aws.client("iam", account=DEV)
    iam.update_role(RoleName="OrgReader", MaxSessionDuration=43_200)
    status, out, _ = verified("dev")
    iam.update_role(RoleName="OrgReader", MaxSessionDuration=3_600)
    assert status == 1
    assert "role OrgReader: maximum session duration\n    template: 3600; deployed: 43200" in out


def test_roles_of_nobody(verified: Any) -> None:
    """A role that no template makes is shown on request, with whom it lets in."""
    _, out, _ = verified("dev", more=("--others",))
    assert "other: 222233334444 role OrganizationAccountAccessRole: no template makes it" in out
    assert "lets in AWS arn:aws:iam::999999999999:root" in out


def nested_app(folder: Path, url: str, *, asset: bool) -> None:
    """An assembly of one stack, whose nested stack makes a role that a policy outside names by an output."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": json.loads(statement(**let_in()))}}
    outputs = {"Name": {"Value": {"Ref": "Inside"}}}
    inner = {"Resources": {"Inside": role}, "Outputs": outputs}
    # What metadata say is no promise of anybody's.
    metadata = {"Metadata": {"aws:asset:path": "../outside.json"}}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}, **metadata}
    destination = {"bucketName": "nested-of-dev", "objectKey": "inner.json"}
    uploaded = {"source": {"path": "inner.json"}, "destinations": {"current": destination}}
    assets = {"files": {"inner": uploaded} if asset else {}}
    (folder / "outer.assets.json").write_text(json.dumps(assets), encoding="utf-8")
    policy = {
        "PolicyName": "read",
        "PolicyDocument": json.loads(statement(**s3("s3:Get*"))),
        "Roles": [{"Fn::GetAtt": ["Nested", "Outputs.Name"]}],
    }
    outer = {"Resources": {"Nested": nested, "Read": {"Type": "AWS::IAM::Policy", "Properties": policy}}}
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{DEV}/eu-central-1",
        "properties": {"templateFile": "outer.json", "stackName": "outer"},
    }
    for name, data in (("manifest", {"artifacts": {"outer": artifact}}), ("inner", inner), ("outer", outer)):
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")


def test_nested_stacks_are_followed(
    deployed: Any, verified: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A role in a nested stack is compared like any other, and one whose template is not known is no success."""
    aws, _ = deployed
    bucket = aws.client("s3", account=DEV, region="eu-central-1")
    bucket.create_bucket(Bucket="nested-of-dev", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    nested_app(tmp_path, "https://s3.eu-central-1.amazonaws.com/nested-of-dev/inner.json", asset=True)
    bucket.put_object(Bucket="nested-of-dev", Key="inner.json", Body=(tmp_path / "inner.json").read_bytes())
    stacks = aws.client("cloudformation", account=DEV, region="eu-central-1")
    body = (tmp_path / "outer.json").read_text(encoding="utf-8")
    stacks.create_stack(StackName="outer", TemplateBody=body, Capabilities=ACKNOWLEDGED)
    call = ["verify", str(tmp_path), "--profile", "dev"]
    status = main(call)
    said = capsys.readouterr()
    assert (status, said.err, said.out) == (0, "", "2 same, 0 differs, 0 unknown\n")

    iam = aws.client("iam", account=DEV)
    role = next(one for one in iam.list_roles()["Roles"] if one["RoleName"].startswith("outer-Nested"))["RoleName"]
    wider = statement(Action="sts:AssumeRole", Principal={"AWS": PROD})
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=wider)
    assert main(call) == 1
    assert f"differs: {DEV} role {role}: trust policy" in capsys.readouterr().out

    nested_app(tmp_path, "https://s3.eu-central-1.amazonaws.com/nested-of-dev/inner.json", asset=False)
    assert main(call) == 2
    assert "outer/Nested: which file has the template of the nested stack is not known" in capsys.readouterr().out
    stacks.delete_stack(StackName="outer")


def test_nothing_secret_is_said(deployed: Any, verified: Any) -> None:
    """No key and no token is in any output, also not where something fails."""
    aws, _ = deployed
    secrets = [
        line.split(" = ")[1]
        for line in Path(aws.settings["AWS_CONFIG_FILE"]).read_text().splitlines()
        if line.startswith(("aws_access_key_id", "aws_secret_access_key"))
    ]
    for profiles in (ALL, ("management",), ("nobody",)):
        _, out, errors = verified(*profiles, more=("--others",))
        assert not [secret for secret in secrets if secret in out + errors]


def test_pull_saves_an_account(deployed: Any, verified: Any, tmp_path: Path) -> None:
    """The dump holds what IAM holds, and nothing half-written stays."""
    file = tmp_path / "dump.json"
    assert main(["pull", str(file), "--profile", "dev"]) == 0
    data = json.loads(file.read_text(encoding="utf-8"))
    assert {"OrgReader", "OrgDeployer"} <= {role["RoleName"] for role in data["RoleDetailList"]}
    assert list(tmp_path.iterdir()) == [file]


def statement(**elements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **elements}]})


def let_in(**condition: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Action": "sts:AssumeRole", "Principal": {"AWS": HUB}}
    return found | {"Condition": condition} if condition else found


def s3(action: Any, **more: Any) -> dict[str, Any]:
    return {"Action": action, "Resource": "*", **more}


OWN_FILES = "arn:aws:s3:::b/${aws:userid}/*"


@pytest.mark.parametrize(
    ("kind", "one", "other", "verdict"),
    [
        ("identity", s3("s3:Get*"), s3(["s3:Get*", "s3:GetObject"]), SAME),
        ("identity", s3("s3:Get*"), s3("s3:*"), DIFFERS),
        ("identity", s3("S3:GETOBJECT"), s3("s3:GetObject"), SAME),
        # Whatever policies say, whoever has credentials is answered.
        ("identity", s3("s3:Get*"), s3(["s3:Get*", "sts:GetSessionToken", "sts:getcalleridentity"]), SAME),
        ("identity", s3("s3:Get*"), s3(["s3:Get*", "sts:Get*"]), DIFFERS),
        (
            "identity",
            s3("s3:*") | {"Resource": OWN_FILES},
            s3("s3:*") | {"Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"},
            DIFFERS,
        ),
        ("identity", s3("s3:*") | {"Resource": OWN_FILES}, s3("s3:*") | {"Resource": [OWN_FILES, OWN_FILES]}, SAME),
        (
            "identity",
            {"NotAction": "s3:*", "Resource": "*"},
            {"NotAction": ["s3:*", "ec2:*"], "Resource": "*"},
            DIFFERS,
        ),
        (
            "trust",
            let_in(StringEquals={"sts:ExternalId": "aa"}),
            let_in(StringEquals={"sts:ExternalId": ["aa", "bb"]}),
            DIFFERS,
        ),
        (
            "trust",
            let_in(StringLike={"sts:ExternalId": "aa"}),
            let_in(StringEquals={"sts:ExternalId": "aa"}),
            SAME,
        ),
        # An external id has two characters at least: nobody can pass the second one.
        (
            "trust",
            let_in(StringEquals={"sts:ExternalId": "aa"}),
            let_in(StringEquals={"sts:ExternalId": ["aa", "b"]}),
            SAME,
        ),
        ("resource", s3("s3:GetObject", Principal="*"), s3("s3:GetObject", Principal={"AWS": HUB}), DIFFERS),
        # A trust policy decides alone; beside others, what one denies counts whatever it allows.
        ("trust", {**let_in(), "Effect": "Deny"}, {**let_in(), "Effect": "Deny", "Action": "sts:TagSession"}, SAME),
        ("identity", s3("s3:Get*", Effect="Deny"), s3("s3:*", Effect="Deny"), DIFFERS),
        ("identity", s3("s3:*", Effect="Deny"), s3(["s3:Get*", "s3:*"], Effect="Deny"), SAME),
        ("resource", s3("s3:*", Effect="Deny", Principal="*"), s3("s3:*", Effect="Deny", Principal=HUB_ROOT), DIFFERS),
    ],
)
def test_same_by_meaning(kind: str, one: Any, other: Any, verdict: str) -> None:
    """Two texts are compared by whom they let in, in both directions."""
    for first, second in ((one, other), (other, one)):
        found = compare([statement(**first)], [statement(**second)], kind=kind, account=HUB, partition="aws")
        assert found.verdict == verdict, found.lines
        assert bool(found.lines) is (verdict == DIFFERS)


def not_actions(*entries: str) -> dict[str, Any]:
    return {"NotAction": list(entries), "Resource": "*"}


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (s3("s3:List*"), s3("s3:L*"), UNKNOWN),
        (s3("s3:List*", Effect="Deny"), s3("s3:L*", Effect="Deny"), UNKNOWN),
        (not_actions("s3:List*"), not_actions("s3:L*"), UNKNOWN),
        # What there is comes first, wherever it stands.
        (s3("s3:List*"), s3(["s3:L*", "iam:PassRole"]), DIFFERS),
        (s3("s3:List*", Resource="arn:aws:s3:::app*"), s3("s3:L*"), DIFFERS),
        (not_actions("s3:List*"), not_actions("s3:L*", "ec2:RunInstances"), DIFFERS),
        # Somebody knows of it.
        (s3("s3:List*"), s3(["s3:List*", "s3:LockBucket"]), DIFFERS),
        (s3("madeup:List*"), s3("madeup:L*"), DIFFERS),
    ],
)
def test_actions_that_nobody_publishes_tell_no_policies_apart(one: Any, other: Any, verdict: str) -> None:
    """A difference is shown with an action that there is; where there is none, it is not known."""
    for first, second in ((one, other), (other, one)):
        found = compare([statement(**first)], [statement(**second)], kind="identity", account=HUB, partition="aws")
        assert found.verdict == verdict, found.lines
        assert "s3:LAny" not in str(found.lines) or verdict == UNKNOWN


CANONICAL, OTHER_CANONICAL = ({"CanonicalUser": letter * 64} for letter in "ab")
IDENTITY_OF_CLOUDFRONT = {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1A"}


@pytest.mark.parametrize(
    ("template", "deployed", "verdict", "said"),
    [
        ([CANONICAL], [CANONICAL], SAME, ""),
        ([HUB_ROOT], [HUB_ROOT, CANONICAL], DIFFERS, "canonical user aaaa"),
        ([HUB_ROOT, CANONICAL], [HUB_ROOT], DIFFERS, "template: allowed"),
        ([IDENTITY_OF_CLOUDFRONT, CANONICAL], [CANONICAL, IDENTITY_OF_CLOUDFRONT], SAME, ""),
        ([HUB_ROOT], [HUB_ROOT, IDENTITY_OF_CLOUDFRONT], DIFFERS, "Identity E1A calls s3:GetObject"),
        ([CANONICAL], [OTHER_CANONICAL], DIFFERS, "canonical user bbbb"),
        # S3 shows whom a canonical id stands for, and who that is, is not known here.
        ([CANONICAL], [HUB_ROOT], UNKNOWN, "by whom S3 shows"),
        ([CANONICAL], [IDENTITY_OF_CLOUDFRONT], UNKNOWN, "by whom S3 shows"),
        ([{"AWS": "*"}], [{"AWS": "*"}, CANONICAL], SAME, ""),
    ],
)
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:Get*"])
def test_canonical_users(template: Any, deployed: Any, verdict: str, said: str, action: str) -> None:
    """A canonical user, or an identity of CloudFront, that one side alone lets in is a difference."""
    sides = [
        json.dumps({"Statement": [s3(action, Effect="Allow", Principal=one) for one in side]})
        for side in (template, deployed)
    ]
    found = compare([sides[0]], [sides[1]], kind="resource", account=HUB, partition="aws")
    assert (found.verdict, said in "\n".join(found.lines)) == (verdict, True), found
    assert "000000000001" not in str(found.lines)


def test_denied_canonical_users() -> None:
    """Likewise whom a statement denies, or leaves out."""
    for element, verdict in (("Principal", DIFFERS), ("NotPrincipal", UNKNOWN)):
        one, other = (s3("s3:*", Effect="Deny", **{element: who}) for who in (CANONICAL, OTHER_CANONICAL))
        found = compare([statement(**one)], [statement(**other)], kind="resource", account=HUB, partition="aws")
        assert found.verdict == verdict, found


USER, ROLE = f"arn:aws:iam::{HUB}:user/al", f"arn:aws:iam::{HUB}:role/app"
SESSION, OF_ROLE = f"arn:aws:sts::{HUB}:assumed-role/app/s1", {"ArnEquals": {"aws:PrincipalArn": ROLE}}
OF_HUB = {"StringEquals": {"aws:PrincipalAccount": HUB}}


def trusting(*named: str, **condition: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Action": "sts:AssumeRole", "Principal": {"AWS": list(named)}}
    return found | {"Condition": condition} if condition else found


@pytest.mark.parametrize("kind", ["trust", "resource"])
@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        # The account needs a policy of the caller's own as well: a user that is named, and anybody, does not.
        (trusting(HUB), trusting(HUB, USER), "identity policies say"),
        (trusting(HUB), trusting(HUB, ROLE), "identity policies say"),
        (trusting(HUB), trusting("*", **OF_HUB), "identity policies say"),
        # A role is held to its permissions boundary: a session of it that is named is not. It is that of any role of
        # the name, whatever its path.
        (trusting(ROLE, **OF_ROLE), trusting(ROLE, SESSION, **OF_ROLE), "session policies say"),
        (trusting(ROLE), trusting("*", **OF_ROLE), "session policies say"),
        # The root user needs no policy, whom else the account names is not let in.
        (
            trusting(HUB, ArnEquals={"aws:PrincipalArn": HUB_ROOT["AWS"]}),
            trusting("*", ArnEquals={"aws:PrincipalArn": HUB_ROOT["AWS"]}),
            "",
        ),
        # In another account everybody needs one.
        (trusting(DEV), trusting(DEV, USER.replace(HUB, DEV)), ""),
        (trusting(DEV), trusting("*", StringEquals={"aws:PrincipalAccount": DEV}), ""),
        (trusting(HUB, USER), trusting(USER, HUB_ROOT["AWS"]), ""),
        (trusting(USER), trusting(USER, Bool={"aws:SecureTransport": ["true", "false"]}), ""),
    ],
)
def test_what_a_caller_needs_besides(kind: str, one: Any, other: Any, said: str) -> None:
    """Who needs no policy of the own on one side only is a difference, in the words of the side that gives it."""
    if kind == "resource":
        one, other = ({**side, "Action": "s3:GetObject", "Resource": "*"} for side in (one, other))

    def found(template: Any, deployed: Any, **more: Any) -> Any:
        texts = [statement(**template)], [statement(**deployed)]
        return compare(*texts, kind=kind, account=HUB, partition="aws", **more)

    gained, lost = found(one, other), found(other, one)
    assert [gained.verdict, lost.verdict] == [DIFFERS if said else SAME] * 2, (gained, lost)
    if said:
        assert gained.lines[0].startswith("deployed: allowed, whatever the caller's ")
        assert lost.lines[0].startswith("template: allowed, whatever the caller's ")
        for side in (gained, lost):
            assert said in side.lines[0]
            assert HUB in side.lines[1]
    # What only limits gives nobody anything by itself.
    assert found(one, other, grants=False).verdict == SAME


@pytest.mark.parametrize(
    ("service", "principal", "verdict"),
    [
        ("sqs", HUB_ROOT, SAME),
        ("sqs", {"AWS": HUB}, SAME),
        ("secretsmanager", {"AWS": HUB}, SAME),
        ("sqs", {"AWS": [HUB, DEV]}, DIFFERS),
        ("sqs", {"AWS": [HUB, USER]}, DIFFERS),
        ("sqs", {"AWS": DEV}, DIFFERS),
        ("sqs", "*", DIFFERS),
        # A key lets nobody in by itself, whatever the policies of users say.
        ("kms", {"AWS": HUB}, DIFFERS),
    ],
)
def test_the_own_account_gets_nothing_by_its_name(service: str, principal: Any, verdict: str) -> None:
    """Whom a policy names as the account of a queue needs a policy of the own, and gets in by that alone."""
    arn = f"arn:aws:{service}:eu-central-1:{HUB}:" + ("key/a" if service == "kms" else "q")
    text = statement(Principal=principal, Action=f"{service}:*", Resource="*")
    for template, deployed in (([], [text]), ([text], [])):
        found = compare(
            template,
            deployed,
            kind="resource",
            account=HUB,
            partition="aws",
            resource=arn,
            constraints=about(arn, service),
        )
        assert found.verdict == verdict, found


def test_what_kms_says_nothing_of_is_unknown() -> None:
    """A statement of a key policy with `NotResource` is the same as itself, and compared with nothing else."""
    key = f"arn:aws:kms:eu-central-1:{HUB}:key/one"
    one = {"Principal": {"AWS": DEV}, "Action": "kms:Decrypt"}
    texts = [[statement(**one, NotResource="arn:aws:s3:::b")], [statement(**one, Resource="*")]]

    def found(expected: list[str], deployed: list[str]) -> str:
        return compare(expected, deployed, kind="resource", account=HUB, partition="aws", resource=key).verdict

    assert [found(texts[0], texts[0]), found(*texts), found(*reversed(texts))] == [SAME, UNKNOWN, UNKNOWN]


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_two_wildcards(effect: str) -> None:
    """Whether `"*"` is `{"AWS": "*"}` is undecided, and hides no other difference."""
    one = {"Effect": effect, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    texts = [[statement(**one, Principal=who)] for who in ("*", {"AWS": "*"})]
    narrow = [statement(**one, Principal={"AWS": "*"}, Condition={"Bool": {"aws:SecureTransport": "false"}})]

    def found(expected: list[str], deployed: list[str]) -> Any:
        return compare(expected, deployed, kind="resource", account=HUB, partition="aws", resource="arn:aws:s3:::b")

    for expected, deployed in (texts, texts[::-1]):
        undecided = found(expected, deployed)
        assert (undecided.verdict, "equivalent" in undecided.lines[0]) == (UNKNOWN, True)
    for expected, deployed in ((texts[0], narrow), (narrow, texts[0])):
        assert found(expected, deployed).verdict == DIFFERS
    assert found(texts[0], texts[0]).verdict == SAME


LAMBDA, ISSUER = {"Service": "lambda.amazonaws.com"}, f"arn:aws:iam::{HUB}:oidc-provider/issuer.example.com"
INVOKED = {"Principal": LAMBDA, "Action": "sts:AssumeRole"}
CLAIMS = {"issuer.example.com:aud": "app", "issuer.example.com:sub": "job"}
SIGNED_IN = {
    "Principal": {"Federated": ISSUER},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": CLAIMS},
}


@pytest.mark.parametrize("let_in", [INVOKED, SIGNED_IN])
@pytest.mark.parametrize(("wildcard", "verdict"), [("*", DIFFERS), ({"AWS": "*"}, UNKNOWN)])
def test_a_deny_of_any_aws_principal(let_in: Any, wildcard: Any, verdict: str) -> None:
    """Whether it stops a service or a federated caller is undecided: a role without it is not said to be the same."""
    deny = {"Effect": "Deny", "Principal": wildcard, "Action": let_in["Action"]}
    texts = [
        [json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **let_in}, *more]})]
        for more in ([], [{**deny, "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}])
    ]
    for expected, deployed in (texts, texts[::-1]):
        found = compare(expected, deployed, kind="trust", account=HUB, partition="aws")
        assert found.verdict == verdict, found
        assert ("equivalent" in found.lines[0]) == (verdict == UNKNOWN)


GONE = "AROAEXAMPLEEXAMPLEZZZ"


@pytest.mark.parametrize("kind", ["trust", "resource"])
@pytest.mark.parametrize(
    ("template", "deployed", "verdict", "said"),
    [
        # Whoever was deleted is let in by neither, also where one of the name was made anew.
        ((ROLE,), (GONE,), DIFFERS, "template: allowed; deployed: not"),
        ((ROLE, HUB), (GONE, HUB), DIFFERS, "template: allowed, whatever"),
        ((USER, ROLE), (USER, GONE), DIFFERS, "template: allowed; deployed: not"),
        ((USER,), (USER, GONE), SAME, ""),
        # An id that the template names is what it is on both sides.
        ((GONE,), (GONE,), SAME, ""),
        ((GONE,), (USER,), DIFFERS, "deployed: allowed; template: not"),
    ],
)
def test_whoever_was_deleted_is_nobody(kind: str, template: Any, deployed: Any, verdict: str, said: str) -> None:
    """AWS shows a principal that was deleted by its unique id: it lets nobody in, and the finding says so."""
    sides = [trusting(*named) for named in (template, deployed)]
    if kind == "resource":
        sides = [{**side, "Action": "s3:GetObject", "Resource": "*"} for side in sides]
    found = compare(*([statement(**side)] for side in sides), kind=kind, account=HUB, partition="aws")
    assert (found.verdict, "".join(found.lines[:1]).startswith(said)) == (verdict, True), found
    if verdict == DIFFERS and GONE in deployed:
        assert f"{GONE} in the deployed policy is a user or role that was deleted" in found.lines[-1]
        assert f"{GONE}:" not in "".join(found.lines[:-1])


NAMED = [(HUB,), (USER,), (ROLE,), (SESSION,), (HUB, USER), (HUB, ROLE), (ROLE, SESSION), ("*",), (HUB_ROOT["AWS"],)]
EVERYTHING, ELSEWHERE = (parse_policy(statement(**s3(action)), kind=IDENTITY) for action in ("*", "s3:*"))


@pytest.mark.parametrize("one", NAMED)
def test_what_is_the_same_lets_in_the_same_callers(one: tuple[str, ...]) -> None:
    """By the evaluator, for users and sessions with policies that allow and without, held by a boundary and not."""
    callers = [
        Caller(USER_KEY, USER, "", "AIDAEXAMPLEEXAMPLEAAA"),
        Caller(USER_KEY, USER.replace("al", "bo"), "", "AIDAEXAMPLEEXAMPLEBBB"),
        Caller(ROLE_SESSION, ROLE, "s1", "AROAEXAMPLEEXAMPLECCC:s1"),
        Caller(ROLE_SESSION, ROLE, "s2", "AROAEXAMPLEEXAMPLECCC:s2"),
        Caller(ROLE_SESSION, ROLE.replace("app", "path/app"), "s1", "AROAEXAMPLEEXAMPLEDDD:s1"),
    ]

    def let_in_by(named: tuple[str, ...]) -> list[bool]:
        trusted = parse_policy(statement(**trusting(*named, **OF_HUB)), kind="trust")
        requests = [Request(one, "sts:AssumeRole", ROLE + "2", principal_keys(one)) for one in callers]
        return [
            may(identity, boundary, trusted, request, same_account=True)
            for request in requests
            for identity in ([], [EVERYTHING])
            for boundary in (None, ELSEWHERE)
        ]

    for other in NAMED:
        texts = ([statement(**trusting(*named, **OF_HUB))] for named in (one, other))
        found = compare(*texts, kind="trust", account=HUB, partition="aws")
        assert found.verdict == (SAME if let_in_by(one) == let_in_by(other) else DIFFERS)


@pytest.mark.parametrize(("kind", "verdict"), [("trust", SAME), ("resource", DIFFERS)])
def test_federated_users_assume_no_role(kind: str, verdict: str) -> None:
    """Who is named and can never call is no difference; a resource may let in a session of GetFederationToken."""
    more = {} if kind == "trust" else {"Action": "s3:GetObject", "Resource": "*"}
    session = f"arn:aws:sts::{HUB}:federated-user/al"
    for named in (HUB, USER):
        texts = [[statement(**{**trusting(*them), **more})] for them in ([named], [named, session])]
        assert compare(*texts, kind=kind, account=HUB, partition="aws").verdict == verdict


def test_a_difference_is_read_again_before_it_is_reported(
    deployed: Any, verified: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What arrives during a pause was no difference; what stays is one. Without a difference nobody waits."""
    aws, _ = deployed
    dev = aws.client("iam", account=DEV)
    before, after = trust(aws, "OrgReader"), trust(aws, "OrgReader")
    weaker(after)
    waits: list[float] = []

    def arrive(seconds: float) -> None:
        waits.append(seconds)
        dev.update_assume_role_policy(RoleName="OrgReader", PolicyDocument=json.dumps(before))

    dev.update_assume_role_policy(RoleName="OrgReader", PolicyDocument=json.dumps(after))
    monkeypatch.setattr("trustproof.live.command.sleep", waits.append)
    status, out, _ = verified("dev")
    assert (status, len(waits)) == (1, 1), out
    monkeypatch.setattr("trustproof.live.command.sleep", arrive)
    status, out, _ = verified("dev")
    assert (len(waits), "0 differs" in out) == (2, True)
    verified("dev")
    assert len(waits) == 2


def test_a_probe_tries_every_role_with_the_own_credentials(
    deployed: Any, verified: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A person gets in with MFA and no other way; a role whose trust was weakened lets the key in, and that differs."""
    aws, _ = deployed
    iam = aws.client("iam", account=HUB)
    iam.create_user(UserName="probing")
    go = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    iam.put_user_policy(UserName="probing", PolicyName="go", PolicyDocument=json.dumps(go))
    key = iam.create_access_key(UserName="probing")["AccessKey"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="probing")["VirtualMFADevice"]
    codes = pyotp.TOTP(device["Base32StringSeed"].decode())
    if time.time() % 30 > 20:
        time.sleep(30 - time.time() % 30)
    now = int(time.time())
    iam.enable_mfa_device(
        UserName="probing",
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1=codes.at(now - 30),
        AuthenticationCode2=codes.at(now),
    )
    config = tmp_path / "config"
    secret = key["SecretAccessKey"]
    mine = f"[profile probing]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {secret}\n"
    config.write_text(Path(aws.settings["AWS_CONFIG_FILE"]).read_text(encoding="utf-8") + "\n" + mine, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setattr("sys.stdin", io.StringIO(codes.at(now + 30) + "\n"))
    device_arguments = ("--probe", "probing", "--mfa-serial", device["SerialNumber"], "--format", "json")
    status, out, errors = verified(*ALL, more=device_arguments)
    assert (status, errors) == (0, ""), out
    probes = [one for one in json.loads(out)["findings"] if one["subject"].startswith("probe ")]
    assert "probe arn:aws:iam::333344445555:role/OrgCi-shop-deploy: the access key" in {
        one["subject"] for one in probes
    }
    inside = {one["subject"] for one in probes if one["lines"] == ["expected: gets in; observed: gets in"]}
    assert f"probe arn:aws:iam::{DEV}:role/OrgReader: a session with MFA" in inside
    assert not [one for one in inside if "a session with MFA" not in one]
    assert not [one for one in probes if "OrgVendor" in one["subject"] and one["subject"] in inside]
    for hidden in (key["AccessKeyId"], secret, codes.at(now + 30)):
        assert hidden not in out + errors

    serial = device["SerialNumber"]
    for given, named, why in (
        (codes.at(now + 30), serial, f"the code of {serial} is wrong, of another time, or was used before"),
        ("123456", f"{serial}-2", f"{serial}-2 is no MFA device of this user"),
        ("canary", serial, f"the code of {serial} has six digits, and what was given has not"),
        ("", serial, f"the code of {serial} has six digits, and what was given has not"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{given}\n"))
        status, out, errors = verified("dev", more=("--probe", "probing", "--mfa-serial", named))
        assert status == 2
        assert [line for line in errors.splitlines() if line.startswith("error: probe: ") and line.endswith(why)]
        # The other ways are tried all the same, and what came of them is told.
        assert "OrgReader: a session without MFA\n    expected: kept out; observed: kept out" in out
        assert not given or given not in out + errors

    # Whose credentials are of another account makes no other call.
    status, out, errors = verified("management", more=("--probe", "probing"))
    assert (status, out) == (2, "0 same, 0 differs, 0 unknown\n")
    assert "no role was tried, since no credentials of an account of the app were given" in errors
    # Of the accounts that were not read, what the template tells is tried, and the rest is told.
    status, out, errors = verified("hub", more=("--probe", "probing"))
    assert "role/OrgReader: the access key\n" in out
    # What a role trusts has its name from the template, as a provider has its issuer from there.
    assert "roles are not tried" not in errors
    status, _, errors = verified(*ALL, more=("--mfa-serial", serial))
    assert (status, errors) == (2, "error: --mfa-serial is of the user of --probe, which is not given\n")

    before = trust(aws, "OrgReader")
    after = trust(aws, "OrgReader")
    weaker(after)
    dev = aws.client("iam", account=DEV)
    dev.update_assume_role_policy(RoleName="OrgReader", PolicyDocument=json.dumps(after))
    status, out, _ = verified("dev", more=("--probe", "probing"))
    dev.update_assume_role_policy(RoleName="OrgReader", PolicyDocument=json.dumps(before))
    assert status == 1
    assert f"differs: {DEV} probe arn:aws:iam::{DEV}:role/OrgReader: the access key\n" in out
    assert "expected: kept out; observed: gets in" in out


def set_app(folder: Path, unit: str) -> None:
    """An assembly of one stack of the auditing account, with a stack set that makes a role."""
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "everywhere",
            "AssumeRolePolicyDocument": json.loads(statement(**let_in(Bool={"aws:MultiFactorAuthPresent": "true"}))),
        },
    }
    properties = {
        "StackSetName": "set",
        "PermissionModel": "SERVICE_MANAGED",
        "CallAs": "DELEGATED_ADMIN",
        "AutoDeployment": {"Enabled": True},
        "Capabilities": ACKNOWLEDGED,
        "TemplateBody": json.dumps({"Resources": {"Inside": role}}),
        "StackInstancesGroup": [
            {"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": ["eu-central-1"]},
        ],
    }
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{AUDIT}/eu-central-1",
        "properties": {"templateFile": "set.json", "stackName": "sets"},
    }
    outer = {"Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}
    for name, data in (("manifest", {"artifacts": {"sets": artifact}}), ("set", outer)):
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")


def test_what_stack_sets_make(deployed: Any, verified: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A role of a stack set is compared in the account where it is, and what is not looked at there is said."""
    aws, _ = deployed
    set_app(tmp_path, aws.organization.units["development"])
    stacks = aws.client("cloudformation", account=AUDIT, region="eu-central-1")
    body = (tmp_path / "set.json").read_text(encoding="utf-8")
    stacks.create_stack(StackName="sets", TemplateBody=body, Capabilities=ACKNOWLEDGED)
    both = ["verify", str(tmp_path), "--profile", "audit", "--profile", "dev"]
    try:
        assert main(both[:-2]) == 2
        assert f"stack set set: account {DEV}: not checked: no credentials" in capsys.readouterr().err
        status = main(both)
        said = capsys.readouterr()
        assert (status, said.out) == (0, "2 same, 0 differs, 0 unknown\n"), said.err
        iam = aws.client("iam", account=DEV)
        after = trust(aws, "everywhere")
        weaker(after)
        iam.update_assume_role_policy(RoleName="everywhere", PolicyDocument=json.dumps(after))
        assert main(both) == 1
        assert f"differs: {DEV} role everywhere: trust policy\n    {ONLY_DEPLOYED}\n" in capsys.readouterr().out
    finally:
        stacks.delete_stack(StackName="sets")


def test_a_stack_that_leaves_its_environment_open(
    deployed: Any, verified: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is looked for where the CDK deploys it: in the Region of the environment, or else of the profile."""
    trusting = json.loads(statement(**let_in(Bool={"aws:MultiFactorAuthPresent": "true"})))
    made = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "open", "AssumeRolePolicyDocument": trusting}}
    body = json.dumps({"Resources": {"It": made}})
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "open.json", "stackName": "open"},
    }
    (tmp_path / "open.json").write_text(body, encoding="utf-8")
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"open": artifact}}), encoding="utf-8")
    stacks = deployed[0].client("cloudformation", account=AUDIT, region="eu-central-1")
    stacks.create_stack(StackName="open", TemplateBody=body, Capabilities=ACKNOWLEDGED)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    command = ["verify", str(tmp_path), "--profile", "audit"]
    try:
        assert main(command) == 0, capsys.readouterr()
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        assert main(command) == 1
        assert "there is no such stack in us-east-1, the Region of the credentials" in capsys.readouterr().out
    finally:
        stacks.delete_stack(StackName="open")


@pytest.mark.parametrize(
    ("arn", "region", "verdict"),
    [
        (f"arn:aws:sqs:eu-central-1:{HUB}:q", "eu-central-1", "same"),
        (f"arn:aws:sqs:eu-central-1:{HUB}:q", "us-east-1", "differs"),
        ("arn:aws:s3:::b", "eu-central-1", "differs"),
    ],
)
def test_a_resource_is_reached_in_its_region(arn: str, region: str, verdict: str) -> None:
    """A condition on the Region of the request that every request to the resource meets is no difference."""
    base = {"Effect": "Allow", "Principal": {"AWS": DEV}, "Action": f"{arn.split(':')[2]}:*", "Resource": arn}
    conditions: list[dict[str, Any]] = [{"Condition": {"StringEquals": {"aws:RequestedRegion": region}}}, {}]
    texts = [[json.dumps({"Version": "2012-10-17", "Statement": {**base, **one}})] for one in conditions]
    constraints = about(arn, arn.split(":")[2])
    found = compare(*texts, kind="resource", account=HUB, partition="aws", resource=arn, constraints=constraints)
    assert found.verdict == verdict
    shown = [line for line in found.lines if "aws:requestedregion" in line]
    if verdict == "differs" and ":sqs:" in arn:
        assert shown == ["  aws:requestedregion = eu-central-1"]
