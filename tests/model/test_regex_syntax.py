r"""
Regular expressions as trees: what is read, what is not, and that Python finds the same in them.
"""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trustproof.model import regex_match
from trustproof.model.regex_syntax import MAX_NESTING, parse
from trustproof.model.regex_tree import (
    Alternatives,
    Anchor,
    AnyCharacter,
    AtomicGroup,
    BackReference,
    Character,
    CharacterCategory,
    CharacterClass,
    CharacterRange,
    Group,
    LookAround,
    Repetition,
)

A, B = Character("a"), Character("b")
DIGIT = CharacterCategory("digit", negated=False)


@pytest.mark.parametrize(
    ("pattern", "nodes"),
    [
        ("", ()),
        ("a.", (A, AnyCharacter())),
        (r"^a\b$", (Anchor("line start"), A, Anchor("word edge"), Anchor("line end"))),
        (r"\A\B\Z", (Anchor("text start"), Anchor("no word edge"), Anchor("text end"))),
        (r"\d\.\x61\n", (CharacterClass((DIGIT,)), Character("."), A, Character("\n"))),
        ("[a-c\\db-]", (CharacterClass((CharacterRange("a", "c"), DIGIT, B, Character("-"))),)),
        ("[]a]", (CharacterClass((Character("]"), A)),)),
        ("[^a]", (CharacterClass((A,), negated=True),)),
        ("[a][aa]", (A, A)),
        ("(a)(?:b)", (Group(1, (A,)), B)),
        ("(?P<x>a)(?P=x)\\1", (Group(1, (A,)), BackReference(1), BackReference(1))),
        ("(?i:a)(?>b)", (Group(None, (A,), has_flags=True), AtomicGroup((B,)))),
        ("(?=a)(?!a)", (LookAround((A,), True, False), LookAround((A,), True, True))),
        ("(?<=a)(?<!a)", (LookAround((A,), False, False), LookAround((A,), False, True))),
        ("a*b+?", (Repetition((A,), 0, None), Repetition((B,), 1, None))),
        ("a?+", (Repetition((A,), 0, 1, possessive=True),)),
        ("(?:ab){2,}", (Repetition((A, B), 2, None),)),
        ("a{2}b{,3}", (Repetition((A,), 2, 2), Repetition((B,), 0, 3))),
        ("a{}b{x}", (A, Character("{"), Character("}"), B, Character("{"), Character("x"), Character("}"))),
        ("a(?#b)*", (Repetition((A,), 0, None),)),
        # What all alternatives begin with is said once, and single characters are a class.
        ("ab|aa|a", (A, Alternatives(((B,), (A,), ())))),
        ("a|[b0-9]", (CharacterClass((A, B, CharacterRange("0", "9"))),)),
        ("a|[^b]", (Alternatives(((A,), (CharacterClass((B,), negated=True),))),)),
    ],
)
def test_an_expression_is_a_tree(pattern: str, nodes: object) -> None:
    """Every kind of part has its node."""
    found = parse(pattern)
    assert found is not None
    assert found.nodes == nodes


@pytest.mark.parametrize(
    "pattern",
    [
        # None in Python.
        *(
            "(",
            ")",
            "a)",
            "[",
            "*",
            "a**",
            "a{2}{3}",
            "[b-a]",
            r"\q",
            r"\Qa\E",
            "(?<n>a)",
            "a(?i)",
            "(?P=n)",
            "(a{2,1})",
        ),
        *("\\", "[\\", r"\x1", r"\2", "[a-\\d]", "(?#", "a{99999999999999999999}"),
        # Not read here.
        *(
            "(?x)a b",
            r"\N{BULLET}",
            "(a)?(?(1)b|c)",
            r"\01\123",
            r"[\1]",
            "(?:" * (MAX_NESTING + 1) + "a" + ")" * (MAX_NESTING + 1),
        ),
    ],
)
def test_what_is_not_an_expression_is_not_read(pattern: str) -> None:
    """Nothing is known of what Python does not take, or what has a part that is not understood."""
    assert parse(pattern) is None


@pytest.mark.parametrize("pattern", ["[[a]", "[^a&&b]", "[!--b]", "[a||b]", "[a~~b]", "[[:alpha:]]", "[+--]"])
def test_what_java_reads_otherwise_is_marked(pattern: str) -> None:
    """Classes in classes, and operators between them, are Java's."""
    found = parse(pattern)
    assert found is not None
    assert not found.is_portable


def test_flags_for_the_whole_expression_are_letters() -> None:
    """They stand before everything else."""
    found = parse("(?is)a")
    assert found is not None
    assert found.nodes == (A,)
    assert sorted(found.flags) == ["i", "s"]


#: What expressions are written with, so that some of them are no expressions.
_PIECES = st.sampled_from(
    [
        *(
            "a",
            "b",
            "1",
            "-",
            ",",
            "{",
            "}",
            "(",
            "(",
            ")",
            ")",
            "[",
            "]",
            "|",
            "*",
            "+",
            "?",
            ".",
            "^",
            "$",
            "\\",
            "&",
        ),
        *("(?:", "(?=", "(?!", "(?#", "{2}", "{,2}", "{1,}", "[^", r"\d", r"\W", r"\b", r"\B", r"\Z", "[a-c]", r"\n"),
    ]
)


@settings(max_examples=500)
@given(st.lists(_PIECES, max_size=8).map("".join), st.text("ab1-,&\n{", max_size=5))
def test_instructions_match_what_python_matches(pattern: str, text: str) -> None:
    """Whatever is read has the matches that Python finds, and whatever Python does not take is not read."""
    # Whether no word begins or ends in a text without characters, versions of Python do not agree on.
    assume(text or "\\B" not in pattern)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        try:
            expected = re.fullmatch(pattern, text) is not None
        except re.error:
            assert parse(pattern) is None
            return
        # Without the short way, on which Python itself is asked.
        patch.setattr(regex_match, "_MAX_PLAIN_REPEATS", -1)
        regex_match._read.cache_clear()
        found = regex_match.matches(pattern, text)
        regex_match._read.cache_clear()
    assert found in (None, expected)
