"""
Regular expressions as what they say of whole texts: alternatives, values, wildcards.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.model.regex import MAX_ALTERNATIVES, shapes, values, with_wildcard

ROLE = "arn:aws:iam::111122223333:role/"
ANYTHING = ((None,),)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (f"^{ROLE}[a-z]+$", ((ROLE, None),)),
        (
            r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/.+",
            (("arn:aws", None, ":iam::", None, f":{kind}/", None) for kind in ("role", "user")),
        ),
        (r"^$|^\d{12}$", ((), (None,))),
        ("^o-[a-z0-9]{10,32}$", (("o-", None),)),
        ("(ab)+", ANYTHING),
        (r"(x|y)\1", (("x", None), ("y", None))),
        ("(?>x|y)z", (("xz",), ("yz",))),
        ("(?!x)(x|y)", (("x",), ("y",))),
        ("[^*]+x", ((None, "x"),)),
        ("a(?i:b)c", (("a", None, "c"),)),
        # What Python cannot read, or reads in another way than Java.
        ("(", ANYTHING),
        (r"\Qa\E", ANYTHING),
        ("[a-z&&[^b]]", ANYTHING),
        ("(?i)abc", ANYTHING),
        ("(?i)12-3", (("12-3",),)),
        ("a(?i:1)c", (("a1c",),)),
        ("(?i)1-[23]", (("1-2",), ("1-3",))),
        ("a(?i:[0-9]{2})c", (("a", None, "c"),)),
        ("(?i)1[a]", ANYTHING),
        ("(?i:[^1])2", ((None, "2"),)),
    ],
)
def test_shapes_say_what_is_spelled_out(pattern: str, expected: object) -> None:
    """Literal runs stay, everything else is any text, and each branch is an alternative."""
    assert shapes(pattern) == tuple(expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^(222233334444|111122223333)$", ("222233334444", "111122223333")),
        ("^(dev|prod)-[12]$", ("dev-1", "dev-2", "prod-1", "prod-2")),
        ("colou?r", ("color", "colour")),
        ("[ab]{1,2}", ("a", "b", "aa", "ab", "ba", "bb")),
        ("(?!x)(x|y)", ("y",)),
        ("x{0}", ("",)),
        ("a|b+", ()),
        (r"\d{2}", ()),
        ("[a-c]", ()),
        ("0{12}", ()),
        ("[ab]{3,9}", ()),
        ("[a-z]", ()),
        ("(", ()),
    ],
)
def test_values_are_all_there_are(pattern: str, expected: tuple[str, ...]) -> None:
    """An expression that spells out a few texts is their list, and any other is none."""
    assert values(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^[a-z*]+$", "*"),
        ("^[a-z?]{3}$", "???"),
        (r"^repo:[a-z]+/\*$", "repo:a/*"),
        (r"^([a-z]+|\*)$", "*"),
        (r"^([a-z]+|\*)+$", "*"),
        ("^[a-z]+$", None),
        # They admit a wildcard, and speak of none.
        (".+", None),
        ("[^/]+", None),
        ("[!-~]+", None),
        (r"\S{2,1224}", None),
        ("(?![*])[*a]", None),
    ],
)
def test_a_wildcard_counts_where_it_is_spoken_of(pattern: str, expected: str | None) -> None:
    """``.+`` is how one asks for any text at all; whoever writes ``*`` into a class means it."""
    assert with_wildcard(pattern) == expected


def test_alternatives_are_bounded() -> None:
    """Where there are too many they become one: any text."""
    assert len(shapes("[ab]" * 6)) == MAX_ALTERNATIVES
    assert shapes("[ab]" * 6 + "-[ab]")[0] == ("aaaaaa-", None)
    assert shapes("|".join(f"x{number:03d}" for number in range(80))) == (("x0", None),)


PIECES = st.sampled_from(
    ["a", "b", "-", "[ab]", "[a-c]", "(a|b-)", "a?", "b*", "(ab){2}", ".", r"\d", "(?:a|b|c)", "[^a]", "^", "$"]
)


@given(st.lists(PIECES, max_size=5).map("".join), st.text("abc-1", max_size=6))
def test_every_match_has_a_shape(pattern: str, text: str) -> None:
    """No text that an expression matches is outside its alternatives, nor outside its values where it has some."""
    if re.fullmatch(pattern, text) is None:
        return
    readings = ["".join(".*" if part is None else re.escape(part) for part in shape) for shape in shapes(pattern)]
    assert any(re.fullmatch(reading, text) for reading in readings)
    assert not values(pattern) or text in values(pattern)
