"""
Every role construct, deployed: the calls of the tests of use, made by real clients, get in, or are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aws_cdk", reason="the constructs need the cdk extra")

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.cdk.test_use import HUB, OWN, SIGN_IN, TAG, USES, VENDOR, Use
from tests.sandbox.cast import Cast, allow, policy, root, trust
from tests.sandbox.deploying import REGION, deploy
from trustproof.aws.oidc_claims import ACCESS_TOKENS
from trustproof.model.request import (
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
)
from trustproof.sandbox import Sandbox
from trustproof.sandbox.credentials.issuers import BUILT_IN, AssertionRequest, TokenRequest

#: What refuses somebody, and not what the sandbox does not have.
REFUSALS = ("AccessDenied", "InvalidIdentityToken")
_AFFILIATION = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1"
_TAG_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"
_PRINCIPAL_TAG = "aws:PrincipalTag/"
_REQUEST_TAG = "aws:RequestTag/"
_PERMISSION_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}$")


class Stage:
    """
    Deployed roles, and everybody who calls for them.
    """

    def __init__(self, aws: Sandbox, folder: Path) -> None:
        self.aws = aws
        self.cast = Cast(aws)
        self._folder = folder
        self._people: dict[str, dict[str, str]] = {}
        self._devices: dict[str, str] = {}
        self._roles: dict[str, str] = {}
        #: The name of a permission set to its ARN.
        self._sets: dict[str, str] = {}
        self._deployed: dict[str, str] = {}
        #: The ARNs of providers.
        self._made: set[str] = set()

    def role(self, name: str) -> str:
        """The ARN of the role of a construct, which is deployed once."""
        if name not in self._deployed:
            self._providers(name)
            self._callers(name)
            stack, construct = deploy(self.aws, self._folder, OWN, USES[name][0])
            role = self.cast.iam(OWN).get_role(RoleName=stack.name_of(construct))["Role"]
            self._deployed[name] = role["Arn"]
        return self._deployed[name]

    def _callers(self, name: str) -> None:
        """The users and roles that call for a role: IAM takes no principal that does not exist."""
        for use in USES[name][1]:
            if use.caller.kind in (USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA):
                self.person(use.caller.arn)
            elif use.caller.kind in (ROLE_SESSION, IDENTITY_CENTER):
                self.session_of(use.caller.arn, use.caller.session)

    def _providers(self, name: str) -> None:
        """The providers that the callers of a role come through, which stand beside it."""
        callers = {use.caller.arn for use in USES[name][1] if use.caller.kind in (WEB_IDENTITY, SAML)}
        for arn in sorted(callers - {*BUILT_IN, *ACCESS_TOKENS} - self._made):
            self._made.add(arn)
            kind, _, named = arn.partition("-provider/")
            iam = self.cast.iam(OWN)
            if kind.endswith("saml"):
                metadata = self.aws.new_provider(named)
                iam.create_saml_provider(Name=named, SAMLMetadataDocument=metadata)
                continue
            audiences = {str(v) for use in USES[name][1] for k, v in use.context.items() if k == f"{named}:aud"}
            iam.create_open_id_connect_provider(
                Url=f"https://{named}", ClientIDList=sorted(audiences), ThumbprintList=["a" * 40]
            )

    # Who calls

    def person(self, arn: str) -> dict[str, str]:
        """The access key of a user who may call STS."""
        if arn not in self._people:
            account, name = arn.split(":")[4], arn.rpartition("/")[2]
            iam = self.cast.iam(account)
            iam.create_user(UserName=name)
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(allow("sts:*")))
            keys = iam.create_access_key(UserName=name)["AccessKey"]
            self._people[arn] = {**keys, "Name": name, "Arn": arn, "Account": account}
        return self._people[arn]

    def device(self, arn: str) -> str:
        """The MFA device of a user."""
        if arn not in self._devices:
            self._devices[arn] = self.cast.device(self.person(arn))
        return self._devices[arn]

    def session_of(self, arn: str, session: str) -> Mapping[str, Any]:
        """Keys of a session of a role that somebody of its account has entered."""
        if _PERMISSION_SET.search(arn):
            return self.person_of_identity_center(arn, session)
        account, path = arn.split(":")[4], arn.partition(":role/")[2]
        operator = self.person(f"arn:aws:iam::{account}:user/operator")
        if arn not in self._roles:
            folder, _, name = f"/{path}".rpartition("/")
            iam = self.cast.iam(account)
            trusting = policy(trust(root(account)))
            iam.create_role(RoleName=name, Path=f"{folder}/", AssumeRolePolicyDocument=trusting)
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(allow("sts:*")))
            self._roles[arn] = arn
        answer = self.cast.sts(operator).assume_role(RoleArn=arn, RoleSessionName=_named(session))
        found: Mapping[str, Any] = answer["Credentials"]
        return found

    def person_of_identity_center(self, arn: str, session: str) -> Mapping[str, Any]:
        """Keys of somebody with the permission set of a role, whose ending Identity Center chooses."""
        account, found = arn.split(":")[4], _PERMISSION_SET.search(arn)
        assert found is not None
        if arn not in self._roles:
            self._roles[arn] = self._assigned(found[1], account)
        role = self.cast.iam(account).get_role(RoleName=self._roles[arn])["Role"]
        provider = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Federated"]
        said = self.aws.assertion(AssertionRequest(provider.rpartition("/")[2], role["Arn"], provider, session))
        answer = self.aws.client("sts", config=Config(signature_version=UNSIGNED)).assume_role_with_saml(
            RoleArn=role["Arn"], PrincipalArn=provider, SAMLAssertion=said
        )
        keys: Mapping[str, Any] = answer["Credentials"]
        return keys

    def _assigned(self, name: str, account: str) -> str:
        """The name of the role of a permission set, which is assigned in an account."""
        center = self.aws.client("sso-admin")
        instance = {"InstanceArn": center.list_instances()["Instances"][0]["InstanceArn"]}
        if name not in self._sets:
            made = center.create_permission_set(**instance, Name=name)["PermissionSet"]["PermissionSetArn"]
            document = policy(allow("sts:*"))
            center.put_inline_policy_to_permission_set(**instance, PermissionSetArn=made, InlinePolicy=document)
            self._sets[name] = made
        people = {"TargetType": "AWS_ACCOUNT", "PrincipalType": "GROUP", "PrincipalId": "people"}
        center.create_account_assignment(**instance, PermissionSetArn=self._sets[name], TargetId=account, **people)
        roles = self.cast.iam(account).list_roles()["Roles"]
        (role,) = (one["RoleName"] for one in roles if one["RoleName"].startswith(f"AWSReservedSSO_{name}_"))
        return str(role)

    def tagged(self, arn: str, value: object) -> None:
        """Give a user the approval that a call is to have, or take it away."""
        iam, name = self.cast.iam(arn.split(":")[4]), self.person(arn)["Name"]
        if value is None:
            iam.untag_user(UserName=name, TagKeys=["trustproof-approval"])
        else:
            iam.tag_user(UserName=name, Tags=[{"Key": "trustproof-approval", "Value": str(value)}])

    # The calls

    def play(self, role: str, use: Use) -> None:
        """
        Make the call.

        Raises:
            ClientError: it is refused.
        """
        self.aws.state.source_ip = str(use.context.get("aws:SourceIp", "203.0.113.10"))
        if use.caller.kind in (WEB_IDENTITY, SAML):
            self._federated(role, use)
            return
        region = str(use.context.get("aws:RequestedRegion", REGION))
        keys, more = self._signed(use)
        self.aws.client("sts", keys, region=region).assume_role(RoleArn=role, **_parameters(use), **more)

    def _signed(self, use: Use) -> tuple[Mapping[str, Any], dict[str, str]]:
        """The keys that sign a call, and what it says of a device."""
        kind, arn = use.caller.kind, use.caller.arn
        if kind == ROOT:
            return self.aws.root_keys(arn.split(":")[4]), {}
        if kind == SERVICE:
            told = (use.context.get("aws:SourceAccount"), use.context.get("aws:SourceArn"))
            account, source = (None if one is None else str(one) for one in told)
            if account and source:
                # What a service calls for is in the account for which it calls.
                source = ":".join((*source.split(":")[:4], account, *source.split(":")[5:]))
            tags = {
                key.removeprefix(_PRINCIPAL_TAG): str(value)
                for key, value in use.context.items()
                if key.startswith(_PRINCIPAL_TAG)
            }
            return self.aws.as_service(arn, account, source, tags), {}
        if kind in (ROLE_SESSION, IDENTITY_CENTER):
            return self.session_of(arn, use.caller.session), {}
        person = self.person(arn)
        self._approval(use)
        age = int(str(use.context.get("aws:MultiFactorAuthAge", "0")))
        if kind == USER_SESSION:
            return self.cast.sts(person).get_session_token()["Credentials"], {}
        if kind == USER_KEY:
            self._until(use)
            return person, {}
        serial = self.device(arn)
        self._until(use, age + 120)
        code = self.cast.code(serial)
        if kind == USER_KEY_MFA and age < 600:
            return person, {"SerialNumber": serial, "TokenCode": code}
        assert kind in (USER_KEY_MFA, USER_SESSION_MFA)
        answer = self.cast.sts(person).get_session_token(SerialNumber=serial, TokenCode=code)
        self._until(use, age)
        self.aws.clock.advance(age)
        found: Mapping[str, Any] = answer["Credentials"]
        return found, {}

    def _approval(self, use: Use) -> None:
        if "aws:CurrentTime" in use.context:
            self.tagged(use.caller.arn, use.context.get("aws:PrincipalTag/trustproof-approval"))

    def _until(self, use: Use, before: float = 0) -> None:
        """Let time pass until the minute in which a call is to be made, or so many seconds before."""
        wanted = use.context.get("aws:CurrentTime")
        if wanted is not None:
            minute = datetime.fromisoformat(str(wanted)).replace(second=0).timestamp()
            missing = minute - before - self.aws.clock.now()
            self.aws.clock.advance(max(0.0, missing))

    def _federated(self, role: str, use: Use) -> None:
        sts = self.aws.client("sts", config=Config(signature_version=UNSIGNED))
        if use.caller.kind == WEB_IDENTITY:
            host = use.caller.arn.partition("oidc-provider/")[2] or use.caller.arn
            claims = {k.removeprefix(f"{host}:"): v for k, v in use.context.items()}
            if host in ACCESS_TOKENS:
                app, user = (str(claims[name]) for name in ACCESS_TOKENS[host])
                made = self.aws.token(TokenRequest(f"https://{host}", app, user, {}))
                sts.assume_role_with_web_identity(
                    RoleArn=role, RoleSessionName="session", WebIdentityToken=made, ProviderId=host
                )
                return
            audience, subject = str(claims.pop("aud", "none")), str(claims.pop("sub", "somebody"))
            more = {name: [*value] if isinstance(value, tuple) else value for name, value in claims.items()}
            made = self.aws.token(TokenRequest(f"https://{host}", audience, subject, more))
            sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="session", WebIdentityToken=made)
            return
        attributes: dict[str, list[str]] = {}
        for key, value in use.context.items():
            values = [*value] if isinstance(value, tuple) else [str(value)]
            if key == "SAML:eduPersonAffiliation":
                attributes[_AFFILIATION] = values
            elif key.startswith(_REQUEST_TAG):
                attributes[_TAG_ATTRIBUTE + key.removeprefix(_REQUEST_TAG)] = values
        arn, recipient = use.caller.arn, str(use.context.get("SAML:aud", SIGN_IN))
        name = arn.rpartition("/")[2]
        wanted = AssertionRequest(name, role, arn, "ann", recipient=recipient, attributes=attributes)
        sts.assume_role_with_saml(RoleArn=role, PrincipalArn=arn, SAMLAssertion=self.aws.assertion(wanted))


def _parameters(use: Use) -> dict[str, Any]:
    """What a call of AssumeRole says beside the role and the device."""
    context = use.context
    found: dict[str, Any] = {"RoleSessionName": context.get("sts:RoleSessionName", _named(use.caller.session))}
    if "sts:ExternalId" in context:
        found["ExternalId"] = context["sts:ExternalId"]
    if "sts:SetSourceIdentity" in use.actions:
        found["SourceIdentity"] = context.get("sts:SourceIdentity", "alice")
    tags = {key.removeprefix(_REQUEST_TAG): value for key, value in context.items() if key.startswith(_REQUEST_TAG)}
    names = context.get("aws:TagKeys", ())
    tags |= {name: "yes" for name in names if name not in tags}
    if TAG in use.actions:
        tags = tags or {"team": "red"}
        found["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return found


def _named(session: str) -> str:
    """The name of a session: AWS wants two characters."""
    return session if len(session) > 1 else "session"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Sandbox(accounts=[HUB, OWN, VENDOR]) as aws:
        yield Stage(aws, tmp_path_factory.mktemp("constructs"))


def _when(use: Use) -> str:
    return str(use.context.get("aws:CurrentTime", ""))


#: Time does not go back, so that what is bound to a time comes last, in its order.
CASES = [
    pytest.param(name, use, id=f"{name}-{index}")
    for name, index, use in sorted(
        ((name, index, use) for name, (_, uses) in USES.items() for index, use in enumerate(uses)),
        key=lambda case: (_when(case[2]), case[0], case[1]),
    )
]


@pytest.mark.parametrize(("name", "use"), CASES)
def test_whoever_is_meant_gets_in(stage: Stage, name: str, use: Use) -> None:
    """The role is deployed, and STS hands out its credentials to those whom the README names, and to nobody else."""
    role = stage.role(name)
    if use.gets_in:
        stage.play(role, use)
        return
    with pytest.raises(ClientError) as error:
        stage.play(role, use)
    assert error.value.response["Error"]["Code"] in REFUSALS
