"""
``aws:SourceIp`` that is compared as a text: AWS takes ranges of addresses for a network.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.properties.shared.networks import written_as_range

Json = dict[str, object]

RANGES: list[tuple[str, str | None]] = [
    ("203.0.113.*", "203.0.113.0/24"),
    ("203.0.*", "203.0.0.0/16"),
    ("203.*", "203.0.0.0/8"),
    ("203.0.113.7", "203.0.113.7/32"),
    ("203.0.113.1*", None),
    ("203.0.113.?", None),
    ("203.0.*.*", None),
    ("203.0.113", None),
    ("203.0.113.7.*", None),
    ("300.0.113.*", None),
    ("2001:db8::*", None),
    ("*", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), RANGES)
def test_the_range_that_a_text_names(text: str, expected: str | None) -> None:
    """A text is the range of all addresses that it matches, if there is one."""
    assert written_as_range(text) == expected


def policy(condition: Json) -> Json:
    """The access policy of a domain that everybody may search, on a condition."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:ESHttpGet", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}


def asked(written: Json) -> trustproof.Result:
    """Whether outsiders get in."""
    domain = {"Type": "AWS::OpenSearchService::Domain", "Properties": {"DomainName": "d", "AccessPolicies": written}}
    report = trustproof.check(
        [{"Resources": {"D": domain}}], properties=["inside-boundary"], account="111122223333", region="us-east-1"
    )
    (found,) = report.results
    return found


LIKE: list[tuple[str, object, tuple[str, ...]]] = [
    ("StringLike", "203.0.113.*", ("203.0.113.0/24",)),
    ("StringEquals", "203.0.113.7", ("203.0.113.7/32",)),
    ("StringLike", ["203.0.113.*", "198.51.*"], ("203.0.113.0/24", "198.51.0.0/16")),
    ("StringLike", ["203.0.113.*", "198.51.1*"], ()),
]


@pytest.mark.parametrize(("operator", "operand", "ranges"), LIKE)
def test_the_remedy_is_a_range(operator: str, operand: object, ranges: tuple[str, ...]) -> None:
    """The remedy compares the same addresses by IpAddress, as far as they are ranges."""
    written = policy({operator: {"aws:SourceIp": operand}})
    found = asked(written)
    assert found.verdict == trustproof.REFUTED
    assert found.remedy is not None
    assert found.remedy.text.startswith("compare the address by IpAddress, with a range such as 203.0.113.")
    assert "narrow" not in found.remedy.text
    assert bool(found.remedy.diff) is bool(ranges)
    if ranges:
        given = ranges[0] if len(ranges) == 1 else list(ranges)
        assert asked(policy({"IpAddress": {"aws:SourceIp": given}})).verdict == trustproof.PROVED
        assert all(one in str(found.remedy.diff) for one in ranges)


def test_a_range_that_is_too_wide() -> None:
    """Where the address is compared by IpAddress already, what helps is to narrow it."""
    found = asked(policy({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))
    assert found.remedy is not None
    assert found.remedy.text.startswith("narrow aws:SourceIp, which is 0.0.0.0/0")
