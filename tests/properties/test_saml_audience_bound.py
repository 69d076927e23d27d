"""
To whom an assertion is made out: hard pairs.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
CONFIG = {
    "boundary": {"accounts": [], "organizations": ["o-aaaabbbbcc"]},
    "third-party": [{"name": "vendor", "accounts": ["444455556666"]}],
}


def trust(principal: Json, action: str, condition: Json | None = None) -> Json:
    """A trust policy with one statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}],
    }


def saml(condition: Json | None) -> Json:
    """A trust policy for a SAML provider."""
    provider: Json = {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}
    return trust(provider, "sts:AssumeRoleWithSAML", condition)


CASES: list[tuple[str, Json, str]] = [
    ("none", saml(None), "refuted"),
    ("eq", saml({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), "proved"),
    ("lower", saml({"StringEquals": {"saml:aud": "https://signin.aws.amazon.com/saml"}}), "proved"),
    ("if", saml({"StringEqualsIfExists": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), "proved"),
    ("like", saml({"StringLike": {"SAML:aud": "https://*"}}), "refuted"),
    ("region", saml({"StringEquals": {"SAML:aud": "https://eu-central-1.signin.aws.amazon.com/saml"}}), "proved"),
    ("other", saml({"StringEquals": {"SAML:aud": "https://evil.example.com/saml"}}), "refuted"),
    ("iss", saml({"StringEquals": {"SAML:iss": "x"}}), "refuted"),
    ("forall", saml({"ForAllValues:StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), "proved"),
]


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(policy: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    found = trustproof.prove(policy, "saml-audience-bound", account="111122223333", config=CONFIG)
    assert found.verdict == expected
    assert (found.counterexample is not None) == (expected == "refuted")
