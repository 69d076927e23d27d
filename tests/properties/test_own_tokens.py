"""
Which tokens of an issuer are one's own, as ``[[boundary.tokens]]`` declares: those of other customers are outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
GITHUB, GITLAB, TERRAFORM = "token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io"
COGNITO, GOOGLE, AMAZON = "cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com"
SENTINEL = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"
OWN_ISSUER = "idp.example.com/realms/main"
POOL, OTHER_POOL = (f"us-east-1:{digit * 8}-2222-3333-4444-555555555555" for digit in "12")
DECLARED: list[Json] = [
    {
        "provider": GITHUB,
        "subjects": ["repo:our-org/*", "repo:our-org@123/*"],
        "claims": {"repository_owner_id": ["123"]},
    },
    {"provider": GITLAB, "subjects": ["project_path:our-group/*"]},
    {"provider": TERRAFORM, "subjects": ["organization:our-org:*"]},
    {"provider": COGNITO, "audiences": [POOL]},
    {"provider": GOOGLE, "audiences": ["1234-ours.apps.googleusercontent.com"]},
    {"provider": AMAZON, "claims": {"app_id": ["amzn1.application.ours"]}},
    {"provider": SENTINEL, "claims": {"sts:RoleSessionName": ["MicrosoftSentinel_ours"]}},
    {"provider": OWN_ISSUER, "audiences": ["our-app"]},
]


def statement(host: str, condition: Mapping[str, Mapping[str, object]], principal: object = None) -> Json:
    """A statement that lets in by tokens of an issuer, under conditions on its claims."""
    provider = host if host in (COGNITO, GOOGLE, AMAZON) else f"arn:aws:iam::{OWN}:oidc-provider/{host}"
    keys = {
        operator: {claim if claim.startswith("sts:") else f"{host}:{claim}": value for claim, value in tests.items()}
        for operator, tests in condition.items()
    }
    return {
        "Effect": "Allow",
        "Principal": principal or {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": keys,
    }


def judged(*statements: Json, tokens: list[Json] | None = None, **more: object) -> dict[str, trustproof.Result]:
    """What is said of a role with these statements, by property."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    resources: Json = {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}}
    resources.update(more.pop("Resources", {}))  # type: ignore[call-overload]
    tokens = DECLARED if tokens is None else tokens
    boundary = {"accounts": [], **({"tokens": tokens} if tokens else {})}
    report = trustproof.check([{"Resources": resources, **more}], account=OWN, config={"boundary": boundary})
    assert not report.errors
    return {one.property: one for one in report.results}


#: Host, conditions, verdict of inside-boundary.
CASES: list[tuple[str, dict[str, dict[str, object]], str]] = [
    (GITHUB, {"StringLike": {"sub": "repo:our-org/app:*"}}, "proved"),
    (GITHUB, {"StringEquals": {"sub": "repo:our-org/app:ref:refs/heads/main"}}, "proved"),
    (GITHUB, {"StringEqualsIgnoreCase": {"sub": "repo:Our-Org/app:ref:refs/heads/main"}}, "proved"),
    (GITHUB, {"StringEquals": {"aud": "sts.amazonaws.com"}, "StringLike": {"sub": "repo:evil/app:*"}}, "refuted"),
    (GITHUB, {"StringLike": {"sub": ["repo:our-org/app:*", "repo:evil/app:*"]}}, "refuted"),
    (GITHUB, {"StringLike": {"sub": "repo:our-o*"}}, "refuted"),
    (GITHUB, {"StringLike": {"sub": "repo:our-org*"}}, "refuted"),
    (GITHUB, {"StringLike": {"sub": "repo:*/app:*"}}, "refuted"),
    (GITHUB, {"StringLike": {"sub": "*"}}, "refuted"),
    (GITHUB, {"StringEquals": {"aud": "sts.amazonaws.com"}}, "refuted"),
    (GITHUB, {"StringNotLike": {"sub": "repo:evil/*"}}, "refuted"),
    (GITHUB, {"ForAllValues:StringLike": {"sub": "repo:our-org/*"}}, "refuted"),
    (GITHUB, {"StringLikeIfExists": {"sub": "repo:our-org/*"}}, "refuted"),
    (GITHUB, {"ForAnyValue:StringLike": {"sub": "repo:our-org/*"}}, "proved"),
    # Subjects that outlive a change of name have ids.
    (GITHUB, {"StringLike": {"sub": "repo:our-org@123/app@456:*"}}, "proved"),
    (GITHUB, {"StringLike": {"sub": "repo:our-org@124/app@456:*"}}, "refuted"),
    (GITHUB, {"StringEquals": {"repository_owner_id": "123"}}, "proved"),
    (GITHUB, {"StringEquals": {"repository_owner_id": "124"}}, "refuted"),
    # One claim of those that name a customer says it.
    (GITHUB, {"StringEquals": {"repository": "evil/app"}, "StringLike": {"sub": "repo:our-org/*"}}, "proved"),
    # Of a claim of which nothing is declared nobody says whose it is.
    (GITHUB, {"StringEquals": {"repository": "our-org/app"}}, "unknown"),
    (GITHUB, {"StringLike": {"job_workflow_ref": "evil/app/.github/workflows/*"}}, "unknown"),
    (
        GITHUB,
        {"StringLike": {"sub": "repo:*:environment:production"}, "StringEquals": {"repository_id": "7"}},
        "unknown",
    ),
    # Whoever is named in full by one that is declared is somebody else, whatever else is asked.
    (GITHUB, {"StringLike": {"repository": "our-org/*", "sub": "repo:evil/*"}}, "refuted"),
    (GITHUB, {"StringLike": {"job_workflow_ref": "evil/app/*", "sub": "repo:evil/*"}}, "refuted"),
    (GITLAB, {"StringLike": {"sub": "project_path:our-group/app:*"}}, "proved"),
    (GITLAB, {"StringLike": {"sub": "project_path:our-group-2/app:*"}}, "refuted"),
    (GITLAB, {"StringEquals": {"namespace_id": "72"}}, "unknown"),
    (TERRAFORM, {"StringLike": {"sub": "organization:our-org:project:*"}}, "proved"),
    (TERRAFORM, {"StringLike": {"sub": "organization:evil:project:*"}}, "refuted"),
    (TERRAFORM, {"StringLike": {"sub": "organization:our-org*"}}, "refuted"),
    (COGNITO, {"StringEquals": {"aud": POOL}}, "proved"),
    (COGNITO, {"StringEquals": {"aud": OTHER_POOL}}, "refuted"),
    (COGNITO, {"StringLike": {"aud": "us-east-1:*"}}, "refuted"),
    (COGNITO, {"StringEquals": {"sub": OTHER_POOL}}, "unknown"),
    (GOOGLE, {"StringEquals": {"aud": "1234-ours.apps.googleusercontent.com"}}, "proved"),
    (GOOGLE, {"StringEquals": {"aud": "9999-evil.apps.googleusercontent.com"}}, "refuted"),
    (GOOGLE, {"StringEquals": {"sub": "110169484474386270000"}}, "refuted"),
    (GOOGLE, {"NumericEquals": {"google/organization_number": "72"}}, "unknown"),
    (AMAZON, {"StringEquals": {"app_id": "amzn1.application.ours"}}, "proved"),
    (AMAZON, {"StringEquals": {"app_id": "amzn1.application.evil"}}, "refuted"),
    (SENTINEL, {"StringEquals": {"sts:RoleSessionName": "MicrosoftSentinel_ours"}}, "proved"),
    (SENTINEL, {"StringEquals": {"sts:RoleSessionName": "MicrosoftSentinel_evil"}}, "refuted"),
    # What is in no list of shared issuers may be declared like them.
    (OWN_ISSUER, {"StringEquals": {"aud": "our-app"}}, "proved"),
    (OWN_ISSUER, {"StringEquals": {"aud": "another-app"}}, "refuted"),
    # And need not be.
    ("idp.example.org", {"StringEquals": {"aud": "another-app"}}, "proved"),
    ("oidc.eks.us-east-1.amazonaws.com/id/A", {"StringEquals": {"sub": "system:serviceaccount:a:b"}}, "proved"),
    # A shared one must.
    ("agent.buildkite.com", {"StringLike": {"sub": "organization:our-org:pipeline:*"}}, "unknown"),
    ("graph.facebook.com", {"StringEquals": {"app_id": "1234"}}, "unknown"),
]


@pytest.mark.parametrize(("host", "condition", "expected"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_tokens_of_other_customers_are_outside(
    host: str, condition: dict[str, dict[str, object]], expected: str
) -> None:
    """By a claim that names the customer and that is declared."""
    found = judged(statement(host, condition))["inside-boundary"]
    assert found.verdict == expected, (found.message, found.reasons)
    assert (found.counterexample is not None) == (expected == "refuted")


@pytest.mark.parametrize(("host", "condition", "expected"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_what_is_declared_refutes_and_excuses_nothing(
    host: str, condition: dict[str, dict[str, object]], expected: str
) -> None:
    """Without a declaration nothing is asked; with one, nothing that was refuted is proved."""
    asked = statement(host, condition)
    before, after = judged(asked, tokens=[]), judged(asked)
    assert before["inside-boundary"].verdict == "proved"
    assert {ident for ident, one in before.items() if one.verdict != "proved"} <= {
        ident for ident, one in after.items() if one.verdict != "proved"
    }
    said = [
        {ident: one.message for ident, one in each.items() if ident != "inside-boundary"} for each in (before, after)
    ]
    assert said[0] == said[1], expected


#: What is known at deployment: a subject, the declaration of the parameter, verdict.
GIVEN: list[tuple[object, Json, str]] = [
    ({"Fn::Sub": "repo:${Org}/app:*"}, {}, "unknown"),
    ({"Ref": "Org"}, {}, "unknown"),
    ({"Fn::Sub": "repo:our-org/${Org}:*"}, {}, "proved"),
    ({"Fn::Sub": "repo:evil/${Org}:*"}, {}, "refuted"),
    ([{"Fn::Sub": "repo:${Org}/app:*"}, "repo:evil/app:*"], {}, "refuted"),
    ([{"Fn::Sub": "repo:${Org}/app:*"}, "repo:our-org/app:*"], {}, "unknown"),
    ({"Fn::Sub": "repo:${Org}/app:*"}, {"Default": "our-org"}, "proved"),
    ({"Fn::Sub": "repo:${Org}/app:*"}, {"Default": "evil"}, "refuted"),
    ({"Fn::Sub": "repo:${Org}/app:*"}, {"AllowedValues": ["our-org"]}, "proved"),
    ({"Fn::Sub": "repo:${Org}/app:*"}, {"AllowedValues": ["our-org", "evil"]}, "refuted"),
]


@pytest.mark.parametrize(("subject", "parameter", "expected"), GIVEN, ids=[f"{case[0]} {case[1]}" for case in GIVEN])
def test_what_is_given_at_deployment_is_not_accused(subject: object, parameter: Json, expected: str) -> None:
    """Nobody knows whose it is, unless no value is one's own."""
    asked = statement(GITHUB, {"StringLike": {"sub": subject}})
    found = judged(asked, Parameters={"Org": {"Type": "String", **parameter}})["inside-boundary"]
    assert found.verdict == expected, found.reasons


@pytest.mark.parametrize("principal", ["*", {"Federated": {"Ref": "Provider"}}])
@pytest.mark.parametrize(("name", "expected"), [("our-org", "proved"), ("evil", "refuted")])
def test_a_provider_that_the_policy_does_not_name_is_told_by_its_claims(
    principal: object, name: str, expected: str
) -> None:
    """Whoever is let in by any provider, or by one that is given at deployment."""
    asked = statement(GITHUB, {"StringLike": {"sub": f"repo:{name}/app:*"}}, principal)
    found = judged(asked, Parameters={"Provider": {"Type": "String"}})["inside-boundary"]
    assert found.verdict == expected


@pytest.mark.parametrize("tokens", [DECLARED, [one for one in DECLARED if one["provider"] != COGNITO]])
@pytest.mark.parametrize(("beside", "expected"), [([], "proved"), ([OTHER_POOL], "other")])
def test_an_identity_pool_of_the_template_is_ones_own(tokens: list[Json], beside: list[str], expected: str) -> None:
    """Its id is known only after it is made, and nobody could declare it."""
    pool = {"Type": "AWS::Cognito::IdentityPool", "Properties": {"AllowUnauthenticatedIdentities": False}}
    asked = statement(COGNITO, {"StringEquals": {"aud": [{"Ref": "Pool"}, *beside]}})
    found = judged(asked, tokens=tokens, Resources={"Pool": pool})["inside-boundary"]
    assert found.verdict == (expected if not beside else "refuted" if tokens is DECLARED else "unknown")


def test_whoever_is_outside_for_sure_comes_first() -> None:
    """A token of somebody else is not hidden behind an account of which nobody says whose it is."""
    both = {"AWS": "arn:aws:iam::999988887777:root", "Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
    asked = statement(GITHUB, {"StringLikeIfExists": {"sub": "repo:evil/app:*"}}, both)
    asked["Action"] = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]
    template: Json = {
        "Resources": {
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [asked]}},
            }
        }
    }
    report = trustproof.check([template], account=OWN, config={"boundary": {"tokens": DECLARED}})
    (found,) = (one for one in report.results if one.property == "inside-boundary")
    assert found.verdict == "refuted"
    assert "token of GitHub Actions" in found.message


def test_a_finding_says_whose_token_it_is_and_what_to_declare() -> None:
    """At the test that admits it."""
    found = judged(statement(GITHUB, {"StringLike": {"sub": "repo:evil/app:*"}}))["inside-boundary"]
    assert found.message.startswith('a token of GitHub Actions with sub "repo:evil/app:ref:refs/heads/main"')
    assert found.remedy is not None
    assert '"repo:our-org/*"' in found.remedy.text
    assert "[[boundary.tokens]] of trustproof.toml" in found.remedy.text
    open_one = judged(statement("agent.buildkite.com", {"StringLike": {"sub": "organization:a:*"}}))["inside-boundary"]
    assert 'provider = "agent.buildkite.com", with subjects' in open_one.reasons[0]
    unlisted = judged(statement(GITHUB, {"StringEquals": {"repository_id": "72"}}))["inside-boundary"]
    assert "says nothing of repository_id: add claims.repository_id, if 72 is yours" in unlisted.reasons[0]


def test_roles_of_terraform_are_asked_alike(tmp_path: Path) -> None:
    """With what variables give."""
    role = """
resource "aws_iam_role" "NAME" {
  name = "NAME"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:ORG/app:*" } }
    }]
  })
}
"""
    provider = (
        'variable "given" {\n  type = string\n}\nvariable "bad" {\n  type = string\n  default = "evil"\n}\n'
        f'resource "aws_iam_openid_connect_provider" "github" {{\n  url = "https://{GITHUB}"\n'
        '  client_id_list = ["sts.amazonaws.com"]\n}\n'
    )
    names = {"ours": "our-org", "theirs": "evil", "given": "${var.given}", "bad": "${var.bad}"}
    text = provider + "".join(role.replace("NAME", name).replace("ORG", org) for name, org in names.items())
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    config = {"boundary": {"accounts": [], "tokens": DECLARED}}
    report = trustproof.check([tmp_path], account=OWN, config=config)
    found = {one.logical_id: one.verdict for one in report.results if one.property == "inside-boundary"}
    assert found == {
        "aws_iam_role.ours": "proved",
        "aws_iam_role.theirs": "refuted",
        "aws_iam_role.given": "unknown",
        "aws_iam_role.bad": "refuted",
    }


def test_a_declaration_hides_no_provider_of_another_account() -> None:
    """Whose name is given at deployment, beside a statement that tests claims of tokens."""
    saml: Json = {
        "Effect": "Allow",
        "Principal": {"Federated": {"Fn::Sub": "arn:aws:iam::999988887777:saml-provider/${Name}"}},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    beside = statement(GITHUB, {"StringLike": {"sub": "repo:our-org/*"}})
    for tokens in ([], DECLARED):
        found = judged(saml, beside, tokens=tokens, Parameters={"Name": {"Type": "String"}})["inside-boundary"]
        assert found.verdict == "refuted"
        assert "999988887777" in found.message
