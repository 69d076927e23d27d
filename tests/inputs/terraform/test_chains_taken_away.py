"""
What keeps the sessions of a role from the next one, and others take away: chains of roles do not rest on it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import MFA, OWN, After, Resource, allow, plan, policy
from tests.inputs.test_cdk_assembly import write

R = Resource

_DENY = json.loads(policy(allow("sts:AssumeRole") | {"Effect": "Deny"}))
_HARMLESS = policy(allow("s3:GetObject"))
_INLINE = {"Policies": [{"PolicyName": "deny", "PolicyDocument": _DENY}]}
_ATTACHED = {"ManagedPolicyArns": [{"Ref": "D"}]}


def _trust(*principals: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    said = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": who}} | more for who, more in principals
    ]
    return {"AssumeRolePolicyDocument": json.loads(policy(*said))}


@pytest.mark.parametrize(
    ("given", "beside", "verdict"),
    [
        (_INLINE, R("aws_iam_role_policies_exclusive.x", {"role_name": "a", "policy_names": []}), "unknown"),
        (_INLINE, R("aws_iam_role_policies_exclusive.x", {"role_name": "a", "policy_names": ["deny"]}), "proved"),
        (_INLINE, R("aws_iam_role_policies_exclusive.x", {"role_name": "z", "policy_names": []}), "proved"),
        (_INLINE, R("aws_iam_role_policy.x", {"role": After(), "name": "deny", "policy": _HARMLESS}), "unknown"),
        (_INLINE, R("aws_iam_role_policy.x", {"role": "a", "name": "deny", "policy": _HARMLESS}), "unknown"),
        (_ATTACHED, R("aws_iam_role_policy_attachments_exclusive.x", {"role_name": "a", "policy_arns": []}), "unknown"),
        (
            _ATTACHED,
            R("aws_iam_policy_attachment.x", {"name": "n", "policy_arn": f"arn:aws:iam::{OWN}:policy/D", "roles": []}),
            "unknown",
        ),
    ],
)
def test_a_chain_is_not_stopped_by_what_others_take_away(
    tmp_path: Path, given: dict[str, Any], beside: Resource, verdict: str
) -> None:
    """A role that anybody gets without MFA, and of whose Deny another template or plan may leave nothing."""
    root = f"arn:aws:iam::{OWN}:root"
    entry = {"RoleName": "a"} | _trust((root, {})) | given
    target = {"RoleName": "b"} | _trust((f"arn:aws:iam::{OWN}:role/a", {}), (root, {"Condition": MFA}))
    managed = {"ManagedPolicyName": "D", "PolicyDocument": _DENY}
    resources = {
        "A": {"Type": "AWS::IAM::Role", "Properties": entry},
        "B": {"Type": "AWS::IAM::Role", "Properties": target},
        "D": {"Type": "AWS::IAM::ManagedPolicy", "Properties": managed},
    }
    write(tmp_path / "template.json", {"Resources": resources})
    write(tmp_path / "plan.json", plan(beside))
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["mfa-survives-chaining"],
    )
    assert report.errors == ()
    assert [one.verdict for one in report.results if one.logical_id == "B"] == [verdict]
