"""
Policies of keys that services use: for whom CloudTrail, CloudWatch Logs and others encrypt.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER = "111122223333", "999988887777"
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
LOGS = "kms:EncryptionContext:aws:logs:arn"
GROUP = f"arn:aws:logs:eu-west-1:{OWN}:log-group"
USES = "kms:GenerateDataKey*"


def use(condition: Json | None = None, action: object = USES, service: str = "cloudtrail") -> Json:
    """What a service may do with the key."""
    principal = {"Service": f"{service}.amazonaws.com"}
    found: Json = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return found if condition is None else {**found, "Condition": condition}


CASES: list[tuple[str, list[Json], str | None]] = [
    ("none", [use()], "refuted"),
    ("source", [use({"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{OWN}:trail/t"}})], "proved"),
    ("source of another", [use({"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/*"}})], "refuted"),
    ("account", [use({"StringEquals": {"aws:SourceAccount": OWN}})], "proved"),
    ("context", [use({"StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{OWN}:trail/*"}})], "proved"),
    ("context of another", [use({"StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{OTHER}:trail/*"}})], "refuted"),
    ("context of anybody", [use({"StringLike": {CONTEXT: "arn:aws:cloudtrail:*:*:trail/*"}})], "refuted"),
    ("context is there", [use({"Null": {CONTEXT: "false"}})], "refuted"),
    ("context if it is there", [use({"StringLikeIfExists": {CONTEXT: f"arn:*:cloudtrail:*:{OWN}:*"}})], "refuted"),
    # It tells about the key, and nothing else.
    ("describe", [use(action="kms:DescribeKey")], "proved"),
    ("both", [use({"StringEquals": {"aws:SourceAccount": OWN}}), use(action="kms:DescribeKey")], "proved"),
    ("everything", [use(action="kms:*")], "refuted"),
    ("decrypt", [use({"StringEquals": {"aws:SourceAccount": OWN}}), use(action="kms:Decrypt")], "refuted"),
    ("findings", [use(service="guardduty")], "refuted"),
    ("findings of an account", [use({"StringEquals": {"aws:SourceAccount": OWN}}, service="guardduty")], "proved"),
    ("configuration", [use(service="config")], "refuted"),
    (
        "configuration of an account",
        [use({"ArnLike": {"aws:SourceArn": f"arn:aws:config:us-east-1:{OWN}:*"}}, service="config")],
        "proved",
    ),
    ("delivery of logs", [use(service="delivery.logs")], "refuted"),
    ("reports", [use(service="inspector2")], "refuted"),
    ("discovery results", [use({"StringEquals": {"aws:SourceAccount": OTHER}}, service="macie")], "refuted"),
    ("logs", [use(service="logs.eu-west-1")], "refuted"),
    ("logs in a group", [use({"ArnEquals": {LOGS: f"{GROUP}:app"}}, service="logs")], "proved"),
    ("logs in all groups", [use({"ArnLike": {LOGS: f"{GROUP}:*"}}, service="logs.eu-west-1")], "proved"),
    ("logs of another", [use({"ArnLike": {LOGS: GROUP.replace(OWN, OTHER) + ":*"}}, service="logs")], "refuted"),
    ("logs of anybody", [use({"ArnLike": {LOGS: "arn:aws:logs:*:*:*"}}, service="logs")], "refuted"),
    # A log group has no colon in its name, so no wildcard reaches into it.
    ("logs by text", [use({"StringLike": {LOGS: f"arn:aws:logs:*:{OWN}:*"}}, service="logs")], "proved"),
    # Of others the manual does not say it.
    ("another service", [use(service="sns")], None),
]


@pytest.mark.parametrize(("statements", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(statements: list[Json], expected: str | None, tmp_path: Path) -> None:
    """A key is held by the source, its account, or the encryption context that the service gives."""
    properties = {"KeyPolicy": {"Version": "2012-10-17", "Statement": statements}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}))
    report = trustproof.check(
        [str(file)], account=OWN, config={"boundary": {"accounts": []}}, properties=["no-confused-deputy"], certify=True
    )
    assert [result.verdict for result in report.results] == ([] if expected is None else [expected])


NAMING: dict[str, tuple[str, Json]] = {
    "cloudtrail": ("cloudtrail", {"StringLike": {CONTEXT: f"arn:aws:cloudtrail:*:{OTHER}:trail/*"}}),
    "logs": ("logs", {"ArnLike": {LOGS: f"arn:aws:logs:*:{OTHER}:*"}}),
    "by source": ("cloudtrail", {"StringEquals": {"aws:SourceAccount": OTHER}}),
}


@pytest.mark.parametrize("name", NAMING)
def test_the_account_in_a_context_may_be_ours(name: str) -> None:
    """An account that the encryption context names is asked about like any other, where nobody has said whose it is."""
    service, condition = NAMING[name]
    properties = {"KeyPolicy": {"Version": "2012-10-17", "Statement": [use(condition, service=service)]}}
    template = {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}
    verdicts = {}
    for said, config in {"nothing": {}, "ours": {"boundary": {"accounts": [OTHER]}}, "not": _NOBODY}.items():
        report = trustproof.check([template], account=OWN, config=config, properties=["no-confused-deputy"])
        (found,) = report.results
        verdicts[said] = found.verdict
        assert [one.ident for one in found.undeclared] == ([OTHER] if said == "nothing" else [])
        if found.verdict == "refuted":
            assert f"acts for account {OTHER}" in found.message
    assert verdicts == {"nothing": "unknown", "ours": "proved", "not": "refuted"}


_NOBODY: Json = {"boundary": {"accounts": []}}


def test_the_remedy_for_logs(tmp_path: Path) -> None:
    """Where a service says by the encryption context alone for whom it encrypts, the remedy asks for that."""
    properties = {"KeyPolicy": {"Version": "2012-10-17", "Statement": [use(service="logs.eu-west-1")]}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}))
    (found,) = trustproof.check(
        [str(file)], account=OWN, config={"boundary": {"accounts": []}}, properties=["no-confused-deputy"]
    ).results
    assert found.severity == "warning"
    assert found.remedy is not None
    assert f'"ArnLike": {{"{LOGS}": {{"Fn::Sub": "arn:aws:logs:*:${{AWS::AccountId}}:*"}}}}' in found.remedy.diff[0]


_ROOT: Json = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Action": "kms:*", "Resource": "*"}
_ALL: Json = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
_OURS_ONLY: Json = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "kms:*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": OWN}},
}


def without_resource(statement: Json) -> Json:
    return {name: value for name, value in statement.items() if name != "Resource"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([_ALL], "refuted"),
        ([without_resource(_ALL)], "proved"),
        ([_ALL, _OURS_ONLY], "proved"),
        ([_ALL, without_resource(_OURS_ONLY)], "refuted"),
        ([_ALL, {**without_resource(_OURS_ONLY), "Action": "*"}], "refuted"),
        ([_ALL, {**without_resource(_OURS_ONLY), "NotResource": "*"}], "refuted"),
    ],
)
def test_a_statement_without_resource_has_no_effect(statements: list[Json], expected: str) -> None:
    """KMS takes it and heeds it not: an Allow lets in nobody, and a Deny keeps out nobody."""
    properties = {"KeyPolicy": {"Version": "2012-10-17", "Statement": [_ROOT, *statements]}}
    template = {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}
    report = trustproof.check([template], account=OWN, config=_NOBODY, properties=["inside-boundary"], certify=True)
    assert [result.verdict for result in report.results] == [expected]


_ELSEWHERE: Json = {"NotResource": "arn:aws:s3:::b"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([{**without_resource(_ALL), **_ELSEWHERE}], "unknown"),
        ([{**without_resource(_ALL), "NotResource": "*"}], "proved"),
        ([_ALL, {**without_resource(_OURS_ONLY), **_ELSEWHERE}], "unknown"),
        ([_ALL, _OURS_ONLY, {**without_resource(_OURS_ONLY), **_ELSEWHERE}], "proved"),
        ([_ALL, {**_OURS_ONLY, "NotAction": "kms:Encrypt"}], "proved"),
        ([_ALL, {**_OURS_ONLY, "NotAction": "kms:Decrypt"}], "refuted"),
    ],
)
def test_what_is_not_documented_of_key_policies_is_not_decided(statements: list[Json], expected: str) -> None:
    """`NotResource` may have its usual meaning or none; `NotAction` has its usual one."""
    statements = [{k: v for k, v in one.items() if k != "Action" or "NotAction" not in one} for one in statements]
    properties = {"KeyPolicy": {"Version": "2012-10-17", "Statement": [_ROOT, *statements]}}
    template = {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}
    report = trustproof.check([template], account=OWN, config=_NOBODY, properties=["inside-boundary"], certify=True)
    assert [result.verdict for result in report.results] == [expected]


def test_a_queue_policy_without_resource() -> None:
    """A statement of another resource's policy is about that, whatever it is."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}
    properties = {"Queues": ["q"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}}
    report = trustproof.check([template], account=OWN, config=_NOBODY, properties=["inside-boundary"])
    assert [result.verdict for result in report.results] == ["refuted"]


@pytest.mark.parametrize(
    ("region", "condition", "expected"),
    [
        ("us-east-1", {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, "s3.us-east-1.amazonaws.com"),
        ("eu-west-1", {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, "proved"),
        ("eu-west-1", {"StringLike": {"kms:ViaService": "ec2.*"}}, "ec2.eu-west-1.amazonaws.com"),
        ("cn-north-1", {"Null": {"kms:ViaService": "false"}}, "s3.cn-north-1.amazonaws.com.cn"),
        ("eu-west-1", {"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, None),
        (None, {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, "s3.us-east-1.amazonaws.com"),
    ],
)
def test_a_key_is_used_through_services_of_its_own_region(
    region: str | None, condition: Json, expected: str | None
) -> None:
    """Keys are regional: no service of another Region uses them for its callers."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}
    report = trustproof.check(
        [{"Resources": {"K": key}}],
        account=OWN,
        region=region,
        config={"boundary": {}},
        properties=["inside-boundary"],
    )
    (found,) = report.results
    shown = found.counterexample.context.get("kms:ViaService") if found.counterexample else found.verdict
    assert shown == expected
