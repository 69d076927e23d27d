"""
Texts that have a wildcard, or have one when somebody has read them: JSON, YAML and base64 write it without its
character.
"""

from __future__ import annotations

import base64
import re

#: What stands for other characters where wildcards count.
WILDCARDS = frozenset("*?")
#: A character by its number, as JSON, YAML and HCL write it. Of a text in a text it is the last of several backslashes:
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
#: How many texts may be inside of one another; what is deeper is taken for one with a wildcard.
_DEPTH = 8
#: Characters of base64, and the ends of lines between them, as they are or as they are written in a text.
_LINES = r"(?:[\r\n]|\\{1,8}[rn]){1,2}"
_CODE = rf"[A-Za-z0-9+/=]+(?:{_LINES}[A-Za-z0-9+/=]+)*(?:{_LINES})?"
#: A text of base64: all that there is, a value in quotes (and no key, as it is written or shown), or a word that has
#: padding or is long, as names are not.
_BASE64 = (
    re.compile(rf"\A\s*({_CODE})\s*\Z"),
    re.compile(rf"""(?<=["'])(?<!key=Known\(["'])({_CODE})(?=\\{{0,8}}["'](?!\s*:))"""),
    re.compile(r"(?<![\w+/=.:@-])([A-Za-z0-9+/]+={1,2}|[A-Za-z0-9+/]{8,})(?![\w+/=])"),
)


def may_stand_for_wildcard(text: str, depth: int = _DEPTH) -> bool:
    """
    Whether a text has a wildcard, or may have one when it is decoded.

    Args:
        text: a text, or what shows a value that has some.
        depth: so often something may be decoded again.
    """
    if not WILDCARDS.isdisjoint(text):
        return True
    if depth == 0:
        # Who writes a name in such a way has something to hide.
        return True
    if "\\" in text and (read := _ESCAPE.sub(_character, text)) != text:
        return may_stand_for_wildcard(read, depth - 1)
    return any(may_stand_for_wildcard(one, depth - 1) for pattern in _BASE64 for one in _decoded(pattern, text))


def _character(escape: re.Match[str]) -> str:
    number = int(escape[1] or escape[2] or escape[3], 16)
    # Halves of characters and what is beyond them are no wildcards.
    return chr(number) if number < 0x110000 else ""


def _decoded(pattern: re.Pattern[str], text: str) -> list[str]:
    """What words of base64 in a text stand for, where that is a text that one could print."""
    out = []
    for found in pattern.finditer(text):
        word = re.sub(r"\\+[rn]|\s", "", found[1])
        if len(word) % 4:
            continue
        try:
            read = base64.b64decode(word, validate=True).decode()
        except ValueError:
            continue
        if all(one.isprintable() or one in "\t\r\n" for one in read):
            out.append(read)
    return out
