"""
`SamlProvider` and `SamlRole`: metadata that is looked at, and people whom the assertion describes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.cdk.federated import METADATA, lets_assertion_in
from tests.cdk.policies import concrete
from trustproof_cdk import SamlProvider, SamlRole

Resources = Callable[[str], list[dict[str, Any]]]

ARN = "arn:aws:iam::222233334444:saml-provider/Corporate"
SIGN_IN = "https://signin.aws.amazon.com/saml"


@pytest.fixture
def here(app: cdk.App) -> cdk.Stack:
    """A stack with a Region, where the endpoint of the console is known."""
    return cdk.Stack(app, "Here", env=cdk.Environment(account="222233334444", region="eu-central-1"))


def test_metadata_reaches_the_template(stack: cdk.Stack, resources: Resources) -> None:
    """The document is handed to IAM as it is."""
    SamlProvider(stack, "Provider", metadata=METADATA, name="Corporate")
    assert resources("AWS::IAM::SAMLProvider") == [{"Name": "Corporate", "SamlMetadataDocument": METADATA}]


METADATA_REFUSED = [
    # what is replaced by what, part of the message
    (METADATA, "", "of 1000 to 10000000 characters, got 0 characters"),
    ("<?xml", '<!DOCTYPE x [<!ENTITY a "b">]><?xml', "without a document type, got one with '<!DOCTYPE'"),
    ("</EntityDescriptor>", "", "in XML, got text that is none: no element found"),
    (":2.0:metadata", ":1.0:metadata", "with EntityDescriptor of SAML 2.0 as its root, got"),
    (' entityID="https://idp.example.com/"', "", "with an entityID, got none"),
    ("IDPSSODescriptor", "SPSSODescriptor", "of an identity provider, got one without IDPSSODescriptor"),
    ('use="signing"', 'use="encryption"', "with a certificate to sign with, got one without X509Certificate"),
    ("M" * 800, " " * 800, "with a certificate to sign with, got one without X509Certificate"),
    ("SingleSignOnService", "SingleLogoutService", "with a place to sign in, got one without SingleSignOnService"),
    (
        "https://idp.example.com/sso",
        "http://idp.example.com/sso",
        "with HTTPS wherever people sign in, got 'http://idp.example.com/sso'",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), METADATA_REFUSED)
def test_metadata_that_is_refused(stack: cdk.Stack, old: str, new: str, message: str) -> None:
    """What IAM would refuse, or nobody should trust, fails at synthesis."""
    with pytest.raises(ValueError, match=re.escape(f"metadata must be a SAML metadata document {message}")):
        SamlProvider(stack, "Provider", metadata=METADATA.replace(old, new))


def test_metadata_may_be_a_token(stack: cdk.Stack) -> None:
    """What only a deployment knows is not looked at."""
    SamlProvider(stack, "Provider", metadata=cdk.CfnParameter(stack, "Metadata").value_as_string)


def test_provider_name_is_that_of_a_provider(stack: cdk.Stack) -> None:
    """IAM takes fewer characters than for other names."""
    with pytest.raises(ValueError, match=r"name must be 1 to 128 letters, digits or any of _\.-, got 'a b'"):
        SamlProvider(stack, "Provider", metadata=METADATA, name="a b")


CONDITIONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"subject_type": "persistent"}, {"StringEquals": {"SAML:sub_type": "persistent"}}),
    (
        {"subject_type": "persistent", "subjects": ["alice", "bob"]},
        {"StringEquals": {"SAML:sub_type": "persistent", "SAML:sub": ["alice", "bob"]}},
    ),
    (
        {"attributes": {"eduPersonPrincipalName": "alice@example.com"}},
        {"StringEquals": {"SAML:eduPersonPrincipalName": "alice@example.com"}},
    ),
    (
        {"attributes": {"eduPersonAffiliation": ["staff", "faculty"], "mail": "alice@example.com"}},
        {
            "ForAnyValue:StringEquals": {
                "SAML:eduPersonAffiliation": ["staff", "faculty"],
                "SAML:mail": "alice@example.com",
            }
        },
    ),
    (
        {"conditions": {"StringEquals": {"SAML:iss": "https://idp.example.com/"}}},
        {"StringEquals": {"SAML:iss": "https://idp.example.com/"}},
    ),
]


@pytest.mark.parametrize(("arguments", "conditions"), CONDITIONS)
def test_conditions_are(here: cdk.Stack, arguments: dict[str, Any], conditions: dict[str, Any]) -> None:
    """Everything stands beside the audience; lists are tested so that one of them must be there."""
    (statement,) = SamlRole(here, "Role", provider=ARN, **arguments).trust_policy["Statement"]
    assert statement.pop("Condition") == {
        **conditions,
        "StringEquals": {"SAML:aud": SIGN_IN, **conditions.get("StringEquals", {})},
    }
    assert statement == {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": {"Federated": ARN}}


@pytest.mark.parametrize(
    ("assertion", "gets_in"),
    [
        ({"saml:eduPersonAffiliation": ("staff", "member")}, True),
        ({"saml:eduPersonAffiliation": ("student",)}, False),
        ({}, False),
        ({"saml:eduPersonAffiliation": ("staff",), "saml:aud": "https://evil.example.com/saml"}, False),
    ],
)
def test_person_gets_in(here: cdk.Stack, assertion: dict[str, Any], gets_in: bool) -> None:
    """An assertion without the attribute is as good as one with a wrong value."""
    role = SamlRole(here, "Role", provider=ARN, attributes={"eduPersonAffiliation": "staff"})
    assert lets_assertion_in(role.trust_policy, ARN, {"saml:aud": SIGN_IN, **assertion}) is gets_in


@pytest.mark.parametrize(
    ("region", "partition", "endpoint"),
    [
        ("eu-central-1", "aws", SIGN_IN),
        ("cn-north-1", "aws-cn", "https://signin.amazonaws.cn/saml"),
        ("us-gov-west-1", "aws-us-gov", "https://signin.amazonaws-us-gov.com/saml"),
    ],
)
def test_audience_is_the_console_of_the_partition(app: cdk.App, region: str, partition: str, endpoint: str) -> None:
    """Each partition has a console of its own."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region=region))
    provider = ARN.replace("arn:aws:", f"arn:{partition}:")
    (statement,) = SamlRole(stack, "Role", provider=provider).trust_policy["Statement"]
    assert statement["Condition"] == {"StringEquals": {"SAML:aud": endpoint}}


def test_partition_of_an_environment_agnostic_stack_is_looked_up(app: cdk.App, stack: cdk.Stack) -> None:
    """One mapping in the stack says the endpoint, for any number of roles."""
    for name in ("One", "Two"):
        (statement,) = SamlRole(stack, name, provider=ARN).trust_policy["Statement"]
        endpoint = {"Fn::FindInMap": ["SamlSignIn", {"Ref": "AWS::Partition"}, "Url"]}
        assert statement["Condition"] == {"StringEquals": {"SAML:aud": endpoint}}
    template = app.synth().get_stack_artifact(stack.artifact_id).template
    assert template["Mappings"] == {
        "SamlSignIn": {
            "aws": {"Url": SIGN_IN},
            "aws-cn": {"Url": "https://signin.amazonaws.cn/saml"},
            "aws-us-gov": {"Url": "https://signin.amazonaws-us-gov.com/saml"},
        }
    }


CN = ARN.replace("arn:aws:", "arn:aws-cn:")


@pytest.mark.parametrize(
    ("partition", "endpoint"),
    [("aws-cn", "https://signin.amazonaws.cn/saml"), ("aws-us-gov", "https://signin.amazonaws-us-gov.com/saml")],
)
def test_a_named_provider_says_the_partition(stack: cdk.Stack, partition: str, endpoint: str) -> None:
    """A role for a provider of another partition can only be there, and so is the console of its people."""
    provider = ARN.replace("arn:aws:", f"arn:{partition}:")
    (statement,) = SamlRole(stack, "Role", provider=provider).trust_policy["Statement"]
    assert statement["Condition"] == {"StringEquals": {"SAML:aud": endpoint}}


@pytest.mark.parametrize(
    ("region", "given", "message"),
    [
        ("eu-central-1", {"provider": CN}, "provider must be of partition aws, that of the stack in eu-central-1"),
        (None, {"providers": [ARN, CN]}, "providers must be of one partition, that of the role, got aws, aws-cn"),
        (None, {"provider": CN, "audiences": [SIGN_IN]}, "audiences must be endpoints of the partition"),
        (
            None,
            {"provider": ARN.replace("arn:aws:", "arn:aws-iso:")},
            "audiences must be given for a provider in aws-iso",
        ),
    ],
)
def test_what_is_of_two_partitions_is_refused(
    app: cdk.App, region: str | None, given: dict[str, Any], message: str
) -> None:
    """Nobody gets from one partition into another one."""
    stack = cdk.Stack(app, "Elsewhere", env=None if region is None else cdk.Environment(region=region))
    with pytest.raises(ValueError, match=message):
        SamlRole(stack, "Role", **given)


def test_audiences_may_be_those_of_regions(stack: cdk.Stack) -> None:
    """A provider that signs people in at Regions makes its assertions out to them."""
    regional = [f"https://{region}.signin.aws.amazon.com/saml" for region in ("eu-central-1", "eu-west-1")]
    (statement,) = SamlRole(stack, "Role", provider=ARN, audiences=regional).trust_policy["Statement"]
    assert statement["Condition"] == {"StringEquals": {"SAML:aud": regional}}


def test_tags_and_source_identity_need_actions_of_their_own(here: cdk.Stack) -> None:
    """An assertion that sets them is refused as a whole unless they may be set."""
    role = SamlRole(here, "Role", provider=ARN, session_tags={"mfa": ["hardware"]}, source_identities=["*"])
    (statement,) = role.trust_policy["Statement"]
    assert statement["Action"] == ["sts:AssumeRoleWithSAML", "sts:SetSourceIdentity", "sts:TagSession"]
    assert statement["Condition"]["StringEquals"]["aws:RequestTag/mfa"] == "hardware"


def test_provider_of_the_app_is_trusted_by_reference(stack: cdk.Stack) -> None:
    """The role is made after the provider."""
    provider = SamlProvider(stack, "Provider", metadata=METADATA)
    imported = iam.SamlProvider.from_saml_provider_arn(stack, "Imported", ARN)
    plain = iam.CfnSAMLProvider(stack, "Plain", saml_metadata_document=METADATA)
    for name, given, arn in (
        ("Own", provider, provider.saml_provider_arn),
        ("Other", imported, imported.saml_provider_arn),
        ("Third", plain, plain.attr_arn),
    ):
        (statement,) = SamlRole(stack, name, provider=given).trust_policy["Statement"]
        assert concrete(statement["Principal"]) == concrete({"Federated": stack.resolve(arn)})


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"provider": "Corporate"}, "provider must be the ARN of a SAML provider like"),
    ({"audiences": ["https://*.signin.aws.amazon.com/saml"]}, "audiences must be an endpoint like"),
    ({"audiences": ["https://signin.aws.amazon.com/saml/"]}, "audiences must end in '/saml'"),
    ({"audiences": ["https://eu-west-1.signin.aws.amazon.com"]}, "audiences must end in '/saml'"),
    ({"audiences": ["http://signin.aws.amazon.com/saml"]}, "audiences must be an endpoint like"),
    ({"audiences": []}, "audiences must have at least one entry, got none"),
    ({"subject_type": "lasting"}, "subject_type must be 'persistent', 'transient', or the URI of a format like"),
    (
        {"subject_type": "transient", "subjects": ["alice"]},
        "subjects cannot be given with subject_type='transient': such a name is used once",
    ),
    ({"subjects": ["a*"]}, "subjects must be 1 to 256 characters of ASCII without wildcards and policy variables"),
    ({"attributes": {"role": "admin"}}, "attributes must be attributes that IAM knows (cn, commonName, edu"),
    ({"attributes": {"mail": []}}, "attributes['mail'] must have at least one entry, got none"),
    ({"source_identities": ["${aws:username}"]}, "people of a provider have no user name"),
    (
        {"conditions": {"ForAllValues:StringEquals": {"saml:edupersonaffiliation": ["staff"]}}},
        "conditions cannot test saml:edupersonaffiliation with ForAllValues:StringEquals, which is true of everybody",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_constructor_refuses(here: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(ValueError, match=re.escape(message)):
        SamlRole(here, "Role", **{"provider": ARN, **arguments})


def test_old_name_of_the_name_still_works(stack: cdk.Stack) -> None:
    """It is said, and done."""
    with pytest.warns(DeprecationWarning, match="provider_name is deprecated: its name is name"):
        provider = SamlProvider(stack, "Old", metadata=METADATA, provider_name="Corporate")
    resource = provider.node.default_child
    assert isinstance(resource, iam.CfnSAMLProvider)
    assert resource.name == "Corporate"
    with pytest.raises(TypeError, match="name and provider_name are the same argument, got both"):
        SamlProvider(stack, "Both", metadata=METADATA, name="A", provider_name="B")


def test_a_byte_order_mark_is_left_out(stack: cdk.Stack, resources: Resources) -> None:
    """AD FS writes one, `Path.read_text` keeps it, and IAM refuses the document."""
    SamlProvider(stack, "Provider", name="Corporate", metadata=f"\ufeff{METADATA}")
    (provider,) = resources("AWS::IAM::SAMLProvider")
    assert provider["SamlMetadataDocument"] == METADATA
