"""
Principals that are one of several known values.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

#: Accounts with which AWS delivers the logs of load balancers.
AWS = {"us-east-1": {"Id": "127311923021"}, "eu-west-1": {"Id": "156460612806"}}
MIXED = {**AWS, "eu-north-1": {"Id": "444455556666"}}


@pytest.mark.parametrize(("table", "expected"), [(AWS, trustproof.PROVED), (MIXED, trustproof.UNKNOWN)])
def test_each_value_of_a_mapping_counts(table: object, expected: str, tmp_path: Path) -> None:
    """Whatever the Region turns out to be, the account is one of those in the mapping."""
    account = {"Fn::FindInMap": ["Accounts", {"Ref": "AWS::Region"}, "Id"]}
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "s3:PutObject", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"Bucket": "logs", "PolicyDocument": policy}
    content = {
        "Mappings": {"Accounts": table},
        "Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    (found,) = trustproof.check([str(file)], properties=["inside-boundary"]).results
    assert found.verdict == expected
