"""
The condition operators, a table each: value, operands, expected.
"""

from __future__ import annotations

import pytest

from trustproof.model.operators import BASES
from trustproof.spec.matching import pattern
from trustproof.spec.operators import comparison_of

ALICE = "arn:aws:iam::222222222222:user/alice"

Row = tuple[str, list[str], bool]

TABLES: dict[str, list[Row]] = {
    "StringEquals": [
        ("Dev", ["Dev"], True),
        ("dev", ["Dev"], False),
        ("Dev", ["Ops", "Dev"], True),
        ("Dev ", ["Dev"], False),
        ("De", ["Dev"], False),
        ("", [""], True),
        ("", ["Dev"], False),
        # A wildcard is a character here.
        ("Dev", ["D*"], False),
        ("D*", ["D*"], True),
        ("a", ["?"], False),
        ("?", ["?"], True),
        ("a\nb", ["a\nb"], True),
    ],
    "StringEqualsIgnoreCase": [
        ("dev", ["DEV"], True),
        ("dev", ["ops"], False),
        ("D*", ["d*"], True),
        ("dxx", ["d*"], False),
        # Only ASCII letters have case (assumed).
        ("é", ["É"], False),
        ("É", ["É"], True),
        # The sharp s is not "SS", and the Kelvin sign is not a "k".
        ("ß", ["SS"], False),
        ("\u212a", ["k"], False),
    ],
    "StringLike": [
        ("repo:org/app:ref", ["repo:org/*"], True),
        ("repo:org-evil/app", ["repo:org/*"], False),
        ("repo:org-evil/app", ["repo:org*"], True),
        ("", ["*"], True),
        ("", ["?"], False),
        ("", [""], True),
        ("ab", ["a?"], True),
        ("a", ["a?"], False),
        ("Ab", ["a?"], False),
        ("a\nb", ["a*b"], True),
        ("a\nb", ["a?b"], True),
        ("abcbd", ["a*b?"], True),
        ("x", ["y", "x"], True),
    ],
    "NumericEquals": [
        ("3600", ["3600"], True),
        ("3600", ["3600.0"], True),
        ("3600", ["03600"], True),
        ("3601", ["3600"], False),
        ("-1", ["-1"], True),
        ("1e3", ["1000"], False),
        ("1000", ["1e3"], False),
        ("+1", ["1"], False),
        (".5", ["0.5"], False),
        ("5.", ["5"], False),
        (" 5", ["5"], False),
        ("", ["0"], False),
        ("٣", ["3"], False),
        ("1_0", ["10"], False),
        ("9" * 5000, ["9" * 5000], False),
    ],
    "NumericLessThan": [
        ("899", ["900"], True),
        ("900", ["900"], False),
        ("899.99", ["900"], True),
        ("1200", ["900", "3600"], True),
        ("", ["900"], False),
        ("899", ["abc"], False),
        ("899", ["abc", "900"], True),
        ("5", ["*"], False),
    ],
    "NumericLessThanEquals": [("900", ["900"], True), ("900.01", ["900"], False), ("10abc", ["900"], False)],
    "NumericGreaterThan": [("901", ["900"], True), ("900", ["900"], False), ("0.1", ["0"], True)],
    "NumericGreaterThanEquals": [("900", ["900"], True), ("899", ["900"], False)],
    "DateEquals": [
        ("2024-05-01T10:30:00Z", ["2024-05-01T10:30:00Z"], True),
        ("2024-05-01T10:30:00Z", ["1714559400"], True),
        ("2024-05-01T10:30:00Z", ["2024-05-01T12:30:00+02:00"], True),
        ("2024-05-01T10:30:00Z", ["2024-05-01T05:00:00-05:30"], True),
        ("2024-05-01T10:30Z", ["2024-05-01T10:30:00Z"], True),
        # One second is the resolution.
        ("2024-05-01T10:30:00.999Z", ["2024-05-01T10:30:00Z"], True),
        ("2024-05-01T10:30:01Z", ["2024-05-01T10:30:00Z"], False),
        ("2024-05-01T00:00:00Z", ["2024-05-01"], True),
        ("2024-05-01T00:00:00Z", ["2024-05"], True),
        ("2024-01-01T00:00:00Z", ["2024"], True),
        # A time needs a zone; days must exist.
        ("2024-05-01T10:30:00Z", ["2024-05-01T10:30:00"], False),
        ("2024-02-30", ["2024-02-30"], False),
        ("2024-05-01T25:00:00Z", ["2024-05-01T25:00:00Z"], False),
        ("2024-05-01T10:30:00+99:00", ["2024-05-01T10:30:00+99:00"], False),
        ("yesterday", ["yesterday"], False),
        ("9" * 5000, ["9" * 5000], False),
        ("", [""], False),
    ],
    "DateLessThan": [
        ("2024-05-01T10:29:59Z", ["2024-05-01T10:30:00Z"], True),
        ("2024-05-01T10:30:00Z", ["2024-05-01T10:30:00Z"], False),
        ("0", ["1970-01-01T00:00:01Z"], True),
    ],
    "DateLessThanEquals": [("2024-05-01T10:30:00Z", ["2024-05-01T10:30:00Z"], True)],
    "DateGreaterThan": [
        ("2024-05-01T10:30:01Z", ["2024-05-01T10:30:00Z"], True),
        ("2024-05-01T10:30:00Z", ["2024-05-01T10:30:00Z"], False),
    ],
    "DateGreaterThanEquals": [("2024-05-01T10:30:00Z", ["2024-05-01T10:30:00Z"], True)],
    "Bool": [
        ("true", ["true"], True),
        ("false", ["true"], False),
        ("false", ["true", "false"], True),
        ("true", ["True"], True),
        ("TRUE", ["true"], True),
        ("true", ["yes"], False),
        ("yes", ["yes"], False),
        ("true", ["*"], False),
        ("1", ["true"], False),
        ("", ["false"], False),
    ],
    "BinaryEquals": [
        ("QmluYXJ5", ["QmluYXJ5"], True),
        ("QmluYXJ5", ["QmluYXJ4"], False),
        ("QmluYXJ5", ["*"], False),
        ("not base64!", ["not base64!"], False),
        ("é", ["é"], False),
        ("", [""], True),
    ],
    "IpAddress": [
        ("203.0.113.7", ["203.0.113.0/24"], True),
        ("203.0.114.0", ["203.0.113.0/24"], False),
        ("203.0.113.7", ["203.0.113.7"], True),
        ("203.0.113.8", ["203.0.113.7"], False),
        ("203.0.113.7", ["203.0.113.9/24"], True),
        ("203.0.113.7", ["0.0.0.0/0"], True),
        ("203.0.113.7", ["::/0"], False),
        ("2001:db8::7", ["0.0.0.0/0"], False),
        ("2001:db8::7", ["2001:DB8::/32"], True),
        ("2001:db8::7", ["2001:db8:0:0::7"], True),
        ("2001:db8::8", ["2001:db8::7"], False),
        ("203.0.113.7", ["10.0.0.0/8", "203.0.113.0/24"], True),
        ("203.0.113.7", ["203.0.113.*"], False),
        ("203.0.113.7", ["203.0.113.0/255.255.255.0"], False),
        ("203.0.113.7", ["203.0.113.0/33"], False),
        ("203.0.113.0/24", ["203.0.113.0/24"], False),
        ("not an address", ["0.0.0.0/0"], False),
        ("", ["0.0.0.0/0"], False),
    ],
    "ArnLike": [
        (ALICE, [ALICE], True),
        (ALICE, ["arn:aws:iam::222222222222:user/*"], True),
        (ALICE, ["arn:aws:iam::*:user/alice"], True),
        (ALICE, ["arn:*:iam::222222222222:user/alice"], True),
        (ALICE, ["arn:aws:iam::22222222222?:user/alic?"], True),
        (ALICE, ["arn:aws:iam::222222222222:user/Alice"], False),
        (ALICE, ["arn:aws:iam::333333333333:user/alice"], False),
        # A wildcard does not reach across the first five colons …
        ("arn:aws:s3:::x:222222222222:f/y", ["arn:aws:s3:*:222222222222:f/*"], False),
        (ALICE, ["arn:aws:*:user/alice"], False),
        # … but the resource may contain colons and slashes.
        ("arn:aws:lambda:eu-west-1:222222222222:function:f:7", ["arn:aws:lambda:*:222222222222:function:*"], True),
        ("arn:aws:iam::222222222222:user/a/b/c", ["arn:aws:iam::222222222222:user/*"], True),
        # Fewer than six fields are no ARN (assumed).
        (ALICE, ["*"], False),
        (ALICE, ["arn:aws:iam::2222*"], False),
        ("alice", ["*:*:*:*:*:*"], False),
        ("", ["*"], False),
    ],
    "Null": [
        # The value says whether the key is null.
        ("true", ["true"], True),
        ("false", ["true"], False),
        ("false", ["false"], True),
        ("true", ["True"], True),
        ("true", ["true", "false"], True),
        ("true", ["maybe"], False),
    ],
}
TABLES["ArnEquals"] = TABLES["ArnLike"]

NEGATIVE_OF = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


@pytest.mark.parametrize(
    ("name", "value", "operands", "expected"),
    [(name, *row) for name, rows in sorted(TABLES.items()) for row in rows],
)
def test_operator(name: str, value: str, operands: list[str], expected: bool) -> None:
    """A value that is present matches some operand, or none."""
    assert comparison_of(name).matches(value, [pattern(text) for text in operands]) is expected


@pytest.mark.parametrize(
    ("name", "value", "operands", "positive"),
    [(name, *row) for name, base in sorted(NEGATIVE_OF.items()) for row in TABLES[base]],
)
def test_negated_operator(name: str, value: str, operands: list[str], positive: bool) -> None:
    """A negated operator holds exactly where its positive operator does not, invalid operands and values included."""
    assert comparison_of(name).matches(value, [pattern(text) for text in operands]) is not positive


def test_every_operator_is_registered() -> None:
    """There are all operators of the model, with the same idea of what is negated."""
    assert {name: comparison_of(name).negated for name in BASES} == {
        name: negated for name, (_, negated) in BASES.items()
    }
    assert set(TABLES) | set(NEGATIVE_OF) == set(BASES)


def test_facts_of_the_operators() -> None:
    """Policy variables belong to the string and ARN operators."""
    assert {name for name in BASES if comparison_of(name).variables} == {
        name for name in BASES if BASES[name][0] in ("string", "arn")
    }
