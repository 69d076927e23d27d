"""
Statements of resource policies that ask their callers for what these never send.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ORGANIZATION: Json = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
PATHS: Json = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/*"}}
SERVICE: Json = {"Service": "sns.amazonaws.com"}
ROLE: Json = {"AWS": f"arn:aws:iam::{OWN}:role/app"}
USER: Json = {"AWS": f"arn:aws:iam::{OWN}:user/alice"}
PROVED, REFUTED = trustproof.PROVED, trustproof.REFUTED


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        (SERVICE, MFA, REFUTED),
        (SERVICE, ORGANIZATION, REFUTED),
        (SERVICE, PATHS, REFUTED),
        (SERVICE, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"}}, PROVED),
        (SERVICE, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, PROVED),
        (ROLE, MFA, REFUTED),
        (ROLE, {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, REFUTED),
        (ROLE, ORGANIZATION, PROVED),
        (USER, MFA, PROVED),
        ({"AWS": OWN}, MFA, PROVED),
        ("*", {**MFA, **ORGANIZATION}, PROVED),
        ({**SERVICE, **USER}, ORGANIZATION, PROVED),
    ],
)
def test_verdict(principal: object, condition: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    found = trustproof.prove(policy, "statement-usable", account=OWN, kind="resource")
    assert found.verdict == expected


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("config.amazonaws.com", "test aws:SourceOrgID, by which a service says for whom it calls"),
        (
            "sns.amazonaws.com",
            "test aws:SourceOrgID instead of aws:PrincipalOrgID, if the service sends it, or aws:Sour",
        ),
    ],
)
def test_a_service_has_no_organization_and_says_for_whose_it_calls(service: str, said: str) -> None:
    """The remedy names the key that has for services what was meant."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": ORGANIZATION}]}
    remedy = trustproof.prove(policy, "statement-usable", account=OWN, kind="resource").remedy
    assert remedy is not None
    assert remedy.text.startswith(said)


ROOT: Json = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "kms:*", "Resource": "*"}


def key_report(statement: Json) -> trustproof.Report:
    """What is said of a key with one more statement."""
    properties = {"KeyPolicy": {"Version": "2012-10-17", "Statement": [ROOT, statement]}}
    template = {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}
    return trustproof.check([template], account=OWN, properties=["statement-usable"])


@pytest.mark.parametrize("action", ["kms:Decrypt", ["kms:*", "s3:GetObject"], "*", "s3:GetObject"])
@pytest.mark.parametrize("principal", [ROLE, "*"])
def test_an_allow_of_a_key_without_resource(principal: object, action: object) -> None:
    """Nobody can use it, whatever it allows; who is let in by the remedy is somebody whom the statement names."""
    report = key_report({"Sid": "Use", "Effect": "Allow", "Principal": principal, "Action": action})
    (result,) = report.results
    assert (result.verdict, result.path) == (REFUTED, ("Resources", "Key", "Properties", "KeyPolicy", "Statement", 1))
    assert result.remedy is not None
    # With a Resource an action of another service is still none that anybody can make on a key.
    assert bool(result.remedy.diff) == (principal != "*" and action != "s3:GetObject")
    assert not [note for note in report.notes if "keeps out nobody" in note]


def test_a_deny_of_a_key_without_resource() -> None:
    """A note says of it that it has no effect, and where it is."""
    for sid, where in (({"Sid": "Never"}, "Never"), ({}, "Statement.1")):
        report = key_report({**sid, "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt"})
        said = [note for note in report.notes if "keeps out nobody" in note]
        assert [note.partition(": ")[2] for note in said] == [
            f"Deny of a key policy without Resource, which keeps out nobody: Key ({where})"
        ]


def test_a_key_with_resource() -> None:
    """Nothing is asked of a statement that says of which resource it is."""
    for said in ({"Resource": "*"}, {"NotResource": "arn:aws:s3:::b"}):
        for effect in ("Allow", "Deny"):
            report = key_report({"Effect": effect, "Principal": ROLE, "Action": "kms:Decrypt", **said})
            assert not report.results
            assert not [note for note in report.notes if "keeps out nobody" in note]


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (
            "arn:aws:s3:::logs",
            "arn:aws:s3:::logs is read with the resource logs: s3:GetObject is about arn:*:s3:::?*/?*",
        ),
        (
            "arn:aws:sqs:::logs/app",
            "arn:aws:sqs:::logs/app is read with the service sqs: s3:GetObject is about arn:*:s3:::?*/?*",
        ),
    ],
)
def test_a_resource_that_is_none_of_the_actions_is_named(resource: str, said: str) -> None:
    """The finding points at the resource, and says what the action is about instead."""
    statement = {"Effect": "Allow", "Principal": USER, "Action": "s3:GetObject", "Resource": resource}
    policy = {"Bucket": "logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": policy}}}
    (found,) = trustproof.check([template], config={}, account=OWN, properties=["statement-usable"]).results
    assert (found.verdict, found.path[-1]) == (REFUTED, "Resource")
    assert found.why == (said,)
