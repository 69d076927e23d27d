"""
Where something is written.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.escaping.text import printable_repr


@printable_repr
class Position(NamedTuple):
    """
    A place in a text: 1-based, in characters; `end_column` is the column after the last character.
    """

    line: int
    column: int
    end_column: int
    #: The file, where it is not the input's own; or what to call a text that is shown and stands in no file.
    file: str = ""
    #: Whether the lines are those of a file.
    in_file: bool = True

    def shown(self, template: str) -> str:
        """File, line and column as messages have them."""
        return f"{self.file or template}:{self.line}:{self.column}"

    def said(self, message: str, template: str) -> tuple[str, str, int | None, int | None]:
        """An error as it is told: the message, the file, and line and column where these are of a file."""
        if self.in_file:
            return message, self.file or template, self.line, self.column
        return f"{self.file.removeprefix(f'{template}: ')}: {message}", template, None, None
