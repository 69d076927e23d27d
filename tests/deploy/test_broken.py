"""
The opposite of the app: broken roles are deployed without complaint, and refuted when they are read back.
"""

from __future__ import annotations

import json
from pathlib import Path

import trustproof
from tests.deploy.conftest import Cloud
from tests.deploy.readback import Json, trust_policies

BROKEN = Path(__file__).resolve().parents[2] / "examples" / "broken"
ACCOUNT = "777788889999"


def deployed(cloud: Cloud, name: str, template: Json) -> Json:
    """Deploy a template with one role; the trust policy that IAM gives back."""
    before = trust_policies(cloud.client("iam", ACCOUNT)).keys()
    cloud.deploy(name, template, ACCOUNT)
    after = trust_policies(cloud.client("iam", ACCOUNT))
    (role,) = after.keys() - before
    return after[role]


def one_role(trust_policy: Json) -> Json:
    """A template with one role."""
    properties = {"AssumeRolePolicyDocument": trust_policy}
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}


def test_deny_with_bool_false_is_refuted(cloud: Cloud) -> None:
    """A Deny that needs the key to be present lets an access key in, for which it is absent."""
    template = json.loads((BROKEN / "deny-bool-false.json").read_text(encoding="utf-8"))
    result = trustproof.prove(deployed(cloud, "deny", template), "mfa-required", account=ACCOUNT)
    assert result.verdict == "refuted"
    assert result.counterexample is not None
    assert result.counterexample.context["aws:MultiFactorAuthPresent"] is None


def test_a_foreign_account_is_refuted(cloud: Cloud) -> None:
    """A role that trusts an account outside the boundary is refuted, with a caller of that account."""
    trust_policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "444455556666"},
            "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        },
    }
    config = {"boundary": {"accounts": ["111122223333"]}}
    read_back = deployed(cloud, "foreign", one_role(trust_policy))
    result = trustproof.prove(read_back, "inside-boundary", account=ACCOUNT, config=config)
    assert result.verdict == "refuted"
    assert result.counterexample is not None
    assert ":444455556666:" in result.counterexample.caller
