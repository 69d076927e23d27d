"""
The command line of the CDK deploys the template that was uploaded: whether that is the one that was looked at.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

_TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
_TEMPLATE = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _TRUST}}}}
_BUCKET, _KEY = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}", "0123.json"
_URL = f"s3://{_BUCKET}/{_KEY}"
_FILE = {"path": "S.template.json", "packaging": "file"}


def _asset(source: dict[str, Any], bucket: str = _BUCKET, key: str = _KEY) -> dict[str, Any]:
    return {"source": source, "destinations": {"current": {"bucketName": bucket, "objectKey": key}}}


def _passed_over(folder: Path, url: str | None, manifests: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Why files of an assembly with one stack are passed over, given its asset manifests."""
    stack: dict[str, Any] = {"templateFile": "S.template.json"}
    if url is not None:
        stack["stackTemplateAssetObjectUrl"] = url
    artifacts: dict[str, Any] = {"S": {"type": "aws:cloudformation:stack", "properties": stack}}
    for number, (name, assets) in enumerate(manifests.items()):
        artifacts[f"A{number}"] = {"type": "cdk:asset-manifest", "properties": {"file": name}}
        (folder / name).write_text(json.dumps({"files": dict(enumerate(assets))}), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}), encoding="utf-8")
    for name in ("S.template.json", "equal.template.json"):
        (folder / name).write_text(json.dumps(_TEMPLATE), encoding="utf-8")
    (folder / "other.template.json").write_text(json.dumps({**_TEMPLATE, "Description": "other"}), encoding="utf-8")
    report = trustproof.check([str(folder)])
    assert not report.errors
    return [reason for _, reason in report.passed_over]


@pytest.mark.parametrize(
    ("url", "manifests"),
    [
        (None, {}),
        (_URL, {"S.assets.json": [_asset(_FILE)]}),
        (_URL, {"S.assets.json": [_asset({"path": "lambda", "packaging": "zip"}, key="4567.zip"), _asset(_FILE)]}),
        (_URL, {"S.assets.json": [_asset({"path": "S.template.json"})], "T.assets.json": []}),
        (_URL, {"S.assets.json": [_asset(_FILE)], "T.assets.json": [_asset({"path": "equal.template.json"}, "cdk-1")]}),
    ],
    ids=["not uploaded", "as by cdk synth", "among others", "packaging by default", "of a stack that says the same"],
)
def test_the_template_that_is_uploaded_is_looked_at(
    tmp_path: Path, url: str | None, manifests: dict[str, list[dict[str, Any]]]
) -> None:
    """Nothing is said where the asset manifests have the very file."""
    assert _passed_over(tmp_path, url, manifests) == []


@pytest.mark.parametrize(
    ("url", "manifests", "why"),
    [
        (_URL, {}, "which no asset manifest"),
        ("s3://evil-bucket/0123.json", {"S.assets.json": [_asset(_FILE)]}, "which no asset manifest"),
        ("https://evil.example/0123.json", {"S.assets.json": [_asset(_FILE)]}, "which no asset manifest"),
        (_URL, {"S.assets.json": [_asset({"executable": ["sh", "make.sh"]})]}, "another source"),
        (_URL, {"S.assets.json": [_asset({"path": "S.template.json", "packaging": "zip"})]}, "another source"),
        (_URL, {"S.assets.json": [_asset({"path": "../evil.json"})]}, "another source"),
        (_URL, {"S.assets.json": [_asset({"path": "other.template.json"})]}, "another source"),
        (_URL, {"S.assets.json": [_asset(_FILE), _asset({"path": "other.template.json"})]}, "another source"),
        (
            _URL,
            {"S.assets.json": [_asset(_FILE)], "x.json": [_asset({"path": "other.template.json"}, bucket="cdk-1")]},
            "another source",
        ),
    ],
    ids=["none", "foreign bucket", "url", "made", "packed", "outside", "another", "two", "two manifests"],
)
def test_another_template_is_passed_over(
    tmp_path: Path, url: str, manifests: dict[str, list[dict[str, Any]]], why: str
) -> None:
    """What is deployed was not looked at, or is not known to have been."""
    (said,) = _passed_over(tmp_path, url, manifests)
    assert why in said
