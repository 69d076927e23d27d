"""
`trustproof.diff` of StackSets: who gains a role in which account.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import trustproof

HUB, CI, DEV, LATER = "111122223333", "444455556666", "222233334444", "777788889999"
OU, OTHER_OU, ROOT = "ou-ab12-11111111", "ou-ab12-22222222", "r-ab12"
Json = dict[str, Any]


def targets(units: list[str], kind: str = "", *accounts: str, **overrides: str) -> Json:
    """A group of accounts."""
    filtered = {"AccountFilterType": kind, "Accounts": [*accounts]} if kind else {}
    found: Json = {
        "Regions": ["eu-central-1"],
        "DeploymentTargets": {"OrganizationalUnitIds": units, **filtered},
    }
    if overrides:
        found["ParameterOverrides"] = [{"ParameterKey": key, "ParameterValue": one} for key, one in overrides.items()]
    return found


def stack_set(*groups: Any, **more: Any) -> Json:
    """A template with a StackSet of a role, whose parameter says whom it trusts."""
    statement = {"Effect": "Allow", "Principal": {"AWS": {"Ref": "Hub"}}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "audit", "AssumeRolePolicyDocument": trust}}
    body = {"Parameters": {"Hub": {"Type": "String", "Default": HUB}}, "Resources": {"Role": role}}
    properties = {"TemplateBody": json.dumps(body), "StackInstancesGroup": [*groups], **more}
    return {"Resources": {"Audit": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}


BASE = targets([OU])
ALL_BUT_DEV, DEV_BY_CI = targets([OU], "DIFFERENCE", DEV), targets([OU], "INTERSECTION", DEV, Hub=CI)


@pytest.mark.parametrize(
    ("old", "new", "gained", "lost"),
    [
        ([BASE], [BASE], [], []),
        ([BASE], [targets([OU, OTHER_OU])], [(HUB, f"every account of {OTHER_OU}")], []),
        ([BASE], [targets([ROOT])], [(HUB, f"every account of {ROOT}")], []),
        ([ALL_BUT_DEV], [BASE], [(HUB, DEV)], []),
        ([BASE], [ALL_BUT_DEV], [], [(HUB, DEV)]),
        ([targets([OU], "INTERSECTION", DEV)], [BASE], [(HUB, f"every account of {OU} but {DEV}")], []),
        ([targets([OU], "INTERSECTION", DEV)], [targets([OU], "INTERSECTION", DEV, LATER)], [(HUB, LATER)], []),
        ([BASE], [ALL_BUT_DEV, DEV_BY_CI], [(CI, DEV)], [(HUB, DEV)]),
        ([ALL_BUT_DEV, DEV_BY_CI], [ALL_BUT_DEV, DEV_BY_CI], [], []),
        (
            [ALL_BUT_DEV, DEV_BY_CI],
            [targets([OU], "DIFFERENCE", LATER), targets([OU], "INTERSECTION", LATER, Hub=CI)],
            [(HUB, DEV), (CI, LATER)],
            [(CI, DEV), (HUB, LATER)],
        ),
        # The same accounts, said otherwise.
        ([targets([OU], "NONE", DEV)], [BASE], [], []),
    ],
)
def test_access_changes_with_the_targets(
    old: list[Json], new: list[Json], gained: list[tuple[str, str]], lost: list[tuple[str, str]]
) -> None:
    """Who gains or loses the role is said with the accounts, though the template that goes there is the same."""
    found = trustproof.diff(stack_set(*old), stack_set(*new))
    assert not found.undecided
    for changes, expected in ((found.gained, gained), (found.lost, lost)):
        said = {(one.counterexample.request.caller.account, one.message.partition(" in ")[2]) for one in changes}
        assert said == set(expected)


def test_a_stack_set_of_one_side_only_has_its_accounts() -> None:
    """Who gains or loses a role with its StackSet, does so in all accounts of that."""
    changes = trustproof.diff({"Resources": {}}, stack_set(ALL_BUT_DEV)).gained
    assert {one.message.partition(" in ")[2] for one in changes} == {f"every account of {OU} but {DEV}"}


def test_a_unit_may_be_inside_of_another() -> None:
    """Ids of units do not say which is inside of which, and the change says so."""
    (change,) = trustproof.diff(stack_set(BASE), stack_set(targets([OTHER_OU]))).gained
    assert change.notes == (f"but for accounts that are in {OU}, to which the other side deploys it too",)


@pytest.mark.parametrize(
    "new",
    [
        {**BASE, "DeploymentTargets": {"OrganizationalUnitIds": {"Fn::Split": [",", {"Ref": "AWS::StackName"}]}}},
        {**BASE, "DeploymentTargets": {"AccountsUrl": "https://example.com/accounts"}},
    ],
)
def test_targets_that_nobody_knows_are_undecided(new: Json) -> None:
    """Where the accounts are known only at deployment, it is not known who has gained the role there."""
    assert not trustproof.diff(stack_set(new), stack_set(new)).undecided
    found = trustproof.diff(stack_set(BASE), stack_set(new))
    assert [one.reasons for one in found.undecided] == [
        ("which accounts the StackSet deploys to is known only at deployment, and the sides say it otherwise",)
    ]


def test_groups_that_overlap_are_undecided() -> None:
    """Which of two groups decides about an account that both have, is not known."""
    new = stack_set(BASE, targets([OU], Hub=CI))
    assert trustproof.diff(stack_set(BASE), new).undecided
