"""
The progress line: on a terminal, for many templates, and gone before anything else is written.
"""

from __future__ import annotations

import io

import pytest

from trustproof.output.progress import ProgressLine


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def _run(stream: io.StringIO, total: int, *, known: bool = True) -> list[str]:
    line = ProgressLine(stream)
    for done in range(1, total + 1):
        line(done, total if known else None)
    line.clear()
    return stream.getvalue().split("\r\x1b[K")


def test_the_line_counts_up_to_the_end_and_is_cleared() -> None:
    """The last line drawn is the full bar, and then there is none."""
    *_, half, last, cleared = _run(_Terminal(), 20)
    assert half == "[############################..] 19/20 templates"
    assert last == "[##############################] 20/20 templates"
    assert cleared == ""


def test_a_long_run_draws_about_a_hundred_times() -> None:
    """Drawing does not grow with the run."""
    assert 100 <= len(_run(_Terminal(), 100_000)) <= 104


def test_a_run_of_unknown_length_counts() -> None:
    """Without a total there is no bar, only how many are done."""
    assert _run(_Terminal(), 39, known=False) == ["", "20 templates", "30 templates", ""]


def test_a_short_run_draws_nothing() -> None:
    """A handful of templates is over before a line could be read."""
    assert _run(_Terminal(), 19) == [""]


def test_what_is_not_a_terminal_gets_nothing() -> None:
    """A log file has no line to rewrite."""
    assert _run(io.StringIO(), 100) == [""]


def test_a_dumb_terminal_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that cannot move its cursor cannot rewrite a line."""
    monkeypatch.setenv("TERM", "dumb")
    assert _run(_Terminal(), 100) == [""]


def test_somebody_else_may_draw_the_line() -> None:
    """A better line is made once there is something to draw, is drawn as often, and cleared."""
    made: list[list[tuple[int, int | None]]] = []

    class Line:
        def __init__(self) -> None:
            made.append([])

        def draw(self, done: int, total: int | None) -> None:
            made[-1].append((done, total))

        def clear(self) -> None:
            made[-1].append((0, 0))

    stream = _Terminal()
    short, long = ProgressLine(stream, Line), ProgressLine(stream, Line)
    for done in range(1, 20):
        short(done, 19)
    short.clear()
    assert made == []
    for done in range(1, 401):
        long(done, 400)
    long.clear()
    assert made == [[*((done, 400) for done in range(4, 401, 4)), (0, 0)]]
    assert stream.getvalue() == ""
