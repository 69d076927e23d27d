"""
Who may use a resource: hard pairs of resource policies, half of them clean and odd-looking.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

CONFIG = {"boundary": {"accounts": ["222233334444"], "organizations": ["o-aaaabbbbcc"]}}
ANYONE = "*"
ANY_AWS = {"AWS": "*"}
CANONICAL = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
DENIED = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*"}

Json = dict[str, object]


def policy(
    principal: object,
    condition: Json | None = None,
    *more: Json,
    effect: str = "Allow",
    action: str = "s3:GetObject",
) -> Json:
    """A resource policy with one statement, and more."""
    resource = "arn:aws:s3:::bucket/*" if action.startswith("s3:") else "*"
    statement: Json = {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
    if condition is not None:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement, *more]}


def lattice(condition: Json) -> Json:
    """Who may call a service of VPC Lattice."""
    return policy(ANYONE, condition, action="vpc-lattice-svcs:Invoke")


def deny(condition: Json) -> Json:
    """A Deny for everybody who meets a condition."""
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}


CASES: list[tuple[str, Json, str]] = [
    ("org", policy(ANYONE, {"StringEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"}}), "proved"),
    ("orgother", policy(ANYONE, {"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}), "refuted"),
    ("orgifexists", policy(ANYONE, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-aaaabbbbcc"}}), "refuted"),
    ("denyonly", policy(ANYONE, {"Bool": {"aws:SecureTransport": "false"}}, effect="Deny"), "proved"),
    ("notvpce", policy(ANYONE, {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}), "refuted"),
    ("vpce", policy(ANYONE, {"StringEquals": {"aws:SourceVpce": "vpce-1"}}), "proved"),
    ("vpceif", policy(ANYONE, {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}), "refuted"),
    ("vpcelike", policy(ANYONE, {"StringLike": {"aws:SourceVpce": "vpce-*"}}), "refuted"),
    ("ip0", policy(ANYONE, {"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}}), "refuted"),
    ("ip", policy(ANYONE, {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}), "proved"),
    # Who is let in by name is let in from that network.
    ("ipnamed", policy({"AWS": "999988887777"}, {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), "refuted"),
    ("ipours", policy({"AWS": "222233334444"}, {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), "proved"),
    (
        "ipnamedorg",
        policy(
            ANYONE,
            {
                "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                "StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"},
            },
        ),
        "refuted",
    ),
    (
        "vpcenamedrole",
        policy(
            ANYONE,
            {
                "StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"},
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/*"},
            },
        ),
        "refuted",
    ),
    (
        "vpceanyrole",
        policy(
            ANYONE,
            {
                "StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"},
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"},
            },
        ),
        "proved",
    ),
    (
        "ipanyandnamed",
        policy(
            ANYONE,
            {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
            {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "s3:GetObject", "Resource": "*"},
        ),
        "proved",
    ),
    # So does the network of VPC Lattice, or whose it is.
    ("latticeours", lattice({"StringEquals": {"vpc-lattice-svcs:SourceVpcOwnerAccount": "222233334444"}}), "proved"),
    ("latticeother", lattice({"StringEquals": {"vpc-lattice-svcs:SourceVpcOwnerAccount": "999988887777"}}), "refuted"),
    ("latticelike", lattice({"StringLike": {"vpc-lattice-svcs:SourceVpcOwnerAccount": "*"}}), "refuted"),
    ("latticevpc", lattice({"StringEquals": {"vpc-lattice-svcs:SourceVpc": "vpc-0123456789abcdef0"}}), "proved"),
    ("latticeanyvpc", lattice({"StringLike": {"vpc-lattice-svcs:SourceVpc": "vpc-*"}}), "refuted"),
    ("iphalf", policy(ANYONE, {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}), "refuted"),
    ("denyip", policy(ANYONE, None, deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})), "proved"),
    ("denyipif", policy(ANYONE, None, deny({"NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}})), "proved"),
    (
        "kms",
        policy(
            ANY_AWS,
            {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.us-east-1.amazonaws.com"}},
            action="kms:*",
        ),
        "proved",
    ),
    (
        "kmsvia",
        policy(ANY_AWS, {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, action="kms:Decrypt"),
        "refuted",
    ),
    ("sns", policy(ANY_AWS, {"StringEquals": {"AWS:SourceOwner": "111122223333"}}, action="SNS:Publish"), "proved"),
    (
        "sqs",
        policy(
            ANYONE, {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}}, action="sqs:SendMessage"
        ),
        "proved",
    ),
    (
        "sqsA",
        policy(
            ANY_AWS, {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}}, action="sqs:SendMessage"
        ),
        "proved",
    ),
    ("orglike", policy(ANYONE, {"StringLike": {"aws:PrincipalOrgID": "o-*"}}), "refuted"),
    (
        "orgpathsall",
        policy(ANYONE, {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-aaaabbbbcc/*"}}),
        "refuted",
    ),
    ("orgpathsany", policy(ANYONE, {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-aaaabbbbcc/*"}}), "proved"),
    (
        "orgpathsanyou",
        policy(ANYONE, {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*/ou-ab12-11111111/*"}}),
        "refuted",
    ),
    ("parn", policy(ANYONE, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}), "proved"),
    ("parnstr", policy(ANYONE, {"StringLike": {"aws:PrincipalArn": "*:111122223333:*"}}), "refuted"),
    ("parnstr2", policy(ANYONE, {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}}), "proved"),
    ("parnany", policy(ANYONE, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}), "refuted"),
    ("acctlike", policy(ANYONE, {"StringLike": {"aws:PrincipalAccount": "1111*"}}), "refuted"),
    ("tag", policy(ANY_AWS, {"StringEquals": {"aws:PrincipalTag/team": "x"}}), "refuted"),
    ("referer", policy(ANYONE, {"StringLike": {"aws:referer": "https://x/*"}}), "refuted"),
    ("userid", policy(ANYONE, {"StringLike": {"aws:userid": ["AROAABCDEFGHIJKLMNOPQ:*"]}}), "proved"),
    ("useridname", policy(ANYONE, {"StringLike": {"aws:userid": ["*:bob"]}}), "refuted"),
    ("denyorg", policy(ANYONE, None, deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"}})), "proved"),
    (
        "denyorgif",
        policy(ANYONE, None, deny({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-aaaabbbbcc"}})),
        "proved",
    ),
    ("denyorgeq", policy(ANYONE, None, deny({"StringEquals": {"aws:PrincipalOrgID": "o-evil000000"}})), "refuted"),
    (
        "denyorgand",
        policy(
            ANYONE,
            None,
            deny(
                {
                    "StringNotEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                }
            ),
        ),
        "refuted",
    ),
    (
        "denyorgandif",
        policy(
            ANYONE,
            None,
            deny(
                {
                    "StringNotEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                }
            ),
        ),
        # It spares services, which call for other customers too.
        "refuted",
    ),
    (
        "denyorgandifandsource",
        policy(
            ANYONE,
            None,
            deny(
                {
                    "StringNotEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                }
            ),
            deny(
                {
                    "StringNotEqualsIfExists": {"aws:SourceOrgID": "o-aaaabbbbcc"},
                    "Null": {"aws:SourceAccount": "false"},
                    "Bool": {"aws:PrincipalIsAWSService": "true"},
                }
            ),
        ),
        "proved",
    ),
    ("elb", policy({"AWS": "arn:aws:iam::127311923021:root"}, action="s3:PutObject"), "proved"),
    ("trail", policy({"AWS": ["086441151436", "arn:aws:iam::903692715234:root"]}, action="s3:PutObject"), "proved"),
    ("billing", policy({"AWS": "arn:aws:iam::386209384616:root"}, action="s3:PutObject"), "proved"),
    ("redshift", policy({"AWS": "arn:aws:iam::193672423079:user/logs"}, action="s3:PutObject"), "proved"),
    # Nothing is said of anybody else there.
    ("redshiftroot", policy({"AWS": "arn:aws:iam::193672423079:root"}, action="s3:PutObject"), "refuted"),
    ("redshiftuser", policy({"AWS": "arn:aws:iam::193672423079:user/app"}, action="s3:PutObject"), "refuted"),
    ("foreign", policy({"AWS": "999988887777"}), "refuted"),
    (
        "two",
        policy(
            ANYONE,
            {"StringEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"}},
            {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "s3:GetObject", "Resource": "*"},
        ),
        "refuted",
    ),
    ("vpc", policy(ANYONE, {"StringEquals": {"aws:SourceVpc": "vpc-1"}}), "proved"),
    ("resacct", policy(ANYONE, {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}), "proved"),
    ("resorg", policy(ANYONE, {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}), "proved"),
    ("null", policy(ANYONE, {"Null": {"aws:PrincipalOrgID": "false"}}), "refuted"),
    (
        "efs",
        policy(
            ANY_AWS,
            {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
            action="elasticfilesystem:ClientMount",
        ),
        "proved",
    ),
    ("dap", policy(ANY_AWS, {"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}), "proved"),
    ("oai", policy({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}), "proved"),
    # Which account that is, no policy says.
    ("canon", policy(CANONICAL), "unknown"),
    ("canon org", policy(CANONICAL, {"StringEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"}}), "proved"),
    ("canon denied", policy(ANYONE, None, {**DENIED, "Principal": CANONICAL}), "refuted"),
    ("canon left out", policy(ANYONE, None, {**DENIED, "NotPrincipal": CANONICAL}), "unknown"),
]


@pytest.mark.parametrize(("document", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(document: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    assert trustproof.prove(document, "inside-boundary", config=CONFIG, kind="resource").verdict == expected


USER_ID, ROLE_ID, OTHER_ID = "AIDAABCDEFGHIJKLMNOPQ", "AROAABCDEFGHIJKLMNOPQ", "AROABCDEFGHIJKLMNOPQR"


@pytest.mark.parametrize(
    ("document", "whose"),
    [
        (policy(ANYONE, {"StringLike": {"aws:userid": f"{ROLE_ID}:*"}}), f"whose {ROLE_ID} is"),
        (policy(ANYONE, {"StringEquals": {"aws:userid": USER_ID}}), f"whose {USER_ID} is"),
        (
            policy(ANYONE, {"StringLike": {"aws:userid": [USER_ID, f"{ROLE_ID}:*"]}}),
            f"whose {USER_ID} and {ROLE_ID} are",
        ),
        (
            policy(ANYONE, {"StringLike": {"aws:userid": [USER_ID, f"{ROLE_ID}:*", f"{OTHER_ID}:*"]}}),
            f"whose {USER_ID} and {ROLE_ID} are (and 1 more)",
        ),
        # Its account is known by something else.
        (policy({"AWS": "111122223333"}, {"StringLike": {"aws:userid": f"{ROLE_ID}:*"}}), ""),
    ],
)
def test_a_proof_says_that_it_rests_on_a_unique_id(document: Json, whose: str) -> None:
    """An id belongs to one user or role for ever, and to which account nobody can read in it: the proof was silent."""
    found = trustproof.prove(document, "inside-boundary", config=CONFIG, kind="resource")
    said = [f"this rests on {whose}: a unique id does not say its account"] if whose else []
    assert (found.verdict, [*found.reasons]) == ("proved", said)


def test_proof_says_that_it_rests_on_the_network() -> None:
    """A network bounds where requests come from, and the proof says so."""
    document = policy(ANYONE, {"StringEquals": {"aws:SourceVpce": "vpce-1"}})
    found = trustproof.prove(document, "inside-boundary", config=CONFIG, kind="resource")
    assert found.verdict == "proved"
    assert found.reasons == ("this rests on the network a request comes from, not on who sends it (aws:SourceVpce)",)


def test_strict_boundary_refuses_the_network() -> None:
    """With `network-bounds = false` a network bounds nothing."""
    document = policy(ANYONE, {"StringEquals": {"aws:SourceVpce": "vpce-1"}})
    strict = {"boundary": {"accounts": ["222233334444"], "network-bounds": False}}
    found = trustproof.prove(document, "inside-boundary", config=strict, kind="resource")
    assert found.verdict == "refuted"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (policy({"AWS": "999988887777"}), "unknown"),
        (policy(ANYONE, {"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}), "unknown"),
        (policy(ANYONE), "refuted"),
        (policy({"AWS": "111122223333"}), "proved"),
    ],
)
def test_without_a_boundary_only_anyone_is_refuted(document: Json, expected: str) -> None:
    """A named foreign account or organization is unknown until the boundary is declared."""
    found = trustproof.prove(document, "inside-boundary", account="111122223333", kind="resource")
    assert found.verdict == expected
    if expected == "unknown":
        assert any("declare the boundary" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("*", ("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:111122223333:repository/r")),
        # Nobody looks at it for the action of another service.
        ("sqs:SendMessage", None),
    ],
)
def test_the_action_is_one_for_what_the_policy_stands_on(
    action: str, expected: tuple[str, str] | None, tmp_path: Path
) -> None:
    """A policy that names no resource is shown with an action for its own resource, or lets nobody in."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": action}
    properties = {"RepositoryName": "r", "RepositoryPolicyText": {"Version": "2012-10-17", "Statement": [statement]}}
    file = tmp_path / "template.json"
    resources = {"R": {"Type": "AWS::ECR::Repository", "Properties": properties}}
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", region="us-east-1", properties=["inside-boundary"])
    (shown,) = [result.counterexample for result in report.results]
    assert (shown and (shown.action, shown.resource)) == expected


def test_proof_in_a_template_says_that_it_rests_on_the_network(tmp_path: Path) -> None:
    """It says so too where the resource is only known after deployment, so that no request can be shown without it."""
    document = policy(ANYONE, {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    (statement,) = document["Statement"]  # type: ignore[misc]
    statement["Resource"] = {"Fn::Sub": "${Bucket.Arn}/*"}
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Readers": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document},
        },
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    (found,) = trustproof.check([str(file)], properties=["inside-boundary"], config=CONFIG).results
    assert found.verdict == "proved"
    assert found.reasons == ("this rests on the network a request comes from, not on who sends it (aws:SourceIp)",)


@pytest.mark.parametrize(
    ("action", "caller"),
    [
        ("s3:GetObject", "anonymous"),
        ("sqs:SendMessage", "anonymous"),
        ("lambda:InvokeFunctionUrl", "anonymous"),
        *(
            (action, "arn:aws:iam::444455556666:user/alice")
            for action in (
                "kms:Decrypt",
                "secretsmanager:GetSecretValue",
                "events:PutEvents",
                "logs:PutLogEvents",
                "dynamodb:GetItem",
                "kinesis:PutRecord",
            )
        ),
    ],
)
def test_who_anyone_is(action: str, caller: str) -> None:
    """Some services answer no unsigned request, so that anyone is anyone with an AWS account."""
    found = trustproof.prove(policy(ANYONE, action=action), "inside-boundary", config=CONFIG, kind="resource")
    assert found.counterexample is not None
    assert found.counterexample.caller == caller
    assert found.message.startswith("anyone, without" if caller == "anonymous" else "anyone with an AWS account")


def test_anyone_who_may_do_everything_with_a_key(tmp_path: Path) -> None:
    """A key answers no unsigned request for anything."""
    file = tmp_path / "template.json"
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy(ANYONE, action="*")}}
    file.write_text(json.dumps({"Resources": {"Key": key}}), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", config=CONFIG, properties=["inside-boundary"])
    assert report.results[0].message.startswith("anyone with an AWS account")


LIKELY: list[tuple[str, str, str]] = [
    ("aws:SourceVpce", "vpce-*", "vpce-0a1b2c3d4e5f60718"),
    ("aws:SourceVpc", "vpc-*", "vpc-0a1b2c3d4e5f60718"),
    ("aws:SourceVpcArn", "arn:aws:ec2:*:*:vpc/*", "arn:aws:ec2:us-east-1:999988887777:vpc/vpc-0a1b2c3d4e5f60718"),
    ("aws:RequestedRegion", "eu-*", "eu-west-1"),
    ("aws:RequestedRegion", "ap-south-*", "ap-south-1"),
    ("s3:DataAccessPointAccount", "1111*", "111100000000"),
    (
        "s3:DataAccessPointArn",
        "arn:aws:s3:*:*:accesspoint/app*",
        "arn:aws:s3:us-east-1:444455556666:accesspoint/app",
    ),
    ("elasticfilesystem:AccessedViaMountTarget", "f*", "false"),
]


@pytest.mark.parametrize(("key", "pattern", "value"), LIKELY, ids=[f"{case[0]} {case[1]}" for case in LIKELY])
def test_counterexample_has_values_that_the_keys_can_have(key: str, pattern: str, value: str) -> None:
    """A wildcard stands for something that exists, and a key is written as the policy writes it."""
    document = policy(ANYONE, {"StringLike": {key: pattern}})
    found = trustproof.prove(document, "inside-boundary", config=CONFIG, kind="resource")
    assert found.counterexample is not None
    assert found.counterexample.context[key] == value


def test_a_mount_target_is_spelt_as_the_policy_spells_it() -> None:
    """The note about what a proof rests on names the key as it stands there."""
    condition = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    document = policy(ANYONE, condition, action="elasticfilesystem:ClientMount")
    found = trustproof.prove(document, "inside-boundary", config=CONFIG, kind="resource")
    assert found.reasons[0].endswith("(elasticfilesystem:AccessedViaMountTarget)")
