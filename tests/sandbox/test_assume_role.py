"""
AssumeRole by real clients: who gets in, and who does not for which reason.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust
from trustproof.sandbox.errors import SandboxError

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ASSUME = allow("sts:AssumeRole")
BUCKET = "arn:aws:s3:::bucket"
_numbers = count()


def test_both_sides_of_another_account_have_to_allow(cast: Cast) -> None:
    """Across accounts the trust policy and the caller's own policies have to allow, also where a user is named."""
    with_, without = cast.user(ASSUME), cast.user()
    role = cast.role(trust({"AWS": [with_["Arn"], without["Arn"]]}), account=OTHER)
    answer = cast.assume(with_, role)
    assert answer["AssumedRoleUser"]["Arn"].endswith("/s-1")
    code, message = refusal(lambda: cast.assume(without, role))
    assert code == "AccessDenied"
    assert message.endswith("because no identity-based policy allows the sts:AssumeRole action")


def test_a_user_who_is_named_needs_no_policy_in_the_own_account(cast: Cast) -> None:
    """In one account the trust in a user suffices, and the trust in the account does not."""
    user = cast.user()
    assert cast.assume(user, cast.role(trust({"AWS": user["Arn"]})))
    assert refusal(lambda: cast.assume(user, cast.role(trust(root(HOME)))))[0] == "AccessDenied"


def test_whoever_is_not_trusted_stays_out(cast: Cast) -> None:
    """Neither another user, nor one whose name begins alike, nor anybody for a role that does not exist."""
    named, other = cast.user(ASSUME), cast.user(ASSUME)
    role = cast.role(trust({"AWS": named["Arn"]}))
    code, message = refusal(lambda: cast.assume(other, role))
    assert (code, message.startswith(f"User: {other['Arn']} is not authorized")) == ("AccessDenied", True)
    missing = refusal(lambda: cast.assume(other, role + "-none"))
    assert missing[0] == "AccessDenied"
    assert missing[1] == message.replace(role, role + "-none")


def test_an_explicit_deny_wins(cast: Cast) -> None:
    """A Deny in the trust policy, in the own policies or in the boundary keeps a trusted caller out."""
    trusted = cast.user(ASSUME)
    deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = cast.role(trust({"AWS": trusted["Arn"]}), deny)
    assert refusal(lambda: cast.assume(trusted, role))[1].endswith("with an explicit deny in a resource-based policy")
    denied = cast.user(ASSUME, {"Effect": "Deny", "Action": "sts:*", "Resource": "*"})
    role = cast.role(trust({"AWS": denied["Arn"]}))
    assert refusal(lambda: cast.assume(denied, role))[1].endswith("with an explicit deny in an identity-based policy")


def test_a_boundary_limits(cast: Cast) -> None:
    """A boundary without sts:AssumeRole keeps its user out of roles of other accounts."""
    boundary = cast.iam().create_policy(PolicyName="only-s3", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    user = cast.user(ASSUME, PermissionsBoundary=boundary)
    role = cast.role(trust(root(HOME)), account=OTHER)
    assert "permissions boundary" in refusal(lambda: cast.assume(user, role))[1]


def test_mfa_by_a_code_in_the_call(cast: Cast) -> None:
    """A role that wants MFA takes a code of the caller's own device, once, and no key or session without."""
    user = cast.user(ASSUME)
    serial = cast.device(user)
    role = cast.role(trust(root(HOME), Condition=MFA), account=OTHER)
    assert refusal(lambda: cast.assume(user, role))[0] == "AccessDenied"
    session = cast.sts(user).get_session_token()["Credentials"]
    assert refusal(lambda: cast.assume(session, role))[0] == "AccessDenied"
    code = cast.code(serial)
    assert cast.assume(user, role, SerialNumber=serial, TokenCode=code)
    again = refusal(lambda: cast.assume(user, role, SerialNumber=serial, TokenCode=code))
    assert again == ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")


def test_mfa_by_a_session(cast: Cast) -> None:
    """A GetSessionToken session with MFA gets in; a session of a role does not carry MFA on."""
    user = cast.user(ASSUME)
    serial = cast.device(user)
    with_mfa = cast.sts(user).get_session_token(SerialNumber=serial, TokenCode=cast.code(serial))["Credentials"]
    role = cast.role(trust(root(HOME), Condition=MFA), account=OTHER, may=[ASSUME])
    inside = cast.assume(with_mfa, role)["Credentials"]
    second = cast.role(trust({"AWS": role}, Condition=MFA), account=OTHER)
    assert refusal(lambda: cast.assume(inside, second))[0] == "AccessDenied"


@pytest.mark.parametrize("condition", ["BoolIfExists", "Deny"])
def test_the_two_famous_holes_are_open(cast: Cast, condition: str) -> None:
    """A long-term key without MFA gets in where the key's absence satisfies the condition."""
    user = cast.user(ASSUME)
    if condition == "BoolIfExists":
        role = cast.role(trust(root(HOME), Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}))
    else:
        deny = trust(root(HOME), Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
        role = cast.role(trust(root(HOME)), {**deny, "Effect": "Deny"})
    assert cast.assume(user, role)
    session = cast.sts(user).get_session_token()["Credentials"]
    assert refusal(lambda: cast.assume(session, role))[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("given", "gets_in"),
    [("secret-1", True), ("secret-2", False), (None, False)],
)
def test_external_id(cast: Cast, given: str | None, gets_in: bool) -> None:
    """The external id has to be the one that the trust policy names."""
    user = cast.user(ASSUME)
    role = cast.role(trust(root(HOME), Condition={"StringEquals": {"sts:ExternalId": "secret-1"}}), account=OTHER)
    more = {} if given is None else {"ExternalId": given}
    if gets_in:
        assert cast.assume(user, role, **more)
    else:
        assert refusal(lambda: cast.assume(user, role, **more))[0] == "AccessDenied"


def test_duration(cast: Cast) -> None:
    """A session lasts as long as the role allows, and one from another session an hour at most."""
    user = cast.user(ASSUME)
    role = cast.role(trust(root(HOME)), MaxSessionDuration=7_200, may=[ASSUME])
    assert cast.assume(user, role, DurationSeconds=7_200)
    code, message = refusal(lambda: cast.assume(user, role, DurationSeconds=7_201))
    assert (code, message) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    inside = cast.assume(user, role)["Credentials"]
    next_ = cast.role(trust({"AWS": role}), MaxSessionDuration=7_200)
    assert cast.assume(inside, next_, DurationSeconds=3_600)
    assert "role chaining" in refusal(lambda: cast.assume(inside, next_, DurationSeconds=3_601))[1]


def test_sessions_expire(cast: Cast) -> None:
    """Credentials count until they expire, and not after."""
    user = cast.user(ASSUME)
    inside = cast.assume(user, cast.role(trust(root(HOME))), DurationSeconds=900)["Credentials"]
    assert cast.sts(inside).get_caller_identity()
    cast.aws.clock.advance(901)
    assert refusal(lambda: cast.sts(inside).get_caller_identity())[0] == "ExpiredToken"


def test_tags_need_a_permission_of_their_own(cast: Cast) -> None:
    """Session tags are for whom sts:TagSession is allowed on both sides; transitive ones cannot be passed anew."""
    user = cast.user(allow(["sts:AssumeRole", "sts:TagSession"]))
    tags: dict[str, Any] = {"Tags": [{"Key": "team", "Value": "a"}], "TransitiveTagKeys": ["team"]}
    assert refusal(lambda: cast.assume(user, cast.role(trust(root(HOME))), **tags))[1].count("sts:TagSession")
    both = ["sts:AssumeRole", "sts:TagSession"]
    role = cast.role(trust(root(HOME), both), may=[allow(both)])
    inside = cast.assume(user, role, **tags)["Credentials"]
    tagged = cast.role(trust({"AWS": role}, both, Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}))
    assert cast.assume(inside, tagged)
    code, _ = refusal(lambda: cast.assume(inside, tagged, Tags=[{"Key": "Team", "Value": "b"}]))
    assert code == "InvalidParameterValue"


@pytest.mark.parametrize(("keys", "allowed"), [(["Team"], True), (["team"], False), (["Team", "Site"], True)])
def test_transitive_keys_are_as_they_are_written(cast: Cast, keys: list[str], allowed: bool) -> None:
    """Keys of tags that go on are compared as they were passed, in the call that sets them and in the next."""
    both = ["sts:AssumeRole", "sts:TagSession"]
    condition = {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": keys}}
    named = trust(root(HOME), both, Condition=condition)
    tags: dict[str, Any] = {"Tags": [{"Key": "Team", "Value": "a"}], "TransitiveTagKeys": ["Team"]}
    user, role = cast.user(allow(both)), cast.role(named)
    session = cast.assume(user, cast.role(trust(root(HOME), both), may=[allow(both)]), **tags)["Credentials"]
    for caller, more in ((user, tags), (session, {})):
        if allowed:
            assert cast.assume(caller, role, **more)
        else:
            assert refusal(lambda caller=caller, more=more: cast.assume(caller, role, **more))[0] == "AccessDenied"


def test_a_source_identity_stays(cast: Cast) -> None:
    """A source identity needs a permission, goes on with every call and cannot be changed."""
    both = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    user = cast.user(allow(both))
    role = cast.role(trust(root(HOME), both), may=[allow(both)])
    inside = cast.assume(user, role, SourceIdentity="ann")["Credentials"]
    named = trust({"AWS": role}, both, Condition={"StringEquals": {"sts:SourceIdentity": "ann"}})
    assert cast.assume(inside, cast.role(named), SourceIdentity="ann")["SourceIdentity"] == "ann"
    # Whether the request has the key where nobody passes it is not documented.
    assert refusal(lambda: cast.assume(inside, cast.role(named)))[0] == "NotImplemented"
    carried = trust({"AWS": role}, both, Condition={"StringEquals": {"aws:SourceIdentity": "ann"}})
    assert cast.assume(inside, cast.role(carried))["SourceIdentity"] == "ann"
    assert refusal(lambda: cast.assume(inside, cast.role(trust({"AWS": role}))))[0] == "AccessDenied"
    assert refusal(lambda: cast.assume(inside, cast.role(named), SourceIdentity="bob"))[0] == "AccessDenied"
    assert refusal(lambda: cast.assume(inside, cast.role(trust({"AWS": role}))))[0] == "AccessDenied"


def test_session_policies_limit(cast: Cast) -> None:
    """A session may what its role may and its session policies allow."""
    user = cast.user(ASSUME)
    role = cast.role(trust(root(HOME)), may=[allow("iam:*")])
    narrow = cast.assume(user, role, Policy=policy(allow("iam:ListRoles")))
    assert narrow["PackedPolicySize"] > 0
    iam = cast.aws.client("iam", narrow["Credentials"])
    assert iam.list_roles()
    assert refusal(iam.list_users)[1].endswith("because no session policy allows the iam:ListUsers action")
    arns = [{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}]
    iam = cast.aws.client("iam", cast.assume(user, role, PolicyArns=arns)["Credentials"])
    assert iam.list_users()
    assert refusal(lambda: iam.create_user(UserName="nobody"))[0] == "AccessDenied"
    assert refusal(lambda: cast.assume(user, role, Policy="{}"))[0] == "MalformedPolicyDocument"


def test_root_users_assume_no_roles(cast: Cast) -> None:
    """A root user is told so, and may everything else."""
    keys = cast.aws.root_keys(HOME)
    assert refusal(lambda: cast.assume(keys, cast.role(trust(root(HOME)))))[1] == (
        "Roles may not be assumed by root accounts."
    )
    assert cast.aws.client("iam", keys).list_users()


def test_a_service_gets_in_for_its_source(cast: Cast) -> None:
    """A service enters the roles that trust it, for the source that the trust policy names."""
    condition = {"StringEquals": {"aws:SourceAccount": HOME}}
    role = cast.role(trust({"Service": "lambda.amazonaws.com"}, Condition=condition))
    assert cast.assume(cast.aws.as_service("lambda.amazonaws.com", HOME), role)
    assert refusal(lambda: cast.assume(cast.aws.as_service("lambda.amazonaws.com", OTHER), role))[0] == "AccessDenied"
    assert refusal(lambda: cast.assume(cast.aws.as_service("ec2.amazonaws.com", HOME), role))[0] == "AccessDenied"


def test_a_machine_with_a_certificate(cast: Cast) -> None:
    """Roles Anywhere tells the attributes of a certificate before the role is entered; no other service does."""
    service = "rolesanywhere.amazonaws.com"
    condition = {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "build-1"}}
    role = cast.role(trust({"Service": service}, Condition=condition))
    assert cast.assume(cast.aws.as_service(service, HOME, tags={"x509Subject/CN": "build-1"}), role)
    for tags in (None, {"x509Subject/CN": "build-2"}):
        machine = cast.aws.as_service(service, HOME, tags=tags)
        assert refusal(lambda machine=machine: cast.assume(machine, role))[0] == "AccessDenied"
    for name, tag in (("lambda.amazonaws.com", "x509Subject/CN"), (service, "team")):
        with pytest.raises(SandboxError):
            cast.aws.as_service(name, HOME, tags={tag: "a"})


def test_a_role_that_is_made_again_is_another(cast: Cast) -> None:
    """Trust in a role ends with it, as do its sessions."""
    user = cast.user(ASSUME)
    role = cast.role(trust(root(HOME)), may=[])
    inside = cast.assume(user, role)["Credentials"]
    trusting = cast.role(trust({"AWS": role}))
    assert cast.assume(inside, trusting)
    name = role.rpartition("/")[2]
    cast.iam().delete_role(RoleName=name)
    assert refusal(cast.sts(inside).get_caller_identity)[0] == "InvalidClientTokenId"
    cast.iam().create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust(root(HOME))))
    assert refusal(lambda: cast.assume(cast.assume(user, role)["Credentials"], trusting))[0] == "AccessDenied"
    assert refusal(lambda: cast.assume(inside, trusting))[0] == "InvalidClientTokenId"


def test_a_denial_can_be_decoded(cast: Cast) -> None:
    """DecodeAuthorizationMessage tells the request, the deciding statements and the layer of a denial."""
    user = cast.user(ASSUME)
    deny = {"Sid": "Never", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = cast.role(trust(root(HOME)), deny)
    try:
        cast.assume(user, role)
    except cast.sts(user).exceptions.ClientError as error:
        handle = error.response["ResponseMetadata"]["HTTPHeaders"]["x-trustproof-authorization-message"]
    admin = cast.aws.client("sts", account=HOME)
    told = json.loads(admin.decode_authorization_message(EncodedMessage=handle)["DecodedMessage"])
    assert (told["allowed"], told["explicitDeny"]) == (False, True)
    assert told["context"]["resource"] == role
    assert [one["statementId"] for one in told["matchedStatements"]["items"]] == ["Never"]
    assert told["matchedStatements"]["items"][0]["actions"] == {"items": [{"value": "sts:AssumeRole"}]}
    code, _ = refusal(lambda: admin.decode_authorization_message(EncodedMessage="none"))
    assert code == "InvalidAuthorizationMessageException"
    assert refusal(lambda: cast.sts(user).decode_authorization_message(EncodedMessage=handle))[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ({"Action": "ec2:*", "Resource": "*"}, {"actions": ["ec2:*"], "resources": ["*"]}),
        ({"NotAction": ["iam:*", "sts:*"], "Resource": "*"}, {"notActions": ["iam:*", "sts:*"], "resources": ["*"]}),
        (
            {"Action": ["s3:*", "ec2:D*"], "NotResource": BUCKET},
            {"actions": ["s3:*", "ec2:D*"], "notResources": [BUCKET]},
        ),
    ],
)
@pytest.mark.parametrize("where", ["user", "boundary", "session"])
def test_a_decoded_denial_has_its_statements_as_they_are_written(
    cast: Cast, statement: dict[str, Any], told: dict[str, list[str]], where: str
) -> None:
    """The statement that denies is told with the actions and resources that its policy has, in each kind of policy."""
    condition = {"ForAnyValue:StringNotLikeIfExists": {"aws:PrincipalArn": ["a", "b"]}}
    deny = {"Sid": "Guard", "Effect": "Deny", **statement, "Condition": condition}
    limits = policy(allow("*"), deny)
    if where == "user":
        keys = cast.user(allow("*"), deny)
    elif where == "boundary":
        name = f"decoded{next(_numbers)}"
        boundary = cast.iam().create_policy(PolicyName=name, PolicyDocument=limits)["Policy"]["Arn"]
        keys = cast.user(allow("*"), PermissionsBoundary=boundary)
    else:
        role = cast.role(trust(root(HOME)), may=[allow("*")])
        keys = cast.assume(cast.user(ASSUME), role, Policy=limits)["Credentials"]
    with pytest.raises(ClientError) as denied:
        cast.aws.client("ec2", keys).describe_instances()
    handle = denied.value.response["Error"]["Message"].rpartition("message: ")[2]
    found = cast.aws.client("sts", account=HOME).decode_authorization_message(EncodedMessage=handle)
    (one,) = json.loads(found["DecodedMessage"])["matchedStatements"]["items"]
    given = ("actions", "notActions", "resources", "notResources")
    assert {name: _texts(one[name]) for name in given if _texts(one.get(name))} == told
    (asked,) = one["conditions"]["items"]
    assert asked["operator"] == "ForAnyValue:StringNotLikeIfExists"
    assert _texts(asked["values"]) == ["a", "b"]


def _texts(items: Any) -> list[str]:
    return [one["value"] for one in (items or {}).get("items", [])]


@pytest.mark.parametrize(
    ("key", "value", "taken"),
    [
        ("team", "a b@c", True),
        ("équipe", "ä", True),
        ("team", "a,b", False),
        ("team", "a\tb", False),
        ("t*", "a", False),
    ],
)
def test_what_session_tags_hold(cast: Cast, key: str, value: str, taken: bool) -> None:
    """Session tags hold letters, digits, separators and few marks; a tab is none of them."""
    role = cast.role(trust(root(HOME), ["sts:AssumeRole", "sts:TagSession"]))
    user = cast.user(allow(["sts:AssumeRole", "sts:TagSession"]))
    tags = [{"Key": key, "Value": value}]
    if taken:
        assert cast.assume(user, role, Tags=tags)["Credentials"]
    else:
        assert refusal(lambda: cast.assume(user, role, Tags=tags))[0] == "ValidationError"
