"""
Without quotes an account id in a YAML template that begins with 0 is the number in octal that YAML 1.1 takes it for;
1.10 is 1.1, and yes is true, also where it is a key.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

VENDOR = "012345670123"
CONFIG = {"boundary": {"accounts": ["111122223333"]}}
TEMPLATE = """
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: %s}
            Action: sts:AssumeRole
          - Effect: Deny
            Principal: {AWS: '*'}
            Action: sts:AssumeRole
            Condition: {StringEquals: {aws:PrincipalAccount: %s}}
"""


def verdict(folder: Path, allowed: str, denied: str, name: str) -> str:
    (folder / "t.yaml").write_text(TEMPLATE % (allowed, denied))
    report = trustproof.check([str(folder / "t.yaml")], config=CONFIG, properties=[name], certify=True)
    (found,) = report.results
    return found.verdict


@pytest.mark.parametrize(
    ("denied", "expected"), [(VENDOR, "refuted"), (f"'{VENDOR}'", "proved"), ("0x2DFDC3A4B", "refuted")]
)
def test_a_deny_of_an_octal_account_denies_another_one(tmp_path: Path, denied: str, expected: str) -> None:
    """Without quotes it is about nobody, so whom it seems to keep out gets in."""
    assert verdict(tmp_path, f"['{VENDOR}', '111122223333']", denied, "inside-boundary") == expected


def test_an_octal_principal_is_none(tmp_path: Path) -> None:
    """Nobody can use a statement for it."""
    assert verdict(tmp_path, VENDOR, "'999988887777'", "statement-usable") == "refuted"
    assert verdict(tmp_path, f"'{VENDOR}'", "'999988887777'", "statement-usable") == "proved"


CHOSEN = """
Transform: AWS::LanguageExtensions
Parameters:
  Version: {Type: String, AllowedValues: [%s]}
Conditions:
  IsFirst: !Equals [!Ref Version, '1.1']
Mappings:
  Accounts:
    %s: {Id: '111122223333'}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal:
              AWS: !If [IsFirst, '999988887777', !FindInMap [Accounts, 'NO', Id, {DefaultValue: '777788889999'}]]
            Action: sts:AssumeRole
"""


@pytest.mark.parametrize(
    ("version", "key", "expected"),
    [("'1.10'", "'NO'", "proved"), ("1.10", "'NO'", "refuted"), ("'1.10'", "NO", "refuted")],
)
def test_what_is_chosen_by_a_number_or_a_boolean(tmp_path: Path, version: str, key: str, expected: str) -> None:
    """A parameter is 1.1 where 1.10 has no quotes, and a mapping has no row for Norway."""
    (tmp_path / "t.yaml").write_text(CHOSEN % (version, key))
    report = trustproof.check([str(tmp_path / "t.yaml")], config=CONFIG, properties=["inside-boundary"], certify=True)
    assert {one.verdict for one in report.results} == {expected}
