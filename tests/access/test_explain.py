"""
`trustproof.explain`: who gets in by what, and what stands in the way of others.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.errors import UsageError
from trustproof.output.explanation import render_explanations
from trustproof.output.style import Style
from trustproof.results.explanation import Explanation

HUB, OTHER, OWN = "111122223333", "444455556666", "222233334444"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
Json = dict[str, Any]
#: Of Terraform.
MODULE = """\
resource "aws_iam_role" "admin" {
  name = "admin"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "111122223333" } },
    ]
  })
}
"""


def allow(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> Json:
    """A statement that lets somebody in."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def role(name: Any, *statements: Json, may: str = "") -> Json:
    """A role, and what it may assume."""
    go = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": may}]}
    trust = {"Version": "2012-10-17", "Statement": list(statements)}
    policies = [{"PolicyName": "go", "PolicyDocument": go}] if may else []
    properties = {"RoleName": name, "AssumeRolePolicyDocument": trust, "Policies": policies}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def explained(resources: Json, named: str | None = "admin", **more: Any) -> tuple[Explanation, ...]:
    """What is said of a template in an account."""
    more = {"config": {"boundary": {"accounts": [HUB]}}, **more}
    return trustproof.explain([{"Resources": resources}], named, account=OWN, **more)


def entrances(resources: Json, **more: Any) -> list[tuple[str, str, str]]:
    """Who gets in, with which MFA, and whether from outside."""
    (found,) = explained(resources, **more)
    return [(one.who, one.mfa, one.outside) for one in found.entrances]


def test_an_account_that_is_not_given_may_be_that_of_the_caller() -> None:
    """What is said of an account that was made up is no answer to somebody of another one."""
    admin = {"A": role("admin", allow({"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}))}
    bob = f"arn:aws:iam::{OWN}:user/bob"
    for account in (OWN, HUB):
        for named in ("admin", None):
            (found,) = trustproof.explain([{"Resources": admin}], named, caller=f"arn:aws:iam::{account}:user/bob")
            assert [one for one in found.undecided if f"gets in: give --account {account}" in one] == [*found.undecided]
            assert not found.entrances
    (found,) = explained(admin, caller=bob)
    assert [one.who for one in found.entrances] == [bob]
    assert not found.undecided
    (found,) = trustproof.explain([{"Resources": admin}], "admin")
    assert found.entrances[0].who == "users of its own account"
    # Whom it does not let in wherever it is, is told so.
    (found,) = trustproof.explain([{"Resources": {"A": role("admin", allow({"AWS": HUB}))}}], "admin", caller=bob)
    assert not found.undecided


def test_a_principal_of_buckets_alone_is_somebody() -> None:
    """CloudFront asks for an origin access identity; who has a canonical user id, nobody knows."""

    def bucket(principal: Json) -> Json:
        statement = allow(principal, "s3:GetObject", Resource="arn:aws:s3:::data/*")
        properties = {"Bucket": "data", "PolicyDocument": {"Statement": statement}}
        return {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}

    (found,) = explained(bucket({"CanonicalUser": {"Fn::GetAtt": ["Identity", "S3CanonicalUserId"]}}), "data")
    assert [one.who for one in found.entrances] == ["services: cloudfront.amazonaws.com"]
    (found,) = explained(bucket({"CanonicalUser": "79a5"}), "data")
    assert "canonical user id 79a5" in " ".join(found.undecided)
    assert not found.obstacles
    identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "
    declarations: list[Json] = [
        {"AllowedPattern": f"^$|^{identity}[A-Z0-9]+$"},
        {"AllowedPattern": f"^$|^{identity}[A-Z0-9]+$|.+"},
        {"AllowedValues": [f"{identity}E1", f"{identity}E2", ""]},
    ]
    called = []
    for declared in declarations:
        parameters = {"Reader": {"Type": "String", **declared}}
        template = {"Parameters": parameters, "Resources": bucket({"AWS": {"Ref": "Reader"}})}
        (found,) = trustproof.explain([template], "data", account=OWN)
        called.append(found.entrances[0].who)
    assert called == ["services: cloudfront.amazonaws.com", "users of <Reader>", "services: cloudfront.amazonaws.com"]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow({"AWS": HUB}, Condition=MFA)], [(f"users of {HUB}", "required", "no")]),
        (
            [allow({"AWS": HUB})],
            [
                (f"users of {HUB}", "not required", "no"),
                (f"sessions of roles of {HUB}", "cannot carry it", "no"),
                (f"people of Identity Center of {HUB}", "cannot carry it", "no"),
            ],
        ),
        ([allow({"AWS": OTHER}, Condition=MFA)], [(f"users of {OTHER}", "required", "yes")]),
        ([allow({"Service": "lambda.amazonaws.com"})], [("services: lambda.amazonaws.com", "cannot carry it", "")]),
        ([allow({"AWS": HUB}, Condition={**MFA, "Null": {"aws:MultiFactorAuthPresent": "true"}})], []),
    ],
)
def test_who_gets_in(statements: list[Json], expected: list[tuple[str, str, str]]) -> None:
    """By what is let in, and not by how the conditions look."""
    assert entrances({"Admin": role("admin", *statements)}) == expected


@pytest.mark.parametrize(
    ("caller", "outside"),
    [(f"arn:aws:iam::{HUB}:user/bob", "no"), (f"arn:aws:iam::{OTHER}:role/*", "yes"), (OWN, "no")],
)
def test_whether_a_caller_is_from_outside_is_asked_of_it_alone(caller: str, outside: str) -> None:
    """Whom else the statement names, or may name, says nothing of it."""
    for principals in ({"AWS": [HUB, OTHER, OWN]}, {"AWS": "*"}):
        (found,) = explained({"Admin": role("admin", allow(principals))}, caller=caller)
        assert {one.outside for one in found.entrances} == {outside}


@pytest.mark.parametrize("named", ["admin", "Admin", f"arn:aws:iam::{OWN}:role/admin"])
def test_a_role_is_named_in_several_ways(named: str) -> None:
    """By its name, its logical id or its ARN."""
    (found,) = explained({"Admin": role("admin", allow({"AWS": HUB})), "B": role("b", allow({"AWS": HUB}))}, named)
    assert (found.name, found.logical_id, found.account) == ("admin", "Admin", OWN)


@pytest.mark.parametrize(
    ("condition", "caller", "reason"),
    [
        (MFA, f"arn:aws:iam::{HUB}:role/app", "aws:MultiFactorAuthPresent is absent, and Bool is false"),
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            f"arn:aws:iam::{OTHER}:user/eve",
            "the statement is not about",
        ),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:user/admins/*"}}, f"arn:aws:iam::{HUB}:user/eve", "eve"),
        (
            {
                "StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:user/admins/*"},
                "StringEquals": {"aws:PrincipalOrgID": {"Fn::ImportValue": "organization"}},
            },
            f"arn:aws:iam::{HUB}:user/eve",
            f"no request of arn:aws:iam::{HUB}:user/eve meets StringLike aws:PrincipalArn arn",
        ),
    ],
)
def test_what_stands_in_the_way(condition: Json, caller: str, reason: str) -> None:
    """The condition that the caller does not meet, by the request that comes nearest, or that it is not meant."""
    (found,) = explained({"Admin": role("admin", allow({"AWS": HUB}, Condition=condition))}, caller=caller)
    assert not found.entrances
    (obstacle,) = found.obstacles
    assert reason in obstacle.reasons[0]


def test_a_deny_stands_in_the_way() -> None:
    """It is named, with what it looks at."""
    deny = {**allow({"AWS": "*"}, Sid="NotEve"), "Effect": "Deny"}
    deny["Condition"] = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:user/eve"}}
    resources = {"Admin": role("admin", allow({"AWS": HUB}), deny)}
    (found,) = explained(resources, caller=f"arn:aws:iam::{HUB}:user/eve")
    ((reason, *_),) = [obstacle.reasons for obstacle in found.obstacles]
    assert "NotEve" in reason
    assert explained(resources, caller=f"arn:aws:iam::{HUB}:user/bob")[0].entrances
    # A request of somebody else, whom the statement is about, comes no nearer.
    (found,) = explained(resources, caller=f"arn:aws:iam::{OTHER}:user/eve")
    assert [one.reasons for one in found.obstacles] == [(f"the statement is not about arn:aws:iam::{OTHER}:user/eve",)]


def test_a_caller_is_found_wherever_it_gets_in() -> None:
    """Without a resource, every role and resource that lets it in, and no other."""
    resources = {
        "A": role("a", allow({"AWS": HUB}, Condition=MFA)),
        "B": role("b", allow({"AWS": OTHER})),
        "C": role("c", allow({"AWS": f"arn:aws:iam::{HUB}:user/bob"})),
    }
    found = explained(resources, None, caller=f"arn:aws:iam::{HUB}:user/bob")
    assert [(one.name, [entrance.mfa for entrance in one.entrances]) for one in found] == [
        ("a", ["required"]),
        ("c", ["not required"]),
    ]
    assert [one.name for one in explained(resources, None, caller=OTHER)] == ["b"]
    assert explained(resources, None, caller="lambda.amazonaws.com") == ()


def test_a_chain_of_roles_leads_in() -> None:
    """Two steps and more are shown, from the first role on."""
    arn = f"arn:aws:iam::{OWN}:role/"
    resources = {
        "First": role("first", allow({"AWS": HUB}), may=f"{arn}second"),
        "Second": role("second", allow({"AWS": f"{arn}first"}), may=f"{arn}admin"),
        "Admin": role("admin", allow({"AWS": f"{arn}second"})),
    }
    (found,) = explained(resources)
    assert found.chains == (("first", "second", "admin"),)


def user(name: str, *statements: Json, **more: Any) -> Json:
    """A user with a policy."""
    own = {"Version": "2012-10-17", "Statement": list(statements)}
    policies = [{"PolicyName": "p", "PolicyDocument": own}] if statements else []
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": name, "Policies": policies, **more}}


BOB = f"arn:aws:iam::{OWN}:user/bob"
DENY = {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}


@pytest.mark.parametrize("named", [BOB, OWN, "*"])
def test_a_deny_of_its_own_stands_in_the_way_of_a_caller(named: str) -> None:
    """By whatever it is named, no policy of the role lets in whom its own policies deny that."""
    principal = {"AWS": named}
    (open_,) = explained({"Admin": role("admin", allow(principal)), "Bob": user("bob")}, caller=BOB)
    assert open_.entrances
    (found,) = explained({"Admin": role("admin", allow(principal)), "Bob": user("bob", DENY)}, caller=BOB)
    assert not found.entrances
    assert [one.reasons for one in found.obstacles] == [("the Deny of the policies of Bob applies",)]


ADMIN = f"arn:aws:iam::{OWN}:role/admin"
OTHER_ROLE = f"arn:aws:iam::{OWN}:role/other"
ITS_ARN = {"Fn::GetAtt": ["Admin", "Arn"]}


@pytest.mark.parametrize("principal", [BOB, OWN])
@pytest.mark.parametrize(
    ("name", "about", "enters"),
    [
        ("admin", {"Resource": ADMIN}, False),
        ("admin", {"Resource": ITS_ARN}, False),
        ("admin", {"Resource": "arn:aws:iam::*:role/*"}, False),
        ("admin", {"NotResource": OTHER_ROLE}, False),
        ("admin", {"Resource": OTHER_ROLE}, True),
        ("admin", {"Resource": f"{ADMIN}/*"}, True),
        ("admin", {"NotResource": ADMIN}, True),
        (None, {"Resource": ITS_ARN}, False),
        (None, {"Resource": "arn:aws:iam::*:role/*"}, False),
        (None, {"Resource": ADMIN}, True),
    ],
)
def test_a_deny_of_its_own_is_about_the_roles_that_it_names(
    principal: str, name: str | None, about: Json, enters: bool
) -> None:
    """The trust policy of a role names no resource, and each request by it is about that role."""
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", **about}
    admin = role(name, allow({"AWS": principal}))
    if name is None:
        del admin["Properties"]["RoleName"]
    own = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    (found,) = explained({"Admin": admin, "Bob": user("bob", own, deny)}, "Admin", caller=BOB)
    assert bool(found.entrances) == enters
    if not enters:
        assert [one.reasons for one in found.obstacles] == [("the Deny of the policies of Bob applies",)]


@pytest.mark.parametrize(("team", "enters"), [("ops", True), ("dev", False), (None, True)])
def test_a_caller_has_the_tags_that_its_template_gives_it(team: str | None, enters: bool) -> None:
    """Others it may have; where it has another one, that stands in the way."""
    principal = allow({"AWS": OWN}, Condition={"StringEquals": {"aws:PrincipalTag/team": "ops"}})
    own = {} if team is None else {"Tags": [{"Key": "team", "Value": team}]}
    (found,) = explained({"Admin": role("admin", principal), "Bob": user("bob", **own)}, caller=BOB)
    assert bool(found.entrances) == enters
    if not enters:
        assert found.obstacles[0].reasons == ("aws:PrincipalTag/team is dev, so StringEquals ops is false",)


def test_a_deny_of_its_own_counts_as_far_as_it_goes() -> None:
    """One without MFA leaves those who have it; one of somebody else, or of another template's user, is none of its."""
    without = {**DENY, "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
    admin = role("admin", allow({"AWS": BOB}))
    assert entrances({"Admin": admin, "Bob": user("bob", without)}, caller=BOB) == [(BOB, "required", "no")]
    assert entrances({"Admin": admin, "Eve": user("eve", DENY)}, caller=BOB) == [(BOB, "not required", "no")]
    apart = [{"Resources": {"Admin": admin}}, {"Resources": {"Bob": user("bob", DENY)}}]
    (found,) = trustproof.explain(apart, "admin", caller=BOB, account=OWN)
    assert not found.entrances


def test_a_deny_of_a_role_counts_for_its_sessions() -> None:
    """The name of a session does not say the path of its role."""
    app = role("app", allow({"Service": "ec2.amazonaws.com"}))
    app["Properties"] |= {"Path": "/ci/", "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [DENY]}}]}
    resources = {"Admin": role("admin", allow({"AWS": f"arn:aws:iam::{OWN}:role/ci/app"})), "App": app}
    (found,) = explained(resources, caller=f"arn:aws:sts::{OWN}:assumed-role/app/session")
    assert not found.entrances
    del resources["App"]
    (found,) = explained(resources, caller=f"arn:aws:sts::{OWN}:assumed-role/app/session")
    assert found.entrances


def test_a_session_that_there_cannot_be_is_refused() -> None:
    """Rather than that it does not get in."""
    with pytest.raises(UsageError, match=r'the name of a session, 2 to 64 letters, .*got "s"'):
        explained({"Admin": role("admin", allow({"AWS": OWN}))}, caller=f"arn:aws:sts::{OWN}:assumed-role/app/s")


def test_a_chain_begins_with_the_caller() -> None:
    """It is that of who gets into its first role, and is found where nobody asks for a role by name."""
    arn = f"arn:aws:iam::{OWN}:role/"
    resources = {
        "First": role("first", allow({"AWS": HUB}), may=f"{arn}second"),
        "Second": role("second", allow({"AWS": f"{arn}first"}), may=f"{arn}admin"),
        "Admin": role("admin", allow({"AWS": f"{arn}second"})),
    }
    (found,) = explained(resources, caller=HUB)
    assert found.chains == ((HUB, "first", "second", "admin"),)
    assert not found.entrances
    assert "does not get in" not in render_explanations([found], HUB, "text", Style(coloured=False))
    (found,) = explained(resources, caller=OTHER)
    assert found.chains == ()
    assert "does not get in" in render_explanations([found], OTHER, "text", Style(coloured=False))
    everything = explained(resources, None, caller=HUB)
    assert [(one.name, len(one.chains)) for one in everything] == [("first", 0), ("second", 1), ("admin", 1)]


@pytest.mark.parametrize("mfa", [{}, MFA])
def test_a_chain_goes_on_from_a_session_that_whoever_enters_has_named(mfa: Json) -> None:
    """A role that trusts a session of another one by its name is reached, also where that one asks for MFA."""
    first = role("first", allow({"AWS": HUB}, Condition=mfa), may="*")
    session = "arn:aws:sts::222233334444:assumed-role/first/alice"
    (found,) = explained(
        {"First": first, "Admin": role("admin", allow({"AWS": session}))}, caller=f"arn:aws:iam::{HUB}:user/ann"
    )
    assert found.chains == ((f"arn:aws:iam::{HUB}:user/ann", "first", "admin"),)


def test_a_chain_may_ask_for_less_than_the_way_in() -> None:
    """Who needs MFA to get in at once, and none over another role, is shown both ways; who needs nothing, one."""
    resources = {
        "First": role("first", allow({"AWS": HUB}), may="*"),
        "Admin": role("admin", allow({"AWS": HUB}, Condition=MFA), allow({"AWS": f"arn:aws:iam::{OWN}:role/first"})),
    }
    (found,) = explained(resources, caller=HUB)
    assert [one.mfa for one in found.entrances] == ["required"]
    assert found.chains == ((HUB, "first", "admin"),)
    resources["Admin"] = role("admin", allow({"AWS": [HUB, f"arn:aws:iam::{OWN}:role/first"]}))
    (found,) = explained(resources, caller=HUB)
    assert found.entrances
    assert found.chains == ()


#: Principals of a statement, its action, and who gets in by it.
SEVERAL: list[tuple[Json, str, set[str]]] = [
    (
        {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]},
        "sts:AssumeRole",
        {"services: lambda.amazonaws.com, ec2.amazonaws.com"},
    ),
    (
        {"Federated": [f"arn:aws:iam::{OWN}:saml-provider/{name}" for name in ("One", "Two")]},
        "sts:AssumeRoleWithSAML",
        {f"people of a SAML provider: arn:aws:iam::{OWN}:saml-provider/One, arn:aws:iam::{OWN}:saml-provider/Two"},
    ),
    (
        {"AWS": [f"arn:aws:iam::{HUB}:user/ann", f"arn:aws:iam::{HUB}:role/app"], "Service": "lambda.amazonaws.com"},
        "sts:AssumeRole",
        {
            f"user arn:aws:iam::{HUB}:user/ann",
            f"sessions of arn:aws:iam::{HUB}:role/app",
            "services: lambda.amazonaws.com",
        },
    ),
    (
        {"AWS": [f"arn:aws:iam::{HUB}:role/app", f"arn:aws:iam::{OTHER}:root"]},
        "sts:AssumeRole",
        {
            f"users of {OTHER}",
            f"sessions of arn:aws:iam::{HUB}:role/app and sessions of roles of {OTHER}",
            f"people of Identity Center of {OTHER}",
        },
    ),
    (
        {"AWS": [f"arn:aws:iam::{OTHER}:root", HUB]},
        "sts:AssumeRole",
        {f"{called} of {OTHER}, {HUB}" for called in ("users", "sessions of roles", "people of Identity Center")},
    ),
]


@pytest.mark.parametrize(("principals", "action", "expected"), SEVERAL)
def test_everybody_is_named_whom_a_statement_lets_in(principals: Json, action: str, expected: set[str]) -> None:
    """Each of several, and with those of its kind only: no user is one of a service."""
    assert {who for who, _, _ in entrances({"Admin": role("admin", allow(principals, action))})} == expected


@pytest.mark.parametrize(
    ("host", "caller", "enters"),
    [
        ("token.actions.githubusercontent.com", "token.actions.githubusercontent.com", True),
        ("oidc.eks.eu-west-1.amazonaws.com/id/AB12", "oidc.eks.eu-west-1.amazonaws.com/id/AB12", True),
        ("gitlab.example.com", "gitlab.com", False),
    ],
)
def test_a_provider_of_tokens_is_named_by_its_host(host: str, caller: str, enters: bool) -> None:
    """As an invariant names it, whichever account has made it."""
    principal = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{host}"}
    subject = "system:serviceaccount:default:app" if "eks" in host else "repo:acme/app:ref:refs/heads/main"
    claim = {"StringEquals": {f"{host}:sub": subject}}
    statement = allow(principal, "sts:AssumeRoleWithWebIdentity", Condition=claim)
    (found,) = explained({"Admin": role("admin", statement)}, caller=caller)
    assert bool(found.entrances) is enters


def test_a_chain_does_not_begin_with_who_is_not_let_go() -> None:
    """A user whose policies the template has, and who may not assume the first role, gets no further."""
    resources = {
        "First": role("first", allow({"AWS": OWN}), may=f"arn:aws:iam::{OWN}:role/admin"),
        "Admin": role("admin", allow({"AWS": f"arn:aws:iam::{OWN}:role/first"})),
        "Bob": user("bob"),
    }
    read = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    go = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    for statement, expected in ((read, 0), (go, 1)):
        (found,) = explained({**resources, "Bob": user("bob", statement)}, caller=BOB)
        assert len(found.chains) == expected


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ({}, {"Ref": "B"}),
        ({}, {"Fn::Select": [0, [{"Ref": "B"}]]}),
        ({"BucketName": "data"}, {"Ref": "B"}),
    ],
)
def test_a_bucket_is_found_by_its_logical_id(name: Json, reference: Json) -> None:
    """Though its policy is a resource of its own."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    properties = {"Bucket": reference, "PolicyDocument": {"Statement": [statement]}}
    resources = {
        "B": {"Type": "AWS::S3::Bucket", "Properties": name},
        "P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
    }
    assert [one.logical_id for one in explained(resources, "B")] == ["P"]


def test_of_callers_of_no_account_none_is_inside() -> None:
    """Nothing is said of the boundary where an address keeps strangers out."""
    where = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    statement = allow("*", "s3:GetObject", Resource="*", Condition=where)
    properties = {"Bucket": "data", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    found = entrances({"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}, named="P", caller="anonymous")
    assert found == [("anonymous", "cannot carry it", "")]


def test_a_parameter_of_another_statement_leaves_nothing_open() -> None:
    """What lets in the caller is there at one value of it, which is said; what it does elsewhere is another matter."""
    via = {"StringEquals": {"kms:ViaService": {"Ref": "Service"}}}
    trail = allow({"Service": "cloudtrail.amazonaws.com"}, "kms:GenerateDataKey*", Resource="*")
    statements = [
        allow({"AWS": "*"}, "kms:GenerateDataKey*", Resource="*", Condition=via),
        {"Fn::If": ["Trail", trail, {"Ref": "AWS::NoValue"}]},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    template = {
        "Parameters": {"Service": {"Type": "String"}},
        "Conditions": {"Trail": {"Fn::Equals": [{"Ref": "Service"}, "trail"]}},
        "Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}},
    }
    (found,) = trustproof.explain([template], "K", caller="cloudtrail.amazonaws.com", account=OWN)
    assert [one.request.parameters["Service"] for one in found.entrances] == ["trail"]
    assert not found.undecided


def test_what_a_caller_needs_of_its_own() -> None:
    """Who is named by its account needs a policy of its own; whether the templates give it one is said."""
    resources = {
        "Admin": role("admin", allow({"AWS": OWN})),
        "App": role("app", allow({"Service": "lambda.amazonaws.com"}), may=f"arn:aws:iam::{OWN}:role/admin"),
        "Other": role("other", allow({"Service": "lambda.amazonaws.com"}), may=f"arn:aws:iam::{OWN}:role/app"),
    }
    needs = {
        name: explained(resources, caller=f"arn:aws:iam::{OWN}:role/{name}")[0].entrances[0].needs
        for name in ("app", "other", "elsewhere")
    }
    assert needs["app"].endswith(", which it has")
    assert needs["other"].endswith(", which the templates do not give it")
    assert needs["elsewhere"] == "a policy of its own that allows sts:AssumeRole"
    # The root user has none, and may do whatever nobody denies.
    policy = {"Version": "2012-10-17", "Statement": [allow({"AWS": OWN}, "kms:*", Resource="*")]}
    resources = {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}
    (found,) = explained(resources, "K", caller=f"arn:aws:iam::{OWN}:root")
    assert [one.needs for one in found.entrances] == [""]


def _permission_set(name: str, *statements: Json) -> Json:
    """A permission set with a policy of its own."""
    properties: Json = {"Name": name, "InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef"}
    if statements:
        properties["InlinePolicy"] = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Type": "AWS::SSO::PermissionSet", "Properties": properties}


_ASK = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}


@pytest.mark.parametrize(
    ("sets", "needs"),
    [
        ([_permission_set("Dev_Ops", _ASK)], ", which it has"),
        ([_permission_set("Dev_Ops")], ", which the templates do not give it"),
        ([_permission_set("Dev_Ops", {**_ASK, "Action": "s3:*"})], ", which the templates do not give it"),
        ([_permission_set("Ops", _ASK)], ""),
        ([], ""),
        ([_permission_set("Dev_Ops", _ASK), _permission_set("Dev_Ops")], ""),
        ([_permission_set({"Ref": "Name"}, _ASK), _permission_set("Dev_Ops")], ""),
        ([_permission_set("Dev_Ops", _ASK, {**_ASK, "Effect": "Deny"})], None),
        (
            [
                _permission_set(
                    "Dev_Ops", _ASK, {**_ASK, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
                )
            ],
            ", which it has",
        ),
    ],
)
@pytest.mark.parametrize(
    "caller",
    [
        f"arn:aws:iam::{HUB}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_Ops_0123456789abcdef",
        f"arn:aws:iam::{HUB}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_Ops_0123456789abcdef",
        f"arn:aws:sts::{HUB}:assumed-role/AWSReservedSSO_Dev_Ops_0123456789abcdef/alice",
    ],
)
def test_people_of_a_permission_set_have_its_policies(sets: list[Json], needs: str | None, caller: str) -> None:
    """As `trustproof who` has them; where several sets may be meant, or none is there, nothing is said of them."""
    resources = {"Admin": role("admin", allow({"AWS": HUB})), **{f"Set{at}": one for at, one in enumerate(sets)}}
    template = {"Parameters": {"Name": {"Type": "String"}}, "Resources": resources}
    config = {"boundary": {"accounts": [HUB]}}
    (found,) = trustproof.explain([template], "admin", caller=caller, account=OWN, config=config)
    wanted = [] if needs is None else [f"a policy of its own that allows sts:AssumeRole{needs}"]
    # The name of a session might be that of a role that is none of Identity Center's; that comes first.
    assert [one.needs for one in found.entrances][-1:] == wanted
    assert bool(found.obstacles) == (needs is None)


def test_a_policy_of_a_resource_is_explained() -> None:
    """As that of a role is; whoever needs no credentials is said first, where no setting keeps them out."""
    block = {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    statement = allow("*", "s3:GetObject", Resource="arn:aws:s3:::data/*")
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    resources = {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketName": "data", "PublicAccessBlockConfiguration": block},
        },
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "data", "PolicyDocument": policy}},
    }
    (found,) = explained(resources, "data")
    assert found.entrances[0].who == "anybody, without credentials"
    assert found.entrances[0].request.action == "s3:GetObject"


def test_only_trust_policies_let_in_assertions_and_tokens() -> None:
    """Everybody may call a function, but with an assertion or a token itself one calls STS alone."""
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": "job", "Principal": "*"},
    }
    (found,) = explained({"Anyone": permission}, "Anyone")
    assert len(found.entrances) > 3
    assert not any("SAML" in one.who or "token" in one.who for one in found.entrances)
    assert found.undecided == ()


def test_what_is_not_known_is_said() -> None:
    """A principal that a parameter gives, of which nobody says what it may be, is one or lets nobody in."""
    statement = allow({"AWS": {"Fn::GetAtt": ["Vendor", "Arn"]}})
    (found,) = explained({"Admin": role("admin", statement), "Vendor": {"Type": "Custom::Vendor"}})
    assert found.entrances or found.undecided


@pytest.mark.parametrize(("name", "is_known"), [("bob", True), ("Ci", True), ("app-Ci-A1B2C3", False)])
def test_a_name_that_is_generated_is_not_that_of_anybody(name: str, is_known: bool) -> None:
    """Of a caller whose name no stack gives to the user it is known that it does not get in."""
    statement = allow({"AWS": {"Fn::GetAtt": ["Ci", "Arn"]}})
    resources = {"Admin": role("admin", statement), "Ci": {"Type": "AWS::IAM::User"}}
    (found,) = explained(resources, caller=f"arn:aws:iam::{OWN}:user/{name}")
    assert not found.entrances
    assert (not found.undecided) is is_known


@pytest.mark.parametrize(("operator", "enters"), [("ArnLike", True), ("ArnNotLike", False)])
def test_a_service_may_call_for_whatever_it_is_to_call_for(operator: str, enters: bool) -> None:
    """Where a policy asks for one source, the service gets in with that, whatever it is called."""
    asked = {operator: {"aws:SourceArn": {"Fn::GetAtt": ["Topic", "TopicArn"]}}}
    statement = allow({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", Resource="*", Condition=asked)
    policy = {"Queues": [{"Ref": "Jobs"}], "PolicyDocument": {"Statement": [statement]}}
    resources = {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
        "Open": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
    }
    (found,) = explained(resources, "jobs", caller="sns.amazonaws.com", region="eu-west-1")
    assert bool(found.entrances) is enters


QUEUE = {
    "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
    "Open": {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Jobs"}],
            "PolicyDocument": {
                "Statement": [
                    allow({"AWS": OTHER}, "sqs:SendMessage", Resource={"Fn::GetAtt": ["Jobs", "Arn"]}),
                ]
            },
        },
    },
}


@pytest.mark.parametrize("named", ["jobs", "Jobs", "Open"])
@pytest.mark.parametrize("caller", [None, f"arn:aws:iam::{OTHER}:role/app"])
def test_the_region_of_a_resource_need_not_be_known(named: str, caller: str | None) -> None:
    """A queue is called by its name, and who gets in is said with the Region at which that was replayed."""
    (found,) = explained(QUEUE, named, caller=caller)
    assert not found.undecided
    assert {tuple(one.request.parameters.items()) for one in found.entrances} == {(("AWS::Region", "us-east-1"),)}
    assert "where AWS::Region is us-east-1" in render_explanations([found], caller, "text", Style(coloured=False))


def test_of_one_caller_no_value_is_made_up_that_lets_it_in() -> None:
    """Somebody gets in where a parameter names an account; whether one caller does, only the value says."""
    who = {"AWS": {"Fn::Sub": "arn:aws:iam::${Partner}:root"}}
    checked = {"Parameters": {"Partner": {"Type": "String"}}, "Resources": {"Admin": role("admin", allow(who))}}
    (found,) = trustproof.explain([checked], "admin", account=OWN)
    assert found.entrances[0].who == "users of arn:aws:iam::<Partner>:root"
    assert [*found.entrances[0].request.parameters] == ["Partner"]
    (of_one,) = trustproof.explain([checked], "admin", account=OWN, caller=f"arn:aws:iam::{OTHER}:role/app")
    assert not of_one.entrances
    assert of_one.undecided


def test_a_resource_policy_that_cannot_be_read_is_said_to_be_there(tmp_path: Path) -> None:
    """By its own name, and by that of what it stands on."""
    included = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://acme/policy.yaml"}}}
    policy = {"Bucket": {"Ref": "B"}, "PolicyDocument": included}
    resources = {
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme-data"}},
        "P": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
        # Who may do what is nobody's way in.
        "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": included}},
    }
    for named in ("B", "P", "acme-data"):
        (found,) = explained(resources, named)
        assert (found.logical_id, found.entrances) == ("P", ())
        assert any("AWS::Include" in reason for reason in found.undecided)
    with pytest.raises(UsageError):
        explained(resources, "M")
    (tmp_path / "main.tf").write_text('resource "aws_sqs_queue" "q" {\n  name = "q"\n  policy = file("none.json")\n}\n')
    (found,) = trustproof.explain([tmp_path], "aws_sqs_queue.q")
    assert any("none.json" in reason for reason in found.undecided)


def test_a_resource_with_its_policy_as_an_argument_is_called_by_its_address(tmp_path: Path) -> None:
    """Its name is not known, so that nothing else says which one is meant."""
    statement = f'{{ Effect = "Allow", Action = "*", Resource = "*", Principal = {{ AWS = "{HUB}" }} }}'
    (tmp_path / "main.tf").write_text(
        f"""
        variable "name" {{}}
        resource "aws_secretsmanager_secret" "s" {{
          name   = var.name
          policy = jsonencode({{ Statement = [{statement}] }})
        }}
        """
    )
    (found,) = trustproof.explain([tmp_path], "aws_secretsmanager_secret.s", account=OWN)
    assert found.entrances


def test_what_parameters_decide_is_said() -> None:
    """A policy is read at the defaults, and what else it may say is not left out in silence."""
    parameters = {"Who": {"Type": "String", "Default": HUB, "AllowedValues": [HUB, OTHER]}}
    checked = {"Parameters": parameters, "Resources": {"Admin": role("admin", allow({"AWS": {"Ref": "Who"}}))}}
    (found,) = trustproof.explain([checked], "admin", account=OWN)
    assert any("--parameter Who=VALUE" in reason for reason in found.undecided)
    (pinned,) = trustproof.explain([checked], "admin", account=OWN, parameters={"Who": OTHER})
    assert not pinned.undecided
    assert OTHER in pinned.entrances[0].who
    del parameters["Who"]["Default"]
    checked["Mappings"] = {"M": {who: {"Arn": f"arn:aws:iam::{who}:root"} for who in (HUB, OTHER)}}
    checked["Resources"] = {"Admin": role("admin", allow({"AWS": {"Fn::FindInMap": ["M", {"Ref": "Who"}, "Arn"]}}))}
    (found,) = trustproof.explain([checked], "admin", account=OWN)
    assert any("which has no default: give --parameter Who=VALUE" in reason for reason in found.undecided)


def test_a_resource_is_found_by_a_name_that_a_parameter_gives() -> None:
    """Whoever looks at a deployed role knows that name, and not the logical id."""
    checked = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        "Resources": {"Admin": role({"Fn::Sub": "data-${Stage}"}, allow({"AWS": HUB}))},
    }
    (found,) = trustproof.explain([checked], "data-prod", account=OWN)
    assert found.logical_id == "Admin"
    with pytest.raises(trustproof.UsageError, match="data-test"):
        trustproof.explain([checked], "data-test", account=OWN)


@pytest.mark.parametrize(
    ("named", "caller", "said"),
    [
        (None, None, "name a resource, or a caller"),
        ("admim", None, "did you mean admin"),
        ("admin", "bob", '"bob" is no caller: expected an account'),
        ("admin", f"arn:aws:iam::{HUB}:group/g", "is no caller"),
        ("admin", f"arn:aws:iam::{HUB[1:]}:user/bob", 'expected an account .12 digits. in its ARN, got "1*2*3*"'),
        ("admin", "arn:aws:iam::1111-2222-3333:user/bob", "expected an account .12 digits. in its ARN"),
        ("admin", "arn:aws:sts:::assumed-role/ci/build", 'expected an account .12 digits. in its ARN, got ""'),
    ],
)
def test_who_or_what_is_nobody(named: str | None, caller: str | None, said: str) -> None:
    """A name that nothing has is an error, with what is accepted."""
    with pytest.raises(trustproof.UsageError, match=said):
        explained({"Admin": role("admin", allow({"AWS": HUB}))}, named, caller=caller)


def test_a_statement_in_a_module_stands_in_the_file_of_the_module(tmp_path: Path) -> None:
    """Line and column are of the file that is named with them, as in what `check` finds."""
    pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra terraform")
    module = tmp_path / "infra" / "modules" / "door"
    module.mkdir(parents=True)
    (tmp_path / "infra" / "main.tf").write_text('module "door" {\n  source = "./modules/door"\n}\n')
    (module / "main.tf").write_text(MODULE)
    (found,) = trustproof.explain([tmp_path / "infra"], "admin", account=OWN)
    file = str(module / "main.tf")
    assert {(one.place.position.file, one.place.line) for one in found.entrances if one.place.position} == {(file, 6)}
    style = Style(coloured=False)
    assert f"by       statement 1, {file}:6:" in render_explanations([found], None, "text", style)
    shown = json.loads(render_explanations([found], None, "json", style))
    assert shown["resources"][0]["entrances"][0]["place"]["file"] == file


def test_each_resource_of_one_body_has_its_own_entrances() -> None:
    """What one body of ``Fn::ForEach`` declares stands at one place, and is not one resource."""
    look = {"Fn::FindInMap": ["M", {"Ref": "A"}, "value"]}
    body = {"Role${A}": role({"Fn::Sub": "r-${A}"}, allow({"AWS": look}))}
    template = {
        "Transform": "AWS::LanguageExtensions",
        "Mappings": {"M": {"aa": {"value": HUB}, "bb": {"value": OTHER}}},
        "Resources": {"Fn::ForEach::R": ["A", ["aa", "bb"], body]},
    }

    def who(named: str | None, **more: Any) -> list[tuple[str, list[str]]]:
        found = trustproof.explain([template], named, account=OWN, **more)
        return [(one.name, [entrance.who for entrance in one.entrances][:1]) for one in found]

    assert who("Roleaa") == [("r-aa", [f"users of {HUB}"])]
    assert who("r-bb") == [("r-bb", [f"users of {OTHER}"])]
    caller = f"arn:aws:iam::{OTHER}:user/alice"
    assert who("Roleaa", caller=caller) == [("r-aa", [])]
    assert who(None, caller=caller) == [("r-bb", [caller])]


def may(action: str) -> Json:
    """A statement of an identity policy."""
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def policy(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def test_a_permissions_boundary_stands_in_the_way() -> None:
    """Whoever has the policy, and a boundary that never allows the call, has no use for another policy."""
    boundary = {"ManagedPolicyName": "b", "PolicyDocument": policy(may("s3:*"))}
    bob = user("bob", may("sts:AssumeRole"), PermissionsBoundary={"Ref": "B"})
    there = {"B": {"Type": "AWS::IAM::ManagedPolicy", "Properties": boundary}, "U": bob}
    caller = f"arn:aws:iam::{OWN}:user/bob"
    (found,) = explained({"R": role("admin", allow({"AWS": OWN})), **there}, caller=caller)
    assert (found.entrances, len(found.obstacles)) == ((), 1)
    assert found.obstacles[0].reasons == ("the permissions boundary B of the caller does not allow sts:AssumeRole",)
    # Whom a policy of the same account names as a user, no boundary limits.
    (named,) = explained({"R": role("admin", allow({"AWS": caller})), **there}, caller=caller)
    assert len(named.entrances) == 1
    boundary["PolicyDocument"] = policy(may("sts:*"))
    (let_in,) = explained({"R": role("admin", allow({"AWS": OWN})), **there}, caller=caller)
    assert let_in.entrances[0].needs == "a policy of its own that allows sts:AssumeRole, which it has"
    for about, enters in (
        ({"Resource": OTHER_ROLE}, False),
        ({"NotResource": "arn:aws:iam::*:role/a*"}, False),
        ({"Resource": ADMIN}, True),
        ({"NotResource": OTHER_ROLE}, True),
        ({"Resource": f"arn:aws:iam::{OWN}:role/${{aws:username}}"}, True),
    ):
        boundary["PolicyDocument"] = policy({"Effect": "Allow", "Action": "sts:*", **about})
        (found,) = explained({"R": role("admin", allow({"AWS": OWN})), **there}, caller=caller)
        assert bool(found.entrances) == enters, about


def test_the_boundary_of_a_permission_set_stands_in_the_way() -> None:
    """It limits the role that Identity Center makes of the set, by whatever that is named."""
    people = f"arn:aws:iam::{OWN}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0123456789abcdef"
    for name, enters in (("AmazonS3ReadOnlyAccess", False), ("AdministratorAccess", True)):
        limited = _permission_set("Dev", _ASK)
        limited["Properties"]["PermissionsBoundary"] = {"ManagedPolicyArn": f"arn:aws:iam::aws:policy/{name}"}
        for named in (people, OWN):
            there = {"R": role("admin", allow({"AWS": named})), "S": limited}
            assert bool(explained(there, caller=people)[0].entrances) == enters


def test_others_get_in_beside_whom_a_boundary_stops() -> None:
    """A statement names a role that its boundary stops, and an account: the roles of that get in."""
    boundary = {"ManagedPolicyName": "b", "PolicyDocument": policy(may("s3:*"))}
    app = role("app", allow({"Service": "lambda.amazonaws.com"}))
    app["Properties"]["PermissionsBoundary"] = {"Ref": "B"}
    there = {"A": app, "B": {"Type": "AWS::IAM::ManagedPolicy", "Properties": boundary}}
    named = allow({"AWS": [f"arn:aws:iam::{OWN}:role/app", HUB]})
    assert "sessions of roles of " + HUB in {who for who, _, _ in entrances({"R": role("admin", named), **there})}
    alone = allow({"AWS": [f"arn:aws:iam::{OWN}:role/app"]})
    assert entrances({"R": role("admin", alone), **there}) == []


def test_a_control_policy_stands_in_the_way() -> None:
    """Whom a service control policy of the organization stops, does not get in, as a check proves it."""
    other = "333344445555"
    denied = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}
    control = {"Name": "s", "Type": "SERVICE_CONTROL_POLICY", "TargetIds": [other], "Content": policy(denied)}
    resources = {
        "R": role("admin", allow({"AWS": [OWN, other]})),
        "S": {"Type": "AWS::Organizations::Policy", "Properties": control},
    }
    config = {"organization": {"root": "r-ab12", "accounts": [OWN, other]}}
    for account, enters in ((other, False), (OWN, True)):
        caller = f"arn:aws:iam::{account}:user/bob"
        (found,) = explained(resources, caller=caller, config=config)
        assert bool(found.entrances) is enters
        said = [reason for one in found.obstacles for reason in one.reasons]
        assert [one.startswith("the Deny of the service control policy S applies") for one in said] == [True] * (
            not enters
        )


def test_the_deny_that_stands_in_the_way_is_named_by_its_place(tmp_path: Path) -> None:
    """Of several, it is the one that applies."""
    never = {"Bool": {"aws:SecureTransport": "false"}}
    denies = [{**allow({"AWS": OWN}), "Effect": "Deny", "Condition": one} for one in (never, {})]
    file = tmp_path / "t.json"
    statements = (allow({"AWS": OWN}), *denies)
    file.write_text(json.dumps({"Resources": {"R": role("admin", *statements)}}, indent=1), encoding="utf-8")
    (found,) = trustproof.explain([str(file)], "admin", caller=f"arn:aws:iam::{OWN}:user/bob", account=OWN)
    (reason,) = found.obstacles[0].reasons
    assert reason.startswith(f"the Deny (statement 3, {file}:")


def test_nothing_that_another_request_gets_around_is_named() -> None:
    """Whom a Deny of his own keeps out, a Deny of those without MFA need not."""
    without = {**allow("*"), "Effect": "Deny", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
    own = {**allow({"AWS": f"arn:aws:iam::{HUB}:user/eve"}, Sid="NotEve"), "Effect": "Deny"}
    (found,) = explained({"R": role("admin", allow({"AWS": HUB}), without, own)}, caller=f"arn:aws:iam::{HUB}:user/eve")
    ((reason,),) = (one.reasons for one in found.obstacles)
    assert "NotEve" in reason


def test_where_nobody_gets_in_it_is_said_why() -> None:
    """Of everybody, the request that comes nearest."""
    (found,) = explained({"R": role("admin", allow("*"), {**allow("*"), "Effect": "Deny"})})
    assert not found.entrances
    assert found.obstacles[0].reasons == ("the Deny (statement 2, <template 1>:15:13) applies",)


def test_a_request_is_shown_with_the_keys_of_its_own_statement() -> None:
    """What another statement asks for is no part of it."""
    mfa = allow({"AWS": OWN}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    (found,) = explained({"R": role("admin", mfa, allow({"Service": "ec2.amazonaws.com"}))})
    assert [list(one.request.context) for one in found.entrances] == [["aws:MultiFactorAuthPresent"], []]


def test_a_role_of_a_stack_set_is_where_that_deploys_it() -> None:
    """The units are named, and no account is made up."""
    body = json.dumps({"Resources": {"R": role("admin", allow({"AWS": OWN}))}})
    targets = {"DeploymentTargets": {"OrganizationalUnitIds": ["ou-ab12-11111111"]}, "Regions": ["us-east-1"]}
    properties = {"StackSetName": "all", "TemplateBody": body, "StackInstancesGroup": [targets]}
    (found,) = trustproof.explain(
        [{"Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}], "admin"
    )
    assert (found.account, found.deployed_to) == (None, "every account of ou-ab12-11111111")
    text = render_explanations([found], None, "text", Style(coloured=False))
    assert text.startswith("admin (AWS::IAM::Role, in every account of ou-ab12-11111111)")


def test_each_account_of_a_stack_set_has_its_own_values() -> None:
    """Whoever gets in by what is passed to one account gets in there only, and accounts that are left out are said."""
    body = {
        "Parameters": {"Who": {"Type": "String"}},
        "Resources": {"R": role("admin", allow({"AWS": {"Ref": "Who"}}))},
    }
    units = {"OrganizationalUnitIds": ["ou-ab12-11111111"], "Accounts": [OTHER]}
    passed = [{"ParameterKey": "Who", "ParameterValue": OTHER}]
    properties = {
        "TemplateBody": json.dumps(body),
        "Parameters": [{"ParameterKey": "Who", "ParameterValue": OWN}],
        "StackInstancesGroup": [
            {"DeploymentTargets": {**units, "AccountFilterType": "DIFFERENCE"}},
            {"DeploymentTargets": {**units, "AccountFilterType": "INTERSECTION"}, "ParameterOverrides": passed},
        ],
    }
    found = trustproof.explain(
        [{"Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}], "admin"
    )
    assert {(one.deployed_to, who.who) for one in found for who in one.entrances if who.who.startswith("users")} == {
        (f"every account of ou-ab12-11111111 but {OTHER}", f"users of {OWN}"),
        (f"{OTHER} (of ou-ab12-11111111)", f"users of {OTHER}"),
    }


BLOCKED = {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": True, "RestrictPublicBuckets": True}}
OPEN = {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}}


@pytest.mark.parametrize(
    ("settings", "caller", "enters"),
    [
        (BLOCKED, "anonymous", False),
        (BLOCKED, f"arn:aws:iam::{OTHER}:user/zed", False),
        (BLOCKED, f"arn:aws:iam::{OWN}:user/ann", True),
        ({}, "anonymous", False),
        (OPEN, "anonymous", True),
        (OPEN, f"arn:aws:iam::{OTHER}:user/zed", True),
    ],
)
def test_what_stands_around_a_bucket_keeps_callers_out(settings: Json, caller: str, enters: bool) -> None:
    """The settings of a bucket decide as they do for `check`, and are named where they stand in the way."""
    statement = {**allow("*", "s3:GetObject"), "Resource": "arn:aws:s3:::acme/*"}
    properties = {"Bucket": {"Ref": "Data"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources = {
        "Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme", **settings}},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
    }
    (found,) = explained(resources, "acme", caller=caller)
    assert bool(found.entrances) is enters
    if enters:
        assert found.entrances[0].outside == ("no" if OWN in caller else "yes")
        assert "aws:PrincipalAccount" not in found.entrances[0].request.context
    else:
        assert found.obstacles[0].reasons[0].startswith("the caller is kept out: BlockPublicPolicy of Data")


def test_who_has_to_sign_is_not_anonymous() -> None:
    """A function whose URL takes signed requests only lets in nobody without credentials."""
    for kind, enters in (("AWS_IAM", False), ("NONE", True)):
        permission = {
            "Action": "lambda:InvokeFunctionUrl",
            "FunctionName": {"Ref": "Function"},
            "Principal": "*",
            "FunctionUrlAuthType": kind,
        }
        resources = {
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f"}},
            "Url": {
                "Type": "AWS::Lambda::Url",
                "Properties": {"TargetFunctionArn": {"Ref": "Function"}, "AuthType": kind},
            },
            "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        }
        (found,) = explained(resources, "Permission", caller="anonymous")
        assert bool(found.entrances) is enters


@pytest.mark.parametrize(("is_kept", "outside"), [(True, "no"), (False, "yes")])
def test_whom_a_control_policy_keeps_out_is_not_from_outside(is_kept: bool, outside: str) -> None:
    """A resource control policy asks for one's own organization, so that whoever gets in is of that."""
    ours = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    denied = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*", "Condition": ours}
    control = {"Name": "q", "Type": "RESOURCE_CONTROL_POLICY", "TargetIds": [OWN], "Content": policy(denied)}
    resources = {"R": role("admin", allow({"AWS": [HUB, OTHER]}))}
    if is_kept:
        resources["Q"] = {"Type": "AWS::Organizations::Policy", "Properties": control}
    config = {
        "boundary": {"accounts": [HUB], "organizations": ["o-a1b2c3d4e5"]},
        "organization": {"root": "r-ab12", "accounts": [OWN, HUB]},
    }
    (found,) = explained(resources, caller=f"arn:aws:iam::{OTHER}:user/zed", config=config)
    assert {one.outside for one in found.entrances} == {outside}


@pytest.mark.parametrize("is_blocked", [True, False])
def test_a_policy_of_a_secret_that_would_be_refused_lets_nobody_in_from_outside(is_blocked: bool) -> None:
    """`BlockPublicPolicy` of the policy itself keeps a public one from being put on the secret at all."""
    statement = {**allow("*", "secretsmanager:GetSecretValue"), "Resource": "*"}
    properties = {"SecretId": {"Ref": "X"}, "BlockPublicPolicy": is_blocked, "ResourcePolicy": policy(statement)}
    resources = {
        "X": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "s"}},
        "Y": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties},
    }
    (found,) = explained(resources, "Y", caller=f"arn:aws:iam::{OTHER}:user/zed")
    assert bool(found.entrances) is not is_blocked
    if is_blocked:
        assert "BlockPublicPolicy" in found.obstacles[0].reasons[0]


def test_a_public_bucket_says_what_keeps_other_accounts_out() -> None:
    """Who gets in is of any account by the statement, and of the own one by a setting: both are said."""
    statement = {**allow("*", "s3:GetObject"), "Resource": {"Fn::Sub": "${B.Arn}/*"}}
    resources = {
        "B": {"Type": "AWS::S3::Bucket"},
        "P": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": policy(statement)},
        },
    }
    (found,) = explained(resources, "P")
    said = {one.who: one.provided[-1:] for one in found.entrances}
    assert "BlockPublicPolicy of B" in "".join(said["users of any account"])
    assert said["services: ec2.amazonaws.com"] == ()


@pytest.mark.parametrize(("kind", "enters"), [("AWS_IAM", False), ("NONE", True)])
def test_methods_of_an_api_that_take_signed_requests_let_nobody_in_without_credentials(kind: str, enters: bool) -> None:
    """Whatever the policy of the API says; whoever has an account signs."""
    method = {"RestApiId": {"Ref": "Api"}, "HttpMethod": "GET", "AuthorizationType": kind}
    root = {"ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]}}
    statement = {**allow("*", "execute-api:Invoke"), "Resource": "execute-api:/*"}
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api", "Policy": policy(statement)}},
        "M": {"Type": "AWS::ApiGateway::Method", "Properties": {**method, **root}},
    }
    (found,) = explained(resources, "Api", caller="anonymous")
    assert bool(found.entrances) is enters
    (signed,) = explained(resources, "Api", caller=f"arn:aws:iam::{OTHER}:user/zed")
    assert signed.entrances


def test_a_caller_is_let_in_at_each_value_that_a_name_may_have() -> None:
    """The name of a bucket comes from a list: it says which bucket the policy is of, and not who gets in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::222233334444:root"},
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "${B.Arn}/*"},
    }
    policy = {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        "Resources": {
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Stage"}}},
            "P": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
        },
    }
    (found,) = trustproof.explain([template], "P", caller="arn:aws:iam::222233334444:user/bob", account=OWN)
    shown = [one.request.parameters for one in found.entrances]
    assert shown == [{"Stage": "dev"}, {"Stage": "prod"}]


def test_a_caller_is_let_in_where_a_condition_of_a_configuration_is_true(tmp_path: Path) -> None:
    """As in a template, whose conditions are called otherwise than the parameters that decide them."""
    (tmp_path / "main.tf").write_text(
        """
        variable "on" {
          type = object({ enable = optional(bool, false) })
        }
        resource "aws_iam_role" "r" {
          count = var.on.enable ? 1 : 0
          assume_role_policy = jsonencode({ Statement = [{
            Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" }
          }] })
        }
        """
    )
    (found,) = trustproof.explain([tmp_path], "aws_iam_role.r[0]", caller="lambda.amazonaws.com", account=OWN)
    assert [one.request.parameters for one in found.entrances] == [{"var.on.enable": "true"}]
    assert not found.undecided


@pytest.mark.parametrize(("name", "enters"), [("app", True), ("other", False)])
def test_a_caller_is_let_in_by_what_is_known_whatever_stands_beside_it(name: str, enters: bool) -> None:
    """A second account is given at deployment, which says nothing of whom the statement names besides."""
    given = "arn:aws:iam::${Partner}:"
    named = [f"arn:aws:iam::{OTHER}:root", {"Fn::Sub": f"{given}root"}]
    arns = [f"arn:aws:iam::{OTHER}:role/app", {"Fn::Sub": f"{given}role/app"}]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": named},
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:PrincipalArn": arns}},
    }
    policy = {"Queues": ["q"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": {"Partner": {"Type": "String"}},
        "Resources": {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}},
    }
    caller = f"arn:aws:iam::{OTHER}:role/{name}"
    (found,) = trustproof.explain([template], "P", caller=caller, account=OWN)
    assert bool(found.entrances) is enters
    assert not found.undecided
    said = [reason for one in found.obstacles for reason in one.reasons]
    assert enters or said == [f"aws:PrincipalArn is {caller}, so ArnLike {arns[0]} is false"]


@pytest.mark.parametrize(
    ("more", "is_let_in"),
    [
        ([], True),
        ([{"Effect": "Deny", "Condition": {"StringNotEquals": {"sts:ExternalId": {"Ref": "Other"}}}}], False),
        ([{"Effect": "Deny", "Condition": {"StringEquals": {"aws:PrincipalArn": {"Ref": "Other"}}}}], False),
    ],
)
def test_whoever_knows_an_external_id_gets_in_whatever_it_is(more: list[Json], is_let_in: bool) -> None:
    """But for what else the policy asks of it, or of the caller."""
    caller = "arn:aws:iam::222233334444:role/ci"
    allow = {"Effect": "Allow", "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "Id"}}}}
    statements = [{"Principal": {"AWS": caller}, "Action": "sts:AssumeRole", **one} for one in (allow, *more)]
    policy = {"Version": "2012-10-17", "Statement": statements}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    template: Json = {"Parameters": {name: {"Type": "String"} for name in ("Id", "Other")}, "Resources": {"R": role}}
    (found,) = trustproof.explain([template], "R", caller=caller)
    assert bool(found.entrances) is is_let_in
    assert bool(found.undecided) is not is_let_in


@pytest.mark.parametrize(
    ("type_", "properties", "action", "about"),
    [
        ("AWS::SQS::QueuePolicy", {"Queues": [{"Ref": "Of"}]}, "sqs:SendMessage", "sqs:us-east-1:{}:of"),
        (
            "AWS::S3::AccessPoint",
            {"Name": "it", "Bucket": "b"},
            "s3:GetObject",
            "s3:us-east-1:{}:accesspoint/it/object/*",
        ),
        ("AWS::Logs::ResourcePolicy", {"PolicyName": "it"}, "logs:PutLogEvents", "logs:us-east-1:{}:log-group:it:*"),
    ],
)
@pytest.mark.parametrize("caller", [None, f"arn:aws:iam::{OTHER}:role/app"])
def test_the_account_that_a_resource_names_may_be_that_of_the_template(
    type_: str, properties: Json, action: str, about: str, caller: str | None
) -> None:
    """Nobody gets in where it is another one: of which account the template is, the gate asks, and so does this."""
    statement = allow({"AWS": OTHER}, action, Resource=f"arn:aws:{about.format(HUB)}")
    policy: object = {"Version": "2012-10-17", "Statement": [statement]}
    key = "Policy" if type_ == "AWS::S3::AccessPoint" else "PolicyDocument"
    policy = json.dumps(policy) if "Logs" in type_ else policy
    template = {
        "Resources": {
            "It": {"Type": type_, "Properties": {**properties, key: policy}},
            "Of": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of"}},
        }
    }
    (found,) = trustproof.explain([template], "It", caller=caller)
    assert not found.entrances
    assert found.undecided
    if caller is None:
        assert found.undecided == (
            f"the account of the template is not known, and where it is {HUB}, somebody gets in: give --account {HUB}",
        )
    (found,) = trustproof.explain([template], "It", caller=caller, account=HUB)
    assert found.entrances
    (found,) = trustproof.explain([template], "It", caller=caller, account=OWN)
    assert (found.entrances, found.undecided) == ((), ())
