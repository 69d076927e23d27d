"""
What a group may assume, divided into policies that stay when an account comes or goes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import trustproof
from infra._grants import split
from infra.account_stack import AccountStack
from infra.accounts import AccountsError, parse_accounts
from infra.application import add_stacks
from infra.boundary import boundary
from tests.infra.organizations import UNITS, account, hub_resources, organization

ROOM = 6000


def arns(size: int) -> list[str]:
    """Two roles in each of so many accounts."""
    ids = [account(number)["id"] for number in range(size)]
    return [f"arn:aws:iam::{id_}:role/{role}" for id_ in ids for role in ("OrgReader", "OrgDeployer")]


def policies(size: int) -> dict[str, list[str]]:
    """The policies for so many accounts, by name."""
    return dict(split(arns(size), ROOM))


def test_few_accounts_are_in_one_policy() -> None:
    """The first policy has no number."""
    assert policies(3) == {"": sorted(arns(3))}
    assert policies(0) == {}


@pytest.mark.parametrize("size", [1, 60, 100, 300, 390])
def test_every_role_is_in_one_policy_that_is_not_too_long(size: int) -> None:
    """Nothing is lost, nothing is there twice, and IAM takes each policy."""
    shares = policies(size)
    assert sorted(arn for share in shares.values() for arn in share) == sorted(arns(size))
    assert all(sum(len(arn) + 3 for arn in share) <= ROOM for share in shares.values())


def test_order_of_the_file_does_not_matter() -> None:
    """The same roles are divided in the same way."""
    assert dict(split(reversed(arns(300)), ROOM)) == policies(300)


def test_an_account_more_changes_one_policy() -> None:
    """
    From one account to 400: the new account's ARNs come into one policy, and if that was full, half of it goes to a new
    one. Every other policy stays as it is.
    """
    before = policies(0)
    splits = 0
    for size in range(1, 401):
        after = policies(size)
        new = after.keys() - before.keys()
        changed = [name for name in before if after.get(name) != before[name]]
        assert not before.keys() - after.keys()
        assert len(changed) <= 1
        assert len(changed) + len(new) <= 2
        splits += bool(changed and new)
        before = after
    # Were there none, this would hold of a list that is never divided.
    assert splits >= 3
    assert len(before) >= 4


def test_half_that_goes_arrives_before_it_leaves() -> None:
    """A policy that was split is updated after the one that it was split from exists."""
    resources = hub_resources(organization(300))
    auditors = {name: resource for name, resource in resources.items() if name.startswith("auditorsAssumeRoles")}
    assert len(auditors) >= 3
    # Each but the first was split from another one, and that one waits for it.
    awaited = [name for resource in auditors.values() for name in resource.get("DependsOn", [])]
    assert len(awaited) == len(set(awaited)) == len(auditors) - 1


def granted_by_name(resources: dict[str, Any], group: str) -> list[dict[str, Any]]:
    """The statements of a group that name roles in any account."""
    found = [resource for name, resource in resources.items() if name.startswith(f"{group}AssumeRolesByName")]
    return [statement for policy in found for statement in policy["Properties"]["PolicyDocument"]["Statement"]]


def test_what_does_not_fit_is_granted_by_name() -> None:
    """
    Where the ARNs of 1,001 accounts do not fit: the role of this name in accounts of the organization, or below the
    unit that the file names; and what is given one by one stays exact.
    """
    mapping = organization(1000)
    mapping["groups"]["auditors"]["operate"] = ["account-7"]
    mapping["groups"]["auditors"]["deploy"] = ["*"]
    mapping["organization"]["units"] = {**UNITS, "everything": "r-ab12"}
    mapping["groups"]["developers"]["operate"] = ["everything"]
    resources = hub_resources(mapping)
    everywhere, deploying = granted_by_name(resources, "auditors")
    assert everywhere["Resource"] == "arn:aws:iam::*:role/OrgAuditor"
    assert everywhere["Condition"] == {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}
    assert deploying["Resource"] == "arn:aws:iam::*:role/OrgDeployer"
    assert deploying["Condition"] == {
        "StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"},
        "StringNotEquals": {"aws:ResourceAccount": "111122223333"},
    }
    paths = [statement["Condition"]["ForAnyValue:StringLike"] for statement in granted_by_name(resources, "developers")]
    assert paths == [
        {"aws:ResourceOrgPaths": ["o-a1b2c3d4e5/*/ou-ab12-11111111/*", "o-a1b2c3d4e5/*/ou-ab12-22222222/*"]},
        {"aws:ResourceOrgPaths": "o-a1b2c3d4e5/r-ab12/*"},
        {"aws:ResourceOrgPaths": "o-a1b2c3d4e5/*/ou-ab12-11111111/*"},
    ]
    exact = [resource for name, resource in resources.items() if re.match(r"auditorsAssumeRoles(?!ByName)", name)]
    (statement,) = (statement for policy in exact for statement in policy["Properties"]["PolicyDocument"]["Statement"])
    assert statement["Resource"] == f"arn:aws:iam::{account(7)['id']}:role/OrgOperator"


def test_grants_by_name_are_proved(tmp_path: Path) -> None:
    """Nothing is refuted and nothing open in the hub of 1,000 accounts."""
    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False, tree_metadata=False)
    accounts = parse_accounts(organization(1000), Path("accounts.toml"))
    AccountStack(app, "access-hub", accounts=accounts, account=accounts.hub)
    app.synth()
    report = trustproof.check([str(tmp_path)], config=boundary(accounts))
    assert [result for result in report.results if result.verdict != "proved"] == []
    assert {result.logical_id for result in report.results if result.property == "assume-role-scoped"} >= {
        name for name in hub_resources(organization(1000)) if "ByName" in name
    }


def test_more_than_a_group_can_hold_is_refused() -> None:
    """IAM attaches ten policies to a group; the message says which group is too large."""
    mapping = organization(1000)
    mapping["groups"]["auditors"] = {"audit": [f"account-{number}" for number in range(1000)]}
    app = cdk.App(builtin_cloud_formation_validation=False)
    message = r"^auditors may assume 1000 roles in accounts .*, which take \d+ managed policies, and IAM has room for 7"
    with pytest.raises(AccountsError, match=message):
        add_stacks(app, parse_accounts(mapping, Path("accounts.toml")))
