"""
Buckets whose settings keep a public policy from having an effect.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof


def template(block: object, principal: object = "*", bucket: object = None) -> dict[str, object]:
    """A bucket with its settings, and its policy; another bucket with the same policy and no settings."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    settings = {} if block is None else {"PublicAccessBlockConfiguration": block}

    def policy(on: object) -> dict[str, object]:
        return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": on, "PolicyDocument": document}}

    return {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": settings},
            "Open": {"Type": "AWS::S3::Bucket"},
            "Policy": policy(bucket or {"Ref": "Bucket"}),
            "OpenPolicy": policy({"Ref": "Open"}),
        }
    }


def verdicts(folder: Path, content: dict[str, object]) -> dict[str, trustproof.Result]:
    """Logical id to the result."""
    file = folder / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    config = {"boundary": {"accounts": []}}
    report = trustproof.check([str(file)], account="111122223333", config=config, properties=["inside-boundary"])
    return {result.logical_id: result for result in report.results}


@pytest.mark.parametrize("setting", ["RestrictPublicBuckets", "BlockPublicPolicy"])
def test_a_public_policy_has_no_effect(setting: str, tmp_path: Path) -> None:
    """The policy lets anybody in and S3 does not; the proof rests on that, and is no other bucket's proof."""
    found = verdicts(tmp_path, template({setting: True}))
    assert found["Policy"].verdict == trustproof.PROVED
    assert f"{setting} of Bucket" in found["Policy"].reasons[0]
    assert found["OpenPolicy"].verdict == trustproof.REFUTED


@pytest.mark.parametrize("block", [None, {"RestrictPublicBuckets": False}, {"BlockPublicAcls": True}])
def test_other_settings_change_nothing(block: object, tmp_path: Path) -> None:
    """Only what is said about policies counts."""
    assert verdicts(tmp_path, template(block))["Policy"].verdict == trustproof.REFUTED


def test_a_named_account_is_not_public(tmp_path: Path) -> None:
    """S3 restricts public policies; one that names an account of somebody else is not."""
    content = template({"RestrictPublicBuckets": True}, {"AWS": "444455556666"})
    assert verdicts(tmp_path, content)["Policy"].verdict == trustproof.REFUTED


def test_a_bucket_elsewhere_is_not_known(tmp_path: Path) -> None:
    """The settings of a bucket that is not in the template say nothing."""
    content = template({"RestrictPublicBuckets": True}, bucket="Bucket")
    assert verdicts(tmp_path, content)["Policy"].verdict == trustproof.REFUTED


ON, OFF = {"RestrictPublicBuckets": True}, {"RestrictPublicBuckets": False}
NO_VALUE = {"Ref": "AWS::NoValue"}
SECTIONS: dict[str, object] = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "prod"},
        "Private": {"Type": "String", "Default": "true"},
        "Open": {"Type": "String", "AllowedValues": ["true", "false"]},
        "Unknown": {"Type": "String"},
    },
    "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    "Mappings": {"ByStage": {"prod": {"private": "true"}, "dev": {"private": "false"}}},
}


def _if(yes: object, no: object) -> dict[str, object]:
    return {"Fn::If": ["Prod", yes, no]}


DECIDED: list[tuple[object, str]] = [
    (_if(ON, {"BlockPublicPolicy": "true"}), "proved"),
    (_if(ON, ON), "proved"),
    (_if(ON, NO_VALUE), "refuted"),
    (_if(NO_VALUE, ON), "refuted"),
    (_if(ON, OFF), "refuted"),
    (_if(NO_VALUE, NO_VALUE), "refuted"),
    ({"RestrictPublicBuckets": _if(True, False)}, "refuted"),
    ({"RestrictPublicBuckets": _if(True, "true")}, "proved"),
    ({"RestrictPublicBuckets": _if(True, False), "BlockPublicPolicy": _if(False, True)}, "proved"),
    ({"RestrictPublicBuckets": _if(True, False), "BlockPublicPolicy": True}, "proved"),
    ({"RestrictPublicBuckets": {"Ref": "Private"}}, "proved"),
    ({"RestrictPublicBuckets": {"Ref": "Open"}}, "refuted"),
    ({"RestrictPublicBuckets": {"Ref": "Unknown"}}, "refuted"),
    ({"RestrictPublicBuckets": {"Fn::FindInMap": ["ByStage", "prod", "private"]}}, "proved"),
    ({"RestrictPublicBuckets": {"Fn::FindInMap": ["ByStage", {"Ref": "Stage"}, "private"]}}, "proved"),
]


@pytest.mark.parametrize(("block", "expected"), DECIDED)
def test_settings_that_the_template_decides(block: object, expected: str, tmp_path: Path) -> None:
    """Each outcome is asked about, and there is one result about the policy."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps({**SECTIONS, **template(block)}), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", config={"boundary": {}}, certify=True)
    for ident in {result.property for result in report.results}:
        about = [result for result in report.results if (result.property, result.logical_id) == (ident, "Policy")]
        assert len(about) <= 1
        if ident == "inside-boundary":
            assert about[0].verdict == expected


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        (_if(ON, NO_VALUE), {"Stage": False}),
        (_if(NO_VALUE, ON), {"Stage": True}),
        ({"RestrictPublicBuckets": {"Ref": "Open"}}, {"Open": "false"}),
        ({"BlockPublicPolicy": {"Ref": "Unknown"}}, {"Unknown": "false"}),
    ],
)
def test_the_counterexample_is_a_deployment_that_lets_it_in(
    block: object, shown: dict[str, object], tmp_path: Path
) -> None:
    """The parameters that are shown are those with which the bucket is not kept private."""
    found = verdicts(tmp_path, {**SECTIONS, **template(block)})["Policy"].counterexample
    assert found is not None
    for name, value in shown.items():
        given = found.parameters.get(name, "prod")
        assert (given == "prod") is value if isinstance(value, bool) else given == value
