"""
Tags of IAM and STS: the search and the evaluator agree on which there can be.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.strategies import choices, examples
from trustproof.engine.request_space import RequestSpace
from trustproof.model.request import ROLE_SESSION, SERVICE, USER_KEY, Caller, ContextValue, Request
from trustproof.sets.collections import CollectionSet
from trustproof.sets.strings import StringSet
from trustproof.spec.tags import tag_faults

CALLERS = {
    ROLE_SESSION: Caller(ROLE_SESSION, "arn:aws:iam::111122223333:role/r", "s", "AROAAAAAAAAAAAAAAAAAA:s"),
    SERVICE: Caller(SERVICE, "rolesanywhere.amazonaws.com"),
    USER_KEY: Caller(USER_KEY, "arn:aws:iam::111122223333:user/u"),
}
ACTIONS = ("sts:tagsession", "iam:tagrole", "ec2:createtags", "")
FAMILIES = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "iam:resourcetag/")
ALPHABET = 'aZ09 _.:/=+-@,;*?$&(\t"é'


def in_the_space(kind: str, action: str, key: str, value: ContextValue) -> bool:
    """Whether the search has a request with a value."""
    present = RequestSpace(kind, action, "aws").domain(f"key:{key}").present
    if isinstance(present, CollectionSet):
        return isinstance(value, tuple) and all(one in present.every for one in value)
    return isinstance(present, StringSet) and isinstance(value, str) and value in present


def faults(kind: str, action: str, key: str, value: ContextValue) -> list[str]:
    """What the evaluator says against it, but for what is missing besides."""
    request = Request(CALLERS[kind], action or "s3:getobject", "*", {key: value})
    return [fault for fault in tag_faults(request) if not fault.startswith("aws:TagKeys lists")]


@examples(300)
@given(rng=choices())
def test_the_search_has_the_tags_that_there_can_be(rng: Random) -> None:
    """For every family of tags, kind of caller and action: a value is searched if the evaluator finds it possible."""
    kind, action, family = (rng.choice(tuple(one)) for one in (CALLERS, ACTIONS, FAMILIES))
    if kind == SERVICE and family == "aws:principaltag/":
        family = "aws:requesttag/"
    tag = rng.choice(("team", "team/a b", "x509subject/o", "te,am", "t*", "a" * 129))
    value = "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(6)))
    found = faults(kind, action, family + tag, value)
    space = RequestSpace(kind, action, "aws")
    if space.domain(f"key:{family}{tag}").present is not None or found:
        inside = in_the_space(kind, action, family + tag, value)
        tally.agree("tags", inside is (found == []), f"{kind} {action} {family}{tag} {value!r}: {found}")


@pytest.mark.parametrize(
    ("kind", "action", "key", "value", "possible"),
    [
        (ROLE_SESSION, "s3:getobject", "aws:principaltag/team", "a,b", False),
        (ROLE_SESSION, "s3:getobject", "aws:principaltag/team", "a@b: c=d/e+f-g_h.", True),
        (ROLE_SESSION, "s3:getobject", "aws:principaltag/team", "", True),
        (ROLE_SESSION, "s3:getobject", "aws:principaltag/x509subject/o", "Acme, Inc.", True),
        (USER_KEY, "s3:getobject", "aws:principaltag/te*am", "a", False),
        (USER_KEY, "sts:assumerole", "aws:requesttag/team", "a;b", False),
        (USER_KEY, "iam:tagrole", "aws:requesttag/team", "a\tb", False),
        (USER_KEY, "ec2:createtags", "aws:requesttag/team", "a;b", True),
        (SERVICE, "sts:tagsession", "aws:requesttag/team", "a,b", True),
        (USER_KEY, "sts:assumerole", "aws:resourcetag/team", "a,b", False),
        (USER_KEY, "s3:getobject", "aws:resourcetag/team", "a,b", True),
        (USER_KEY, "sts:assumerole", "aws:tagkeys", ("team", "a,b"), False),
        (USER_KEY, "sts:assumerole", "aws:tagkeys", ("Team", "a b"), True),
        (USER_KEY, "sts:assumerole", "sts:transitivetagkeys", ("a*",), False),
        (USER_KEY, "ec2:createtags", "aws:tagkeys", ("a,b",), True),
    ],
)
def test_what_tags_hold(kind: str, action: str, key: str, value: ContextValue, possible: bool) -> None:
    """Tags of IAM and of sessions hold letters, digits, separators and few marks; others are not held to it."""
    assert in_the_space(kind, action, key, value) is possible
    assert (faults(kind, action, key, value) == []) is possible


def test_how_long_tags_are() -> None:
    """The evaluator takes no longer values and keys than STS, and the search shows none."""
    for key, value, possible in (
        ("aws:requesttag/team", "a" * 256, True),
        ("aws:requesttag/team", "a" * 257, False),
        (f"aws:requesttag/{'a' * 128}", "a", True),
        (f"aws:requesttag/{'a' * 129}", "a", False),
    ):
        assert (faults(USER_KEY, "sts:tagsession", key, value) == []) is possible
