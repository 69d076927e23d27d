"""
`trustproof new`: a project of one's own, all of it or nothing.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Run
from trustproof.scaffold.project import NewArguments

OPTIONS = ("--organizations", "-", "--region", "eu-central-1")


def account(number: int, name: str, **more: str) -> dict[str, str]:
    """An account as AWS Organizations lists it."""
    ident = f"{number:012d}"
    arn = f"arn:aws:organizations::000000000001:account/o-a1b2c3d4e5/{ident}"
    return {"Id": ident, "Arn": arn, "Name": name, "Status": "ACTIVE", **more}


LISTING: dict[str, Any] = {
    "Accounts": [
        account(1, "Root & Billing"),
        account(2, "Dev"),
        account(3, "dev"),
        account(4, "2nd"),
        account(5, "Gone", Status="SUSPENDED"),
    ]
}


def test_project_has_the_accounts_of_the_listing(run: Run, tmp_path: Path) -> None:
    """Names become those of the accounts file, each once; a suspended account is left out, and that is said."""
    done = run("new", "access", *OPTIONS, "--hub", "000000000001", stdin=json.dumps(LISTING))
    assert (done.returncode, done.stderr) == (0, "")
    assert "left out: 000000000005" in done.stdout
    written = tomllib.loads((tmp_path / "access" / "infra" / "accounts.toml").read_text(encoding="utf-8"))
    assert {name: entry["id"] for name, entry in written["accounts"].items()} == {
        "root-billing": "000000000001",
        "dev-2": "000000000002",
        "dev": "000000000003",
        "account-2nd": "000000000004",
    }
    assert written["accounts"]["root-billing"]["kind"] == "hub"
    assert len(written["organization"]["external-id-salt"]) == 32
    files = {str(file.relative_to(tmp_path / "access")) for file in (tmp_path / "access").rglob("*") if file.is_file()}
    assert files >= {"app.py", "cdk.json", "trustproof.toml", "requirements.txt", ".github/workflows/access.yml"}
    assert not any("__pycache__" in name for name in files)


@pytest.mark.parametrize(("hub", "kinds"), [("000000000002", {"management", "hub"}), ("000000000001", {"hub"})])
def test_the_management_account_is_known_by_the_arns(run: Run, tmp_path: Path, hub: str, kinds: set[str]) -> None:
    """It is written as what it is, which everywhere does not mean for all levels, unless people sign in there."""
    assert run("new", "access", *OPTIONS, "--hub", hub, stdin=json.dumps(LISTING)).returncode == 0
    written = tomllib.loads((tmp_path / "access" / "infra" / "accounts.toml").read_text(encoding="utf-8"))
    found = {entry["kind"]: entry["id"] for entry in written["accounts"].values() if "kind" in entry}
    assert found.keys() == kinds
    assert found["hub"] == hub
    assert found.get("management", "000000000001") == "000000000001"


def test_a_name_that_was_made_says_of_what(run: Run, tmp_path: Path) -> None:
    """The accounts file has names of its own, and whoever reads it looks an account up by the one that AWS shows."""
    titles = ["Root & Billing", "Dev", "2", "", "a\x7fb\n", "Büro Weißensee", "Épargne"]
    accounts = [account(number, title) for number, title in enumerate(titles, 1)]
    run("new", "access", *OPTIONS, "--hub", "dev", stdin=json.dumps({"Accounts": accounts}))
    text = (tmp_path / "access" / "infra" / "accounts.toml").read_text(encoding="utf-8")
    comment = r"# The account (.*) in AWS Organizations; its name here was made of that\.\n\[accounts\.(.*)\]"
    made = re.findall(comment, text)
    assert made == [
        ('is "a\\x7fb\\n"', "a-b"),
        ("has no name", "account"),
        ('is "2"', "account-2"),
        ('is "Büro Weißensee"', "buro-weissensee"),
        ('is "Épargne"', "epargne"),
        ('is "Root & Billing"', "root-billing"),
    ]
    assert tomllib.loads(text)["accounts"].keys() == {
        "dev",
        "account",
        "account-2",
        "a-b",
        "root-billing",
        "buro-weissensee",
        "epargne",
    }


def test_hub_is_named_as_it_is_listed(run: Run, tmp_path: Path) -> None:
    """The name that AWS Organizations prints is taken as that of the accounts file is."""
    done = run("new", "access", *OPTIONS, "--hub", "Root & Billing", stdin=json.dumps(LISTING))
    assert (done.returncode, done.stderr) == (0, "")
    written = tomllib.loads((tmp_path / "access" / "infra" / "accounts.toml").read_text(encoding="utf-8"))
    assert written["accounts"]["root-billing"]["kind"] == "hub"


@pytest.mark.parametrize(
    ("hub", "ident"),
    [("audit-logs", "000000000003"), ("Audit & Logs", "000000000002"), ("dev", "000000000004")],
)
def test_hub_is_the_account_of_exactly_that_name(run: Run, tmp_path: Path, hub: str, ident: str) -> None:
    """Also where the names of several accounts become the same; people would be deployed to another account."""
    titles = ["Root", "Audit & Logs", "audit-logs", "dev", "twin", "twin"]
    listing = json.dumps({"Accounts": [account(number, title) for number, title in enumerate(titles, 1)]})
    assert run("new", "access", *OPTIONS, "--hub", hub, stdin=listing).returncode == 0
    written = tomllib.loads((tmp_path / "access" / "infra" / "accounts.toml").read_text(encoding="utf-8"))
    assert [entry["id"] for entry in written["accounts"].values() if entry.get("kind") == "hub"] == [ident]
    for several, ids in (("twin", "000000000005 and 000000000006"), ("AUDIT logs", "000000000002 and 000000000003")):
        refused = run("new", "other", *OPTIONS, "--hub", several, stdin=listing)
        assert refused.returncode == 2
        assert f'"{several}" is what {ids} are called: give its id' in refused.stderr


def test_an_account_without_a_name(run: Run, tmp_path: Path) -> None:
    """It is an account, as one whose name has no letter that is taken; twice in a listing it is there once."""
    nameless = {**account(2, ""), "Name": None}
    listing = json.dumps({"Accounts": [account(1, "hub"), nameless, nameless]})
    assert run("new", "access", *OPTIONS, "--hub", "hub", stdin=listing).returncode == 0
    written = tomllib.loads((tmp_path / "access" / "infra" / "accounts.toml").read_text(encoding="utf-8"))
    assert set(written["accounts"]) == {"hub", "account"}


def test_cdk_json_is_about_the_project(run: Run, tmp_path: Path) -> None:
    """The CDK watches what is in the project, and no two projects derive external ids from one salt."""
    salts = set()
    for name in ("access", "other"):
        run("new", name, *OPTIONS, "--hub", "dev", stdin=json.dumps(LISTING))
        written = json.loads((tmp_path / name / "cdk.json").read_text(encoding="utf-8"))
        for path in written["watch"]["include"]:
            assert (tmp_path / name / path.removesuffix("/**")).exists()
        salts.add(written["context"]["trustproof:external-id-salt"])
    ours = json.loads((Path(__file__).parents[2] / "cdk.json").read_text(encoding="utf-8"))
    assert len({*salts, ours["context"]["trustproof:external-id-salt"]}) == 3


def test_what_the_project_says_is_about_the_project(run: Run, tmp_path: Path) -> None:
    """Its READMEs name no target that its Makefile lacks, no tests, and no page that is not there."""
    run("new", "access", *OPTIONS, "--hub", "dev", stdin=json.dumps(LISTING))
    project = tmp_path / "access"
    targets = set(re.findall(r"^(\w+):", (project / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for file in (project / "README.md", project / "infra" / "README.md"):
        text = file.read_text(encoding="utf-8")
        assert set(re.findall(r"`make (\w+)", text)) <= targets
        assert "Of this repository" not in text
        assert "The tests go further" not in text
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (file.parent / link).exists(), link


def test_written_project_is_proved_by_its_own_gate(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It synthesizes, which the gate and the check of the boundary are a part of."""
    pytest.importorskip("aws_cdk", reason="the app needs the cdk extra")
    import os
    import subprocess
    import sys

    run("new", "access", *OPTIONS, "--hub", "dev", "--ci", "gitlab", stdin=json.dumps(LISTING))
    project = tmp_path / "access"
    assert (project / ".gitlab-ci.yml").is_file()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_", "PYTEST_"))}
    done = subprocess.run([sys.executable, "app.py"], cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    checked = run("check", "--strict", "--config", "access/trustproof.toml", "access/cdk.out")
    assert checked.returncode == 0, checked.stdout

    # An account more, and the boundary forgotten: an error at once, without a traceback.
    with (project / "infra" / "accounts.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[accounts.more]\nid = "000000000009"\nregion = "eu-central-1"\n')
    stale = subprocess.run([sys.executable, "app.py"], cwd=project, env=environment, capture_output=True, text=True)
    assert stale.returncode == 2
    assert stale.stderr == (
        "error: trustproof.toml: boundary.accounts is not what the accounts file says (without 000000000009): "
        "run `make boundary`, or `python -m infra.boundary`\n"
    )
    with (project / "trustproof.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n[properties.mfa-required]\nmax-age = 129600\n")
    # What the synthesis begins with, and the other one has ended with.
    asked = "from infra.accounts import read_accounts; from infra.boundary import check_boundary"
    for command in (["-m", "infra.boundary"], ["-c", f"{asked}; check_boundary(read_accounts())"]):
        done = subprocess.run([sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert "max-age = 129600" in (project / "trustproof.toml").read_text(encoding="utf-8")


class _Terminal(io.StringIO):
    """
    Somebody who answers at a terminal.
    """

    def isatty(self) -> bool:
        return True


def test_an_answer_that_is_refused_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was answered before is not asked for again, and nothing is lost."""
    listing = tmp_path / "accounts.json"
    listing.write_text(json.dumps(LISTING), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", _Terminal("nobody\nGone\n000000000002\neu-centrall-1\neu-central-1\n"))
    assert NewArguments(str(tmp_path / "access"), str(listing)).run() == 0
    asked = capsys.readouterr().err
    assert 'or an id of these, got "nobody"' in asked
    assert '"Gone" is suspended or closed' in asked
    assert 'did you mean "eu-central-1"?' in asked
    written = tomllib.loads((tmp_path / "access" / "infra" / "accounts.toml").read_text(encoding="utf-8"))
    assert [one["id"] for one in written["accounts"].values() if one.get("kind") == "hub"] == ["000000000002"]


def test_a_file_where_an_id_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has a list of the accounts is told where to give it."""
    answers = ("accounts.json", "o-exampleorg1", "hub 000000000001", "", "hub", "eu-central-1", "")
    monkeypatch.setattr(sys, "stdin", _Terminal("\n".join(answers)))
    assert NewArguments(str(tmp_path / "access")).run() == 0
    assert "that is none; what a file says is given with --organizations FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ("{", "<stdin>:1:2: not JSON"),
        ("[]", '<stdin>: has no list "Accounts"'),
        ("ACCOUNTS\tarn:aws", "<stdin>: is not JSON: give what aws organizations list-accounts --output json prints"),
        (json.dumps(LISTING["Accounts"]), "the hub must be one of root-billing, dev-2, dev, account-2nd, or an id"),
        ('{"Accounts": []}', "<stdin>: lists no active account"),
        ('{"Accounts": [{"Id": 1}]}', "<stdin>: Accounts[0].Id is not a string of 12 digits"),
        (json.dumps({"Accounts": [{**account(1, "a"), "Arn": ""}]}), "<stdin>: is about 0 organizations"),
        (
            json.dumps({"Accounts": [account(1, "a"), account(1, "b")]}),
            "<stdin>: Accounts[1] is 000000000001 by another name than before",
        ),
        (json.dumps({**LISTING, "NextToken": "x"}), '<stdin>: has "NextToken", so that accounts are missing'),
        (json.dumps(LISTING), "the hub must be one of root-billing, dev-2, dev, account-2nd, or an id of these"),
    ],
)
def test_bad_listing_is_refused(run: Run, tmp_path: Path, stdin: str, said: str) -> None:
    """The message says what is wrong, and nothing is written."""
    done = run("new", "access", *OPTIONS, "--hub", "nobody", stdin=stdin)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("hub", "said"),
    [
        ("hubb", 'got "hubb"; did you mean "hub"?'),
        ("nobody", "and 191 more, or an id of these"),
        ("old", 'the hub must be an active account, and "old" is suspended or closed'),
        ("000000000201", 'the hub must be an active account, and "000000000201" is suspended or closed'),
    ],
)
def test_a_hub_among_many_accounts_is_named(run: Run, hub: str, said: str) -> None:
    """Nobody reads the names of 200 accounts for a letter too many."""
    accounts = [account(number, f"team-{number}") for number in range(200)]
    accounts += [account(200, "hub"), {**account(201, "old"), "Status": "SUSPENDED", "State": "SUSPENDED"}]
    done = run("new", "access", *OPTIONS, "--hub", hub, stdin=json.dumps({"Accounts": accounts}))
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("hub", "said"),
    [
        ("hub", '"hub" is suspended or closed; 000000000001, which is not, would be "hub"'),
        ("000000000002", '"000000000002" is suspended or closed'),
        ("prod", '"prod" is what 000000000003 and 000000000004 are called: give its id'),
        ("Prod", ""),
        ("PROD", ""),
        ("Hub", ""),
        ("HUB", ""),
    ],
)
def test_a_hub_is_told_from_others_by_letter_case(run: Run, hub: str, said: str) -> None:
    """One that is suspended is not the one that is called nearly so, and an id is no name."""
    listed = [account(1, "Hub"), {**account(2, "hub"), "Status": "SUSPENDED"}]
    listed += [account(3, "Prod"), account(4, "PROD"), account(5, "000000000002")]
    done = run("new", "access", *OPTIONS, "--hub", hub, stdin=json.dumps({"Accounts": listed}))
    assert (done.returncode, said in done.stderr) == (2 if said else 0, True), done.stderr


def test_directory_with_files_is_left_alone(run: Run, tmp_path: Path) -> None:
    """Nobody's work is overwritten."""
    (tmp_path / "mine").write_text("", encoding="utf-8")
    done = run("new", ".", *OPTIONS, "--hub", "dev", stdin=json.dumps(LISTING))
    assert done.returncode == 2
    assert "is there already" in done.stderr


@pytest.mark.parametrize("before", [[], [".git"]])
@pytest.mark.parametrize("name", [".", "there"])
def test_an_empty_directory_is_filled(run: Run, tmp_path: Path, name: str, before: list[str]) -> None:
    """The working directory too, and a repository in which nothing is yet: it stays the directory that it was."""
    directory = tmp_path / name
    directory.mkdir(exist_ok=True)
    for one in before:
        (directory / one).mkdir()
    was = directory.stat().st_ino
    done = run("new", name, *OPTIONS, "--hub", "dev", stdin=json.dumps(LISTING))
    assert (done.returncode, done.stderr) == (0, "")
    assert directory.stat().st_ino == was
    written = {one.name for one in directory.iterdir()} - {"there"}
    assert written >= {"app.py", "cdk.json", "infra", "trustproof.toml", *before}
    assert [one for one in written if one.startswith(".") and one not in {".git", ".gitignore", ".github"}] == []
    assert run("new", name, *OPTIONS, "--hub", "dev", stdin=json.dumps(LISTING)).returncode == 2


def test_without_a_terminal_nothing_is_asked(run: Run) -> None:
    """What is missing is named, with the option that gives it."""
    done = run("new", "access")
    assert done.returncode == 2
    assert "--organizations FILE" in done.stderr


@pytest.mark.parametrize(
    ("region", "said"),
    [
        (
            "eu-centrall-1",
            'the Region must be one like "eu-central-1", got "eu-centrall-1"; did you mean "eu-central-1"?',
        ),
        (
            "us-gov-west-1",
            'the Region must be of aws, the partition of the accounts, got "us-gov-west-1" of aws-us-gov',
        ),
    ],
)
def test_region_is_one_that_the_accounts_have(run: Run, tmp_path: Path, region: str, said: str) -> None:
    """A misspelt one, or one of another partition, is refused before anything is written."""
    done = run("new", "access", *OPTIONS[:2], "--region", region, "--hub", "dev", stdin=json.dumps(LISTING))
    assert (done.returncode, (tmp_path / "access").exists()) == (2, False)
    assert said in done.stderr
