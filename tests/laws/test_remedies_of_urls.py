"""
Remedies for the URLs of functions and for websites: whoever signs from inside, and whoever visits, gets in as before.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.laws.remedying import edited, proved, refuted_there, written
from tests.strategies import examples
from trustproof.inputs.discovery.inputs import read_paths
from trustproof.model.request import ANONYMOUS, USER_KEY, Caller, Request
from trustproof.results.groups import groups
from trustproof.spec.decision import decide

Json = dict[str, Any]
OWN, SISTER, ORGANIZATION = "111122223333", "444455556666", "o-a1b2c3d4e5"
OURS: Json = {"boundary": {"organizations": [ORGANIZATION]}}
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
@examples(60)
def test_whoever_signs_from_inside_calls_as_before(seed: int) -> None:
    """
    A remedy changes the URL with its permission, so that people of the organization who sign get in as before: of a
    permission that is bound to a public URL, those who call the URL.
    """
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
            bound = any(edit.path[-1] == "InvokedViaFunctionUrl" for edit in found.remedy.edits)
            assert {
                one for one in before if one[0] == found.logical_id and (not bound or one[2].startswith("url"))
            } <= get_in(folder, changed), found.remedy
            again = trustproof.check([written(folder, changed)], config={}, account=OWN)
            assert not again.errors
            asked = {(one.property, one.logical_id) for one in again.results if one.undeclared}
            assert proved(report) - proved(again) <= asked, found.remedy
            # What is bound to a public URL is as much meant as the URL.
            assert not refuted_there(again, found, found.severity if bound else "note"), found.remedy


#: What a website lets its visitors do.
ACTIONS = ("s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:*")


@given(st.integers(0, 2**32))
@examples(40)
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
    (found,) = trustproof.check([written(tmp_path, template)], config=OURS, account=OWN).results
    assert found.remedy is not None
    changed = edited(template, found.remedy.edits)["Resources"]
    assert changed["Url"]["Properties"]["AuthType"] == "AWS_IAM"
    assert changed["Permission"]["Properties"]["FunctionUrlAuthType"] in ("AWS_IAM", ["AWS_IAM"])
    assert "PrincipalOrgID" in changed["Permission"]["Properties"]


def a_function(auth_type: str, *permissions: Json) -> Json:
    """A template with a function that has a URL and permissions."""
    resources: Json = {"F": {"Type": "AWS::Lambda::Function", "Properties": {}}}
    target = {"TargetFunctionArn": {"Fn::GetAtt": ["F", "Arn"]}, "AuthType": auth_type}
    resources["Url"] = {"Type": "AWS::Lambda::Url", "Properties": target}
    for number, permission in enumerate(permissions):
        given = {"FunctionName": {"Ref": "F"}, "Principal": "*", **permission}
        resources[f"P{number}"] = {"Type": "AWS::Lambda::Permission", "Properties": given}
    return {"Resources": resources}


FIRST: Json = {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}
SECOND: Json = {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True}
BESIDE: Json = {"Action": "lambda:InvokeFunction"}


def test_the_second_permission_of_a_public_url_is_bound_to_the_url(tmp_path: Path) -> None:
    """Where everybody may invoke a function that has a public URL, no organization is tested, which would close it."""
    for permissions in ((BESIDE,), (FIRST, BESIDE)):
        template = a_function("NONE", *permissions)
        found = trustproof.check([written(tmp_path, template)], config=OURS, account=OWN).results
        (direct,) = [one for one in found if one.severity == "error"]
        assert direct.remedy is not None
        assert [(edit.path[-1], edit.value) for edit in direct.remedy.edits] == [("InvokedViaFunctionUrl", "true")]
    template = a_function("AWS_IAM", BESIDE)
    (signed,) = trustproof.check([written(tmp_path, template)], config=OURS, account=OWN).results
    assert signed.remedy is not None
    assert [edit.path[-1] for edit in signed.remedy.edits] == ["PrincipalOrgID"]


def test_a_permission_for_a_url_of_the_other_type_lets_nobody_in(tmp_path: Path) -> None:
    """A permission for calls that a URL has none of, unsigned or signed, is no way in, and the finding says so."""
    for type_, other in (("AWS_IAM", "NONE"), ("NONE", "AWS_IAM")):
        template = a_function(type_, {**FIRST, "FunctionUrlAuthType": other})
        (found,) = trustproof.check([written(tmp_path, template)], config=OURS, account=OWN).results
        assert (found.severity, found.reach) == ("note", "hardening")
        assert "halves do not match" in found.message
        assert "meant" not in " ".join(found.why)


def test_one_half_of_what_a_url_wants_is_no_way_in(tmp_path: Path) -> None:
    """Whoever may invoke a function through its URL, and may not call the URL, does not get in."""
    both = {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "AWS_IAM"}
    for permissions, severity in (
        ((SECOND,), "note"),
        ((SECOND, {**both, "PrincipalOrgID": ORGANIZATION}), "note"),
        ((SECOND, {**both, "Principal": SISTER}), "note"),
        ((SECOND, both), "error"),
    ):
        template = a_function("AWS_IAM", *permissions)
        found = trustproof.check([written(tmp_path, template)], config=OURS, account=OWN).results
        assert [one.severity for one in found if one.logical_id == "P0"] == [severity]


def test_a_public_url_is_one_finding(tmp_path: Path) -> None:
    """The two permissions of a public URL are one finding, whose diff has both halves; two URLs are two."""
    template = a_function("NONE", SECOND, FIRST)
    report = trustproof.check([written(tmp_path, template)], config=OURS, account=OWN)
    (group,) = groups(report.results)
    assert (group.lead.logical_id, [one.logical_id for one in group.also]) == ("P1", ["P0"])
    assert group.lead.remedy is not None
    assert {edit.path[1] for edit in group.lead.remedy.edits} == {"P1", "Url"}
    other = {"G" if name == "F" else f"{name}G": one for name, one in a_function("NONE", FIRST)["Resources"].items()}
    text = json.dumps(other).replace('"F"', '"G"')
    two = {"Resources": {**template["Resources"], **json.loads(text)}}
    report = trustproof.check([written(tmp_path, two)], config=OURS, account=OWN)
    assert sum(len(group.like) + 1 for group in groups(report.results)) == 2
