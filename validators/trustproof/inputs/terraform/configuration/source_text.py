"""
The text of a file, and places in it.
"""

from __future__ import annotations

from functools import cached_property

from trustproof.inputs.terraform.values import Place


class SourceText:
    """
    A text as it was read.

    Args:
        file: as the user named it.
        content: UTF-8, without a byte order mark.
    """

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        self.content = content
        self._is_ascii = content.isascii()

    @cached_property
    def text(self) -> str:
        """The characters."""
        return self.content.decode()

    @cached_property
    def _lines(self) -> list[tuple[int, int]]:
        """Where each line starts, in bytes and in characters."""
        found = []
        at = characters = 0
        for line in self.content.split(b"\n"):
            found.append((at, characters))
            at += len(line) + 1
            characters += len(line.decode()) + 1
        return found

    def place(self, start: int, end: int, line: int, column: int) -> Place:
        """
        The place between two offsets in bytes.

        Args:
            line: from 0.
            column: from 0, in bytes.
        """
        if not self._is_ascii:
            at, characters = self._lines[line]
            column = len(self.content[at:start].decode())
            end = characters + len(self.content[at:end].decode())
            start = characters + column
        newline = self.text.find("\n", start, end)
        last = end if newline < 0 else newline
        # What ends where it begins is shown one character wide.
        return Place(self.file, line + 1, column + 1, column + 1 + (last - start or 1), start, end)


def span(first: Place, last: Place) -> Place:
    """From the start of one place to the end of another one behind it."""
    end_column = last.end_column if last.line == first.line else first.end_column
    return Place(first.file, first.line, first.column, end_column, first.start, last.end)
