"""
Texts in quotation marks that do not end in their lines: the parser goes on to the next quotation mark, and says of
something far behind it that it is wrong.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
"""

from __future__ import annotations

import re

#: Comments, heredocs, and what begins or ends something.
_CODE = re.compile(
    rb'(?:#|//)[^\n]*|/\*.*?(?:\*/|\Z)|<<-?([\w-]+)[^\n]*\n.*?(?:^[ \t]*\1[ \t\r]*$|\Z)|["{}]', re.DOTALL | re.MULTILINE
)
_IN_TEXT = re.compile(rb'\\.|\$\$\{|%%\{|[$%]\{|"|\n', re.DOTALL)
_QUOTE, _BRACES = b'"', (b"{", b"${", b"%{")


def unterminated_text(content: bytes) -> int | None:
    """Where the first text begins that does not end in its line, in bytes; None where each does."""
    #: What has begun, and where.
    inside: list[tuple[bytes, int]] = []
    at = 0
    while True:
        is_text = bool(inside) and inside[-1][0] == _QUOTE
        found = (_IN_TEXT if is_text else _CODE).search(content, at)
        if found is None or (is_text and found[0] == b"\n"):
            return inside[-1][1] if is_text else None
        at = found.end()
        if found[0] in _BRACES or (found[0] == _QUOTE and not is_text):
            inside.append((found[0], found.start()))
        elif found[0] in (_QUOTE, b"}") and inside:
            inside.pop()
