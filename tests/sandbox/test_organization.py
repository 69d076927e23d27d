"""
The organization of a sandbox, from ids or from an accounts file.
"""

from __future__ import annotations

import configparser
from pathlib import Path

import boto3
import pytest

from tests.sandbox.cast import refusal
from trustproof.model.request import USER_KEY, Caller
from trustproof.sandbox import Sandbox
from trustproof.sandbox.authorization.controls import Controls
from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.organization import (
    MANAGEMENT_ACCOUNT,
    BadAccounts,
    organization_from_file,
    organization_of,
)

UNITS = "OrganizationalUnits"
FILE = Path(__file__).resolve().parent.parent.parent / "infra" / "accounts.toml"


def test_the_accounts_file_of_the_app() -> None:
    """Accounts, Regions and units are those that the app deploys to."""
    found = organization_from_file(FILE)
    assert found.id == "o-a1b2c3d4e5"
    assert {one.name for one in found.accounts.values()} == {"hub", "dev", "prod", "audit"}
    assert found.path("222233334444") == "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"
    assert found.path("111122223333") == "o-a1b2c3d4e5/r-ab12/"
    assert found.path(MANAGEMENT_ACCOUNT) == "o-a1b2c3d4e5/r-ab12/"
    assert found.path("888899990000") is None
    assert found.accounts_in(["ou-ab12-11111111"]) == ["222233334444"]
    assert found.accounts_in(["r-ab12"]) == list(found.accounts)
    with pytest.raises(KeyError):
        found.accounts_in(["ou-ab12-99999999"])


def test_the_management_account_of_the_file(tmp_path: Path) -> None:
    """It is held to no control policy, and stack sets to the root leave it out."""
    member, root = "111122223333", "222233334444"
    file = tmp_path / "accounts.toml"
    file.write_text(f'[accounts.a]\nid = "{member}"\n[accounts.root]\nid = "{root}"\nkind = "management"')
    found = organization_from_file(file)
    assert found.accounts_in([found.root_id]) == [member]
    controls = Controls(service={found.root_id: ("{}",)})
    callers = {one: Caller(USER_KEY, f"arn:aws:iam::{one}:user/u") for one in found.accounts}
    levels = {one: controls.of_caller(caller, found) for one, caller in callers.items()}
    assert (bool(levels[member]), levels[root]) == (True, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[accounts", "accounts.toml: Expected"),
        ("", "no accounts"),
        ('[accounts.a]\nid = "1"', "accounts.a.id: '1' is no account id"),
        ('[accounts.a]\nid = "١١١١٢٢٢٢٣٣٣٣"', "no account id"),
        (f'[accounts.a]\nid = "{MANAGEMENT_ACCOUNT}"', "management account"),
        ('[accounts.a]\nid = "111122223333"\n[accounts.b]\nid = "111122223333"', "accounts.b.id: .*twice"),
        ('[accounts.a]\nid = "111122223333"\nunit = "x"', "accounts.a.unit: 'x' is none"),
        (
            '[organization.units]\nwork = "ou-ab12-11111111"\n[accounts.a]\nid = "111122223333"\nunit = "wrok"',
            "'wrok' is none of organization.units; did you mean 'work'",
        ),
        ('[organization]\nid = "x"\n[accounts.a]\nid = "111122223333"', "organization.id"),
        ('[organization.units]\nu = "x"\n[accounts.a]\nid = "111122223333"', "organization.units.u"),
        ("accounts = 1", "accounts: a table is expected"),
    ],
)
def test_files_that_cannot_be_used(text: str, said: str, tmp_path: Path) -> None:
    """What is wrong is said, with the file and the key."""
    file = tmp_path / "accounts.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadAccounts, match=said):
        organization_from_file(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is an error with its name."""
    with pytest.raises(BadAccounts, match="No such file"):
        organization_from_file(tmp_path / "none.toml")


def test_ids_alone() -> None:
    """Accounts of which only ids are known are named by them."""
    found = organization_of(["111122223333"])
    assert found.accounts["111122223333"].name == "111122223333"
    with pytest.raises(BadAccounts, match="twice"):
        organization_of(["111122223333", "111122223333"])


def test_a_path_that_is_a_text_is_refused() -> None:
    """A text would be taken for a list of its characters; the message says what is meant."""
    with pytest.raises(SandboxError, match=r"the path of an accounts file as a Path, got the text 'accounts\.toml'"):
        Sandbox(accounts="accounts.toml")


@pytest.mark.parametrize("name", ["management", "default", "a b", "a]b"])
def test_names_that_are_no_profiles(name: str, tmp_path: Path) -> None:
    """An account whose name cannot be that of a profile has one by its id, and all clients work."""
    path = tmp_path / "accounts.toml"
    path.write_text(f'[accounts."{name}"]\nid = "222233334444"\n[accounts.dev]\nid = "111122223333"\n')
    with Sandbox(path) as aws:
        config = Path(aws.settings["AWS_CONFIG_FILE"])
        found = configparser.ConfigParser()
        found.read_string(config.read_text())
    assert found.sections() == ["default", "profile management", "profile 222233334444", "profile dev"]


def test_each_account_has_its_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile goes where the accounts file says, whatever Region stands in the environment."""
    path = tmp_path / "accounts.toml"
    accounts = {"far": "111122223333", "near": "222233334444"}
    regions = {"far": "ap-south-1", "near": "eu-west-1"}
    entries = (f'[accounts.{name}]\nid = "{id_}"\nregion = "{regions[name]}"\n' for name, id_ in accounts.items())
    path.write_text("".join(entries))
    with Sandbox(path) as aws:
        environment = aws.environment({"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"})
        monkeypatch.setattr("os.environ", environment)
        found = {name: boto3.Session(profile_name=name).region_name for name in (None, "management", *accounts)}
    assert found == {None: "eu-central-1", "management": "eu-central-1", **regions}


def test_what_is_told_of_it() -> None:
    """The management account is told accounts, units and root as the accounts file has them, and nothing made up."""
    with Sandbox(FILE) as aws:
        client = aws.client("organizations")
        root = client.list_roots()["Roots"][0]
        assert (root["Id"], [one["Status"] for one in root["PolicyTypes"]]) == ("r-ab12", ["ENABLED", "ENABLED"])
        accounts = {one["Name"]: one for one in client.list_accounts()["Accounts"]}
        assert set(accounts) == {"management", "hub", "dev", "prod", "audit"}
        assert client.describe_account(AccountId="222233334444")["Account"] == accounts["dev"]
        units = {
            one["Name"]: one["Id"] for one in client.list_organizational_units_for_parent(ParentId="r-ab12")[UNITS]
        }
        inside = client.list_accounts_for_parent(ParentId=units["production"])["Accounts"]
        assert [one["Name"] for one in inside] == ["prod"]
        below = client.list_accounts_for_parent(ParentId="r-ab12")["Accounts"]
        assert {one["Name"] for one in below} == {"management", "hub", "audit"}
        assert refusal(lambda: client.describe_account(AccountId="888899990000"))[0] == "AccountNotFoundException"
        assert (
            refusal(lambda: client.list_accounts_for_parent(ParentId="ou-ab12-99999999"))[0]
            == "ParentNotFoundException"
        )
        unit = units["production"]
        for call in (
            lambda: client.list_organizational_units_for_parent(ParentId=unit),
            lambda: client.list_policies(Filter="SERVICE_CONTROL_POLICY"),
            lambda: client.list_delegated_administrators(),
            lambda: aws.client("organizations", account="222233334444").list_accounts(),
        ):
            assert refusal(call)[0] == "NotImplemented"
