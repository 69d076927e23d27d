"""
`ThirdPartyRole`: for one customer of the vendor, us.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_organizations as organizations

from trustproof_cdk import ThirdPartyRole, Trusted

VENDOR = Trusted.accounts("444455556666")


def test_trust_policy_demands_the_external_id(stack: cdk.Stack) -> None:
    """The vendor's account, with the id it gave us, and without MFA."""
    role = ThirdPartyRole(stack, "Role", vendor="Observability", trusted=VENDOR, external_id="customer-42")
    assert role.external_id == "customer-42"
    assert role.trust_policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": "444455556666"},
                "Condition": {"StringEquals": {"sts:ExternalId": "customer-42"}},
            }
        ],
    }


OWN = "222233334444"
SALT = "0123456789abcdef"
ENV = cdk.Environment(account="222233334444", region="eu-central-1")


def test_derived_external_id_is_the_same_every_time() -> None:
    """Synthesizing again must not lock the vendor out, and nobody else's id is the same."""

    def derived(
        *, path: str = "Access", name: str = "Role", vendor: str = "Observability", salt: str = SALT, own: str = OWN
    ) -> str:
        env = cdk.Environment(account=own, region="eu-central-1")
        stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), path, env=env)
        return ThirdPartyRole(stack, name, vendor=vendor, trusted=VENDOR, external_id_salt=salt).external_id

    assert derived() == derived()
    others = {
        derived(path="Other"),
        derived(name="Other"),
        derived(vendor="Other"),
        derived(salt=f"{SALT}0"),
        derived(own="333344445555"),
    }
    assert len({derived(), *others}) == 6
    assert re.fullmatch("[0-9a-f]{32}", derived())


@pytest.mark.parametrize("argument", ["external_id_salt", "vendor"])
@pytest.mark.parametrize("made", ["parameter", "secret", "import", "part"])
def test_what_only_a_deployment_knows_makes_no_external_id(app: cdk.App, argument: str, made: str) -> None:
    """Its text is another one in every synthesis, and so would be the id: the vendor would be locked out."""
    stack = cdk.Stack(app, "Access", env=ENV)
    tokens = {
        "parameter": cdk.CfnParameter(stack, "Parameter", no_echo=True).value_as_string,
        "secret": cdk.SecretValue.ssm_secure("/salt").unsafe_unwrap(),
        "import": cdk.Fn.import_value("salt"),
        "part": f"0123456789abcdef{cdk.Aws.ACCOUNT_ID}",
    }
    given = {"vendor": "Observability", "external_id_salt": SALT, argument: tokens[made]}
    with pytest.raises(ValueError, match=f"{argument} must be known at synthesis, got a token") as caught:
        ThirdPartyRole(stack, "Role", trusted=VENDOR, **given)
    assert "Token[" not in str(caught.value)


def test_salt_may_be_that_of_the_app(tmp_path: Path) -> None:
    """One line of cdk.json is for all vendors."""
    context = {"trustproof:external-id-salt": SALT}
    app = cdk.App(builtin_cloud_formation_validation=False, context=context, outdir=str(tmp_path))
    stack = cdk.Stack(app, "Access", env=ENV)
    found = ThirdPartyRole(stack, "Role", vendor="Observability", trusted=VENDOR)
    given = ThirdPartyRole(
        cdk.Stack(cdk.App(), "Access", env=ENV), "Role", vendor="Observability", trusted=VENDOR, external_id_salt=SALT
    )
    assert found.external_id == given.external_id


def test_one_account_of_a_vendor_may_have_two_ids(stack: cdk.Stack) -> None:
    """Two contracts with the same vendor, or one id that takes the place of another."""
    role = ThirdPartyRole(stack, "Role", vendor="Observability", trusted=VENDOR, external_ids=["dev-42", "prod-42"])
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": ["dev-42", "prod-42"]}}
    assert role.external_ids == ("dev-42", "prod-42")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "external_id must be given, or external_id_salt to make one"),
        ({"external_id_salt": "short"}, "external_id_salt must be a random text of 16 to 256 characters"),
        ({"external_id_salt": SALT}, "external_id must be given where the account of the stack is known only in"),
        ({"external_id": "a-1", "external_id_salt": SALT}, "exclude each other, got external_id and external_id_salt"),
        ({"external_ids": []}, "external_ids must have at least one entry, got none"),
    ],
)
def test_external_id_is_never_made_of_what_is_public(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """Another company with a construct of this name would have the same id."""
    with pytest.raises(ValueError, match=re.escape(message)):
        ThirdPartyRole(stack, "Role", vendor="Observability", trusted=VENDOR, **arguments)


def test_vendor_may_be_confined_to_its_addresses(stack: cdk.Stack) -> None:
    """Further conditions stand beside the external id."""
    role = ThirdPartyRole(
        stack,
        "Role",
        vendor="Observability",
        trusted=Trusted.roles("arn:aws:iam::444455556666:role/Collector"),
        external_id="customer-42",
        source_ips=["198.51.100.0/24"],
    )
    (statement,) = role.trust_policy["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::444455556666:role/Collector"}
    assert statement["Condition"] == {
        "StringEquals": {"sts:ExternalId": "customer-42"},
        "IpAddress": {"aws:SourceIp": "198.51.100.0/24"},
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"external_id": "a"}, "external_id must be 2 to 1224 letters, digits or any of _+=,.@:/-, got 'a'"),
        ({"external_id": "my id"}, "external_id must be 2 to 1224 letters"),
        ({"vendor": ""}, "vendor must be a name of 1 to 64 characters of ASCII, got ''"),
        (
            {"trusted": Trusted.organization("o-a1b2c3d4e5")},
            "trusted must be accounts, users or roles of the vendor, got Trusted.organization('o-a1b2c3d4e5')",
        ),
        (
            {"conditions": {"StringEquals": {"sts:ExternalId": "other"}}, "external_id": "customer-42"},
            "StringEquals sts:ExternalId cannot be both 'customer-42' and 'other'",
        ),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(ValueError, match=re.escape(message)):
        ThirdPartyRole(
            stack, "Role", **{"vendor": "Observability", "trusted": VENDOR, "external_id": "customer-42", **arguments}
        )


_ABROAD = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
_SERVICES = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


@pytest.mark.parametrize(
    ("changed", "is_denied"),
    [
        ({}, True),
        ({"Action": ["sts:AssumeRole", "s3:*"], "Condition": {**_ABROAD, **_SERVICES}}, True),
        ({"Action": "s3:*"}, False),
        ({"Condition": {"StringNotEqualsIfExists": {"aws:PrincipalAccount": "444455556666"}}}, False),
        ({"Condition": {**_ABROAD, "StringNotEquals": {"aws:PrincipalAccount": ["444455556666"]}}}, False),
        ({"Condition": {**_ABROAD, "StringNotEquals": {"aws:ResourceTag/vendor": "true"}}}, False),
        ({"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}}, False),
        ({"targets": ["ou-ab12-11111111"]}, False),
        ({"targets": ["222233334444"]}, True),
        ({"targets": ["222233334444"], "type": "SERVICE_CONTROL_POLICY"}, False),
        ({"account": "222233334444"}, False),
    ],
)
def test_resource_control_policy_of_the_app(app: cdk.App, changed: dict[str, Any], is_denied: bool) -> None:
    """The synthesis warns of one that surely keeps the vendor out; not of one that may not reach the role."""
    given = {"targets": ["r-ab12"], "type": "RESOURCE_CONTROL_POLICY", "account": "111122223333", **changed}
    targets, kind, account = (given.pop(name) for name in ("targets", "type", "account"))
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*", "Condition": _ABROAD, **given}
    organization = cdk.Stack(app, "Organization", env=cdk.Environment(account=account, region="eu-central-1"))
    content = {"Version": "2012-10-17", "Statement": [statement]}
    organizations.CfnPolicy(organization, "Ours", name="Ours", type=kind, target_ids=targets, content=content)
    own = cdk.Stack(app, "Own", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    vendor = Trusted.accounts("444455556666")
    ThirdPartyRole(own, "Role", vendor="Logs", trusted=vendor, external_id="0815-4711")
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Own").messages]
    assert is_denied == any("account 444455556666 is denied Own/Role by Organization/Ours" in one for one in messages)
