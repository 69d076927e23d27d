"""
What fails a run, and what is hardening or meant.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
DEPUTY = "no-confused-deputy"


def statement(principal: object, action: object, resource: object = None, **more: object) -> Json:
    """An Allow statement."""
    about = {} if resource is None else {"Resource": resource}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **about, **more}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def worst(tmp_path: Path, asked: str, config: Json | None = None, **resources: Json) -> list[tuple[str, str]]:
    """Verdict and severity of the answers about a template."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": resources}))
    report = trustproof.check([file], properties=[asked], account=OWN, config=config)
    return [(found.verdict, found.severity) for found in report.results]


def bucket(policy: Json, **properties: object) -> dict[str, Json]:
    """A bucket and its policy."""
    return {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy},
        },
    }


def logs(action: object, *rest: object) -> Json:
    """A policy that lets trails in."""
    resource = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, *rest]]}
    return document(statement({"Service": "cloudtrail.amazonaws.com"}, action, resource))


SCHEDULED = {
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": document(statement({"Service": "scheduler.amazonaws.com"}, "sts:AssumeRole"))
        },
    }
}


def test_the_trust_of_a_service_is_hardening(tmp_path: Path) -> None:
    """Nobody of another account can pass a role to the service, so it fails no run."""
    assert worst(tmp_path, DEPUTY, **SCHEDULED) == [("refuted", "note")]


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_the_configuration_has_the_last_word(tmp_path: Path, severity: str) -> None:
    """Whoever asks for the condition in every trust policy gets it."""
    config: Json = {"properties": {DEPUTY: {"severity": severity}}}
    assert worst(tmp_path, DEPUTY, config, **SCHEDULED) == [("refuted", severity)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (logs("s3:GetBucketAcl"), "proved"),
        (logs("s3:ListBucket"), "proved"),
        (logs(["s3:GetBucketAcl", "s3:GetBucketLocation"]), "proved"),
        (logs("s3:PutObject", f"/AWSLogs/{OWN}/*"), "proved"),
        (logs("s3:PutObject", "/prefix/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*"), "proved"),
        (logs("s3:PutObject", "/*"), "refuted"),
        (logs("s3:PutObject", "/AWSLogs/*"), "refuted"),
        (logs("s3:PutObject", "/AWSLogs/999988887777/*"), "refuted"),
        (logs(["s3:GetBucketAcl", "s3:GetObject"], "/*"), "refuted"),
        (logs("s3:*", "/*"), "refuted"),
    ],
    ids=lambda one: one if isinstance(one, str) else json.dumps(one["Statement"][0])[70:170],
)
def test_what_another_customer_can_turn_to_account(tmp_path: Path, policy: Json, expected: str) -> None:
    """Asking who may use a bucket gives nobody anything, and logs of an own account are one's own."""
    ((verdict, severity),) = worst(tmp_path, DEPUTY, **bucket(policy))
    assert (verdict, severity) == (expected, "error")


def test_a_proof_by_a_prefix_says_so(tmp_path: Path) -> None:
    """That services write by account is what such a proof rests on."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": bucket(logs("s3:PutObject", f"/AWSLogs/{OWN}/*"))}))
    (found,) = trustproof.check([file], properties=[DEPUTY], account=OWN).results
    assert found.reasons == (
        "this rests on services that write below AWSLogs/ and an account id for that account only",
    )


WEBSITE = {"WebsiteConfiguration": {"IndexDocument": "index.html"}}


@pytest.mark.parametrize(
    ("action", "properties", "expected"),
    [
        ("s3:GetObject", WEBSITE, "warning"),
        ("s3:GetObject", {}, "error"),
        ("s3:PutObject", WEBSITE, "error"),
        (["s3:GetObject", "s3:ListBucket"], WEBSITE, "error"),
    ],
)
def test_a_website_is_meant_for_everybody(
    tmp_path: Path, action: object, properties: dict[str, object], expected: str
) -> None:
    """Its visitors may read it, and do nothing else."""
    resource = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}
    found = worst(tmp_path, "inside-boundary", **bucket(document(statement("*", action, resource)), **properties))
    assert found == [("refuted", expected)]


@pytest.mark.parametrize(("type_", "expected"), [("NONE", "warning"), ("", "error")])
def test_a_url_without_signatures_is_meant_for_everybody(tmp_path: Path, type_: str, expected: str) -> None:
    """Whoever writes NONE into the permission of a function's URL means it."""
    permission: Json = {"Action": "lambda:InvokeFunctionUrl", "FunctionName": "f", "Principal": "*"}
    if type_:
        permission["FunctionUrlAuthType"] = type_
    found = worst(tmp_path, "inside-boundary", P={"Type": "AWS::Lambda::Permission", "Properties": permission})
    assert found == [("refuted", expected)]


@pytest.mark.parametrize(("action", "expected"), [("*", "note"), ("sts:*", "error"), (["s3:Get*", "*"], "note")])
def test_an_administrator_may_do_anything(tmp_path: Path, action: object, expected: str) -> None:
    """Who may do anything is not put right by a bound on one action."""
    policy = document({"Effect": "Allow", "Action": action, "Resource": "*"})
    user: Json = {
        "Type": "AWS::IAM::User",
        "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": policy}]},
    }
    assert worst(tmp_path, "assume-role-scoped", User=user) == [("refuted", expected)]
