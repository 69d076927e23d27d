"""
What the CDK writes beside a grant to read a table of DynamoDB, which is no mistake of whoever granted it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
OTHER = "arn:aws:dynamodb:us-east-1:111122223333:table/invoices"
MADE = {"Fn::GetAtt": ["Table", "Arn"]}
OF_STREAMS = ["dynamodb:GetRecords", "dynamodb:GetShardIterator"]
OF_TABLES = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]


def _allow(actions: list[str], *resources: object, **rest: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources), **rest}


def _verdict(tmp_path: Path, *policies: list[dict[str, Any]]) -> str:
    """The worst verdict about the statements of a role that has these policies."""
    service = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    written = [
        {"PolicyName": str(index), "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
        for index, statements in enumerate(policies)
    ]
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": service}, "Policies": written}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": properties},
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}))
    results = trustproof.check([str(file)], account="111122223333", properties=["statement-usable"]).results
    return next((v for v in ("refuted", "unknown") if v in {one.verdict for one in results}), "proved")


@pytest.mark.parametrize("table", [TABLE, MADE])
def test_what_the_cdk_writes_is_not_asked_about(table: object, tmp_path: Path) -> None:
    """The table is read; in another policy of the same role too, into which the CDK puts what is too long."""
    assert _verdict(tmp_path, [_allow(OF_TABLES, table), _allow(OF_STREAMS, table)]) == "proved"
    assert _verdict(tmp_path, [_allow(OF_STREAMS, table)], [_allow(OF_TABLES, table)]) == "proved"


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([_allow(OF_STREAMS, TABLE)], id="nothing-else"),
        pytest.param([_allow(OF_TABLES, OTHER), _allow(OF_STREAMS, TABLE)], id="another-table"),
        pytest.param([_allow(OF_TABLES, TABLE), _allow(OF_STREAMS, TABLE, OTHER)], id="one-of-two-tables"),
        pytest.param([_allow(OF_TABLES, TABLE), _allow(OF_STREAMS[:1], TABLE)], id="not-what-the-cdk-writes"),
        pytest.param([{**_allow(OF_TABLES, TABLE), "Effect": "Deny"}, _allow(OF_STREAMS, TABLE)], id="denied"),
        pytest.param(
            [
                _allow(OF_TABLES, TABLE),
                _allow(OF_STREAMS, TABLE, Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
            ],
            id="condition",
        ),
    ],
)
def test_who_cannot_read_the_stream_is_told(statements: list[dict[str, Any]], tmp_path: Path) -> None:
    """Somebody wrote that for a stream, and gave the ARN of the table."""
    assert _verdict(tmp_path, statements) == "refuted"
