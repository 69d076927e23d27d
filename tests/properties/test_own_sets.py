"""
Sets of values that are one's own: no wildcard of theirs crosses a colon, a slash or the name of a host.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER = "111122223333", "999988887777"
SOURCE = Path(trustproof.__file__).parent


def test_no_wildcard_stands_before_the_end_of_a_set() -> None:
    """`like`, whose wildcards cross everything, is given no text of ours with a wildcard before its end."""
    found: list[str] = []
    for file in sorted([*(SOURCE / "properties").rglob("*.py"), *(SOURCE / "aws").rglob("*.py")]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "like":
                texts = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
                found += [f"{file.name}: {text}" for text in texts if set(text[:-1]) & set("*?")]
    assert not found


def trust(principal: Json, action: str, condition: Json) -> Json:
    """A trust policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("operator", "audience", "expected"),
    [
        ("StringEquals", "https://evil.example/x.signin.aws.amazon.com/saml", "refuted"),
        ("StringEquals", "https://evil.example:443/.signin.aws.amazon.com/saml", "refuted"),
        ("StringEquals", "https://user@evil.signin.aws.amazon.com/saml", "refuted"),
        ("StringEquals", "https://us-east-1.signin.aws.amazon.com/saml", "proved"),
        ("StringEquals", "https://a.b.signin.aws.amazon.com/saml", "refuted"),
        ("StringEquals", "https://.signin.aws.amazon.com/saml", "refuted"),
        ("StringLike", "https://*.signin.aws.amazon.com/saml", "refuted"),
        ("StringLike", "https://us-????-?.signin.aws.amazon.com/saml", "refuted"),
        ("StringLike", "https://signin.aws.amazon.com/*", "proved"),
    ],
)
def test_recipients(operator: str, audience: str, expected: str) -> None:
    """An address is AWS's by its host, which ends at the first slash."""
    policy = trust(
        {"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"},
        "sts:AssumeRoleWithSAML",
        {operator: {"SAML:aud": audience}},
    )
    assert trustproof.prove(policy, "saml-audience-bound", account=OWN).verdict == expected


def let_in(service: str, operator: str, source: str) -> Json:
    """A queue's policy that lets a service in for sources."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sqs:SendMessage",
                "Resource": f"arn:aws:sqs:us-east-1:{OWN}:queue",
                "Condition": {operator: {"aws:SourceArn": source}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("service", "operator", "source", "expected"),
    [
        ("cloudwatch", "StringLike", f"arn:aws:cloudwatch:*:{OWN}:alarm:*", "refuted"),
        ("cloudwatch", "ArnLike", f"arn:aws:cloudwatch:*:{OWN}:alarm:*", "proved"),
        ("cloudwatch", "StringLike", f"arn:aws:cloudwatch:us-east-1:{OWN}:alarm:*", "proved"),
        ("cloudwatch", "StringEquals", f"arn:aws:cloudwatch:us-east-1:{OTHER}:alarm:x:{OWN}:alarm:y", "refuted"),
        ("cloudwatch", "ArnLike", f"arn:aws:cloudwatch:us-east-1:{OTHER}:alarm:x:{OWN}:alarm:y", "refuted"),
        # Names without colons: what follows the account of somebody else cannot hold ours.
        ("sns", "StringLike", f"arn:aws:sns:*:{OWN}:*", "proved"),
        ("events", "StringLike", f"arn:aws:events:*:{OWN}:rule/*", "proved"),
        ("sns", "StringLike", f"arn:*:{OWN}:*", "refuted"),
        ("sns", "StringLike", "arn:aws:sns:*", "refuted"),
        ("logs", "StringLike", f"arn:aws:logs:*:{OWN}:*", "refuted"),
        ("apigateway", "StringLike", f"arn:aws:execute-api:*:{OWN}:*", "refuted"),
    ],
)
def test_sources(service: str, operator: str, source: str, expected: str) -> None:
    """A source is in the account of its fifth field, whatever its name looks like."""
    policy, config = let_in(f"{service}.amazonaws.com", operator, source), {"boundary": {"accounts": [OWN]}}
    found = trustproof.prove(policy, "no-confused-deputy", account=OWN, kind="resource", config=config)
    assert found.verdict == expected


def reached(operator: str, key: str, values: list[str]) -> Json:
    """A queue's policy that lets everybody in under a condition."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::bucket/*",
                "Condition": {operator: {key: values}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", f"arn:aws:s3:us-east-1:{OWN}:accesspoint/a", "proved"),
        ("StringEquals", f"arn:aws:s3:us-east-1:{OTHER}:accesspoint/a", "unknown"),
        ("ArnLike", f"arn:aws:s3:*:{OWN}:accesspoint/*", "proved"),
        # No access point has such a name.
        ("StringEquals", f"arn:aws:s3:us-east-1:{OTHER}:x:s3:eu-west-1:{OWN}:accesspoint/a", "proved"),
    ],
)
def test_access_points(operator: str, value: str, expected: str) -> None:
    """An access point is in the account of its fifth field."""
    policy = reached(operator, "s3:DataAccessPointArn", [value])
    assert trustproof.prove(policy, "inside-boundary", account=OWN, kind="resource").verdict == expected


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (["203.0.113.0/24"], "proved"),
        (["44.0.0.0/8"], "proved"),
        (["44.0.0.0/7"], "refuted"),
        ([f"{n}.0.0.0/8" for n in range(256)], "refuted"),
        # Two neighbours are the same as the block around them, and two that are not are as many.
        (["44.0.0.0/8", "45.0.0.0/8"], "refuted"),
        (["44.0.0.0/8", "99.0.0.0/8"], "refuted"),
        ([f"{n}.0.0.0/9" for n in range(11, 120, 2)], "refuted"),
        ([f"44.{n}.0.0/16" for n in range(256)], "proved"),
        # No request comes from a private network over the internet.
        (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "44.0.0.0/8"], "proved"),
        (["2001:db8::/32", "203.0.113.0/24"], "proved"),
        ([f"{0x2400 + n:x}::/32" for n in range(4)], "refuted"),
    ],
)
def test_many_networks(blocks: list[str], expected: str) -> None:
    """Ranges of addresses are a network together, or none."""
    policy = reached("IpAddress", "aws:SourceIp", blocks)
    assert trustproof.prove(policy, "inside-boundary", account=OWN, kind="resource").verdict == expected


def denied(*conditions: tuple[str, list[str]], allow: dict[str, dict[str, list[str]]] | None = None) -> object:
    """The verdict for what everybody may read but for Deny statements with these conditions."""
    statement = {"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}
    statements: list[dict[str, object]] = [{**statement, "Effect": "Allow", **({"Condition": allow} if allow else {})}]
    for operator, blocks in conditions:
        statements.append({**statement, "Effect": "Deny", "Condition": {operator: {"aws:SourceIp": blocks}}})
    policy = {"Version": "2012-10-17", "Statement": statements}
    return trustproof.prove(policy, "inside-boundary", account=OWN, kind="resource").verdict


ALL_BUT_44 = [*(f"{n}.0.0.0/8" for n in range(256) if n != 44), "::/0"]


@pytest.mark.parametrize(
    ("conditions", "allow", "expected"),
    [
        ([("NotIpAddress", ["44.0.0.0/8"])], None, "proved"),
        ([("IpAddressIfExists", ALL_BUT_44)], None, "proved"),
        # Through the endpoint of a VPC there is no address, and the Deny does not apply.
        ([("IpAddress", ALL_BUT_44)], None, "refuted"),
        ([("IpAddressIfExists", ALL_BUT_44[1:])], None, "refuted"),
        ([("IpAddressIfExists", ALL_BUT_44[:-1])], None, "refuted"),
        ([("IpAddressIfExists", ALL_BUT_44[:99]), ("IpAddressIfExists", ALL_BUT_44[99:])], None, "proved"),
        ([("NotIpAddress", ["44.0.0.0/7"])], None, "refuted"),
        ([("NotIpAddress", ["44.0.0.0/7"]), ("NotIpAddress", ["45.0.0.0/8", "46.0.0.0/8"])], None, "proved"),
        ([("IpAddress", ["45.0.0.0/8"])], ["44.0.0.0/7"], "proved"),
        ([("IpAddress", ["45.0.0.0/9"])], ["44.0.0.0/7"], "refuted"),
        ([("IpAddress", ["44.0.0.0/7"])], ["44.0.0.0/7"], "proved"),
        # Whether this is all of IPv4, nobody says.
        ([("NotIpAddress", ["::ffff:0:0/96"])], None, "unknown"),
        ([], ["::ffff:0:0/96"], "unknown"),
        ([], ["::ffff:203.0.113.0/120"], "proved"),
    ],
)
def test_what_denies_leave_is_a_network_or_none(
    conditions: list[tuple[str, list[str]]], allow: list[str] | None, expected: str
) -> None:
    """What counts is what all statements together leave."""
    given = None if allow is None else {"IpAddress": {"aws:SourceIp": allow}}
    assert denied(*conditions, allow=given) == expected
