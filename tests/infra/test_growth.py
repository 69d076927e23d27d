"""
An account comes and goes: what changes, and that nothing else does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from infra.accounts import AccountsError, parse_accounts
from infra.application import add_stacks
from infra.boundary import boundary, render_boundary
from tests.infra.organizations import account, hub_resources, organization
from tests.strategies import is_deep

FILE = Path("accounts.toml")


def templates(mapping: dict[str, Any], folder: Path) -> dict[str, str]:
    """File name of each template to its text."""
    app = cdk.App(
        outdir=str(folder),
        builtin_cloud_formation_validation=False,
        tree_metadata=False,
        context={"trustproof:external-id-salt": "0123456789abcdef"},
    )
    add_stacks(app, parse_accounts(mapping, FILE))
    app.synth()
    return {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.template.json")}


@pytest.mark.parametrize("size", [3, 30, 300] if is_deep() else [3, 30])
def test_an_account_is_one_entry(size: int, tmp_path: Path) -> None:
    """
    One entry more in the accounts file: the account's own stack, its ARNs in the grants of the hub, and nothing else.
    Taken out again, its id is nowhere.
    """
    small, large = organization(size), organization(size)
    large["accounts"]["newcomer"] = newcomer = account(2 * size + 1)
    before, after = templates(small, tmp_path / "before"), templates(large, tmp_path / "after")

    assert after.keys() - before.keys() == {"access-newcomer.template.json"}
    changed = [name for name in before if after[name] != before[name]]
    assert changed == ["access-hub.template.json"]

    mentioning = sorted(name for name, text in after.items() if newcomer["id"] in text)
    assert mentioning == ["access-hub.template.json", "access-newcomer.template.json"]
    assert not any(newcomer["id"] in text for text in before.values())
    assert newcomer["id"] in render_boundary(parse_accounts(large, FILE))
    assert newcomer["id"] not in str(boundary(parse_accounts(small, FILE)))


@pytest.mark.parametrize("size", [3, 300])
def test_grants_of_the_hub_change_by_the_new_account_only(size: int) -> None:
    """What groups may assume is what it was, and the roles of the new account; one policy of a group has them."""
    small, large = organization(size), organization(size)
    large["accounts"]["newcomer"] = newcomer = account(2 * size + 1)
    before, after = hub_resources(small), hub_resources(large)
    assert before.keys() == after.keys()
    differing = {name for name in before if before[name] != after[name]}
    assert len(differing) == 3, "one policy of each of the three groups"
    for name in differing:
        gained = set(resources_of(after[name])) - set(resources_of(before[name]))
        assert gained
        assert all(arn.split(":")[4] == newcomer["id"] for arn in gained)
        assert not set(resources_of(before[name])) - set(resources_of(after[name]))


def resources_of(policy: dict[str, Any]) -> list[str]:
    """The ARNs that a policy of one statement names."""
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    arns = statement["Resource"]
    return arns if isinstance(arns, list) else [arns]


def test_an_entry_that_is_still_named_cannot_be_taken_out() -> None:
    """Access to an account that is gone is a mistake in the file, and not silently no access."""
    mapping = organization(3)
    mapping["groups"]["developers"]["read"].append("account-2")
    del mapping["accounts"]["account-2"]
    with pytest.raises(AccountsError, match=r"groups\.developers\.read must be a list of accounts and units"):
        parse_accounts(mapping, FILE)


def test_an_entry_that_is_misspelt_is_told_from_many() -> None:
    """Nobody reads the names of 300 accounts for a letter too many."""
    mapping = organization(300)
    mapping["groups"]["developers"]["read"].append("account-1o2")
    with pytest.raises(
        AccountsError, match=r"and 29[0-9] more\), got 'account-1o2'; did you mean 'account-1.*'"
    ) as found:
        parse_accounts(mapping, FILE)
    assert len(str(found.value)) < 500


def test_access_that_is_taken_away_leaves_an_empty_stack(tmp_path: Path) -> None:
    """
    Nobody has access in an account any more: its stack is there without resources, which the CDK CLI deletes.

    Were it gone from the app, the deployed one would stay, with its roles.
    """
    mapping = organization(1)
    for table in ("groups", "vendors", "repositories"):
        del mapping[table]
    assert '"Resources"' not in templates(mapping, tmp_path)["access-account-0.template.json"]
