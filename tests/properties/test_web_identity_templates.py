"""
Web identity roles as templates write them: providers and names that are only known at deployment.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
HOST = "token.actions.githubusercontent.com"
COGNITO = "cognito-identity.amazonaws.com"
KNOWN: Json = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:oidc-provider/" + HOST}
PARAMETERS: Json = {
    "Organization": {"Type": "String"},
    "Repository": {"Type": "String"},
    "Anybody": {"Type": "String", "Default": "*"},
    "Some": {"Type": "String", "AllowedValues": ["acme", "*"]},
    "Starred": {"Type": "String", "AllowedPattern": "^[a-z*]+$"},
    "Lowercase": {"Type": "String", "AllowedPattern": "^[a-z]+$"},
    "Subjects": {"Type": "CommaDelimitedList"},
    "Issuer": {"Type": "String"},
}
OTHERS: Json = {
    "Provider": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": f"https://{HOST}"}},
    "Cluster": {"Type": "AWS::EKS::Cluster", "Properties": {}},
    "ClusterProvider": {
        "Type": "Custom::AWSCDKOpenIdConnectProvider",
        "Properties": {"Url": {"Fn::GetAtt": ["Cluster", "OpenIdConnectIssuerUrl"]}},
    },
    "Conditions": {"Type": "Custom::AWSCDKCfnJson", "Properties": {"Value": "..."}},
    "Pool": {"Type": "AWS::Cognito::IdentityPool", "Properties": {"AllowUnauthenticatedIdentities": False}},
}


def ask(
    tmp_path: Path, provider: object, condition: object, action: str = "sts:AssumeRoleWithWebIdentity"
) -> list[trustproof.Result]:
    """The results about a role for a provider."""
    statement: Json = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action}
    if condition is not None:
        statement["Condition"] = condition
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = tmp_path / "template.json"
    content = {"Parameters": PARAMETERS, "Resources": {**OTHERS, "Role": role}}
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["web-identity-bound"], certify=True)
    return list(report.results)


def subject(value: object, operator: str = "StringLike") -> Json:
    """A condition on the subject."""
    return {operator: {f"{HOST}:sub": value}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::Sub": "repo:${Organization}/${Repository}:*"}, "proved"),
        ({"Fn::Join": ["", ["repo:", {"Ref": "Organization"}, "/*"]]}, "proved"),
        ({"Fn::Sub": "repo:${Organization}*"}, "refuted"),
        ({"Fn::Sub": "repo:*/${Repository}:*"}, "refuted"),
        ({"Fn::Sub": "repo:${Anybody}/${Repository}:*"}, "refuted"),
        ({"Fn::Sub": "repo:${Some}/${Repository}:*"}, "refuted"),
        ({"Fn::Sub": "repo:${Starred}/*"}, "refuted"),
        ({"Fn::Sub": "repo:${Lowercase}/*"}, "proved"),
        ({"Ref": "Subjects"}, "proved"),
        ({"Ref": "Repository"}, "proved"),
        ({"Fn::Sub": "${Repository}:ref:refs/heads/main"}, "proved"),
        ({"Fn::Sub": "${Repository}*"}, "unknown"),
    ],
)
def test_a_name_that_is_given_at_deployment_is_a_name(value: object, expected: str, tmp_path: Path) -> None:
    """Which name it is does not matter; what is written around it does, and a default with a wildcard is no name."""
    assert expected in {result.verdict for result in ask(tmp_path, KNOWN, subject(value))}


def test_proof_says_what_must_be_given(tmp_path: Path) -> None:
    """The proof names the parameters that it takes for names."""
    (result,) = ask(tmp_path, KNOWN, subject({"Fn::Sub": "repo:${Organization}/${Repository}:*"}))
    assert result.message.endswith("given Organization and Repository without a wildcard")


@pytest.mark.parametrize(
    ("provider", "condition", "expected"),
    [
        ({"Ref": "Provider"}, None, "refuted"),
        ({"Ref": "Provider"}, subject("repo:acme/*"), "proved"),
        ({"Fn::GetAtt": ["Provider", "Arn"]}, subject("repo:acme*"), "refuted"),
        # A proof needs a condition that only tokens of a known provider can meet.
        ({"Fn::ImportValue": "provider"}, None, "unknown"),
        ({"Fn::ImportValue": "provider"}, {"StringEquals": {"sts:RoleSessionName": "deploy"}}, "unknown"),
        ({"Fn::ImportValue": "provider"}, subject("repo:acme/*"), "proved"),
        ({"Fn::ImportValue": "provider"}, subject("repo:acme*"), "refuted"),
        ({"Fn::ImportValue": "provider"}, subject("repo:acme/*", "StringLikeIfExists"), "refuted"),
        ({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:oidc-provider/${Issuer}"}, None, "unknown"),
        ({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:oidc-provider/${Issuer}"}, subject("repo:acme*"), "refuted"),
    ],
)
def test_a_provider_that_is_not_known(provider: object, condition: object, expected: str, tmp_path: Path) -> None:
    """Nothing is proved of a provider that may be any."""
    (result,) = ask(tmp_path, provider, condition)
    assert result.verdict == expected


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"Fn::GetAtt": ["Conditions", "Value"]}},
        {
            "StringEquals": {"Fn::GetAtt": ["Conditions", "Value"]},
            "StringLike": {"Fn::GetAtt": ["Conditions", "Value"]},
        },
        {"Fn::GetAtt": ["Conditions", "Value"]},
        {"Fn::Transform": {"Name": "Conditions", "Parameters": {}}},
    ],
)
@pytest.mark.parametrize("provider", [{"Ref": "ClusterProvider"}, KNOWN])
def test_conditions_made_at_deployment_accuse_nobody(provider: object, condition: object, tmp_path: Path) -> None:
    """Roles of an EKS cluster have conditions whose keys are only known at deployment."""
    (result,) = ask(tmp_path, provider, condition)
    assert result.verdict == "unknown"
    assert any("is the value of" in reason or "are the value of" in reason for reason in result.reasons)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}, "proved"),
        ({"ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"}}, "proved"),
        ({}, "refuted"),
    ],
)
def test_a_pool_of_the_template_is_a_pool(conditions: Json, expected: str, tmp_path: Path) -> None:
    """`Ref` gives the one pool's id, and guests get in where the role does not look, or where it asks for them."""
    pool = {"StringEquals": {f"{COGNITO}:aud": {"Ref": "Pool"}}}
    (result,) = ask(tmp_path, COGNITO, {**pool, **conditions})
    assert result.verdict == expected


ISSUER: Json = {"Fn::Select": [1, {"Fn::Split": ["//", {"Fn::GetAtt": ["Cluster", "OpenIdConnectIssuerUrl"]}]}]}
IN_CHINA = "oidc.eks.cn-north-1.amazonaws.com.cn/id/CLUSTER"


@pytest.mark.parametrize(
    ("provider", "partition", "sub", "expected"),
    [
        ("${Issuer}", "${AWS::Partition}", "system:serviceaccount:prod:app", "proved"),
        ("${Issuer}", "${AWS::Partition}", "system:serviceaccount:*:app", "refuted"),
        ("${Issuer}", "aws-cn", "system:serviceaccount:prod:app", "proved"),
        # Another cluster.
        ("oidc.eks.us-east-1.amazonaws.com/id/ABCDEF", "aws", "system:serviceaccount:prod:app", "proved"),
    ],
)
def test_the_issuer_of_a_cluster(provider: str, partition: str, sub: str, expected: str, tmp_path: Path) -> None:
    """A cluster of the template signs as itself, whatever id EKS gives it."""
    text = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":'
        f'"arn:{partition}:iam::${{AWS::AccountId}}:oidc-provider/{provider}"}},'
        '"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"${Issuer}:sub":"' + sub + '"}}}]}'
    )
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Fn::Sub": [text, {"Issuer": ISSUER}]}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {**OTHERS, "Role": role}}), encoding="utf-8")
    (result,) = trustproof.check([str(file)], properties=["web-identity-bound"], certify=True).results
    assert result.verdict == expected


def test_a_cluster_in_china(tmp_path: Path) -> None:
    """Its issuer has the suffix of the partition."""
    provider = {"Fn::Sub": ["arn:aws-cn:iam::${AWS::AccountId}:oidc-provider/${Issuer}", {"Issuer": ISSUER}]}
    (result,) = ask(tmp_path, provider, {"StringLike": {f"{IN_CHINA}:sub": "system:serviceaccount:*"}})
    assert result.verdict == "refuted"
    assert result.counterexample is not None
    assert result.counterexample.caller.endswith(IN_CHINA)


HOST_OF_CLUSTER: Json = {"Fn::Select": [1, {"Fn::Split": [":oidc-provider/", {"Ref": "ClusterProvider"}]}]}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ({"Fn::Join": ["", ['{"', HOST_OF_CLUSTER, ':sub":"system:serviceaccount:prod:app"}']]}, "proved"),
        ({"Fn::Join": ["", ['{"', HOST_OF_CLUSTER, ':sub":"system:serviceaccount:*:app"}']]}, "refuted"),
        ({"Fn::Join": ["", ['{"', HOST_OF_CLUSTER, ':aud":"sts.amazonaws.com"}']]}, "refuted"),
        ({"Fn::Join": ["", ['{"', {"Ref": "Issuer"}, ':aud":"sts.amazonaws.com"}']]}, "unknown"),
        ({"Fn::GetAtt": ["Made", "Value"]}, "unknown"),
        ({"Ref": "AWS::NoValue"}, "unknown"),
        ("no object", "unknown"),
        (None, "unknown"),
    ],
)
def test_conditions_that_the_template_holds_as_text(made: object, expected: str, tmp_path: Path) -> None:
    """CDK writes condition keys that hold a value of the deployment as JSON text, which a function of its own reads."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": {"Ref": "ClusterProvider"}},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {"Fn::GetAtt": ["Made", "Value"]}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    json_ = {"Type": "Custom::AWSCDKCfnJson", "Properties": {"Value": made}}
    file = tmp_path / "template.json"
    content = {"Parameters": PARAMETERS, "Resources": {**OTHERS, "Role": role, "Made": json_}}
    file.write_text(json.dumps(content), encoding="utf-8")
    (result,) = trustproof.check([str(file)], properties=["web-identity-bound"], certify=True).results
    assert result.verdict == expected


SENTINEL = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("MicrosoftSentinel_${Repository}", "proved"), ("MicrosoftSentinel_${Anybody}", "refuted"), (None, "refuted")],
)
def test_the_workspace_of_sentinel_is_given(name: str | None, expected: str, tmp_path: Path) -> None:
    """The name of the session that tells the customers of Microsoft apart may hold what is given at deployment."""
    provider = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:oidc-provider/" + SENTINEL}
    tested: Json = {f"{SENTINEL}:aud": "api://1462b192-27f7-4cb9-8523-0f4ecb54b47e"}
    if name is not None:
        tested["sts:RoleSessionName"] = {"Fn::Sub": name}
    (result,) = ask(tmp_path, provider, {"StringLike": tested})
    assert result.verdict == expected


def test_assertions_are_not_asked_about(tmp_path: Path) -> None:
    """An unknown provider that only assertions can be for is not one of web identities."""
    assert ask(tmp_path, {"Fn::ImportValue": "provider"}, None, "sts:AssumeRoleWithSAML") == []


_ROLE_ARN: Json = {"Fn::GetAtt": ["Role", "Arn"]}


@pytest.mark.parametrize(
    ("roles", "severity", "asked"),
    [
        ({"authenticated": "arn:aws:iam::111122223333:role/x", "unauthenticated": _ROLE_ARN}, "warning", "unauth"),
        ({"authenticated": _ROLE_ARN, "unauthenticated": "arn:aws:iam::111122223333:role/x"}, "error", "auth"),
        ({"authenticated": _ROLE_ARN, "unauthenticated": _ROLE_ARN}, "warning", ""),
        ({"Fn::If": ["X", {"authenticated": _ROLE_ARN}, {"unauthenticated": _ROLE_ARN}]}, "warning", ""),
        ({}, "error", ""),
    ],
    ids=str,
)
def test_guests_are_meant_where_a_pool_gives_them_the_role(roles: Json, severity: str, asked: str) -> None:
    """The diff asks for the amr that the template gives the role to; where it does not say, there is none."""
    statement: Json = {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{COGNITO}:aud": {"Ref": "Pool"}}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    resources = {
        "Pool": {"Type": "AWS::Cognito::IdentityPool", "Properties": {"AllowUnauthenticatedIdentities": True}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}},
        "Roles": {
            "Type": "AWS::Cognito::IdentityPoolRoleAttachment",
            "Properties": {"IdentityPoolId": {"Ref": "Pool"}, "Roles": roles},
        },
    }
    template = {"Conditions": {"X": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}, "Resources": resources}
    report = trustproof.check([template], properties=["web-identity-bound"], config={})
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == severity
    assert found.remedy is not None
    assert [line for line in found.remedy.diff if f'"{asked}enticated"' in line] == [
        line for line in found.remedy.diff if "amr" in line
    ]
    assert bool(found.remedy.edits) is bool(asked)
    # Cognito has no guests of a pool that takes none; of one whose guests have the role, somebody means to.
    resources["Pool"] = OTHERS["Pool"]
    report = trustproof.check([template], properties=["web-identity-bound"], config={})
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == ("note" if severity == "error" else severity)


@pytest.mark.parametrize(
    ("given", "severity", "asked"),
    [
        ("roles = { unauthenticated = aws_iam_role.r.arn }", "warning", "unauthenticated"),
        ("roles = { authenticated = aws_iam_role.r.arn }", "error", "authenticated"),
        (
            "role_mapping {\n mapping_rule {\n role_arn = aws_iam_role.r.arn\n }\n }",
            "error",
            "authenticated",
        ),
        ("", "error", ""),
    ],
)
def test_guests_are_meant_in_terraform_likewise(given: str, severity: str, asked: str, tmp_path: Path) -> None:
    """The attachment of the roles of a pool says the same there."""
    pytest.importorskip("tree_sitter_hcl")
    text = """
resource "aws_cognito_identity_pool" "p" {
  identity_pool_name = "p"
}
resource "aws_cognito_identity_pool_roles_attachment" "p" {
  identity_pool_id = aws_cognito_identity_pool.p.id
  GIVEN
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = { Federated = "cognito-identity.amazonaws.com" }
    Action    = "sts:AssumeRoleWithWebIdentity"
    Condition = { StringEquals = { "cognito-identity.amazonaws.com:aud" = aws_cognito_identity_pool.p.id } }
  }] })
}
"""
    (tmp_path / "main.tf").write_text(text.replace("GIVEN", given), encoding="utf-8")
    report = trustproof.check([tmp_path], properties=["web-identity-bound"], config={})
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == severity
    assert found.remedy is not None
    assert f'"{asked}"' in "".join(found.remedy.diff) if asked else not found.remedy.edits


def test_an_expression_of_terraform_in_which_a_wildcard_is_written(tmp_path: Path) -> None:
    """It may give that; another name that is given at deployment is some name."""
    statement = f"""{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/{HOST}" }}
      Condition = {{ StringLike = {{ "{HOST}:sub" = SUBJECT }} }}
    }}"""
    role = f"""
    variable "given" {{}}
    resource "aws_iam_role" "role" {{
      assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})
    }}
    """
    for written, verdict in (('coalesce(var.given, "*")', "unknown"), ('coalesce(var.given, "repo:a/b:x")', "proved")):
        (tmp_path / "main.tf").write_text(role.replace("SUBJECT", written), encoding="utf-8")
        report = trustproof.check([tmp_path], config={}, properties=["web-identity-bound"])
        assert [result.verdict for result in report.results] == [verdict]
