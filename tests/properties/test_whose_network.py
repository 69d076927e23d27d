"""
Keys that say whose a request is without naming its caller: whose network, access point or provider it came through.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.config.model import Boundary, Config
from trustproof.results.result import Result

Json = dict[str, object]
OWN, NAMED, NAMED_ORGANIZATION = "111122223333", "555566667777", "o-namedorg12"
DECLARED = Config(boundary=Boundary(accounts=(OWN,)))
BUCKET = "arn:aws:s3:::logs"
POINT = "s3:DataAccessPointArn"
VPC = "aws:SourceVpcArn"


def judge(condition: Json, config: Config | None = None) -> Result:
    """What is said of a bucket's policy that lets everybody read under a condition."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"{BUCKET}/*",
                "Condition": condition,
            }
        ],
    }
    return trustproof.prove(policy, "inside-boundary", account=OWN, config=config, kind="resource")


NAMES_SOMEBODY = [
    ({"StringEquals": {"aws:VpceAccount": NAMED}}, NAMED),
    ({"StringEquals": {"vpc-lattice-svcs:SourceVpcOwnerAccount": NAMED}}, NAMED),
    ({"StringEquals": {"aws:VpceOrgID": NAMED_ORGANIZATION}}, NAMED_ORGANIZATION),
    ({"ForAnyValue:StringLike": {"aws:VpceOrgPaths": f"{NAMED_ORGANIZATION}/*"}}, NAMED_ORGANIZATION),
    ({"ArnLike": {VPC: f"arn:aws:ec2:*:{NAMED}:vpc/*"}}, NAMED),
    ({"StringEquals": {"s3:DataAccessPointAccount": NAMED}}, NAMED),
    ({"ArnLike": {POINT: f"arn:aws:s3:*:{NAMED}:accesspoint/*"}}, NAMED),
    ({"StringEquals": {"aws:SourceOwner": NAMED}}, NAMED),
    ({"StringEquals": {"aws:SourceAccount": NAMED}}, NAMED),
    ({"StringEquals": {"aws:SourceOrgID": NAMED_ORGANIZATION}}, NAMED_ORGANIZATION),
    ({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": f"{NAMED_ORGANIZATION}/*"}}, NAMED_ORGANIZATION),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{NAMED_ORGANIZATION}/*"}}, NAMED_ORGANIZATION),
    ({"StringEquals": {"aws:FederatedProvider": f"arn:aws:iam::{NAMED}:oidc-provider/id.example.com"}}, NAMED),
    ({"ArnLike": {"lambda:SourceFunctionArn": f"arn:aws:lambda:*:{NAMED}:function:app"}}, NAMED),
]


@pytest.mark.parametrize(("condition", "named"), NAMES_SOMEBODY)
def test_nobody_knows_whose_it_is_without_a_boundary(condition: Json, named: str) -> None:
    """Whoever is named by a key of a network, an access point or a provider is asked for, as a named account is."""
    result = judge(condition)
    assert result.verdict == "unknown"
    assert named in result.message
    assert [one.ident for one in result.undeclared] == [named]


@pytest.mark.parametrize(("condition", "named"), NAMES_SOMEBODY)
def test_somebody_undeclared_is_outside(condition: Json, named: str) -> None:
    """With a boundary, who is not declared is outside of it, and is not called anyone."""
    result = judge(condition, DECLARED)
    assert result.verdict == "refuted"
    assert "anyone" not in result.message


@pytest.mark.parametrize(("condition", "named"), NAMES_SOMEBODY)
def test_whoever_is_declared_is_inside(condition: Json, named: str) -> None:
    """The network, access point or provider of somebody declared is as good as one's own."""
    accounts = (OWN,) if named.startswith("o-") else (OWN, named)
    organizations = (named,) if named.startswith("o-") else ()
    config = Config(boundary=Boundary(accounts=accounts, organizations=organizations))
    assert judge(condition, config).verdict == "proved"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringLike": {"aws:VpceAccount": "5555*"}}, "refuted"),
        ({"StringLike": {"aws:VpceOrgID": "o-*"}}, "refuted"),
        ({"ForAnyValue:StringLike": {"aws:VpceOrgPaths": "*/ou-a/*"}}, "refuted"),
        ({"ForAllValues:StringLike": {"aws:VpceOrgPaths": f"{NAMED_ORGANIZATION}/*"}}, "refuted"),
        ({"StringEqualsIfExists": {"aws:VpceAccount": OWN}}, "refuted"),
        ({"StringNotEquals": {"aws:VpceAccount": NAMED}}, "refuted"),
        ({"StringLike": {"aws:Ec2InstanceSourceVpc": "vpc-*"}}, "refuted"),
        ({"StringEquals": {"aws:Ec2InstanceSourceVpc": "vpc-1a2b3c4d"}}, "proved"),
        ({"ArnEquals": {VPC: f"arn:aws:ec2:us-east-1:{NAMED}:vpc/vpc-1a2b3c4d"}}, "proved"),
        ({"ArnLike": {VPC: "arn:aws:ec2:*:*:vpc/*"}}, "refuted"),
        ({"ArnLike": {VPC: f"arn:aws:ec2:*:{OWN}:vpc/*"}}, "proved"),
        ({"StringLike": {VPC: f"arn:aws:ec2:*:{OWN}:vpc/*"}}, "proved"),
        ({"StringLike": {VPC: f"arn:aws:ec2:*{OWN}*"}}, "refuted"),
        ({"ArnLike": {POINT: "arn:aws:s3:*:*:accesspoint/app"}}, "refuted"),
        ({"StringLike": {POINT: f"arn:aws:s3:*:{OWN}:accesspoint/*"}}, "proved"),
        ({"StringEquals": {"aws:ResourceAccount": OWN}}, "refuted"),
        ({"StringEquals": {"aws:ResourceOrgID": NAMED_ORGANIZATION}}, "refuted"),
    ],
)
def test_what_a_condition_bounds(condition: Json, expected: str) -> None:
    """What fixes one network, account or organization bounds; what is true of everybody's, or without the key, not."""
    assert judge(condition).verdict == expected
