"""
Colour: on a terminal only, and never where it is not wanted.
"""

from __future__ import annotations

import io

import pytest

from trustproof.output.style import ColorChoice, choose_color, style_for


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
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


def test_colour_is_forced_on_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """FORCE_COLOR asks for colours wherever the text goes, as in a log that shows them."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert style_for(io.StringIO())("refuted", "x") == "\x1b[1;31mx\x1b[0m"


def test_no_colour_wins_over_forced_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for both gets none."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert style_for(_Terminal())("refuted", "x") == "x"


@pytest.mark.parametrize(("color", "shown"), [("always", "\x1b[1;31mx\x1b[0m"), ("never", "x")])
@pytest.mark.parametrize("stream", [io.StringIO(), _Terminal()])
@pytest.mark.parametrize("name", ["NO_COLOR", "FORCE_COLOR"])
def test_the_command_line_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, color: ColorChoice, shown: str, stream: io.StringIO, name: str
) -> None:
    """What somebody types is what somebody wants."""
    monkeypatch.setenv(name, "1")
    choose_color(color)
    try:
        assert style_for(stream)("refuted", "x") == shown
    finally:
        choose_color("auto")
