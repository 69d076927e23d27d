"""
Groups, grants and statements of resources, deployed: what their members may do is what the README says, and no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("aws_cdk", reason="the constructs need the cdk extra")

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from tests.cdk.policies import concrete
from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust
from tests.sandbox.deploying import REGION, deploy
from trustproof.sandbox import Sandbox
from trustproof_cdk import (
    ApprovalGrant,
    AssumeRoleGrant,
    DecodeAuthorizationGrant,
    FederationBroker,
    MfaEnforcedGroup,
    MfaPolicy,
    Trusted,
    allow_with_mfa,
    deny_users_without_mfa,
)

READER, WRITER = (f"arn:aws:iam::{OTHER}:role/{name}" for name in ("Reader", "Writer"))
REFUSED = "AccessDenied"


def everything(stack: cdk.Stack) -> None:
    """All the constructs whose members are users of the hub."""
    users = {
        name: iam.User(stack, name, user_name=name) for name in ("member", "operator", "caller", "asking", "keeper")
    }
    approver = iam.User(stack, "approver", user_name="approver")
    program = iam.User(stack, "program", user_name="program")
    reading = iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"])
    users["member"].add_to_policy(reading)
    MfaEnforcedGroup(stack, "People", users=[users["member"]])
    managed = ["password", "service-specific-credentials"]
    MfaEnforcedGroup(stack, "Keepers", users=[users["keeper"]], self_management=managed)
    MfaPolicy(stack, "Operate", actions=["s3:ListAllMyBuckets"], resources=["*"], users=[users["operator"]])
    DecodeAuthorizationGrant(stack, "Decode", users=[users["operator"]])
    AssumeRoleGrant(stack, "MayRead", target_roles=[READER], users=[users["caller"]])
    ApprovalGrant(
        stack, "MayApprove", for_users=[f"arn:aws:iam::{HOME}:user/asking"], approvals=["INC-42"], users=[approver]
    )
    uploading = iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"])
    FederationBroker(stack, "Broker", federated_users=["upload-*"], session_permissions=[uploading], users=[program])


class People:
    """
    The users of the stack, with and without MFA.
    """

    def __init__(self, aws: Sandbox) -> None:
        self.aws, self.cast = aws, Cast(aws)
        self._keys: dict[str, dict[str, str]] = {}
        self._devices: dict[str, str] = {}

    def key(self, name: str) -> dict[str, str]:
        """The access key of a user."""
        if name not in self._keys:
            made = self.cast.iam().create_access_key(UserName=name)["AccessKey"]
            self._keys[name] = {**made, "Name": name, "Account": HOME}
        return self._keys[name]

    def session(self, name: str) -> Any:
        """Keys of a session of a user with MFA, whose device an administrator has enabled."""
        if name not in self._devices:
            self._devices[name] = self.cast.device(self.key(name))
        serial = self._devices[name]
        given = {"SerialNumber": serial, "TokenCode": self.cast.code(serial)}
        return self.cast.sts(self.key(name)).get_session_token(**given)["Credentials"]

    def client(self, service: str, name: str, *, mfa: bool) -> Any:
        """A client that works as a user."""
        return self.aws.client(service, self.session(name) if mfa else self.key(name), region=REGION)


@pytest.fixture(scope="module")
def people(aws: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> People:
    deploy(aws, tmp_path_factory.mktemp("people"), HOME, everything)
    found = People(aws)
    there = found.cast.iam(OTHER)
    for arn in (READER, WRITER):
        there.create_role(RoleName=arn.rpartition("/")[2], AssumeRolePolicyDocument=policy(trust(root(HOME))))
    return found


def test_members_do_nothing_before_they_have_enrolled(people: People) -> None:
    """What another policy of a member allows is denied before MFA, and there with it."""
    key = people.key("member")
    assert refusal(people.aws.client("s3", key).list_buckets)[0] == REFUSED
    mine = people.aws.client("iam", key)
    assert refusal(lambda: mine.create_virtual_mfa_device(VirtualMFADeviceName="member-phone"))[0] == REFUSED
    serial = mine.create_virtual_mfa_device(VirtualMFADeviceName="member")["VirtualMFADevice"]["SerialNumber"]
    people.aws.clock.advance(90)
    codes = {f"AuthenticationCode{number}": people.aws.code(serial) for number in (1, 2)}
    other = {"UserName": "operator", "SerialNumber": serial, **codes}
    assert refusal(lambda: mine.enable_mfa_device(**other))[0] == REFUSED
    mine.enable_mfa_device(UserName="member", SerialNumber=serial, **codes)
    given = {"SerialNumber": serial, "TokenCode": people.cast.code(serial)}
    session = people.cast.sts(key).get_session_token(**given)["Credentials"]
    assert people.aws.client("s3", session).list_buckets()
    assert refusal(people.aws.client("s3", key).list_buckets)[0] == REFUSED
    # A stolen key of a member who has a device takes it away from nobody, and adds none.
    assert refusal(lambda: mine.deactivate_mfa_device(UserName="member", SerialNumber=serial))[0] == REFUSED
    second = people.aws.client("iam", session)
    assert second.create_virtual_mfa_device(VirtualMFADeviceName="member-phone")


def test_members_look_after_their_own_credentials(people: People) -> None:
    """A forced change of the password comes before MFA, credentials of one's own after it, and nobody else's ever."""
    first, second = "Initial-Password-1", "Another-Password-2"
    people.cast.iam().create_login_profile(UserName="keeper", Password=first, PasswordResetRequired=True)
    plain = people.client("iam", "keeper", mfa=False)
    assert refusal(lambda: plain.change_password(OldPassword="wrong", NewPassword=second))[0] == REFUSED
    weak = refusal(lambda: plain.change_password(OldPassword=first, NewPassword="short"))
    assert weak[0] == "PasswordPolicyViolation"
    plain.change_password(OldPassword=first, NewPassword=second)
    made: dict[str, Any] = {"UserName": "keeper", "ServiceName": "codecommit.amazonaws.com"}
    assert refusal(lambda: plain.create_service_specific_credential(**made))[0] == REFUSED
    session = people.client("iam", "keeper", mfa=True)
    credential = session.create_service_specific_credential(**made)["ServiceSpecificCredential"]
    assert credential["ServicePassword"]
    (listed,) = session.list_service_specific_credentials(UserName="keeper")["ServiceSpecificCredentials"]
    assert "ServicePassword" not in listed
    one = {"UserName": "keeper", "ServiceSpecificCredentialId": credential["ServiceSpecificCredentialId"]}
    again = session.reset_service_specific_credential(**one)["ServiceSpecificCredential"]
    assert again["ServicePassword"] != credential["ServicePassword"]
    session.update_service_specific_credential(**one, Status="Inactive")
    session.delete_service_specific_credential(**one)
    assert refusal(lambda: session.delete_service_specific_credential(**one))[0] == "NoSuchEntity"
    assert refusal(lambda: session.create_service_specific_credential(**{**made, "UserName": "member"}))[0] == REFUSED


def test_a_device_in_use_is_not_deleted(people: People) -> None:
    """Before MFA a member may delete the device of an aborted enrolment, which IAM tells from one that is enabled."""
    serial = people.cast.device(people.key("program"))
    owner = people.cast.iam()
    assert refusal(lambda: owner.delete_virtual_mfa_device(SerialNumber=serial))[0] == "DeleteConflict"
    owner.deactivate_mfa_device(UserName="program", SerialNumber=serial)
    owner.delete_virtual_mfa_device(SerialNumber=serial)


def test_permissions_that_need_mfa(people: People) -> None:
    """An access key alone is of no use."""
    assert refusal(people.client("s3", "operator", mfa=False).list_buckets)[0] == REFUSED
    assert people.client("s3", "operator", mfa=True).list_buckets()


def test_who_may_ask_for_which_role(people: People) -> None:
    """The role that is granted, and no other that trusts the account."""
    sts = people.client("sts", "caller", mfa=False)
    assert sts.assume_role(RoleArn=READER, RoleSessionName="session")
    assert refusal(lambda: sts.assume_role(RoleArn=WRITER, RoleSessionName="session"))[0] == REFUSED


@pytest.mark.parametrize(
    ("mfa", "name", "key", "value", "allowed"),
    [
        (True, "asking", "trustproof-approval", "INC-42", True),
        (False, "asking", "trustproof-approval", "INC-42", False),
        (True, "asking", "trustproof-approval", "INC-41", False),
        (True, "asking", "team", "INC-42", False),
        (True, "operator", "trustproof-approval", "INC-42", False),
        (True, "approver", "trustproof-approval", "INC-42", False),
    ],
)
def test_who_may_approve_what(people: People, mfa: bool, name: str, key: str, value: str, allowed: bool) -> None:
    """Approvers set the one tag, to an approval, on the users whom the role is for, with MFA, not on themselves."""
    client = people.client("iam", "approver", mfa=mfa)
    tagging: Callable[[], Any] = lambda: client.tag_user(UserName=name, Tags=[{"Key": key, "Value": value}])  # noqa: E731
    if allowed:
        tagging()
    else:
        assert refusal(tagging)[0] == REFUSED


def test_sessions_that_a_program_hands_out(people: People) -> None:
    """They have the given names, do what is written, and the program itself does nothing."""
    key = people.key("program")
    text = policy(allow("s3:*"))
    sts = people.cast.sts(key)
    session = sts.get_federation_token(Name="upload-7", Policy=text)["Credentials"]
    assert people.aws.client("s3", session).list_buckets()
    assert refusal(lambda: people.aws.client("s3", session).create_bucket(Bucket="theirs"))[0] == REFUSED
    assert refusal(lambda: sts.get_federation_token(Name="admin", Policy=text))[0] == REFUSED
    assert refusal(people.aws.client("s3", key).list_buckets)[0] == REFUSED


def test_statements_of_a_bucket(people: People) -> None:
    """Users get in with MFA only, whatever their own policies allow; roles are spared."""
    owner = people.aws.client("s3", account=OTHER, region="us-east-1")
    owner.create_bucket(Bucket="ledger")
    owner.put_object(Bucket="ledger", Key="page", Body=b"text")
    objects = ["arn:aws:s3:::ledger/*"]
    statements = [
        *allow_with_mfa(trusted=Trusted.accounts(HOME), actions=["s3:GetObject"], resources=objects),
        deny_users_without_mfa(actions=["s3:DeleteObject*"], resources=objects),
    ]
    document = {"Version": "2012-10-17", "Statement": [one.to_statement_json() for one in statements]}
    plain = concrete(cdk.Stack(cdk.App(), "Text").resolve(document), OTHER)
    owner.put_bucket_policy(Bucket="ledger", Policy=json.dumps(plain))
    reader = people.cast.user(allow("s3:*"))
    wanted = {"Bucket": "ledger", "Key": "page"}
    assert refusal(lambda: people.aws.client("s3", reader).get_object(**wanted))[0] == REFUSED
    device = people.cast.device(reader)
    given = {"SerialNumber": device, "TokenCode": people.cast.code(device)}
    session = people.cast.sts(reader).get_session_token(**given)["Credentials"]
    assert people.aws.client("s3", session).get_object(**wanted)
    local = people.cast.user(allow("s3:*"), account=OTHER)
    assert refusal(lambda: people.aws.client("s3", local).delete_object(**wanted))[0] == REFUSED
    owner.delete_object(**wanted)
