"""
Services behind a wildcard: for whom they may call.
"""

from __future__ import annotations

import pytest

import trustproof

OWN = "111122223333"
OTHER = "999988887777"
TOPIC = f"arn:aws:sns:us-east-1:{OWN}:topic"
FOREIGN = f"arn:aws:sns:us-east-1:{OTHER}:topic"

CASES: list[tuple[dict[str, object], str, str]] = [
    # Condition, without a boundary, with a boundary of no further accounts.
    ({"ArnEquals": {"aws:SourceArn": TOPIC}}, "proved", "proved"),
    ({"ArnEquals": {"aws:SourceArn": FOREIGN}}, "unknown", "refuted"),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}}, "refuted", "refuted"),
    ({"StringLike": {"aws:SourceArn": "arn:aws:sns:*"}}, "refuted", "refuted"),
    ({"StringEquals": {"aws:SourceAccount": OWN}}, "proved", "proved"),
    ({"StringEquals": {"aws:SourceAccount": OTHER}}, "unknown", "refuted"),
    ({"StringLike": {"aws:SourceAccount": "*"}}, "refuted", "refuted"),
    ({"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}, "unknown", "refuted"),
    ({"ForAllValues:ArnEquals": {"aws:SourceArn": TOPIC}}, "refuted", "refuted"),
    # A bucket's ARN has no account, and no bucket has more than one owner.
    ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:bucket"}}, "proved", "proved"),
    ({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::bucket"}}, "proved", "proved"),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket*"}}, "refuted", "refuted"),
    # A service may carry the account that it calls for, and no other one.
    ({"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}, "refuted", "refuted"),
    # Something else bounds as well.
    (
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}, "StringEquals": {"aws:PrincipalAccount": OWN}},
        "proved",
        "proved",
    ),
    (
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}, "StringEquals": {"aws:SourceAccount": OWN}},
        "proved",
        "proved",
    ),
]


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}], ids=["everybody", "every principal"])
@pytest.mark.parametrize(("condition", "without", "within"), CASES, ids=[str(case[0]) for case in CASES])
def test_verdict(principal: object, condition: dict[str, object], without: str, within: str) -> None:
    """A wildcard with a condition on the source is as wide as the sources that meet it."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    found = trustproof.prove(policy, "inside-boundary", kind="resource", account=OWN)
    assert found.verdict == without
    config = {"boundary": {"accounts": []}}
    found = trustproof.prove(policy, "inside-boundary", kind="resource", account=OWN, config=config)
    assert found.verdict == within


DENIED: list[tuple[dict[str, object], str]] = [
    ({"Null": {"aws:SourceArn": "true"}}, "refuted"),
    ({"ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}}, "refuted"),
    ({"ArnNotLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:*"}}, "proved"),
    ({"StringNotEquals": {"aws:SourceAccount": OTHER}}, "refuted"),
    ({"StringNotEquals": {"aws:SourceAccount": OWN}}, "proved"),
]


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}], ids=["everybody", "every principal"])
@pytest.mark.parametrize(("condition", "expected"), DENIED, ids=[str(case[0]) for case in DENIED])
def test_a_deny_that_looks_at_the_source_means_services(
    principal: object, condition: dict[str, object], expected: str
) -> None:
    """Nobody else has one: what it leaves in are services, and for whom they call is asked."""
    allow = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": "*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [allow, deny]}
    config = {"boundary": {"accounts": []}}
    found = trustproof.prove(policy, "inside-boundary", kind="resource", account=OWN, config=config)
    assert found.verdict == expected


IS_SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
NAMED = {"StringEquals": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}}
OURS = {"StringEquals": {"aws:SourceAccount": OWN}}
MEANT: list[tuple[dict[str, object], str]] = [
    # Who says that a service may come in says nothing of whom it calls for.
    (IS_SERVICE, "refuted"),
    (NAMED, "refuted"),
    ({"ForAnyValue:StringEquals": {"aws:PrincipalServiceNamesList": ["cloudtrail.amazonaws.com"]}}, "refuted"),
    ({"StringLike": {"aws:PrincipalServiceName": "cloud*.amazonaws.com"}}, "refuted"),
    ({**IS_SERVICE, **OURS}, "proved"),
    ({"StringEquals": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com", "aws:SourceAccount": OWN}}, "proved"),
    ({**IS_SERVICE, "StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}, "proved"),
    ({**IS_SERVICE, "StringEqualsIfExists": {"aws:SourceAccount": OWN}}, "proved"),
    # Services have neither organization nor account.
    ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, "proved"),
    ({"StringEquals": {"aws:PrincipalAccount": OWN}}, "proved"),
    (
        {"Bool": {"aws:PrincipalIsAWSService": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        "proved",
    ),
    # A network bounds services as it does everybody.
    ({**IS_SERVICE, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "proved"),
]


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}], ids=["everybody", "every principal"])
@pytest.mark.parametrize(("condition", "expected"), MEANT, ids=[str(case[0]) for case in MEANT])
def test_services_that_a_wildcard_lets_in(principal: object, condition: dict[str, object], expected: str) -> None:
    """A wildcard lets in any service for any customer."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    config = {"boundary": {"accounts": [], "organizations": ["o-a1b2c3d4e5"]}}
    found = trustproof.prove(policy, "inside-boundary", kind="resource", account=OWN, config=config)
    assert found.verdict == expected
    if found.counterexample is not None:
        assert found.counterexample.caller.startswith("cloud")


def test_a_test_for_absence_names_no_service() -> None:
    """What a Deny for everybody but services leaves in is shown as a call of some service."""
    condition = {
        "StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "Null": {"aws:PrincipalServiceName": "true"},
    }
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement, deny]}
    config = {"boundary": {"accounts": [], "organizations": ["o-a1b2c3d4e5"]}}
    found = trustproof.prove(policy, "inside-boundary", kind="resource", account=OWN, config=config)
    assert found.counterexample is not None
    assert found.counterexample.caller == "cloudfront.amazonaws.com"


def test_the_request_is_that_of_a_service() -> None:
    """The counterexample says for whom the service calls."""
    condition = {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    found = trustproof.prove(policy, "inside-boundary", kind="resource", account=OWN)
    assert found.counterexample is not None
    assert found.counterexample.caller == "sns.amazonaws.com"
    assert found.counterexample.context == {"aws:SourceAccount": OTHER, "aws:SourceArn": FOREIGN}


def test_a_bucket_is_believed_and_the_proof_says_so() -> None:
    """A named service that calls for a bucket is held to the bucket's name."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:bucket"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(policy, "no-confused-deputy", kind="resource", account=OWN)
    assert found.verdict == trustproof.PROVED
    assert found.reasons[0].startswith("this rests on a source whose ARN does not say whose it is")


@pytest.mark.parametrize(
    ("condition", "caller"),
    [
        ({"StringEquals": {"s3:authType": "REST-HEADER"}}, "user-key"),
        ({"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}, "user-key"),
        ({"NumericLessThan": {"s3:signatureAge": "600000"}}, "user-key"),
        ({"StringEqualsIfExists": {"s3:authType": "REST-HEADER"}}, "anonymous"),
        ({"Null": {"s3:authType": "true"}}, "anonymous"),
    ],
)
def test_a_request_without_a_signature_has_no_kind_of_signature(condition: dict[str, object], caller: str) -> None:
    """Who asks how a request is signed lets in nobody without credentials."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*",
        "Condition": condition,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(policy, "inside-boundary", kind="resource", account=OWN)
    assert found.counterexample is not None
    assert found.counterexample.request.caller.kind == caller


def test_between_two_versions_of_tls_is_another_one() -> None:
    """Unlike what counts seconds, its numbers are no integers."""
    bounds = {"NumericGreaterThan": {"s3:TlsVersion": "1.1"}, "NumericLessThan": {"s3:TlsVersion": "1.3"}}
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*",
        "Condition": bounds,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(policy, "inside-boundary", kind="resource", account=OWN)
    assert found.counterexample is not None
    assert found.counterexample.request.context["s3:tlsversion"] == "1.2"
