"""
`ThirdPartyRole`: for one customer of the vendor, us.
"""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest

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


def test_generated_external_id_is_the_same_every_time() -> None:
    """Synthesizing again must not lock the vendor out."""

    def generated(path: str = "Access", name: str = "Role", vendor: str = "Observability") -> str:
        stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), path)
        return ThirdPartyRole(stack, name, vendor=vendor, trusted=VENDOR).external_id

    assert generated() == generated()
    others = {generated(path="Other"), generated(name="Other"), generated(vendor="Other")}
    assert len({generated(), *others}) == 4
    assert re.fullmatch("[0-9a-f]{32}", generated())


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
        ThirdPartyRole(stack, "Role", **{"vendor": "Observability", "trusted": VENDOR, **arguments})
