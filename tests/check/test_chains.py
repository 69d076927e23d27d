"""
Role chains over all templates of a run.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
HUB, PROD = "111122223333", "222233334444"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def statement(principal: object, condition: Json | None = None) -> Json:
    """A statement of a trust policy."""
    more = {"Condition": condition} if condition is not None else {}
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}


def role(name: str, *trust: Json, assumes: str | None = None, managed: str | None = None) -> Json:
    """A role, and what its sessions may assume."""
    properties: Json = {
        "RoleName": name,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": list(trust)},
    }
    if assumes is not None:
        may: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": assumes}
        document = {"Version": "2012-10-17", "Statement": [may]}
        properties["Policies"] = [{"PolicyName": "next", "PolicyDocument": document}]
    if managed is not None:
        properties["ManagedPolicyArns"] = [managed]
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def arn(account: str, name: str) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::{account}:role/{name}"


ENTRY = role("entry", statement(HUB), assumes=arn(PROD, "admin"))
ENTRY_WITH_MFA = role("entry", statement(HUB, MFA), assumes=arn(PROD, "admin"))
ENTRY_WITHOUT_PERMISSION = role("entry", statement(HUB))
ADMIN = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry")))


def verdicts(tmp_path: Path, hub: dict[str, Json], prod: dict[str, Json]) -> dict[str, trustproof.Result]:
    """Logical id to the result about it, for templates of two accounts."""
    files = []
    for name, account, resources in (("hub", HUB, hub), ("prod", PROD, prod)):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
        files.append((str(file), account, None))
    report = trustproof.check_templates(files, properties=["mfa-survives-chaining"])
    return {result.logical_id: result for result in report.results}


def test_chain_across_accounts_and_templates_is_refuted(tmp_path: Path) -> None:
    """A role without MFA in one account leads to a role that demands it in another; the path is named."""
    found = verdicts(tmp_path, {"Entry": ENTRY}, {"Admin": ADMIN})["Admin"]
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.caller == arn(HUB, "x").replace("role/x", "user/alice")
    assert f"{arn(HUB, 'entry')} -> {arn(PROD, 'admin')}" in found.message


@pytest.mark.parametrize(
    ("entry", "why"),
    [(ENTRY_WITH_MFA, "the entry demands MFA"), (ENTRY_WITHOUT_PERMISSION, "another account needs both sides")],
)
def test_chain_that_breaks_is_proved(entry: Json, why: str, tmp_path: Path) -> None:
    """Where one step is missing there is no chain."""
    assert verdicts(tmp_path, {"Entry": entry}, {"Admin": ADMIN})["Admin"].verdict == "proved", why


def test_within_an_account_the_trust_policy_is_enough(tmp_path: Path) -> None:
    """A trust policy that names a role of its own account needs no identity policy."""
    entry = role("entry", statement(HUB))
    admin = role("admin", statement(HUB, MFA), statement(arn(HUB, "entry")))
    assert verdicts(tmp_path, {"Entry": entry, "Admin": admin}, {})["Admin"].verdict == "refuted"


def test_account_principal_needs_an_identity_policy(tmp_path: Path) -> None:
    """A trust policy that names the account lets in only roles that may ask."""
    roles_only = statement(HUB, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})
    admin = role("admin", statement(HUB, MFA), roles_only)
    silent = role("entry", statement(HUB))
    asking = role("entry", statement(HUB), assumes="*")
    assert verdicts(tmp_path, {"Entry": silent, "Admin": admin}, {})["Admin"].verdict == "proved"
    assert verdicts(tmp_path, {"Entry": asking, "Admin": admin}, {})["Admin"].verdict == "refuted"


def test_many_hops_are_followed(tmp_path: Path) -> None:
    """The chain may have any number of roles."""
    hops = {f"H{i}": role(f"h{i}", statement(arn(HUB, f"h{i - 1}"))) for i in range(1, 6)}
    first = role("h0", statement(HUB))
    admin = role("admin", statement(HUB, MFA), statement(arn(HUB, "h5")))
    found = verdicts(tmp_path, {"H0": first, **hops, "Admin": admin}, {})["Admin"]
    assert found.verdict == "refuted"
    assert all(f"role/h{i}" in found.message for i in range(6))


def test_unknown_managed_policy_leaves_the_chain_open(tmp_path: Path) -> None:
    """A chain that hangs on a policy that is in no template is unknown, and the reason names the policy."""
    entry = role("entry", statement(HUB), managed=f"arn:aws:iam::{HUB}:policy/unseen")
    found = verdicts(tmp_path, {"Entry": entry}, {"Admin": ADMIN})["Admin"]
    assert found.verdict == "unknown"
    assert any("policy/unseen" in reason for reason in found.reasons)


def test_administrator_may_assume_anything(tmp_path: Path) -> None:
    """AWS's AdministratorAccess is known to allow the step."""
    entry = role("entry", statement(HUB), managed="arn:aws:iam::aws:policy/AdministratorAccess")
    assert verdicts(tmp_path, {"Entry": entry}, {"Admin": ADMIN})["Admin"].verdict == "refuted"


def test_role_without_mfa_is_not_asked(tmp_path: Path) -> None:
    """A role that does not demand MFA has nothing that could be walked around."""
    assert "Entry" not in verdicts(tmp_path, {"Entry": ENTRY}, {"Admin": ADMIN})
