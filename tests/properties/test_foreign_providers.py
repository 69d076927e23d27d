"""
A SAML provider lets in whoever its account has it sign for, so that account is asked about like any other.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OWN, MEMBER, VENDOR, FOREIGN = "111122223333", "222233334444", "444455556666", "999988887777"
DECLARED: Json = {"boundary": {"accounts": [MEMBER]}, "third-party": [{"name": "vendor", "accounts": [VENDOR]}]}
AUDIENCE: Json = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}


def provider(account: str, name: str = "idp") -> str:
    """The ARN of a SAML provider."""
    return f"arn:aws:iam::{account}:saml-provider/{name}"


def judged(
    principal: object,
    *,
    config: Json = DECLARED,
    account: str | None = OWN,
    beside: tuple[Json, ...] = (),
    **more: object,
) -> trustproof.Result:
    """What is said of a role of a template that lets in some providers, with what else the template has."""
    allow = {"Effect": "Allow", "Principal": {"Federated": principal}, "Action": "sts:AssumeRoleWithSAML"}
    document = {"Version": "2012-10-17", "Statement": [{**allow, "Condition": AUDIENCE}, *beside]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    report = trustproof.check([{"Resources": {"R": role}, **more}], account=account, config=config)
    (found,) = (one for one in report.results if one.property == "inside-boundary")
    return found


CASES: list[tuple[object, str]] = [
    (provider(OWN), "proved"),
    (provider(MEMBER), "proved"),
    (provider(VENDOR), "proved"),
    (provider(FOREIGN), "refuted"),
    ([provider(OWN), provider(FOREIGN)], "refuted"),
    ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:saml-provider/idp"}, "proved"),
    ({"Fn::Sub": "arn:${AWS::Partition}:iam::" + FOREIGN + ":saml-provider/idp"}, "refuted"),
    ({"Fn::Join": ["", ["arn:aws:iam::", FOREIGN, ":saml-provider/", {"Ref": "Name"}]]}, "refuted"),
    ({"Ref": "Given"}, "proved"),
    ({"Ref": "Chosen"}, "refuted"),
    # Such a provider may not be used from another account.
    (f"arn:aws:iam::{FOREIGN}:oidc-provider/idp.example.com", "proved"),
]
PARAMETERS: Json = {
    "Name": {"Type": "String"},
    "Given": {"Type": "String"},
    "Chosen": {"Type": "String", "AllowedValues": [provider(OWN), provider(FOREIGN)]},
}


@pytest.mark.parametrize(("principal", "expected"), CASES, ids=[str(case[0]) for case in CASES])
def test_whose_a_provider_is_decides(principal: object, expected: str) -> None:
    """Only providers of the own account, and of those that are declared, are inside."""
    found = judged(principal, Parameters=PARAMETERS)
    assert found.verdict == expected, found.message
    assert (found.counterexample is not None) == (expected == "refuted")


@pytest.mark.parametrize(
    ("config", "account", "expected"),
    [
        (DECLARED, OWN, "refuted"),
        # It may be the account that the template goes to.
        (DECLARED, None, "unknown"),
        ({}, OWN, "unknown"),
        ({}, None, "proved"),
    ],
)
def test_what_is_declared_decides_how_sure_it_is(config: Json, account: str | None, expected: str) -> None:
    """Nobody is accused of an account that may be the own one; a proof that takes it for that says so."""
    found = judged(provider(FOREIGN), config=config, account=account)
    assert found.verdict == expected
    assert (FOREIGN in " ".join(found.reasons)) == (expected != "refuted")
    assert [one.ident for one in found.undeclared] == ([FOREIGN] if expected == "unknown" else [])


@pytest.mark.parametrize(
    "deny",
    [
        {"Principal": {"Federated": provider(FOREIGN)}, "Action": "sts:*"},
        {"Principal": "*", "Action": "sts:AssumeRoleWithSAML", "Condition": AUDIENCE},
    ],
)
def test_what_a_deny_keeps_out_gets_in_by_no_provider(deny: Json) -> None:
    """A provider that is denied lets in nobody."""
    assert judged(provider(FOREIGN), beside=({"Effect": "Deny", **deny},)).verdict == "proved"
