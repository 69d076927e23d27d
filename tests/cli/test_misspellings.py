"""
What people write by mistake on the command line and in files: what was meant is said.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof.aws.partitions import all_partitions, misspelt_region, regions_in
from trustproof.cli.main import main

OWN = "111122223333"
ROLE = {
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"}],
    "Version": "2012-10-17",
}
TEMPLATE = json.dumps(
    {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ROLE}}}}
)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "role.json").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("eu-centrall-1", "eu-central-1"),
        ("us-esast-1", "us-east-1"),
        ("ap-souteast-2", "ap-southeast-2"),
        ("eu-central-9", ""),
        ("mx-central-7", ""),
        ("us-isog-east-1", ""),
    ],
)
def test_a_region_that_is_misspelt(written: str, meant: str) -> None:
    """A point of the compass tells: a Region that AWS may add tomorrow is taken."""
    assert misspelt_region(written) == meant


def test_no_region_that_there_is_is_misspelt() -> None:
    """Every one that AWS has published is taken."""
    names = [name for partition in all_partitions() for name in regions_in(partition)]
    assert names
    assert [name for name in names if misspelt_region(name)] == []


def test_a_region_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """One that is misspelt is an error: what is judged there would be judged nowhere."""
    assert main(["check", "role.json", "--account", OWN, "--region", "eu-centrall-1"]) == 2
    assert 'no Region is called "eu-centrall-1"; did you mean "eu-central-1"?' in capsys.readouterr().err


def test_a_property_of_a_waiver(capsys: pytest.CaptureFixture[str]) -> None:
    """One that is misspelt is an error, with the one that was meant."""
    waiver = '[[waiver]]\nproperty = "mfa-requird"\nresource = "R"\nreason = "x"\n'
    Path("trustproof.toml").write_text(waiver, encoding="utf-8")
    assert main(["check", "role.json", "--account", OWN]) == 2
    assert 'no property is called "mfa-requird", did you mean "mfa-required"?' in capsys.readouterr().err


@pytest.mark.parametrize("name", ["role.json", "trustproof.toml", "trustproof-baseline.json"])
def test_files_in_utf_16(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What Windows PowerShell writes is named as that, and what to do."""
    Path(name).write_text("{}", encoding="utf-16")
    baseline = ["--baseline", name] if "baseline" in name else []
    assert main(["check", "role.json", "--account", OWN, *baseline]) == 2
    said = capsys.readouterr().err
    assert name in said
    assert "it is UTF-16" in said
    assert "save it as UTF-8" in said


def test_accounts_in_utf_16(capsys: pytest.CaptureFixture[str]) -> None:
    """Likewise what the AWS CLI printed into a file there."""
    Path("accounts.json").write_text("{}", encoding="utf-16")
    assert main(["new", "there", "--organizations", "accounts.json"]) == 2
    assert "accounts.json: cannot be read: it is UTF-16" in capsys.readouterr().err


def test_a_baseline_with_a_byte_order_mark(capsys: pytest.CaptureFixture[str]) -> None:
    """It is read as templates and configurations are."""
    assert main(["baseline", "write", "role.json", "--account", OWN]) == 0
    assert capsys.readouterr().err.startswith("note: ")
    file = Path("trustproof-baseline.json")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert main(["check", "role.json", "--account", OWN, "--baseline", str(file)]) == 0
    assert not capsys.readouterr().err
