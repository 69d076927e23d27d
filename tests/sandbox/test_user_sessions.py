"""
GetSessionToken, GetFederationToken, GetCallerIdentity, and what their credentials cannot call.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust


def test_codes(cast: Cast) -> None:
    """A code has to be right, of now, of the caller's own device, and is used up."""
    user, other = cast.user(), cast.user()
    serial, of_other = cast.device(user), cast.device(other)
    sts = cast.sts(user)
    code = cast.code(serial)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for given in (
        {"SerialNumber": serial, "TokenCode": wrong},
        {"SerialNumber": of_other, "TokenCode": cast.code(of_other)},
        {"SerialNumber": serial + "x", "TokenCode": code},
    ):
        assert refusal(lambda given=given: sts.get_session_token(**given))[0] == "AccessDenied"
    code = cast.code(serial)
    assert sts.get_session_token(SerialNumber=serial, TokenCode=code)
    assert refusal(lambda: sts.get_session_token(SerialNumber=serial, TokenCode=code))[0] == "AccessDenied"
    late = cast.code(serial)
    cast.aws.clock.advance(120)
    assert refusal(lambda: sts.get_session_token(SerialNumber=serial, TokenCode=late))[0] == "AccessDenied"


def test_enabling_a_device_wants_two_consecutive_codes(cast: Cast) -> None:
    """Two equal codes, or two that do not follow each other, enable nothing."""
    user = cast.user()
    serial = cast.iam().create_virtual_mfa_device(VirtualMFADeviceName="two")["VirtualMFADevice"]["SerialNumber"]
    cast.aws.clock.advance(60)
    first, second = cast.aws.code(serial), cast.aws.code(serial)

    def enable(one: str, two: str) -> object:
        return cast.iam().enable_mfa_device(
            UserName=user["Name"], SerialNumber=serial, AuthenticationCode1=one, AuthenticationCode2=two
        )

    assert refusal(lambda: enable(first, first))[0] == "InvalidAuthenticationCode"
    assert refusal(lambda: enable(second, first))[0] == "InvalidAuthenticationCode"
    assert enable(first, second)


def test_bringing_a_device_back_into_step(cast: Cast) -> None:
    """It is done for the user who has the device."""
    user, other = cast.user(), cast.user()
    serial = cast.device(user)
    cast.aws.clock.advance(90)
    given = {f"AuthenticationCode{number}": cast.aws.code(serial) for number in (1, 2)}
    resync = cast.iam().resync_mfa_device
    assert refusal(lambda: resync(UserName=other["Name"], SerialNumber=serial, **given))[0] == "NoSuchEntity"
    assert resync(UserName=user["Name"], SerialNumber=serial, **given)


def test_a_session_without_mfa_calls_no_iam(cast: Cast) -> None:
    """IAM takes a session's keys for none unless MFA was used for it."""
    user = cast.user(allow("*"))
    plain = cast.sts(user).get_session_token()["Credentials"]
    assert refusal(cast.aws.client("iam", plain).list_users)[0] == "InvalidClientTokenId"
    serial = cast.device(user)
    with_mfa = cast.sts(user).get_session_token(SerialNumber=serial, TokenCode=cast.code(serial))["Credentials"]
    assert cast.aws.client("iam", with_mfa).list_users()
    assert cast.aws.client("iam", with_mfa).get_user()["User"]["UserName"] == user["Name"]


@pytest.mark.parametrize("operation", ["get_session_token", "get_federation_token", "get_access_key_info"])
def test_what_sessions_cannot_call(cast: Cast, operation: str) -> None:
    """A session of a user calls AssumeRole and GetCallerIdentity of STS, and no more; so does none of a role."""
    given = {"get_federation_token": {"Name": "ann"}, "get_access_key_info": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}}
    user = cast.user(allow("*"))
    session = cast.sts(user).get_session_token()["Credentials"]
    call = getattr(cast.sts(session), operation)
    assert refusal(lambda: call(**given.get(operation, {})))[0] == "AccessDenied"
    if operation != "get_access_key_info":
        inside = cast.assume(user, cast.role(trust(root(HOME))))["Credentials"]
        call = getattr(cast.sts(inside), operation)
        assert refusal(lambda: call(**given.get(operation, {})))[0] == "AccessDenied"


def test_a_federated_user(cast: Cast) -> None:
    """It may what its maker may and the passed policy allows; without a policy nothing; of IAM and STS nothing."""
    maker = cast.user(allow("sts:GetFederationToken"), allow("s3:ListAllMyBuckets"))
    bare = cast.sts(maker).get_federation_token(Name="ann")
    assert bare["FederatedUser"]["Arn"] == f"arn:aws:sts::{HOME}:federated-user/ann"
    assert refusal(cast.aws.client("s3", bare["Credentials"]).list_buckets)[0] == "AccessDenied"
    given = cast.sts(maker).get_federation_token(Name="ann", Policy=policy(allow("*")))["Credentials"]
    assert cast.aws.client("s3", given).list_buckets()
    assert refusal(cast.aws.client("dynamodb", given).list_tables)[0] == "AccessDeniedException"
    assert refusal(cast.aws.client("iam", given).list_users)[0] == "InvalidClientTokenId"
    assert cast.sts(given).get_caller_identity()["UserId"] == f"{HOME}:ann"
    assert refusal(lambda: cast.assume(given, cast.role(trust(root(HOME)))))[0] == "AccessDenied"
    assert refusal(lambda: cast.sts(cast.user()).get_federation_token(Name="ann"))[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("effect", "own", "passed", "code"),
    [
        ("Allow", (), (allow("s3:*"),), ""),
        ("Allow", (), (), "AccessDenied"),
        ("Allow", (), (allow("sns:*"),), "AccessDenied"),
        ("Deny", (allow("s3:*"),), (allow("s3:*"),), "AccessDenied"),
        (None, (allow("s3:*"),), (allow("s3:*"),), ""),
    ],
)
def test_a_policy_names_the_user_of_a_session(
    cast: Cast, effect: str | None, own: tuple[Any, ...], passed: tuple[Any, ...], code: str
) -> None:
    """What a bucket gives a user its sessions may within what is passed to them; what it denies it denies them."""
    maker = cast.user(allow("sts:GetFederationToken"), *own)
    admin = cast.aws.client("s3", account=HOME)
    name = f"of-{maker['Name']}"
    admin.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    admin.put_object(Bucket=name, Key="a", Body=b"a")
    if effect:
        statement = {**allow("s3:GetObject", f"arn:aws:s3:::{name}/*"), "Effect": effect}
        admin.put_bucket_policy(Bucket=name, Policy=policy({**statement, "Principal": {"AWS": maker["Arn"]}}))
    more = {"Policy": policy(*passed)} if passed else {}
    s3 = cast.aws.client("s3", cast.sts(maker).get_federation_token(Name="ann", **more)["Credentials"])
    if code:
        assert refusal(lambda: s3.get_object(Bucket=name, Key="a"))[0] == code
    else:
        assert s3.get_object(Bucket=name, Key="a")["Body"].read() == b"a"


def test_tags_of_a_federated_user(cast: Cast) -> None:
    """Tags need sts:TagSession, and a bucket's policy can ask for them."""
    maker = cast.user(allow("sts:GetFederationToken"))
    tags = [{"Key": "team", "Value": "a"}]
    assert "sts:TagSession" in refusal(lambda: cast.sts(maker).get_federation_token(Name="bob", Tags=tags))[1]
    maker = cast.user(allow(["sts:GetFederationToken", "sts:TagSession"]))
    assert cast.sts(maker).get_federation_token(Name="bob", Tags=tags)


def test_who_am_i(cast: Cast) -> None:
    """GetCallerIdentity answers everybody with valid keys, whatever policies say."""
    user = cast.user({"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert cast.sts(user).get_caller_identity()["Arn"] == user["Arn"]
    assert cast.sts(cast.aws.root_keys(OTHER)).get_caller_identity()["Arn"] == f"arn:aws:iam::{OTHER}:root"


def test_keys_that_nobody_has(cast: Cast) -> None:
    """A wrong secret, an unknown key, an inactive key and a changed session token are refused."""
    user = cast.user()
    assert refusal(cast.sts({**user, "SecretAccessKey": "x" * 40}).get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert refusal(cast.sts({**user, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}).get_caller_identity)[0] == (
        "InvalidClientTokenId"
    )
    session = cast.sts(user).get_session_token()["Credentials"]
    changed = {**session, "SessionToken": session["SessionToken"][:-1] + "!"}
    assert refusal(cast.sts(changed).get_caller_identity)[0] == "InvalidClientTokenId"
    cast.iam().update_access_key(UserName=user["Name"], AccessKeyId=user["AccessKeyId"], Status="Inactive")
    assert refusal(cast.sts(user).get_caller_identity)[0] == "InvalidClientTokenId"


def test_durations(cast: Cast) -> None:
    """From a quarter of an hour to a day and a half."""
    sts = cast.sts(cast.user())
    assert sts.get_session_token(DurationSeconds=129_600)
    assert refusal(lambda: sts.get_session_token(DurationSeconds=129_601))[0] == "ValidationError"


def test_a_code_shows_once(cast: Cast) -> None:
    """Codes that are asked for in a row are all different, and count until a minute later."""
    user = cast.user()
    serial = cast.device(user)
    cast.aws.clock.advance(90)
    codes = [cast.aws.code(serial) for _ in range(2)]
    assert len(set(codes)) == 2
    for code in codes:
        assert cast.sts(user).get_session_token(SerialNumber=serial, TokenCode=code)


def test_what_root_users_ask_about_themselves(cast: Cast) -> None:
    """They have no device, since none can be given to them by a call; their other credentials are not kept here."""
    iam = cast.aws.client("iam", cast.aws.root_keys(OTHER))
    user = cast.user(account=OTHER)
    assert iam.list_mfa_devices()["MFADevices"] == []
    assert refusal(lambda: iam.create_access_key())[0] == "NotImplemented"
    assert refusal(lambda: iam.get_user())[0] == "NotImplemented"
    assert len(iam.list_access_keys(UserName=user["Name"])["AccessKeyMetadata"]) == 1
