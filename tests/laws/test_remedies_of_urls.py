"""
Remedies for the URLs of functions and for websites: whoever signs from inside, and whoever visits, gets in as before.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import trustproof
from tests.laws.remedying import edited, proved, refuted_there, written
from trustproof.inputs.discovery import read_paths
from trustproof.model.request import ANONYMOUS, USER_KEY, Caller, Request
from trustproof.spec.decision import decide

Json = dict[str, Any]
OWN, SISTER, ORGANIZATION = "111122223333", "444455556666", "o-a1b2c3d4e5"
#: What a remedy leaves to the reader is filled in with this organization.
PLACES = ("", ORGANIZATION)
ARN = f"arn:aws:lambda:eu-central-1:{OWN}:function:f"


def any_function(rng: Random) -> Json:
    """A function's permissions, with its URL and one of another function, as far as they are there."""
    function = rng.choice((ARN, {"Ref": "F"}))
    resources: Json = {}
    for name, of in (("Url", function), ("Other", "another")):
        if rng.random() < 0.7:
            signed = rng.choice(("NONE", "NONE", "AWS_IAM"))
            resources[name] = {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": of, "AuthType": signed}}
    for number in range(rng.choice((1, 2))):
        permission: Json = {
            "FunctionName": function,
            "Principal": rng.choice(("*", "*", SISTER)),
            **rng.choice(
                (
                    {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
                    {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
                    {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "AWS_IAM"},
                    {"Action": "lambda:InvokeFunctionUrl"},
                    {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
                    {"Action": "lambda:InvokeFunction"},
                )
            ),
        }
        if organization := rng.choice(PLACES):
            permission["PrincipalOrgID"] = organization
        resources[f"Permission{number}"] = {"Type": "AWS::Lambda::Permission", "Properties": permission}
    resources["F"] = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f"}}
    return {"Resources": resources}


def get_in(folder: Path, template: Json) -> set[tuple[str, str, str]]:
    """Who of the organization calls the function by its URL, or otherwise: by permission, account and way."""
    (read,) = read_paths((written(folder, template),)).templates
    url = template["Resources"].get("Url", {}).get("Properties", {}).get("AuthType", "")
    out = set()
    for document in read.documents:
        if document.resource_type != "AWS::Lambda::Permission":
            continue
        for account in (OWN, SISTER):
            arn = f"arn:aws:iam::{account}:user/alice"
            said = {
                "aws:principalarn": arn,
                "aws:principalaccount": account,
                "aws:principalorgid": ORGANIZATION,
                "aws:principaltype": "User",
            }
            by_url = {"lambda:functionurlauthtype": url, "lambda:invokedviafunctionurl": "true"}
            for way, action, more in (
                ("url", "lambda:InvokeFunctionUrl", by_url if url else None),
                ("url", "lambda:InvokeFunction", by_url if url else None),
                ("call", "lambda:InvokeFunction", {}),
            ):
                if more is not None:
                    request = Request(Caller(USER_KEY, arn, ""), action, ARN, {**said, **more})
                    if decide(document.policy, request).allowed:
                        out.add((document.logical_id, account, f"{way} {action}"))
    return out


@given(st.integers(0, 2**32))
@settings(max_examples=60)
def test_whoever_signs_from_inside_calls_as_before(seed: int) -> None:
    """A remedy changes the URL with its permission, so that people of the organization who sign get in as before."""
    template = any_function(Random(seed))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = get_in(folder, template)
        report = trustproof.check([written(folder, template)], config={}, account=OWN)
        assert not report.errors
        for found in report.results:
            if found.verdict != trustproof.REFUTED or found.remedy is None or not found.remedy.edits:
                continue
            changed = edited(template, found.remedy.edits)
            assert {one for one in before if one[0] == found.logical_id} <= get_in(folder, changed), found.remedy
            again = trustproof.check([written(folder, changed)], config={}, account=OWN)
            assert not again.errors
            asked = {(one.property, one.logical_id) for one in again.results if one.undeclared}
            assert proved(report) - proved(again) <= asked, found.remedy
            assert not refuted_there(again, found), found.remedy


#: What a website lets its visitors do.
ACTIONS = ("s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:*")


@given(st.integers(0, 2**32))
@settings(max_examples=40)
def test_visitors_of_a_website_read_as_before(seed: int) -> None:
    """No remedy of a bucket that is a website takes reading from those for whom it is made."""
    rng = Random(seed)
    actions = rng.sample(ACTIONS, rng.choice((1, 2)))
    statement: Json = {"Effect": "Allow", "Principal": rng.choice(("*", {"AWS": "*"})), "Action": actions}
    statement["Resource"] = rng.choice(("*", ["arn:aws:s3:::site", "arn:aws:s3:::site/*"]))
    if rng.random() < 0.3:
        statement["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    site = {"WebsiteConfiguration": {"IndexDocument": "index.html"}, "PublicAccessBlockConfiguration": {}}
    template: Json = {
        "Resources": {
            "Site": {"Type": "AWS::S3::Bucket", "Properties": {**site, "BucketName": "site"}},
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "Site"}, "PolicyDocument": policy},
            },
        }
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report = trustproof.check([written(folder, template)], config={}, account=OWN)
        assert not report.errors
        assert report.results
        before = reads(folder, template)
        for found in report.results:
            if found.remedy is not None and found.remedy.edits:
                assert before <= reads(folder, edited(template, found.remedy.edits)), found.remedy


def reads(folder: Path, template: Json) -> set[str]:
    """What visitors get."""
    (read,) = read_paths((written(folder, template),)).templates
    (document,) = [one for one in read.documents if one.resource_type == "AWS::S3::BucketPolicy"]
    context = {"aws:securetransport": "true"}
    calls = {"s3:GetObject": "arn:aws:s3:::site/index.html"}
    return {
        action
        for action, resource in calls.items()
        if decide(document.policy, Request(Caller(ANONYMOUS, ""), action, resource, context)).allowed
    }


def test_both_halves_of_a_url_are_changed(tmp_path: Path) -> None:
    """The diff of a public URL changes what the permission asks for, and what the URL does."""
    permission = {
        "FunctionName": ARN,
        "Principal": "*",
        "Action": "lambda:InvokeFunctionUrl",
        "FunctionUrlAuthType": "NONE",
    }
    template: Json = {
        "Resources": {
            "Url": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": ARN, "AuthType": "NONE"}},
            "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        }
    }
    (found,) = trustproof.check([written(tmp_path, template)], config={}, account=OWN).results
    assert found.remedy is not None
    changed = edited(template, found.remedy.edits)["Resources"]
    assert changed["Url"]["Properties"]["AuthType"] == "AWS_IAM"
    assert changed["Permission"]["Properties"]["FunctionUrlAuthType"] in ("AWS_IAM", ["AWS_IAM"])
    assert "PrincipalOrgID" in changed["Permission"]["Properties"]
