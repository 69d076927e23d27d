"""
Texts in quotation marks: what they say, and where each character of it is written.
"""

from __future__ import annotations

import re
from itertools import accumulate
from json import loads

#: What one character is written as between double quotation marks, https://www.rfc-editor.org/rfc/rfc8259#section-7
_IN_DOUBLE = re.compile(r'(?:\\u[dD][89abAB][0-9a-fA-F]{2}){0,1}\\u[0-9a-fA-F]{4}|\\["\\/bfnrt]|[^"\\\n]')
#: The same between single ones of YAML, https://yaml.org/spec/1.2.2/#732-single-quoted-style
_IN_SINGLE = re.compile(r"''|[^'\n]")


class QuotedText:
    """
    A text in one line of its file, in quotation marks.

    Args:
        written: with the marks.

    Raises:
        ValueError: it is written in some other way.
    """

    def __init__(self, written: str) -> None:
        mark, inner = written[:1], written[1:-1]
        form = {'"': _IN_DOUBLE, "'": _IN_SINGLE}.get(mark)
        parts = [] if form is None else [found[0] for found in form.finditer(inner)]
        if form is None or written[-1:] != mark or "".join(parts) != inner:
            raise ValueError("not one line in quotation marks")
        said = [loads(f'"{part}"') if part[:1] == "\\" and mark == '"' else part[:1] for part in parts]
        self.text = "".join(said)
        lengths = [len(part) for part, one in zip(parts, said, strict=True) for _ in one]
        self._offsets = [*accumulate(lengths, initial=1)]
        self._lines = [*accumulate((len(line) + 1 for line in self.text.split("\n")), initial=0)]

    def offset(self, line: int, column: int) -> int:
        """
        Where what stands in a line and column of the text, both from 1, is written: from the first mark.
        """
        return self._offsets[min(self._lines[line - 1] + column - 1, len(self.text))]
