"""
Whose web identity tokens get in: hard pairs for each provider.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
CONFIG = {
    "boundary": {"accounts": [], "organizations": ["o-aaaabbbbcc"]},
    "third-party": [{"name": "vendor", "accounts": ["444455556666"]}],
}


def trust(principal: object, action: str, condition: Json | None = None) -> Json:
    """A trust policy with one statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}],
    }


GITHUB = "token.actions.githubusercontent.com"
BUILT_IN = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")


def oidc(host: str, condition: Json | None, *more: Json) -> Json:
    """A trust policy for a web identity provider, and further statements."""
    provider = host if host in BUILT_IN else f"arn:aws:iam::111122223333:oidc-provider/{host}"
    policy = trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", condition)
    policy["Statement"] += more  # type: ignore[operator]
    return policy


def everybody(condition: Json | None = None, *more: Json) -> Json:
    """A trust policy that lets in everybody with a token, and further statements."""
    policy = trust("*", "sts:AssumeRoleWithWebIdentity", condition)
    policy["Statement"] += more  # type: ignore[operator]
    return policy


CASES: list[tuple[str, Json, str]] = [
    ("everybody", everybody(), "refuted"),
    ("everybody of a tenant", everybody({"StringLike": {f"{GITHUB}:sub": "repo:org/*"}}), "proved"),
    ("everybody of GitHub", everybody({"StringLike": {f"{GITHUB}:sub": "repo:*"}}), "refuted"),
    (
        "everybody but others",
        everybody(
            None,
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sts:*",
                "Condition": {"StringNotLike": {f"{GITHUB}:sub": "repo:org/*"}},
            },
        ),
        "proved",
    ),
    (
        "gh repo exact",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "repo:org/repo:ref:refs/heads/main",
                }
            },
        ),
        "proved",
    ),
    (
        "gh repo any ref",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/repo:*"},
            },
        ),
        "proved",
    ),
    (
        "gh repo no colon",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/repo*"},
            },
        ),
        "proved",
    ),
    (
        "gh org",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/*"},
            },
        ),
        "proved",
    ),
    (
        "gh org*",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org*"},
            },
        ),
        "refuted",
    ),
    (
        "gh org?",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:or?/repo:*"},
            },
        ),
        "refuted",
    ),
    (
        "gh any",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"},
            },
        ),
        "refuted",
    ),
    (
        "gh star",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "*"},
            },
        ),
        "refuted",
    ),
    (
        "gh ref main",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "*:ref:refs/heads/main"},
            },
        ),
        "refuted",
    ),
    (
        "gh anyorg repo",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repo:*/prod:*"},
            },
        ),
        "refuted",
    ),
    (
        "gh aud only",
        oidc(
            "token.actions.githubusercontent.com",
            {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
        ),
        "refuted",
    ),
    ("gh none", oidc("token.actions.githubusercontent.com", None), "refuted"),
    (
        "gh forall sub",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "ForAllValues:StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/repo:*"},
            },
        ),
        "refuted",
    ),
    (
        "gh ifexists",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLikeIfExists": {"token.actions.githubusercontent.com:sub": "repo:org/repo:*"},
            },
        ),
        "refuted",
    ),
    (
        "gh forall aud ok sub",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "ForAllValues:StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:iss": "https://token.actions.githubusercontent.com",
                },
                "StringLike": {"token.actions.githubusercontent.com:sub": ["repo:org/repo:*"]},
            },
        ),
        "proved",
    ),
    (
        "gh two one bad",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": ["repo:org/repo:*", "repo:other*"]},
            },
        ),
        "refuted",
    ),
    (
        "gh notlike",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringNotLike": {"token.actions.githubusercontent.com:sub": "repo:evil/*"},
            },
        ),
        "refuted",
    ),
    (
        "gh wildcard in equals",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "repo:org*",
                }
            },
        ),
        "proved",
    ),
    (
        "gh owner id",
        oidc(
            "token.actions.githubusercontent.com",
            {"StringEquals": {"token.actions.githubusercontent.com:repository_owner_id": "123"}},
        ),
        "proved",
    ),
    (
        "gh owner",
        oidc(
            "token.actions.githubusercontent.com",
            {"StringEquals": {"token.actions.githubusercontent.com:repository_owner": "org"}},
        ),
        "proved",
    ),
    (
        "gh actor",
        oidc(
            "token.actions.githubusercontent.com",
            {"StringEquals": {"token.actions.githubusercontent.com:actor": "alice"}},
        ),
        "refuted",
    ),
    (
        "gh env only custom sub",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "environment:prod",
                }
            },
        ),
        "refuted",
    ),
    (
        "gh custom sub id",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {"token.actions.githubusercontent.com:sub": "repository_owner_id:123:*"},
            },
        ),
        "proved",
    ),
    (
        "gh second stmt",
        oidc(
            "token.actions.githubusercontent.com",
            {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/*"}},
            {
                "Effect": "Allow",
                "Principal": {
                    "Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
                },
                "Action": "sts:AssumeRoleWithWebIdentity",
            },
        ),
        "refuted",
    ),
    (
        "gh deny others",
        oidc(
            "token.actions.githubusercontent.com",
            None,
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "*",
                "Condition": {"StringNotLike": {"token.actions.githubusercontent.com:sub": "repo:org/*"}},
            },
        ),
        "proved",
    ),
    (
        "gh misspelt claim",
        oidc(
            "token.actions.githubusercontent.com",
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLikeIfExists": {"token.actions.githubusercontent.com:subject": "repo:org/*"},
            },
        ),
        "refuted",
    ),
    (
        "gitlab",
        oidc("gitlab.com", {"StringLike": {"gitlab.com:sub": "project_path:group/proj:ref_type:branch:ref:main"}}),
        "proved",
    ),
    ("gitlab group*", oidc("gitlab.com", {"StringLike": {"gitlab.com:sub": "project_path:group*"}}), "refuted"),
    ("gitlab aud", oidc("gitlab.com", {"StringEquals": {"gitlab.com:aud": "https://gitlab.com"}}), "refuted"),
    (
        "tfc",
        oidc(
            "app.terraform.io",
            {
                "StringLike": {"app.terraform.io:sub": "organization:foo:project:*"},
                "StringEquals": {"app.terraform.io:aud": "aws.workload.identity"},
            },
        ),
        "proved",
    ),
    ("tfc foo*", oidc("app.terraform.io", {"StringLike": {"app.terraform.io:sub": "organization:foo*"}}), "refuted"),
    (
        "tfc star",
        oidc("app.terraform.io", {"StringLike": {"app.terraform.io:sub": "organization:*:project:prod:*"}}),
        "refuted",
    ),
    (
        "tfc aud",
        oidc("app.terraform.io", {"StringEquals": {"app.terraform.io:aud": "aws.workload.identity"}}),
        "refuted",
    ),
    (
        "eks",
        oidc(
            "oidc.eks.us-east-1.amazonaws.com/id/ABC",
            {"StringEquals": {"oidc.eks.us-east-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:ns:sa"}},
        ),
        "proved",
    ),
    (
        "eks ns",
        oidc(
            "oidc.eks.us-east-1.amazonaws.com/id/ABC",
            {"StringLike": {"oidc.eks.us-east-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:ns:*"}},
        ),
        "proved",
    ),
    (
        "eks any",
        oidc(
            "oidc.eks.us-east-1.amazonaws.com/id/ABC",
            {"StringLike": {"oidc.eks.us-east-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:*:sa"}},
        ),
        "refuted",
    ),
    (
        "eks aud",
        oidc(
            "oidc.eks.us-east-1.amazonaws.com/id/ABC",
            {"StringEquals": {"oidc.eks.us-east-1.amazonaws.com/id/ABC:aud": "sts.amazonaws.com"}},
        ),
        "refuted",
    ),
    (
        "cognito",
        oidc(
            "cognito-identity.amazonaws.com",
            {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:pool"},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
            },
        ),
        "proved",
    ),
    (
        "cognito noaud",
        oidc(
            "cognito-identity.amazonaws.com",
            {"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}},
        ),
        "refuted",
    ),
    (
        "cognito noamr",
        oidc(
            "cognito-identity.amazonaws.com", {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:pool"}}
        ),
        "refuted",
    ),
    (
        "cognito forall amr",
        oidc(
            "cognito-identity.amazonaws.com",
            {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:pool"},
                "ForAllValues:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
            },
        ),
        "proved",
    ),
    (
        "cognito unauth asked",
        oidc(
            "cognito-identity.amazonaws.com",
            {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:pool"},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
            },
        ),
        "proved",
    ),
    ("google aud", oidc("accounts.google.com", {"StringEquals": {"accounts.google.com:aud": "client"}}), "proved"),
    ("google sub", oidc("accounts.google.com", {"StringEquals": {"accounts.google.com:sub": "123"}}), "refuted"),
    ("google none", oidc("accounts.google.com", None), "refuted"),
    (
        "google email like",
        oidc("accounts.google.com", {"StringLike": {"accounts.google.com:email": "*@example.com"}}),
        "refuted",
    ),
    ("fb", oidc("graph.facebook.com", {"StringEquals": {"graph.facebook.com:app_id": "1"}}), "proved"),
    ("fb none", oidc("graph.facebook.com", None), "refuted"),
    ("amazon", oidc("www.amazon.com", {"StringEquals": {"www.amazon.com:app_id": "a"}}), "proved"),
    ("amazon ifexists", oidc("www.amazon.com", {"StringEqualsIfExists": {"www.amazon.com:app_id": "a"}}), "refuted"),
    ("private", oidc("idp.example.com", {"StringEquals": {"idp.example.com:aud": "app"}}), "proved"),
    ("private sub", oidc("idp.example.com", {"StringLike": {"idp.example.com:sub": "team-*"}}), "proved"),
    ("private none", oidc("idp.example.com", None), "refuted"),
    ("private star", oidc("idp.example.com", {"StringLike": {"idp.example.com:sub": "*"}}), "refuted"),
    ("private how", oidc("idp.example.com", {"ForAnyValue:StringEquals": {"idp.example.com:amr": "mfa"}}), "refuted"),
    # STS makes no key of this claim, so that nobody has it.
    ("private other claim", oidc("idp.example.com", {"StringEquals": {"idp.example.com:groups": "admins"}}), "proved"),
]


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(policy: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    found = trustproof.prove(policy, "web-identity-bound", account="111122223333", config=CONFIG)
    assert found.verdict == expected
    assert (found.counterexample is not None) == (expected == "refuted")


def test_everybody_has_a_token_of_the_own_account() -> None:
    """Of all issuers one is shown that an account may well have, and that IAM refuses such a policy is said."""
    found = trustproof.prove(everybody(), "web-identity-bound", account="111122223333")
    assert found.counterexample is not None
    assert found.counterexample.caller == f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"
    assert any("IAM takes no trust policy" in why for why in found.why)


def test_everybody_who_signs_needs_no_token() -> None:
    """What lets in everybody by another action is not asked about."""
    template = {
        "Resources": {
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": trust("*", "sts:AssumeRole")},
            }
        }
    }
    assert not trustproof.check([template], properties=["web-identity-bound", "saml-audience-bound"]).results


def test_counterexample_is_a_repository_of_somebody_else() -> None:
    """The token of an organization whose name begins like one's own."""
    host = "token.actions.githubusercontent.com"
    policy = oidc(host, {"StringLike": {f"{host}:sub": "repo:my-org*"}})
    found = trustproof.prove(policy, "web-identity-bound", account="111122223333")
    assert found.counterexample is not None
    assert found.counterexample.context[f"{host}:sub"] == "repo:my-org-evil/app:ref:refs/heads/main"


@pytest.mark.parametrize(
    ("subjects", "named"),
    [
        (["project_path:acme/*", "project_path:*/shared:*"], '"project_path:*/shared:*"'),
        (
            ["project_path:acme-*/infra:*", "project_path:*/shared:*"],
            '"project_path:acme-*/infra:*" and "project_path:*/shared:*"',
        ),
    ],
)
def test_each_subject_that_names_no_tenant_is_told(subjects: list[str], named: str) -> None:
    """Whoever mends one of them is refuted again for the next."""
    found = trustproof.prove(
        oidc("gitlab.com", {"StringLike": {"gitlab.com:sub": subjects}}),
        "web-identity-bound",
        account="111122223333",
        config={},
    )
    assert found.remedy is not None
    assert f"in place of the wildcard in {named}, and leave the rest" in found.remedy.text
