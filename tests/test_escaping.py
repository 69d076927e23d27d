"""
Text that is safe to print.
"""

from __future__ import annotations

import json

import pytest

from trustproof.escaping.text import file_name, inside_line, json_line, printable, to_json, whole


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcödé 名", "plain ünïcödé 名"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\uff11\uff21\u0661\u212a\ufb01", "\\uff11\\uff21\\u0661\\u212a\\ufb01"),
        ("\U0001d7cf\U0001d400", "\\U0001d7cf\\U0001d400"),
        ("Ελλάς Россия ² … – „ª“", "Ελλάς Россия ² … – „ª“"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\u202eevil", "\\u202eevil"),
        ("\udcff", "\\udcff"),
        ("\U000e0001", "\\U000e0001"),
        ("\x7f\x9b\u2066", "\\x7f\\x9b\\u2066"),
        ("##[error]x ##vso[task.complete]", "#\\x23[error]x #\\x23vso[task.complete]"),
        ("###[group]", "##\\x23[group]"),
        ("# ## [a] b::c", "# ## [a] b::c"),
        ("::error::x", "\\x3a:error::x"),
        ("  ::set-output name=a::b", "  \\x3a:set-output name=a::b"),
    ],
)
def test_only_what_is_visible_is_printed_as_it_is(text: str, shown: str) -> None:
    """Control, format and surrogate characters are shown as escapes."""
    assert printable(text) == shown


def test_the_name_of_a_file_is_its_name() -> None:
    """Behind something else in its line nothing is a command that only begins one; in JSON, nothing at all is."""
    assert inside_line("::error::x.yaml") == "::error::x.yaml"
    assert inside_line(" ::error::\x1b##vso[x].yaml") == " ::error::\\x1b#\\x23vso[x].yaml"
    name = "::error::##vso[x]\x1b.yaml"
    assert json.loads(to_json({"path": file_name(name)})) == {"path": name}
    assert file_name("a\udcff") == "a\ufffd"


def test_what_is_read_as_something_else_is_escaped_in_json() -> None:
    """Beyond the basic plane, too, and what it says is the same."""
    value = {"account": "\uff11\U0001d7cf1 é"}
    shown = to_json(value)
    assert "\\uff11\\ud835\\udfcf1 é" in shown
    assert json.loads(shown) == value


def test_what_nobody_sees_is_escaped_in_json() -> None:
    """Beyond the basic plane, too: a tag hides a word in a name that looks like another."""
    value = ["a\U000e0041b\xa0\ud800", {"\u202e##vso[x]": "\x7f"}]
    for shown in (to_json(value), line := json_line(value)):
        assert all(c.isprintable() or c == "\n" for c in shown)
        assert "##vso[" not in shown
        assert json.loads(shown) == value
    assert "\n" not in line


def test_long_text_is_shown_by_its_ends() -> None:
    """A value of a megabyte takes no more than some lines of a report."""
    shown = printable("a" * 1_000_000 + "b")
    assert len(shown) < 4_100
    assert shown.startswith("aaa")
    assert shown.endswith("aab")
    assert "996201 more characters" in shown


def test_what_is_to_be_copied_is_whole() -> None:
    """However long it is, nothing is left out, and what would do something to a terminal is escaped all the same."""
    shown = whole("::" + "a" * 1_000_000 + "\x1b")
    assert shown == "\\x3a:" + "a" * 1_000_000 + "\\x1b"


def test_json_says_the_same_and_is_safe_to_print() -> None:
    """Controls, what turns the reading direction, and commands of a runner are escaped as JSON escapes them."""
    said = {"a": "\x7f\x9b\u202e\u2066##[error]##vso[x]\x1b", "##[b]": ["::error::", "名"]}
    text = to_json(said)
    assert json.loads(text) == said
    assert text.isascii() is False
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "##[" not in text
    assert "##vso[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
