"""
Role chains over what a session carries: its name, a source identity, tags, and how it came about.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.analysis.role_chains.templates import HUB, MFA, Json, arn, check, document, role, session, statement

SET_IDENTITY = ["sts:AssumeRole", "sts:SetSourceIdentity"]
SET_TAGS = ["sts:AssumeRole", "sts:TagSession"]


def verdict(
    folder: Path,
    entry: Sequence[Json],
    trusted: Json | None,
    *,
    principal: object = None,
    action: object = "sts:AssumeRole",
    **properties: object,
) -> str:
    """Whether a role is reached that trusts the sessions of another one under a condition."""
    roles = {
        "Entry": role("entry", *entry, **properties),
        "Admin": role("admin", statement(HUB, MFA), statement(principal or arn(HUB, "entry"), trusted, action)),
    }
    return check(folder, roles)["Admin"].verdict


def named(*names: str, operator: str = "StringLike") -> Json:
    """A condition on the name that a session is given."""
    return {operator: {"sts:RoleSessionName": list(names)}}


def ends(*names: str) -> Json:
    """A condition on the name of the session that calls."""
    return {"StringLike": {"aws:userid": [f"*:{name}" for name in names]}}


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        (["deploy"], ["deploy"], "refuted"),
        (["ci"], ["deploy"], "proved"),
        (["ci", "deploy"], ["deploy", "build"], "refuted"),
        (["ci-*"], ["ci-main"], "refuted"),
        (["ci-*"], ["deploy-*"], "proved"),
        (["ci-*"], ["*-main"], "refuted"),
        (["ci"], ["*"], "refuted"),
    ],
)
def test_a_session_has_a_name_that_the_first_role_admits(
    given: list[str], wanted: list[str], expected: str, tmp_path: Path
) -> None:
    """The trust policy of a role decides how its sessions may be called."""
    assert verdict(tmp_path, [statement(HUB, named(*given))], ends(*wanted)) == expected


@pytest.mark.parametrize(("name", "expected"), [("ci", "proved"), ("deploy", "refuted")])
def test_a_session_that_is_trusted_by_name_must_exist(name: str, expected: str, tmp_path: Path) -> None:
    """Trusting a session that nobody can have opens nothing."""
    trusted = session(HUB, "deploy", "entry")
    entry = [statement(HUB, named(name))]
    assert verdict(tmp_path, entry, {"Bool": {"aws:SecureTransport": "true"}}, principal=trusted) == expected


@pytest.mark.parametrize(("name", "expected"), [("ci", "proved"), ("deploy", "refuted")])
def test_a_deny_of_other_names_leaves_the_name(name: str, expected: str, tmp_path: Path) -> None:
    """Names that a Deny of the first role leaves are names that its sessions have."""
    deny = {**statement("*", named(name, operator="StringNotEquals")), "Effect": "Deny"}
    assert verdict(tmp_path, [statement(HUB), deny], ends("deploy")) == expected


def test_a_name_that_is_the_user_s_own(tmp_path: Path) -> None:
    """Where sessions are called like their users, a user of that name is the one who gets through."""
    entry = [statement(HUB, {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}})]
    assert verdict(tmp_path, entry, ends("deploy")) == "refuted"


@pytest.mark.parametrize(
    ("first", "second", "condition", "expected"),
    [
        (SET_IDENTITY, SET_IDENTITY, {"StringEquals": {"aws:SourceIdentity": "alice"}}, "refuted"),
        ("sts:AssumeRole", SET_IDENTITY, {"StringEquals": {"aws:SourceIdentity": "alice"}}, "proved"),
        ("sts:AssumeRole", SET_IDENTITY, {"StringNotEquals": {"aws:SourceIdentity": "alice"}}, "refuted"),
        (SET_IDENTITY, SET_IDENTITY, {"Null": {"aws:SourceIdentity": "true"}}, "refuted"),
        ("sts:AssumeRole", SET_IDENTITY, {"Null": {"aws:SourceIdentity": "false"}}, "proved"),
        # One that was set goes on with the call, which then needs the permission for it as well.
        (SET_IDENTITY, "sts:AssumeRole", {"StringEquals": {"aws:SourceIdentity": "alice"}}, "proved"),
        (SET_IDENTITY, "sts:AssumeRole", {"Null": {"aws:SourceIdentity": "true"}}, "refuted"),
        (SET_IDENTITY, "sts:AssumeRole", {"Bool": {"aws:ViaAWSService": "false"}}, "refuted"),
    ],
)
def test_a_source_identity_must_have_been_set(
    first: object, second: object, condition: Json, expected: str, tmp_path: Path
) -> None:
    """Without sts:SetSourceIdentity on the way no session carries one, and none gets any further with one."""
    assert verdict(tmp_path, [statement(HUB, action=first)], condition, action=second) == expected


def test_what_one_role_allows_counts_whatever_others_do(tmp_path: Path) -> None:
    """A role that has nothing to do with it does not take away what sessions of others carry."""
    condition: Json = {"StringEquals": {"aws:SourceIdentity": "alice", "aws:PrincipalTag/team": "ops"}}
    roles = {
        "Entry": role("entry", statement(HUB, action="sts:*")),
        "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "entry"), condition, SET_IDENTITY)),
        "Other": role("zebra", statement(HUB, MFA)),
    }
    assert check(tmp_path, roles)["Admin"].verdict == "refuted"


NAMED: Json = {"StringLike": {"sts:SourceIdentity": "*"}}


@pytest.mark.parametrize(
    ("entry", "second", "expected"),
    [
        ([statement(HUB, NAMED, SET_IDENTITY)], "sts:AssumeRole", "proved"),
        ([statement(HUB, NAMED, SET_IDENTITY)], SET_IDENTITY, "refuted"),
        ([statement(HUB, NAMED, SET_IDENTITY)], "sts:*", "refuted"),
        ([statement(HUB, NAMED, SET_IDENTITY), statement(f"arn:aws:iam::{HUB}:user/bob")], "sts:AssumeRole", "refuted"),
        ([statement(HUB, {"Null": {"sts:SourceIdentity": "false"}}, "sts:*")], "sts:AssumeRole", "proved"),
        ([statement(HUB, {"StringLikeIfExists": NAMED["StringLike"]}, SET_IDENTITY)], "sts:AssumeRole", "refuted"),
    ],
)
def test_a_session_with_a_source_identity_needs_permission_to_keep_it(
    entry: Sequence[Json], second: object, expected: str, tmp_path: Path
) -> None:
    """Where every session has one, a role that does not allow to set it is not assumed next."""
    assert verdict(tmp_path, entry, None, action=second) == expected


OWN_NAME: Json = {"StringLike": {"sts:SourceIdentity": "?*"}}


@pytest.mark.parametrize(
    ("by", "own", "expected"),
    [
        # The account may let its roles set one, and this role's own policy does not.
        (HUB, "sts:AssumeRole", "proved"),
        (HUB, SET_IDENTITY, "refuted"),
        (HUB, "sts:*", "refuted"),
        # Where the role is named, nothing else need allow it.
        (arn(HUB, "entry"), "sts:AssumeRole", "refuted"),
        (arn(HUB, "other"), "sts:AssumeRole", "proved"),
        ("*", "sts:AssumeRole", "refuted"),
    ],
)
def test_a_source_identity_that_a_role_may_not_set_opens_nothing(
    by: str, own: object, expected: str, tmp_path: Path
) -> None:
    """A step that has to pass one needs sts:SetSourceIdentity by somebody's policy."""
    policy = {"PolicyName": "next", "PolicyDocument": document({"Effect": "Allow", "Action": own, "Resource": "*"})}
    roles = {
        "Entry": role("entry", statement(HUB), Policies=[policy]),
        "Admin": role(
            "admin",
            statement(HUB, MFA),
            statement(arn(HUB, "entry"), OWN_NAME),
            statement(by, None, "sts:SetSourceIdentity"),
        ),
    }
    assert check(tmp_path, roles)["Admin"].verdict == expected


@pytest.mark.parametrize(
    ("given", "middle", "last", "expected"),
    [
        (SET_IDENTITY, SET_IDENTITY, SET_IDENTITY, "refuted"),
        (SET_IDENTITY, "sts:AssumeRole", SET_IDENTITY, "proved"),
        ("sts:AssumeRole", SET_IDENTITY, "sts:AssumeRole", "refuted"),
    ],
)
def test_a_source_identity_is_kept_on_every_step(
    given: object, middle: object, last: object, expected: str, tmp_path: Path
) -> None:
    """The second step, and the third, need the permission too."""
    roles = {
        "Entry": role("entry", statement(HUB, NAMED if given == SET_IDENTITY else None, given)),
        "Middle": role("middle", statement(arn(HUB, "entry"), action=middle)),
        "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "middle"), action=last)),
    }
    assert check(tmp_path, roles)["Admin"].verdict == expected


@pytest.mark.parametrize(
    ("action", "tags", "condition", "expected"),
    [
        (SET_TAGS, {}, {"StringEquals": {"aws:PrincipalTag/team": "ops"}}, "refuted"),
        ("sts:AssumeRole", {}, {"StringEquals": {"aws:PrincipalTag/team": "ops"}}, "proved"),
        ("sts:AssumeRole", {"team": "ops"}, {"StringEquals": {"aws:PrincipalTag/team": "ops"}}, "refuted"),
        ("sts:AssumeRole", {"Team": "ops"}, {"StringEquals": {"aws:PrincipalTag/team": "ops"}}, "refuted"),
        ("sts:AssumeRole", {"team": "dev"}, {"StringEquals": {"aws:PrincipalTag/team": "ops"}}, "proved"),
        (SET_TAGS, {"team": "dev"}, {"StringEquals": {"aws:PrincipalTag/team": "ops"}}, "refuted"),
        ("sts:AssumeRole", {}, {"Null": {"aws:PrincipalTag/team": "true"}}, "refuted"),
        ("sts:AssumeRole", {"team": "dev"}, {"Null": {"aws:PrincipalTag/team": "true"}}, "proved"),
        # A tag may be empty, and then it is null.
        (SET_TAGS, {"team": "dev"}, {"Null": {"aws:PrincipalTag/team": "true"}}, "refuted"),
        ("sts:AssumeRole", {"team": "dev"}, {"StringNotEquals": {"aws:PrincipalTag/team": "ops"}}, "refuted"),
        ("sts:AssumeRole", {"team": {"Ref": "AWS::Region"}}, {"Null": {"aws:PrincipalTag/team": "true"}}, "unknown"),
        (
            "sts:AssumeRole",
            {"team": {"Ref": "AWS::Region"}},
            {"StringEquals": {"aws:PrincipalTag/team": "x"}},
            "unknown",
        ),
    ],
)
def test_a_tag_is_the_role_s_or_the_session_s(
    action: object, tags: Json, condition: Json, expected: str, tmp_path: Path
) -> None:
    """A session carries the tags of its role, and those that it is given where the trust policy allows that."""
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    assert verdict(tmp_path, [statement(HUB, action=action)], condition, Tags=listed) == expected


def test_tags_that_a_condition_decides_are_not_known(tmp_path: Path) -> None:
    """Where nobody can say which tags a role has, a step that looks at them is not decided."""
    tags = {"Fn::Transform": {"Name": "Macro"}}
    condition: Json = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
    assert verdict(tmp_path, [statement(HUB)], condition, Tags=tags) == "unknown"
    assert verdict(tmp_path, [statement(HUB)], ends("*"), Tags=tags) == "refuted"


SAML = {
    "Effect": "Allow",
    "Principal": {"Federated": f"arn:aws:iam::{HUB}:saml-provider/idp"},
    "Action": "sts:AssumeRoleWithSAML",
}
SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    "key",
    [
        "aws:FederatedProvider",
        "saml:sub",
        "accounts.google.com:sub",
        "ec2:SourceInstanceArn",
        "ec2:RoleDelivery",
        "aws:Ec2InstanceSourceVpc",
        "lambda:SourceFunctionArn",
        "codebuild:BuildArn",
        "identitystore:UserId",
    ],
)
def test_a_session_of_a_user_is_not_one_of_an_instance_or_a_provider(key: str, tmp_path: Path) -> None:
    """Keys that tell of other ways into a role are not in sessions that users and roles assume."""
    entry = [statement(HUB), SAML, SERVICE]
    assert verdict(tmp_path, entry, {"Null": {key: "false"}}) == "proved"
    assert verdict(tmp_path, entry, {"Null": {key: "true"}}) == "refuted"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("sts:AssumeRole", "sts:AssumeRole", "proved"),
        (SET_IDENTITY, SET_IDENTITY, "refuted"),
        (SET_IDENTITY, "sts:AssumeRole", "proved"),
        ("sts:AssumeRole", SET_IDENTITY, "refuted"),
    ],
)
def test_a_source_identity_stays(first: object, second: object, expected: str, tmp_path: Path) -> None:
    """What was set once goes on with every step."""
    condition: Json = {"StringEquals": {"aws:SourceIdentity": "alice"}}
    roles = {
        "Entry": role("entry", statement(HUB, action=first)),
        "Middle": role("middle", statement(arn(HUB, "entry"), action=second)),
        "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "middle"), condition, SET_IDENTITY)),
    }
    assert check(tmp_path, roles)["Admin"].verdict == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("sts:AssumeRole", "sts:AssumeRole", "proved"),
        ("sts:AssumeRole", SET_TAGS, "refuted"),
        # The user may have made the tag transitive.
        (SET_TAGS, "sts:AssumeRole", "unknown"),
    ],
)
def test_a_tag_may_stay(first: object, second: object, expected: str, tmp_path: Path) -> None:
    """A session tag goes on where it is transitive."""
    condition: Json = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
    roles = {
        "Entry": role("entry", statement(HUB, action=first)),
        "Middle": role("middle", statement(arn(HUB, "entry"), action=second)),
        "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "middle"), condition)),
    }
    assert check(tmp_path, roles)["Admin"].verdict == expected


SEC, OPS = ({"StringEquals": {"aws:RequestTag/team": team}} for team in ("sec", "ops"))
NO_SEC: Json = {**statement("*", SEC, "sts:TagSession"), "Effect": "Deny"}


@pytest.mark.parametrize(
    ("entry", "tags", "expected"),
    [
        ([statement(HUB, action=SET_TAGS)], {}, "refuted"),
        ([statement(HUB, action=SET_TAGS), NO_SEC], {}, "proved"),
        ([statement(HUB), statement(HUB, OPS, "sts:TagSession")], {}, "proved"),
        ([statement(HUB), statement(HUB, SEC, "sts:TagSession")], {}, "refuted"),
        # The role itself has it, unless the call gives another.
        ([statement(HUB, action=SET_TAGS), NO_SEC], {"Team": "sec"}, "refuted"),
        ([statement(HUB, action=SET_TAGS), NO_SEC], {"Team": "ops"}, "proved"),
    ],
)
def test_a_tag_that_nobody_may_pass_is_not_there(
    entry: Sequence[Json], tags: Json, expected: str, tmp_path: Path
) -> None:
    """A user's first session has no tags but its role's, and those that the trust policy lets the user pass."""
    demanded: Json = {"StringEquals": {"aws:PrincipalTag/team": "sec"}}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    assert verdict(tmp_path, entry, demanded, Tags=listed) == expected


ITSELF = arn(HUB, "entry")
OTHER_KEYS: Json = {"ForAllValues:StringEquals": {"aws:TagKeys": ["unit"]}}
FROM_UNIT: Json = {"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/unit}"}}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ([statement(HUB, action=SET_TAGS), statement(ITSELF, action=SET_TAGS), NO_SEC], "proved"),
        ([statement(HUB), statement(HUB, OPS, "sts:TagSession"), statement(ITSELF)], "proved"),
        ([statement(HUB), statement(HUB, OTHER_KEYS, "sts:TagSession"), statement(ITSELF)], "proved"),
        ([statement(HUB), statement(HUB, SEC, "sts:TagSession"), statement(ITSELF)], "refuted"),
        # Its own sessions tag, and nobody else does; what they are told of may be what they were tagged with.
        ([statement(HUB), statement(ITSELF, action=SET_TAGS)], "refuted"),
        ([statement(HUB), statement(ITSELF, OPS, SET_TAGS)], "proved"),
        ([statement(HUB), statement(HUB, OTHER_KEYS, "sts:TagSession"), statement(ITSELF, FROM_UNIT, SET_TAGS)], ""),
    ],
)
def test_a_role_that_assumes_itself_hands_on_no_tag_that_nobody_may_pass(
    entry: Sequence[Json], expected: str, tmp_path: Path
) -> None:
    """What one of its sessions has of another one was passed on a call for the role too."""
    found = verdict(tmp_path, entry, {"StringEquals": {"aws:PrincipalTag/team": "sec"}})
    assert found == expected if expected else found != "proved"


def test_a_tag_that_nobody_may_pass_may_come_from_before(tmp_path: Path) -> None:
    """Where the session before may have made it transitive, it may be there all the same."""
    demanded: Json = {"StringEquals": {"aws:PrincipalTag/team": "sec"}}
    roles = {
        "Before": role("before", statement(HUB, action=SET_TAGS)),
        "Entry": role("entry", statement(HUB, action=SET_TAGS), statement(arn(HUB, "before")), NO_SEC),
        "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "entry"), demanded)),
    }
    assert check(tmp_path, roles)["Admin"].verdict == "unknown"


def test_a_longer_way_may_be_the_one_that_leads_on(tmp_path: Path) -> None:
    """A role that users enter directly is entered by a detour where that sets what the next step asks for."""
    condition: Json = {"StringEquals": {"aws:SourceIdentity": "alice"}}
    kept: Json = {"Null": {"sts:SourceIdentity": "true"}}
    roles = {
        "Detour": role("detour", statement(HUB, action=SET_IDENTITY)),
        "Entry": role("entry", statement(HUB), statement(arn(HUB, "detour"), kept, SET_IDENTITY)),
        "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "entry"), condition, SET_IDENTITY)),
    }
    found = check(tmp_path, roles)["Admin"]
    assert found.verdict == "refuted"
    assert f"{arn(HUB, 'detour')} -> {arn(HUB, 'entry')} -> {arn(HUB, 'admin')}" in found.message
    assert any("with the source identity alice" in line for line in found.why)
    assert found.counterexample is not None
    assert found.counterexample.context["sts:SourceIdentity"] == "alice"


def test_names_are_chosen_anew_at_every_step(tmp_path: Path) -> None:
    """Each session is named by the call that assumes it, whatever the one before was called."""
    both: Json = {**named("two"), "StringLikeIfExists": ends("one")["StringLike"]}
    roles = {
        "Entry": role("entry", statement(HUB, named("one"))),
        "Middle": role("middle", statement(arn(HUB, "entry"), both)),
        "Admin": role("admin", statement(HUB, MFA), statement(arn(HUB, "middle"), ends("two"))),
        "Never": role("never", statement(HUB, MFA), statement(arn(HUB, "middle"), ends("one"))),
    }
    found = check(tmp_path, roles)
    assert (found["Admin"].verdict, found["Never"].verdict) == ("refuted", "proved")


def test_the_identity_policy_looks_at_the_same_session(tmp_path: Path) -> None:
    """The name that the role's own policy asks for is one that its trust policy must admit."""
    allowed = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition": ends("deploy")})
    policies = [{"PolicyName": "next", "PolicyDocument": allowed}]
    roles_only: Json = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}
    for name, expected in (("deploy", "refuted"), ("ci", "proved"), ("*", "refuted")):
        entry = [statement(HUB, named(name))]
        assert verdict(tmp_path, entry, roles_only, principal=HUB, Policies=policies) == expected
