"""
Excerpts: the caret stands under what it is about, whatever the line looks like.
"""

from __future__ import annotations

import pytest

from trustproof.output.excerpt import WIDTH, excerpt

LINES = [
    # line, column, end column, text, what the caret underlines
    ('  "Bool": {}', 3, 9, '  "Bool": {}', '"Bool"'),
    ("key: value  ", 1, 4, "key: value", "key"),
    ("key: value", 6, 11, "key: value", "value"),
    # A span that ends on a later line is underlined to the end of this one.
    ("key: [", 6, 99, "key: [", "["),
    # A span of nothing is still a place.
    ("key: x", 6, 6, "key: x", "x"),
    ("key: x", 6, 2, "key: x", "x"),
    # Tabs are shown as spaces up to the next stop, so that the caret lines up in every terminal.
    ("\tkey:\tvalue", 2, 5, "    key:    value", "key"),
    ("a\tkey", 3, 6, "a   key", "key"),
    # Control characters are shown as their escapes.
    ("a\x1b[31mkey", 7, 10, "a\\x1b[31mkey", "key"),
]


@pytest.mark.parametrize(("line", "column", "end", "text", "under"), LINES)
def test_the_caret_stands_under_the_span(line: str, column: int, end: int, text: str, under: str) -> None:
    """The text is shown and the caret covers exactly the span."""
    shown = excerpt(line, column, end)
    assert shown.text == text
    assert shown.text[shown.offset : shown.offset + shown.length] == under


def test_wide_characters_take_two_columns() -> None:
    """East Asian text before and inside the span is measured as a terminal shows it."""
    shown = excerpt('名前: "管理者"', 5, 10)
    assert (shown.offset, shown.length) == (6, 8)


def test_combining_characters_take_none() -> None:
    """An accent that is a character of its own does not move the caret."""
    assert excerpt("e\u0301: x", 5, 6).offset == 3


def test_a_position_beyond_the_line_is_shown_at_its_end() -> None:
    """A position after the last character gets a caret there, and no error."""
    shown = excerpt("ab", 9, 12)
    assert (shown.text, shown.offset, shown.length) == ("ab", 2, 1)


@pytest.mark.parametrize("start", [0, 1, 59, 60, 61, 80, 159, 160, 161, 500, 4_900, 4_990])
def test_a_minified_line_is_cut_around_the_span(start: int) -> None:
    """Of a line of thousands of characters at most a window is shown, and the span is in it."""
    line = "a" * start + "SPAN" + "b" * (5_000 - start)
    shown = excerpt(line, start + 1, start + 5)
    assert len(shown.text) <= WIDTH + 2
    assert shown.text[shown.offset : shown.offset + shown.length] == "SPAN"
    assert shown.text.startswith("…") == (start > 60)
    assert shown.text.endswith("…") == (start < 4_904)


def test_a_span_longer_than_the_window_ends_with_it() -> None:
    """The caret does not run past what is shown."""
    shown = excerpt("x" * 1_000, 1, 900)
    assert shown.length == WIDTH


def test_a_line_that_fits_is_shown_whole() -> None:
    """A line of exactly the width is not cut."""
    assert excerpt("x" * WIDTH, 1, 2).text == "x" * WIDTH
