"""
Colour: on a terminal only, and never where it is not wanted.
"""

from __future__ import annotations

import io

import pytest

from trustproof.output.style import style_for


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_gets_colour() -> None:
    """A terminal that can show colours gets them."""
    assert style_for(_Terminal())("refuted", "x") == "\x1b[1;31mx\x1b[0m"


def test_a_file_gets_none() -> None:
    """What is not a terminal gets plain text."""
    assert style_for(io.StringIO())("refuted", "x") == "x"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_none_gets_none(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """NO_COLOR and a dumb terminal are plain."""
    monkeypatch.setenv(name, value)
    assert style_for(_Terminal())("refuted", "x") == "x"


def test_an_empty_no_color_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As no-color.org has it, only a value that is not empty counts."""
    monkeypatch.setenv("NO_COLOR", "")
    assert style_for(_Terminal())("refuted", "x") != "x"
