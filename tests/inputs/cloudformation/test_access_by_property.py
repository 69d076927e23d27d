"""
Who gets in by a property that is no policy document, and whose tokens a provider takes that a template makes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from trustproof.cli.main import main
from trustproof.inputs.cloudformation.resources.access.access_by_property import LETTING_IN
from trustproof.inputs.cloudformation.template import Template
from trustproof.model.declarations import ACCOUNTS, ISSUERS, ORGANIZATIONS

Read = Callable[..., Template]

VENDOR = "999988887777"
VENDORS_ROLE = f"arn:aws:iam::{VENDOR}:role/app"
ORGANIZATION = "o-a1b2c3d4e5"
OWN_ROLE = {"Fn::GetAtt": ["Role", "Arn"]}
GIVEN = {"Ref": "Given"}
#: The SHA-256 of ``MIIA``, which stands for a certificate below.
DIGEST = "sha256:fc96a65ed5af67080dcfd75152abad4a146673f394c1afe6720c5dbf1a5ee6c5"
PEM = "-----BEGIN CERTIFICATE-----\nTUlJ\nQQ==\n-----END CERTIFICATE-----\n"
CLUSTER_ID = "0123456789ABCDEF0123456789ABCDEF"
STATEMENT = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST = {"Version": "2012-10-17", "Statement": [STATEMENT]}
PARAMETERS = {
    "Given": {"Type": "String"},
    "Default": {"Type": "String", "Default": "https://Idp.example.com/Realm"},
    "One": {"Type": "String", "AllowedValues": ["https://a.example.com", "https://gitlab.com"]},
}


def _left_out(read: Read, type_: str, properties: object) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """What nobody has looked into of a resource ``A``, and what of it may be declared."""
    return _of_all(read, {"A": {"Type": type_, "Properties": properties}})


def _of_all(read: Read, resources: Mapping[str, object]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    beside = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Cluster": {"Type": "AWS::EKS::Cluster", "Properties": {}},
        "Pool": {"Type": "AWS::Cognito::UserPool"},
    }
    conditions = {"C": {"Fn::Equals": [GIVEN, "x"]}}
    template = read({"Parameters": PARAMETERS, "Conditions": conditions, "Resources": {**resources, **beside}})
    return [(one.what, one.declarable) for one in template.external_templates() if "of A" in one.what]


def _at(place: str, value: object) -> dict[str, object]:
    name, _, rest = place.partition("/")
    return {name: _at(rest, value) if rest else value}


PLACES = [(type_, place) for type_, places in LETTING_IN.items() for place in places]


def _everywhere(value: object) -> dict[str, object]:
    """A resource for each place, in which a value stands."""
    return {
        f"A{number}": {"Type": type_, "Properties": {"Name": "a", **_at(place, value)}}
        for number, (type_, place) in enumerate(PLACES)
    }


@pytest.mark.parametrize(
    ("value", "declarable"),
    [
        (VENDOR, ((ACCOUNTS, VENDOR),)),
        (VENDORS_ROLE, ((ACCOUNTS, VENDOR),)),
        (f"arn:aws:organizations::{VENDOR}:ou/{ORGANIZATION}/ou-a1b2-c3d4e5f6", ((ORGANIZATIONS, ORGANIZATION),)),
        ([VENDORS_ROLE, OWN_ROLE], ((ACCOUNTS, VENDOR),)),
        ({"Fn::If": ["C", VENDOR, OWN_ROLE]}, ((ACCOUNTS, VENDOR),)),
        ("*", ()),
        (["*", VENDOR], ()),
        (GIVEN, ()),
        ({"Fn::Transform": "Macro"}, ()),
    ],
)
def test_who_gets_in_without_a_policy_is_not_looked_into(read: Read, value: object, declarable: object) -> None:
    """A grant in a property of its own is named, with the accounts and organizations of which somebody may say more."""
    expected = [(f"{place.partition('/')[0]} of A{number}", declarable) for number, (_, place) in enumerate(PLACES)]
    assert _of_all(read, _everywhere(value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        OWN_ROLE,
        {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/app"},
        {"Ref": "AWS::AccountId"},
        {"Ref": "AWS::NoValue"},
        # What a distribution of CloudFront calls the account that it is of.
        "self",
    ],
)
def test_who_is_of_the_own_account_is_passed(read: Read, value: object) -> None:
    """Where only what the template makes gets in, or nobody, there is nothing to look at."""
    assert _of_all(read, _everywhere(value)) == []


def test_a_data_access_policy_is_looked_through_for_accounts(read: Read) -> None:
    """Of a policy of OpenSearch Serverless, which is a text, the accounts of its principals are named."""
    type_ = "AWS::OpenSearchServerless::AccessPolicy"
    own = {"Fn::Sub": '[{"Rules": [], "Principal": ["${Role.Arn}"]}]'}
    assert _left_out(read, type_, {"Policy": own}) == []
    for principal in (VENDORS_ROLE, f"saml/{VENDOR}/idp/user/a"):
        other = {"Fn::Sub": json.dumps([{"Rules": [], "Principal": ["${Role.Arn}", principal]}])}
        assert _left_out(read, type_, {"Policy": other}) == [("Policy of A", ((ACCOUNTS, VENDOR),))]


@pytest.mark.parametrize("type_", ["AWS::IAM::OIDCProvider", "Custom::AWSCDKOpenIdConnectProvider"])
@pytest.mark.parametrize(
    ("url", "issuers", "declarable"),
    [
        ("https://idp.example.com", ["idp.example.com"], ["idp.example.com"]),
        ({"Ref": "Default"}, ["idp.example.com/Realm"], ["idp.example.com/Realm"]),
        ({"Ref": "One"}, ["a.example.com"], ["a.example.com"]),
        ({"Fn::If": ["C", "https://a.com", "https://b.com"]}, ["a.com", "b.com"], ["a.com", "b.com"]),
        ({"Fn::Sub": "https://idp.com/r/${Given}/x"}, ["idp.com/r/<Given>/x"], ["idp.com/r"]),
        ({"Fn::Sub": "https://${AWS::AccountId}.idp.com"}, ["<AWS::AccountId>.idp.com"], [""]),
        (f"https://oidc.eks.eu-west-1.amazonaws.com/id/{CLUSTER_ID}",) + 2 * (
            [f"oidc.eks.eu-west-1.amazonaws.com/id/{CLUSTER_ID}"],
        ),
        ("https://oidc.eks.idp.com/id/x", ["oidc.eks.idp.com/id/x"], ["oidc.eks.idp.com/id/x"]),
        ("https://gitlab.example.com/", ["gitlab.example.com"], ["gitlab.example.com"]),
        ("https://acme.ghe.com", ["acme.ghe.com"], ["acme.ghe.com"]),
        # These are the template's own, are given at deployment, or sign for everybody.
        ({"Fn::GetAtt": ["Cluster", "OpenIdConnectIssuerUrl"]}, [], []),
        ({"Fn::Sub": "https://oidc.eks.${AWS::Region}.amazonaws.com/id/${Given}"}, [], []),
        ({"Fn::Sub": "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}"}, [], []),
        (GIVEN, [], []),
        ({"Fn::Sub": "https://${Given}"}, [], []),
        ({"Fn::ImportValue": "issuer"}, [], []),
        ("https://token.actions.githubusercontent.com", [], []),
        ("https://TOKEN.actions.githubusercontent.com/", [], []),
        ("https://gitlab.com", [], []),
    ],
)  # fmt: skip
def test_whose_an_issuer_is_somebody_has_to_say(
    read: Read, type_: str, url: object, issuers: list[str], declarable: list[str]
) -> None:
    """An issuer that a template writes out is named, unless everybody has tokens of it, which policies tell apart."""
    expected = [
        (f"the issuer of A ({one})", ((ISSUERS, known),) if known else ())
        for one, known in zip(issuers, declarable, strict=True)
    ]
    assert _left_out(read, type_, {"Url": url}) == expected


def test_user_pools_of_an_identity_pool_are_issuers(read: Read) -> None:
    """A user pool that is written out may be anybody's; one of the template is its own."""
    names = [{"Fn::GetAtt": ["Pool", "ProviderName"]}, "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"]
    providers = [{"ClientId": "a", "ProviderName": name} for name in names]
    found = _left_out(read, "AWS::Cognito::IdentityPool", {"CognitoIdentityProviders": providers})
    assert found == [(f"the issuer of A ({names[1]})", ((ISSUERS, str(names[1])),))]


@pytest.mark.parametrize(
    ("type_", "what", "properties"),
    [
        (
            "AWS::IAM::SAMLProvider",
            "metadata",
            {"SamlMetadataDocument": "<E><ds:X509Certificate>\n  TUlJ\n  QQ==</ds:X509Certificate></E>"},
        ),
        (
            "AWS::IAM::SAMLProvider",
            "metadata",
            {"SamlMetadataDocument": "<X509Certificate x=''>TUlJQQ==</X509Certificate>"},
        ),
        ("AWS::RolesAnywhere::TrustAnchor", "authority", {"Source": {"SourceData": {"X509CertificateData": PEM}}}),
        ("AWS::IoT::CACertificate", "authority", {"CACertificatePem": PEM}),
        ("AWS::Transfer::User", "list of keys", {"SshPublicKeys": ["ssh-rsa TUlJQQ== somebody@example.com"]}),
    ],
)
def test_what_signs_is_told_by_its_digest(read: Read, type_: str, what: str, properties: Mapping[str, object]) -> None:
    """Certificates and keys that a template holds are named by their SHA-256, however they are folded."""
    assert _left_out(read, type_, properties) == [(f"the {what} of A", ((ISSUERS, DIGEST),))]


@pytest.mark.parametrize("value", ["", GIVEN, "{{resolve:ssm:/idp/metadata}}", {"Fn::ImportValue": "metadata"}])
def test_metadata_that_is_given_at_deployment_is_passed(read: Read, value: object) -> None:
    """Metadata that whoever deploys the template gives is not the template's to say, nor is an empty default for it."""
    assert _left_out(read, "AWS::IAM::SAMLProvider", {"SamlMetadataDocument": value}) == []


def test_metadata_without_a_certificate_is_told_by_all_of_it(read: Read) -> None:
    """Metadata in which no certificate is found is named all the same."""
    ((what, ((table, digest),)),) = _left_out(read, "AWS::IAM::SAMLProvider", {"SamlMetadataDocument": "<E/>"})
    assert (what, table) == ("the metadata of A", ISSUERS)
    assert digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("resource", "lines"),
    [
        ({"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": "https://idp.com/r/a"}}, 'issuers = ["idp.com/r/a"]'),
        ({"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": "https://idp.com/r/a"}}, 'issuers = ["idp.com"]'),
        ({"Type": "AWS::IoT::CACertificate", "Properties": {"CACertificatePem": PEM}}, f'issuers = ["{DIGEST}"]'),
        ({"Type": "AWS::RAM::ResourceShare", "Properties": {"Principals": [VENDOR]}}, f'accounts = ["{VENDOR}"]'),
    ],
)
def test_strict_fails_until_it_is_declared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], resource: object, lines: str
) -> None:
    """``--strict`` fails with the lines to copy, and is green once they are in the configuration."""
    file, config = tmp_path / "t.json", tmp_path / "trustproof.toml"
    file.write_text(json.dumps({"Resources": {"A": resource}}))
    config.write_text('[boundary]\nissuers = ["com", "idp.co", "idp.com/r/b"]\n'.replace('"com", ', ""))
    assert main(["check", "--strict", "--config", str(config), str(file)]) == 1
    said = capsys.readouterr().out
    assert "declare it in trustproof.toml: [boundary] " in said
    assert "1 not checked" in said
    config.write_text(f"[boundary]\n{lines}\n")
    assert main(["check", "--strict", "--config", str(config), str(file)]) == 0
    assert "not checked" not in capsys.readouterr().out


def test_what_stands_behind_very_many_values_is_said(read: Read) -> None:
    """Nobody hides who gets in behind thousands of accounts of one's own."""
    own = {"Ref": "AWS::AccountId"}
    found = _left_out(read, "AWS::RAM::ResourceShare", {"Name": "a", "Principals": [[own] * 11_000, VENDOR]})
    assert found


def test_a_custom_resource_does_not_say_that_it_is_of_a_cluster(read: Read) -> None:
    """What only a plan of Terraform says of a provider counts for nothing where anybody could write it."""
    given = {"Url": "https://idp.example.com", "IsOfCluster": True}
    assert _left_out(read, "Custom::AWSCDKOpenIdConnectProvider", given)
