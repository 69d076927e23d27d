"""
Whom of outside a role lets in that no template makes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from trustproof.live.other_roles import outsiders_of

OWN, FOREIGN = "111122223333", "222233334444"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ({"Principal": "*"}, ["*"]),
        ({"Principal": {"AWS": [OWN, FOREIGN]}}, [f"AWS {FOREIGN}"]),
        ({"Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}}, []),
        ({"Principal": {"AWS": FOREIGN}, "Effect": "Deny"}, []),
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, ["Service ec2.amazonaws.com"]),
        (
            {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": [OWN, FOREIGN]}}},
            [f"*, if StringEquals aws:PrincipalAccount {OWN}, {FOREIGN}"],
        ),
        # Two share an external id, and whoever reads this may be a third.
        (
            {"Principal": {"AWS": FOREIGN}, "Condition": {"StringEquals": {"sts:ExternalId": "canary"}}},
            [f"AWS {FOREIGN}, if StringEquals sts:ExternalId"],
        ),
        ({"NotPrincipal": {"AWS": FOREIGN}}, [f'everybody but {{"AWS": "{FOREIGN}"}}']),
    ],
)
def test_outsiders(statement: dict[str, Any], told: list[str]) -> None:
    """Who is outside is told with the conditions, without the value of an external id; who is inside is not."""
    whole = {"Effect": "Allow", "Action": "sts:AssumeRole", **statement}
    assert outsiders_of(OWN, json.dumps({"Statement": whole})) == told
    assert outsiders_of(OWN, json.dumps({"Statement": [whole]})) == told
