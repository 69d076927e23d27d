"""
What `CrossAccountRole` can demand beside MFA: network, time, source identity, session tags.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import aws_cdk as cdk
import pytest

from trustproof_cdk import CrossAccountRole, Trusted

HUB = Trusted.accounts("111122223333")
BUILDER = Trusted.roles("arn:aws:iam::111122223333:role/Builder")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

DEMANDS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    # arguments, conditions beside MFA, actions beside AssumeRole
    (
        {"source_ips": ["198.51.100.0/24", "2001:db8::/32"]},
        {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "2001:db8::/32"]}},
        [],
    ),
    ({"vpc_endpoints": ["vpce-0a1b2c3d"]}, {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}, []),
    (
        {"valid_from": NEW_YEAR, "valid_until": NEW_YEAR + timedelta(days=1)},
        {
            "DateGreaterThanEquals": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
            "DateLessThan": {"aws:CurrentTime": "2026-01-02T00:00:00Z"},
        },
        [],
    ),
    (
        {"valid_until": datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))},
        {"DateLessThan": {"aws:CurrentTime": "2025-12-31T23:00:00Z"}},
        [],
    ),
    (
        {"source_identities": ["${aws:username}"]},
        {"StringEquals": {"sts:SourceIdentity": "${aws:username}"}},
        ["sts:SetSourceIdentity"],
    ),
    (
        {"source_identities": ["ops-*", "alice"]},
        {"StringLike": {"sts:SourceIdentity": ["ops-*", "alice"]}},
        ["sts:SetSourceIdentity"],
    ),
    (
        {"session_tags": {"team": ["red", "blue"], "ticket": ["*"]}, "transitive_tags": ["team"]},
        {
            "StringEquals": {"aws:RequestTag/team": ["red", "blue"]},
            "StringLike": {"aws:RequestTag/ticket": "*"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "ticket"], "sts:TransitiveTagKeys": "team"},
        },
        ["sts:TagSession"],
    ),
]


@pytest.mark.parametrize(("arguments", "conditions", "actions"), DEMANDS)
def test_demand_is_written(
    stack: cdk.Stack, arguments: dict[str, Any], conditions: dict[str, Any], actions: list[str]
) -> None:
    """Each demand stands beside MFA, and allows the permission-only actions that meeting it needs."""
    role = CrossAccountRole(stack, "Role", trusted=HUB, **arguments)
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}, **conditions}
    assert statement["Action"] == (["sts:AssumeRole", *actions] if actions else "sts:AssumeRole")


REFUSED: list[tuple[dict[str, Any], str]] = [
    # arguments, part of the message
    (
        {"source_ips": ["198.51.100.0/24"], "vpc_endpoints": ["vpce-0a1b2c3d"]},
        "source_ips and vpc_endpoints cannot be given together",
    ),
    ({"source_ips": ["0.0.0.0/0"]}, "source_ips must be a public address or prefix like '192.0.2.0/24'"),
    ({"source_ips": ["10.0.0.0/8"]}, "got '10.0.0.0/8', which AWS never sees as aws:SourceIp"),
    ({"source_ips": ["198.51.100.7/24"]}, "with no bits set after the prefix, got '198.51.100.7/24'"),
    ({"source_ips": ["office"]}, "got 'office'"),
    ({"source_ips": []}, "source_ips must have at least one entry, got none"),
    ({"vpc_endpoints": ["vpc-0a1b2c3d"]}, "vpc_endpoints must be the id of a VPC endpoint like 'vpce-0a1b2c3d', got"),
    (
        {"conditions": {"StringEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d", "vpc-0a1b2c3d"]}}},
        "conditions['StringEquals']['aws:SourceVpce'] must be an id that begins with 'vpce-', got 'vpc-0a1b2c3d'",
    ),
    ({"conditions": {"StringNotEquals": {"aws:sourceVpc": "vpce-0a1b2c3d"}}}, "must be an id that begins with 'vpc-'"),
    ({"conditions": {"StringEquals": {"aws:RequestedRegion": "eu-centrall-1"}}}, "did you mean 'eu-central-1'?"),
    ({"valid_from": datetime(2026, 1, 1)}, "valid_from must have a time zone, got '2026-01-01T00:00:00'"),
    ({"valid_from": NEW_YEAR, "valid_until": NEW_YEAR}, "valid_until must be after valid_from"),
    ({"source_identities": ["a"]}, "source_identities must be 2 to 64 letters, digits or any of _+=,.@-"),
    ({"source_identities": ["aws:admin"]}, "got 'aws:admin'"),
    ({"session_tags": {"aws:team": ["*"]}}, "session_tags must be the key of a tag"),
    ({"session_tags": {"team": []}}, "session_tags['team'] must have at least one entry, got none"),
    ({"session_tags": {}}, "session_tags must have at least one entry, got none"),
    (
        {"session_tags": {"team": ["*"]}, "transitive_tags": ["cost"]},
        "transitive_tags must be one of 'team', got 'cost'",
    ),
    ({"transitive_tags": ["team"]}, "transitive_tags must be keys of session_tags, got ['team'] without session_tags"),
    (
        {"trusted": BUILDER, "mfa": False, "source_identities": ["${aws:username}"]},
        "cannot assume a role that demands ${aws:username}",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """What IAM would refuse, and what no request could meet, fails in the constructor."""
    with pytest.raises(ValueError, match=re.escape(message)):
        CrossAccountRole(stack, "Role", **{"trusted": HUB, **arguments})
