"""
What is said of a request without MFA that gets in: what lets it in, where that stands, and what to write instead.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.properties.applying import applied

Json = dict[str, object]
MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
WITHOUT: Json = {"BoolIfExists": {MFA: "false"}}
ACCOUNT, ROOT = "111122223333", "arn:aws:iam::111122223333:root"
NOBODY_ASKS = f"no condition of this statement looks at {MFA}, and no Deny does"


def allow(condition: Json | None = None, principal: str = ROOT) -> Json:
    """An Allow statement of a trust policy."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}


def deny(condition: Json, **more: object) -> Json:
    """A Deny statement of a trust policy."""
    whose: Json = {} if "NotPrincipal" in more else {"Principal": {"AWS": "*"}}
    what: Json = {} if "NotAction" in more else {"Action": "sts:AssumeRole"}
    return {"Effect": "Deny", **whose, **what, "Condition": condition, **more}


def policy(*statements: Json) -> Json:
    """A trust policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def asked(written: Json, **config: object) -> trustproof.Result:
    """The answer of mfa-required."""
    return trustproof.prove(written, "mfa-required", account=ACCOUNT, config=config)


#: What a Deny has besides, why it does not stop a request, and where the finding stands.
MISSED: list[tuple[str, Json, str, tuple[object, ...]]] = [
    (
        "another key",
        deny({**WITHOUT, "Bool": {"aws:ViaAWSService": "false"}}),
        "aws:ViaAWSService is true, so Bool false is false",
        ("Statement", 1, "Condition", "Bool", "aws:ViaAWSService"),
    ),
    (
        "exempted roles",
        deny({**WITHOUT, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:*/admin"}}),
        f"aws:PrincipalArn is arn:aws:iam::{ACCOUNT}:user/admin, so ArnNotLike arn:aws:iam::*:*/admin is false",
        ("Statement", 1, "Condition", "ArnNotLike", "aws:PrincipalArn"),
    ),
    (
        "an address",
        deny({**WITHOUT, "IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}),
        "aws:SourceIp is absent, and IpAddress is false when the key is absent",
        ("Statement", 1, "Condition", "IpAddress", "aws:SourceIp"),
    ),
    (
        "a date",
        deny({**WITHOUT, "DateGreaterThan": {"aws:CurrentTime": "2031-01-01T00:00:00Z"}}),
        "aws:CurrentTime is 2026-12-01T00:00:00Z, so DateGreaterThan 2031-01-01T00:00:00Z is false",
        ("Statement", 1, "Condition", "DateGreaterThan", "aws:CurrentTime"),
    ),
    (
        "a misspelt key",
        deny({"Bool": {"aws:MultiFactorAuthPresnt": "false"}}),
        "aws:MultiFactorAuthPresnt is not a condition key, so always absent, and Bool is false when the key is absent",
        ("Statement", 1, "Condition", "Bool", "aws:MultiFactorAuthPresnt"),
    ),
    (
        "the operator of an Allow",
        deny({"Bool": {MFA: "false"}}),
        f"{MFA} is absent, and Bool is false when the key is absent",
        ("Statement", 1, "Condition", "Bool", MFA),
    ),
    (
        "another action",
        deny(WITHOUT, Action="sts:TagSession"),
        "its Action does not cover sts:AssumeRole",
        ("Statement", 1, "Action"),
    ),
    (
        "an action that is spared",
        deny(WITHOUT, NotAction="sts:AssumeRole"),
        "its NotAction spares sts:AssumeRole",
        ("Statement", 1, "NotAction"),
    ),
    (
        "another principal",
        deny(WITHOUT, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/zoe"}),
        f"its Principal does not cover arn:aws:iam::{ACCOUNT}:user/alice",
        ("Statement", 0, "Principal"),
    ),
    (
        "a principal that is spared",
        deny(WITHOUT, NotPrincipal={"AWS": [f"arn:aws:iam::{ACCOUNT}:user/alice", ACCOUNT]}),
        f"its NotPrincipal spares arn:aws:iam::{ACCOUNT}:user/alice",
        ("Statement", 0, "Principal"),
    ),
]


@pytest.mark.parametrize(("denied", "reason", "place"), [one[1:] for one in MISSED], ids=[one[0] for one in MISSED])
def test_a_deny_that_asks_for_mfa(denied: Json, reason: str, place: tuple[object, ...]) -> None:
    """A Deny that looks at MFA and does not apply is named, with the part of it that does not fit."""
    found = asked(policy(allow(), denied))
    assert found.why == (f"the Deny does not apply: {reason}",)
    assert found.path == place


@pytest.mark.parametrize("denied", [one[1] for one in MISSED], ids=[one[0] for one in MISSED])
def test_the_remedy_of_a_deny(denied: Json) -> None:
    """What the diff says makes the property hold."""
    written = policy(allow(), denied)
    assert asked(applied(written, asked(written))).verdict == "proved"


@pytest.mark.parametrize(
    ("operator", "exempting", "said"),
    [
        (WITHOUT, {"StringNotEquals": {"aws:username": "oncall"}}, "the Deny exempts user oncall by name"),
        (
            WITHOUT,
            {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/oncall"}},
            "the Deny exempts user oncall by name",
        ),
        (
            {"Bool": {MFA: "false"}},
            {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/oncall"}},
            "so deny it to users; and it exempts user oncall by name",
        ),
    ],
)
def test_a_deny_that_exempts_a_user(operator: Json, exempting: Json, said: str) -> None:
    """Whoever exempts a user by name means it, and no diff takes that out or asks all others for more."""
    remedy = asked(policy(allow(), deny({**operator, **exempting}))).remedy
    assert remedy is not None
    assert said in remedy.text
    assert not remedy.diff


@pytest.mark.parametrize(
    ("statement", "has_diff", "said"),
    [
        (
            allow(principal=f"arn:aws:iam::{ACCOUNT}:user/maria"),
            False,
            "; if a program uses it, let it run as a role",
        ),
        (allow(principal=f"arn:aws:iam::{ACCOUNT}:user/admin"), True, "allow only requests"),
        (allow(principal=f"arn:aws:iam::{ACCOUNT}:user/vault"), False, "let the program run as a role"),
        (allow({"StringEquals": {"aws:SourceVpce": "vpce-1a2b"}}), False, "if people assume it, "),
    ],
)
def test_who_may_be_a_program(statement: Json, *, has_diff: bool, said: str) -> None:
    """A user whom nothing calls a person may be a program's, and what calls from a VPC mostly is one."""
    remedy = asked(policy(statement)).remedy
    assert remedy is not None
    assert said in remedy.text
    assert bool(remedy.diff) is has_diff


@pytest.mark.parametrize(
    ("condition", "whose"),
    [
        ({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, "any account of its own organization"),
        (
            {
                "ForAnyValue:StringLike": {
                    "aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-1/*", "o-a1b2c3d4e5/r-ab12/"]
                }
            },
            "any account of organization o-a1b2c3d4e5",
        ),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}}, "any account"),
    ],
)
def test_whose_users_get_in(condition: Json, whose: str) -> None:
    """The headline names the organization that a condition holds the callers to."""
    assert asked(policy(allow(condition, "*"))).message.startswith(f"a user of {whose} who may call ")


def test_the_nearest_deny_is_put_right() -> None:
    """Of several Denies each is explained, and the remedy is for the one that lacks least."""
    far = deny({"Bool": {MFA: "false", "aws:ViaAWSService": "true"}}, Sid="Far")
    found = asked(policy(allow(), far, deny({"Bool": {MFA: "false"}}, Sid="Near")))
    assert [why.partition(" does")[0] for why in found.why] == ["the Deny Near", "the Deny Far", "the Deny Far"]
    assert found.path == ("Statement", 2, "Condition", "Bool", MFA)


def test_nobody_asks() -> None:
    """Where nothing looks at MFA, the finding says so, whatever other Denies there are."""
    other = deny({"StringEquals": {"aws:PrincipalTag/team": "red"}})
    assert asked(policy(allow(), other)).why == (NOBODY_ASKS,)


def test_a_misspelt_key_of_an_allow() -> None:
    """A misspelt key that is always met is told from MFA that is not asked for."""
    written = policy(allow({"BoolIfExists": {"aws:MultiFactorAuthPresnt": "true"}}))
    found = asked(written)
    assert found.label == f"no request carries this key: did you mean {MFA}?"
    assert asked(applied(written, found)).verdict == "proved"


#: Conditions of an Allow without MFA, and the lines of the remedy.
ALLOWS: list[tuple[Json | None, tuple[str, ...]]] = [
    (None, ('+ "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}',)),
    (
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        ('  "Condition": {...', '+ "Bool": {"aws:MultiFactorAuthPresent": "true"}', "  }"),
    ),
    (
        {"Bool": {"aws:SecureTransport": "true"}},
        (
            '- "Bool": {"aws:SecureTransport": "true"}',
            '+ "Bool": {"aws:SecureTransport": "true", "aws:MultiFactorAuthPresent": "true"}',
        ),
    ),
    (
        {"BoolIfExists": {MFA: "true", "aws:SecureTransport": "true"}},
        (
            '- "BoolIfExists": {"aws:MultiFactorAuthPresent": "true", "aws:SecureTransport": "true"}',
            '+ "BoolIfExists": {"aws:SecureTransport": "true"}',
            '+ "Bool": {"aws:MultiFactorAuthPresent": "true"}',
        ),
    ),
    (
        {"NumericNotEquals": {AGE: "0"}},
        (
            '- "NumericNotEquals": {"aws:MultiFactorAuthAge": "0"}',
            '+ "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "3600"}',
        ),
    ),
    (
        {"NumericLessThanIfExists": {AGE: "900"}, "Null": {MFA: "true"}},
        (
            '- "NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "900"}',
            '- "Null": {"aws:MultiFactorAuthPresent": "true"}',
            '+ "Bool": {"aws:MultiFactorAuthPresent": "true"}',
            '+ "NumericLessThan": {"aws:MultiFactorAuthAge": "900"}',
        ),
    ),
]


@pytest.mark.parametrize("age", ["\u00b2", "9" * 5000])
def test_what_is_no_number_of_seconds_is_no_bound(age: str) -> None:
    """The remedy then bounds the age by itself."""
    for written in (
        policy(allow({"NumericLessThanIfExists": {AGE: age}})),
        policy(allow({"NumericGreaterThanIfExists": {AGE: age}})),
        policy(allow(), deny({"NumericGreaterThan": {AGE: age}})),
    ):
        remedy = asked(written).remedy
        assert remedy is None or not any(age in line for line in remedy.diff if line.startswith("+"))


@pytest.mark.parametrize(("condition", "diff"), ALLOWS, ids=[str(one[0]) for one in ALLOWS])
def test_the_remedy_of_an_allow(condition: Json | None, diff: tuple[str, ...]) -> None:
    """A condition goes where conditions are, takes the place of what was meant, and closes the hole."""
    written = policy(allow(condition, f"arn:aws:iam::{ACCOUNT}:user/operator"))
    found = asked(written)
    assert found.remedy is not None
    assert found.remedy.diff == diff
    fixed = applied(written, found)
    assert asked(fixed).verdict == "proved"
    assert trustproof.prove(fixed, "statement-usable").verdict == "proved"


#: Statements that let an MFA of more than an hour in, where the finding stands, and why.
OLD: list[tuple[str, list[Json], tuple[object, ...], str]] = [
    (
        "no bound",
        [allow({"Bool": {MFA: "true"}})],
        ("Statement", 0, "Condition", "Bool", MFA),
        f"no condition of this statement looks at {AGE}, and no Deny does",
    ),
    (
        "a larger bound",
        [allow({"NumericLessThan": {AGE: "7200"}})],
        ("Statement", 0, "Condition", "NumericLessThan", AGE),
        f"{AGE} is 3601, so NumericLessThan 7200 is true",
    ),
    (
        "a larger bound of a Deny",
        [allow({"Bool": {MFA: "true"}}), deny({"NumericGreaterThanIfExists": {AGE: "7200"}})],
        ("Statement", 1, "Condition", "NumericGreaterThanIfExists", AGE),
        f"the Deny does not apply: {AGE} is 3601, so NumericGreaterThanIfExists 7200 is false",
    ),
]


@pytest.mark.parametrize(("statements", "place", "why"), [one[1:] for one in OLD], ids=[one[0] for one in OLD])
def test_an_old_mfa(statements: list[Json], place: tuple[object, ...], why: str) -> None:
    """An MFA that is too old is explained like one that is missing, at the condition that lets it in."""
    config = {"properties": {"mfa-required": {"max-age": 3600}}}
    written = policy(*statements)
    found = asked(written, **config)
    assert (found.path, found.why) == (place, (why,))
    assert asked(applied(written, found), **config).verdict == "proved"


def checked(template: Json, directory: Path) -> trustproof.Result:
    """The refutation of sensitive-actions-require-mfa in a template."""
    path = directory / "template.json"
    path.write_text(json.dumps({"Resources": template}), encoding="utf-8")
    (found,) = [
        result
        for result in trustproof.check(
            [str(path)],
            account=ACCOUNT,
            properties=["sensitive-actions-require-mfa"],
            config={"sensitive": {"actions": ["ec2:TerminateInstances"]}},
        ).results
        if result.verdict == "refuted"
    ]
    return found


def entity(kind: str, statement: Json, **more: object) -> Json:
    """A user or group with an inline policy, or a managed policy."""
    document = policy({"Action": "*", "Resource": "*", **statement})
    if kind == "ManagedPolicy":
        return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document, **more}}
    inline = [{"PolicyName": "inline", "PolicyDocument": document}]
    return {"Type": f"AWS::IAM::{kind}", "Properties": {"Policies": inline, **more}}


def test_a_deny_in_another_document(tmp_path: Path) -> None:
    """The Deny of a user's group is explained where the user's policy lets the request in."""
    found = checked(
        {
            "Admins": entity("Group", {"Effect": "Deny", "Condition": {"Bool": {MFA: "false"}}}),
            "Dev": entity("User", {"Effect": "Allow"}, Groups=[{"Ref": "Admins"}]),
        },
        tmp_path,
    )
    assert found.logical_id == "Dev"
    assert found.path[:2] == ("Resources", "Dev")
    assert found.why == (
        f"the Deny of Admins does not apply: {MFA} is absent, and Bool is false when the key is absent",
    )
    assert found.remedy is not None
    assert found.remedy.text.startswith("in Admins, ")
    assert found.remedy.diff == (
        f'- "Bool": {{"{MFA}": "false"}}',
        f'+ "BoolIfExists": {{"{MFA}": "false"}}',
    )


def test_a_boundary_that_asks_for_mfa(tmp_path: Path) -> None:
    """A permissions boundary that looks at MFA and lets the request in all the same is what is put right."""
    found = checked(
        {
            "Limit": entity("ManagedPolicy", {"Effect": "Allow", "Condition": {"BoolIfExists": {MFA: "true"}}}),
            "Dev": entity("User", {"Effect": "Allow"}, PermissionsBoundary={"Ref": "Limit"}),
        },
        tmp_path,
    )
    assert found.why == (
        f"the permissions boundary Limit lets it in: {MFA} is absent, and BoolIfExists is true when the key is absent",
    )
    assert found.remedy is not None
    assert found.remedy.diff[1] == f'+ "Bool": {{"{MFA}": "true"}}'


def test_a_policy_of_aws(tmp_path: Path) -> None:
    """Nobody is told to put a condition into a policy of AWS."""
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    found = checked({"Dev": {"Type": "AWS::IAM::User", "Properties": {"ManagedPolicyArns": [arn]}}}, tmp_path)
    assert found.remedy is not None
    assert found.remedy.diff == ()


ENROLMENT = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices"]


@pytest.mark.parametrize(
    "denied",
    [
        # A service that forwards a call has no MFA either.
        {"Action": "*", "Condition": {"Bool": {MFA: "false", "aws:ViaAWSService": "false"}}},
        {"Action": "*", "Condition": {"BoolIfExists": {MFA: "false", "aws:ViaAWSService": "false"}}},
        {"Action": "*", "Condition": {**WITHOUT, "Bool": {"aws:ViaAWSService": "false"}}},
        {"Action": "*", "Condition": {"Bool": {MFA: "false"}}},
        # What enrols a first device stays spared.
        {"NotAction": "iam:*", "Condition": WITHOUT},
        {"NotAction": ["iam:*", "sts:GetSessionToken"], "Condition": WITHOUT},
        {"NotAction": [*ENROLMENT, "iam:*MFA*", "iam:ChangePassword"], "Condition": WITHOUT},
        {"NotAction": ["iam:Create*", "iam:Enable*", "s3:Get*"], "Condition": WITHOUT},
        {"NotAction": "s3:*", "Condition": WITHOUT},
        {"NotAction": "*", "Condition": WITHOUT},
    ],
)
def test_the_remedy_of_a_deny_in_an_identity_policy_is_applied(denied: Json) -> None:
    """
    Whoever applies the diff, and the next one, has a policy that is proved but for other users' devices; and everybody
    may do without MFA what enrols one.
    """
    statements: list[Json] = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Resource": "*", **denied},
    ]
    written: Json = {"Version": "2012-10-17", "Statement": statements}
    found = identity(written)
    for _ in range(3):
        if found.remedy is None or any("NotResource" in line for line in found.remedy.diff):
            break
        written = applied(written, found)
        found = identity(written)
    assert found.verdict == "proved" or "for another user" in found.message
    deny = written["Statement"][1]  # type: ignore[index]
    spares = str(denied.get("NotAction", ""))
    assert ("iam:EnableMFADevice" in str(deny.get("NotAction"))) is ("iam:" in spares or spares == "*")
    # Whoever has to change the password at the first sign-in has no device yet.
    spares_passwords = "iam:*" in spares.replace("iam:*MFA*", "") or "ChangePassword" in spares or spares == "*"
    assert ("iam:ChangePassword" in str(deny.get("NotAction"))) is spares_passwords


@pytest.mark.parametrize(
    ("beside", "is_spared"),
    [([], True), ([{"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": "*"}], False)],
)
def test_a_first_password_is_set_without_mfa(beside: list[Json], *, is_spared: bool) -> None:
    """Whoever has to set one at the first sign-in could never sign in to enrol a device."""
    own = "arn:aws:iam::*:user/${aws:username}"
    keys = {"Effect": "Allow", "Action": ["iam:ChangePassword", "iam:CreateAccessKey"], "Resource": own}
    written: Json = {"Version": "2012-10-17", "Statement": [keys, *beside]}
    found = identity(written)
    assert found.remedy is not None
    assert ("iam:ChangePassword for one's own user without" in found.remedy.text) is is_spared
    after = applied(written, found)
    assert identity(after).verdict == "proved"
    statements: list[Json] = after["Statement"]  # type: ignore[assignment]
    assert any(one["Action"] == "iam:ChangePassword" and "Condition" not in one for one in statements)


def identity(written: Json) -> trustproof.Result:
    """The answer of sensitive-actions-require-mfa."""
    return trustproof.prove(written, "sensitive-actions-require-mfa", account=ACCOUNT, kind="identity")


@pytest.mark.parametrize(
    ("users", "others", "said"),
    [
        (["anna"], [], "user anna"),
        (["anna", "people/berta"], [], "each of users anna and berta"),
        (["anna", "berta", "carl", "dora"], [], "each of the 4 users that it names, such as berta,"),
        (["anna", "berta"], [deny({"StringEquals": {"aws:username": "anna"}})], "user berta"),
    ],
)
def test_all_users_are_named(users: list[str], others: list[Json], said: str) -> None:
    """The headline has whom a statement lets in beside the user of the counterexample, unless a Deny may stop some."""
    statement: Json = {**allow(), "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in users]}}
    assert asked(policy(statement, *others)).message.startswith(f"{said} gets ")


def test_the_account_of_a_test_is_named() -> None:
    """Everybody of one account is no user of any account."""
    statement = {**allow({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}), "Principal": "*"}
    assert asked(policy(statement)).message.startswith(f"a user of account {ACCOUNT} ")


def test_one_remedy_reads_as_one_sentence() -> None:
    """Where those whom a change is for get a statement of their own, what to do there follows."""
    statement: Json = {
        **allow({"BoolIfExists": {MFA: "true"}}),
        "Principal": {"AWS": [ROOT, f"arn:aws:iam::{ACCOUNT}:role/x"]},
    }
    remedy = asked(policy(statement)).remedy
    assert remedy is not None
    assert remedy.text.startswith(
        f"give {ROOT} a statement of its own, and use the operator that is false when the key is absent: "
        "only a Deny needs the one that is true then"
    )
