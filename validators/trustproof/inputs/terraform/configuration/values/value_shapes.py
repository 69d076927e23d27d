"""
What is known of every value that AWS may give for an attribute: an account has twelve digits, and the ARN of a role
begins and goes on as ARNs of roles do. A test that all such values pass is true, one that none passes is false, and of
any other nobody knows it before there is a value.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re
from itertools import pairwise

from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import steps
from trustproof.inputs.terraform.values.parts_of_arns import ACCOUNT, PARTITION
from trustproof.inputs.terraform.values.values import Attribute, Known, Text, Value
from trustproof.model import regex_language, regex_match

_ACCOUNT = "[0-9]{12}"
_NUMERAL = "(0|[1-9][0-9]{0,11})"
_PARTITION = "aws(-[a-z]+)*"
_ANY_ARN = r"arn:aws[a-z-]*:[\s\S]+"
#: A path has any printable characters, and a name fewer: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
_PATH_AND_NAME = r"(/|[!-~]*/)?[0-9A-Za-z_+=,.@-]+"
#: Attributes of any resource of AWS.
_OF_ANY = {"account_id": _ACCOUNT, "arn": _ANY_ARN, "execution_arn": _ANY_ARN}
#: What the ARNs of IAM's resources have behind the account.
KINDS = {
    "aws_iam_group": "group/",
    "aws_iam_instance_profile": "instance-profile/",
    "aws_iam_role": "role/",
    "aws_iam_user": "user/",
}
_OF_TYPES = {
    **{(type_, "arn"): f"arn:{_PARTITION}:iam::{_ACCOUNT}:{kind}{_PATH_AND_NAME}" for type_, kind in KINDS.items()},
    # Of a policy of AWS's own the account is "aws".
    ("aws_iam_policy", "arn"): f"arn:{_PARTITION}:iam::({_ACCOUNT}|aws):policy/{_PATH_AND_NAME}",
    ("aws_iam_openid_connect_provider", "arn"): f"arn:{_PARTITION}:iam::{_ACCOUNT}:oidc-provider/[!-~]+",
    ("aws_caller_identity", "id"): _ACCOUNT,
    ("aws_caller_identity", "arn"): f"arn:{_PARTITION}:(iam|sts)::{_ACCOUNT}:[!-~]+",
    ("aws_organizations_account", "id"): _ACCOUNT,
    ("aws_partition", "partition"): _PARTITION,
}
#: How many steps of the work on a configuration it is to ask what holds of all values.
STEPS = 500
_ANYTHING = r"[\s\S]*"
#: What JSON is made of, whose order is not known.
_OF_JSON = re.compile(r'[\[{"]')


class Numeral(Attribute):
    """An account as a number: as a text it is written without the zeros that it may begin with."""

    __slots__ = ()


def as_number(value: Value) -> Value:
    """What is not known yet, where it became a number."""
    if isinstance(value, Attribute) and shape(value) == _ACCOUNT:
        return Numeral(value.address, value.name, value.place, value.sensitive)
    return value


def shape(value: Value) -> str | None:
    """A regular expression that a value surely matches as a whole; None where nothing is known of it."""
    if isinstance(value, Attribute):
        return _of_attribute(value)
    if not isinstance(value, Text):
        return None
    known = [str(piece.value) if isinstance(piece, Known) else "" for piece in value.pieces]
    shapes = [shape(piece) if not isinstance(piece, Known) else None for piece in value.pieces]
    if any(map(_OF_JSON.search, known)):
        return None
    for before, after in pairwise(range(len(known))):
        # A mark that an unknown text begins with makes another character of the one before it, and the other way round.
        if shapes[after] is None and not isinstance(value.pieces[after], Known):
            known[before] = _STARTERS.sub("", known[before])
        if shapes[before] is None and not isinstance(value.pieces[before], Known):
            known[after] = _MARKS.sub("", known[after])
    return "".join(
        re.escape(text) if isinstance(piece, Known) else one or _ANYTHING
        for piece, text, one in zip(value.pieces, known, shapes, strict=True)
    )


#: What may change at the end and at the beginning of a text beside another one.
_STARTERS, _MARKS = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]*\Z"), re.compile(r"\A[^\x00-\x7f]+")


def _of_attribute(value: Attribute) -> str | None:
    if isinstance(value, Numeral):
        return _NUMERAL
    *_, type_, _ = ("", *steps(value.address))
    if not type_.startswith(OF_AWS):
        return None
    if value.name in (ACCOUNT, PARTITION):
        return _ACCOUNT if value.name == ACCOUNT else _PARTITION
    return _OF_TYPES.get((type_, value.name)) or _OF_ANY.get(value.name)


def start(value: Value) -> str:
    """The letters and other characters without a meaning of their own that a value surely begins with."""
    found = _PLAIN.match(shape(value) or "")
    # What is repeated or may be missing is not known.
    return found[0] if found is not None else ""


_PLAIN = re.compile(r"[0-9A-Za-z:/]*(?![0-9A-Za-z:/*?{+])")


def matches(value: Value, pattern: str, flags: str = "") -> bool | None:
    """
    Whether a regular expression matches somewhere in a text, whatever is not known of it becomes; None where that
    depends on it.

    Args:
        pattern: as Python writes it, with the meaning that it has in RE2.
        flags: of it, as letters.
    """
    texts = shape(value)
    found = regex_language.outcomes(texts, pattern, flags) if texts is not None else regex_language.EITHER
    return next(iter(found)) if len(found) == 1 else None


def matches_once(value: Value, pattern: str, flags: str = "") -> bool:
    """Whether a regular expression that matches somewhere in a text does so in one place, whatever the text becomes."""
    texts = shape(value)
    return texts is not None and regex_language.outcomes(texts, pattern, flags, 2) == {False}


def may_be(value: Value, text: str) -> bool:
    """Whether a value may be a text, as far as that is known."""
    texts = shape(value)
    return texts is None or regex_match.matches(texts, text) is not False


def may_be_number(value: Value) -> bool:
    """Whether a text may be one that is a number, as far as its first character says it."""
    return matches(value, "^[-+.0-9iInN]") is not False


def lengths(value: Value) -> tuple[int, int | None]:
    """How many characters, as people count them, a text has at least and at most; None where there is no limit."""
    texts = shape(value)
    # Several characters beyond those that are printed may be one to people.
    if texts is None or regex_language.outcomes(texts, "[^ -~]") != {False}:
        return 0, None
    return regex_language.lengths(texts)


def has_value(function: str, found: Value) -> bool:
    """
    Whether a function surely has a value, although nobody knows which of those that AWS may give it is.

    Args:
        found: what it made of its argument.
    """
    if function == "tonumber":
        return matches(found, r"^[0-9]+\Z") is True
    return function in _OF_TEXTS and shape(found) is not None


#: What gives a text for any text.
_OF_TEXTS = frozenset("chomp lower replace tostring trim trimspace upper".split())
