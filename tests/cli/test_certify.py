"""
``trustproof check --certify``: proofs are checked again, and a proof that does not hold is an error.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import CONFIG, HELD, HOLE, Run, environment, role

#: The callers that mfa-required asks about.
WITHOUT_MFA = "IAM user, long-term access key, no MFA; IAM user, session token obtained without MFA"
#: Two properties are proved, and the role cannot be used.
DEAD = role('{"Bool": {"aws:MultiFactorAuthPresent": "true"}}', '{"Service": "ec2.amazonaws.com"}')
#: A program whose search gives up at once and says that it has found a proof.
CARELESS = """\
import sys
from trustproof.engine import query as question
from trustproof.engine.search import Empty

question.find_uncovered = lambda *_: Empty("caller")

from trustproof.cli.main import main

sys.exit(main())
"""
GROUPS = """\
Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: safe
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Sid: All, Effect: Allow, Action: "*", Resource: "*"}
              - Sid: OnlyWithMfa
                Effect: Deny
                Action: "*"
                Resource: "*"
                Condition: {BoolIfExists: {aws:MultiFactorAuthPresent: "false"}}
              - {Sid: NoRoles, Effect: Deny, Action: sts:AssumeRole, Resource: "*"}
"""
CHAIN = """\
Resources:
  Entry:
    Type: AWS::IAM::Role
    Properties:
      RoleName: entry
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sts:AssumeRole"}]
  Middle:
    Type: AWS::IAM::Role
    Properties:
      RoleName: middle
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "111122223333"}
            Action: sts:AssumeRole
            Condition: {Bool: {aws:MultiFactorAuthPresent: "true"}}
  Admin:
    Type: AWS::IAM::Role
    Properties:
      RoleName: admin
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "111122223333"}
            Action: sts:AssumeRole
            Condition: {Bool: {aws:MultiFactorAuthPresent: "true"}}
          - {Effect: Allow, Principal: {AWS: !GetAtt Middle.Arn}, Action: "sts:AssumeRole"}
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    """The templates of these tests."""
    for name, text in {"held": HELD, "hole": HOLE, "dead": DEAD}.items():
        (tmp_path / f"{name}.json").write_text(text)
    (tmp_path / "group.yaml").write_text(GROUPS)
    (tmp_path / "chain.yaml").write_text(CHAIN)
    (tmp_path / "trustproof.toml").write_text(CONFIG)


def certificates(text: str) -> dict[tuple[str, str], list[str]]:
    """Property and verdict of each result that has a certificate, to the lines."""
    results = json.loads(text)["results"]
    return {(r["property"], r["verdict"]): r["certificate"] for r in results if "certificate" in r}


def test_the_summary_counts_the_proofs(run: Run) -> None:
    """The last line says how many proofs were checked again, and the exit code stays what it was."""
    for name, code in (("held", 0), ("hole", 1)):
        done = run("check", f"{name}.json", "--certify")
        assert done.returncode == code
        proved = done.stdout.split(" proved")[0].rsplit(" ", 1)[-1]
        assert f"unknown; {proved} proofs re-checked; " in done.stdout.splitlines()[-1]


def test_only_the_summary_differs(run: Run) -> None:
    """Checking again changes no verdict and no word of a finding."""
    plain, certified = run("check", "hole.json").stdout, run("check", "hole.json", "--certify").stdout
    assert re.sub(r"; \d+ proofs re-checked", "", certified) == plain


def test_a_proof_is_spelt_out_in_json(run: Run) -> None:
    """A proved result names the condition that stops each kind of caller."""
    found = certificates(run("check", "held.json", "--certify", "--format", "json").stdout)
    line, reading = found["mfa-required", "proved"]
    assert line == f"Allow statement 1: excluded by Bool aws:MultiFactorAuthPresent true ({WITHOUT_MFA})"
    assert reading.startswith("read again where AWS::AccountId=")


def test_the_json_report_is_as_it_was_without_the_option(run: Run) -> None:
    """Nobody who does not ask for certificates finds a new key."""
    text = run("check", "held.json", "--format", "json").stdout
    assert certificates(text) == {}
    assert "certif" not in text


def test_a_statement_that_nobody_can_use_is_a_proof_too(run: Run) -> None:
    """Where a property wants a request, the refutation is what is proved."""
    found = certificates(run("check", "dead.json", "--certify", "--format", "json").stdout)
    assert any(
        "Bool aws:MultiFactorAuthPresent true (AWS service)" in line for line in found["statement-usable", "refuted"]
    )


def test_a_request_is_what_proves_that_a_statement_can_be_used(run: Run) -> None:
    """The certificate of a usable statement is the caller that was replayed."""
    found = certificates(run("check", "held.json", "--certify", "--format", "json").stdout)
    line, _ = found["statement-usable", "proved"]
    assert line.startswith("Allow statement 1: lets in arn:aws:iam::222222222222:user/")
    assert line.endswith(", replayed")


def test_an_identity_policy_says_whom_its_proof_is_about(run: Run) -> None:
    """A line names the statement, the Deny that stops it, the callers and the holder."""
    found = certificates(run("check", "group.yaml", "--certify", "--format", "json").stdout)
    line, _ = found["sensitive-actions-require-mfa", "proved"]
    assert line == f"All: denied by OnlyWithMfa ({WITHOUT_MFA}), for group Team"
    assert f"All: denied by OnlyWithMfa ({WITHOUT_MFA}), for group Team" in found["assume-role-scoped", "proved"]


def test_a_chain_is_certified_by_the_roles_it_cannot_leave(run: Run) -> None:
    """The proof lists the roles that lead to the protected one, and why nobody enters."""
    done = run("check", "chain.yaml", "--certify", "--account", "111122223333", "--format", "json")
    found = [
        result["certificate"]
        for result in json.loads(done.stdout)["results"]
        if (result["property"], result["logical_id"]) == ("mfa-survives-chaining", "Admin")
    ]
    role = "arn:aws:iam::111122223333:role"
    assert found == [
        [
            f"{role}/admin lets in, of the roles in these templates, {role}/middle",
            f"{role}/middle lets in no user without MFA",
            f"{role}/middle lets in no role session",
        ]
    ]


def test_a_false_proof_is_an_error(tmp_path: Path) -> None:
    """A search that is wrong is found out: exit code 2, and no report."""

    def careless(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", CARELESS, "check", "hole.json", "--property", "mfa-required", *arguments],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    believed, checked = careless(), careless("--certify")
    assert (believed.returncode, " 1 proved, 0 refuted" in believed.stdout) == (0, True)
    assert (checked.returncode, checked.stdout) == (2, "")
    assert checked.stderr == (
        "error: hole.json: the proof of mfa-required for Deployer does not hold: something is left of caller; "
        "please report it\n"
    )
