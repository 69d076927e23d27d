"""
How an API is called: a private one by the endpoints of VPCs, and a public one by none.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
PRESENT: Json = {"Null": {"aws:SourceVpce": "false"}}
ABSENT: Json = {"Null": {"aws:SourceVpce": "true"}}
OURS: Json = {"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}


def api(types: object, condition: Json) -> Json:
    """An API for everybody, with a Deny."""
    statement = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    statements = [{"Effect": "Allow", **statement}, {"Effect": "Deny", **statement, "Condition": condition}]
    more = {} if types is None else {"EndpointConfiguration": {"Types": types}}
    properties = {"Name": "a", "Policy": {"Version": "2012-10-17", "Statement": statements}, **more}
    return {"A": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}}


@pytest.mark.parametrize(
    ("types", "condition", "expected"),
    [
        (["PRIVATE"], PRESENT, "proved"),
        (["PRIVATE"], ABSENT, "refuted"),
        (["PRIVATE"], OURS, "proved"),
        (["PRIVATE"], {"Null": {"aws:SourceVpc": "false"}}, "proved"),
        (["EDGE"], PRESENT, "refuted"),
        (["EDGE"], ABSENT, "proved"),
        (["REGIONAL"], ABSENT, "proved"),
        (["REGIONAL"], OURS, "proved"),
        # What is not written out may be either.
        (None, PRESENT, "refuted"),
        (None, ABSENT, "refuted"),
        ([{"Ref": "AWS::StackName"}], ABSENT, "refuted"),
    ],
)
def test_the_endpoint_of_a_request(types: object, condition: Json, expected: str, tmp_path: Path) -> None:
    """A request to a private API has the endpoint that it came by, and one to a public API has none."""
    (tmp_path / "template.json").write_text(json.dumps({"Resources": api(types, condition)}), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)], account="111122223333", config={"boundary": {}}, properties=["inside-boundary"], certify=True
    )
    assert [one.verdict for one in report.results] == [expected]
