"""
How far a long run has come, on a line of a terminal.
"""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from trustproof.output.terminal.drawing import color_system
from trustproof.output.terminal.screen import Screen

#: What is counted.
_WHAT = "templates"


class Bar:
    """
    A bar that is gone when it is cleared; no thread draws it, so that processes may be started beside it.
    """

    def __init__(self, stream: TextIO, screen: Screen) -> None:
        self._console = Console(
            file=stream,
            width=screen.width,
            height=screen.height,
            color_system=color_system(screen),
            force_terminal=True,
            legacy_windows=False,
            highlight=False,
            _environ={},
        )
        self._progress: Progress | None = None
        self._task = TaskID(0)

    def draw(self, done: int, total: int | None) -> None:
        """Draw the bar over what it was."""
        if self._progress is None:
            self._progress = self._started(total)
        self._progress.update(self._task, completed=done, total=total, refresh=True)

    def clear(self) -> None:
        """Leave the line empty, and the cursor at its start."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _started(self, total: int | None) -> Progress:
        # Of a run of unknown length there is nothing to fill a bar with.
        bar = (BarColumn(),) if total is not None else ()
        made = Progress(
            TextColumn("checking", markup=False),
            *bar,
            MofNCompleteColumn() if total is not None else TextColumn("{task.completed}", markup=False),
            TextColumn(_WHAT, markup=False),
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = made.add_task("", total=total)
        made.start()
        return made
