"""
Names of the policies that AWS manages: what was meant by one that it has given to none.
"""

from __future__ import annotations

import pytest

import trustproof


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ReadOnlyAccess", None),
        ("ReadOnlyAcess", "ReadOnlyAccess"),
        ("AdminstratorAccess", "AdministratorAccess"),
        ("ViewOnlyAccess", "job-function/ViewOnlyAccess"),
        ("service-role/poweruseraccess", "PowerUserAccess"),
        # What AWS may have published since: another service, another word, a number.
        ("AmazonMSXFullAccess", None),
        ("AmazonEKSClusterPolicyV2", None),
        ("AmazonQuantumReadOnlyAccess", None),
        ("Limit", None),
        ("", None),
    ],
)
def test_a_slip_in_a_name_is_told_from_a_new_name(name: str, meant: str | None) -> None:
    """AWS makes policies every week, whose names are near to those that there are."""
    assert trustproof.managed_policy_meant(name) == meant
