"""
Text that is safe to print, whatever a template holds.
"""

from __future__ import annotations

import json
import re
import reprlib
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeVar

_T = TypeVar("_T")

#: What the programs that run jobs take for a command, wherever it stands in a line of a log, or where it begins one:
#: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
#: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
_ANYWHERE = re.compile(r"(?<=#)#(?=\w*\[)")
_AT_THE_BEGINNING = re.compile(r"^(\s*):(?=:)")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
#: The characters of one text that a report shows; a value may be a megabyte.
_MOST = 4_000
_END = 200


def first_of(names: Collection[str], most: int, between: str = ", ") -> str:
    """
    Names in a line: the first ones, and how many more there are.

    Args:
        names: at least one.
        most: so many are named.
        between: what stands between two of them.
    """
    shown = between.join([*names][:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def shorten(text: str) -> str:
    """The text; of a very long one, its beginning and its end."""
    if len(text) <= _MOST:
        return text
    left_out = len(text) - (_MOST - 2 * _END) - _END
    return f"{text[: _MOST - 2 * _END]}… {left_out} more characters …{text[-_END:]}"


def printable(text: str) -> str:
    """
    The text with everything escaped that would move the cursor, change colours, reverse the reading direction, be read
    as another digit or letter, or be taken for a command by the program that runs the job; of a very long one, its
    beginning and its end.

    Templates are written by others, and a finding must look the same whatever they wrote.
    """
    return whole(shorten(text))


def whole(text: str) -> str:
    """As `printable`, with nothing left out: what is to be copied."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _escaped(c) for c in text)
    if not text.isascii():
        text = _FOREIGN.sub(lambda found: _escaped(found[0]) if is_confusable(found[0]) else found[0], text)
    if "##" in text or "::" in text:
        text = _AT_THE_BEGINNING.sub(r"\1\\x3a", _ANYWHERE.sub(r"\\x23", text))
    return text


def shown(value: object) -> str:
    """
    A value that a program has given for something else, as Python shows it, in at most 80 characters: of what contains
    itself, or holds a part in many places, only the outermost parts are written out.
    """
    try:
        return f"{reprlib.repr(value):.80}"
    except (ValueError, RecursionError):
        # Python writes no number of thousands of digits.
        return f"a value of the type {type(value).__name__}"


def shown_word(value: object) -> str:
    """As `shown`, for what stands where a word is expected: a text is as it is, in the quotes of a message."""
    return f'"{value}"' if isinstance(value, str) else shown(value)


def printable_repr(one: type[_T]) -> type[_T]:
    """
    A class whose values are shown as text that is safe to print, as by a test that fails: Python itself escapes what
    moves a cursor, and nothing that a runner takes for a command.
    """
    as_python_does = one.__repr__

    def shown(value: Any) -> str:
        return whole(as_python_does(value))

    one.__repr__ = shown  # type: ignore[method-assign]
    return one


def is_confusable(character: str) -> bool:
    """
    Whether a character is a digit or letter that another one of ASCII is meant by, or may be read as: of a full width,
    of mathematics, a digit of another script. Letters of other alphabets are what somebody writes in, and are not.
    """
    kind = unicodedata.category(character)
    return kind == "Nd" or (kind in ("Lu", "Ll") and unicodedata.normalize("NFKC", character).isascii())


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()


def inside_line(text: str) -> str:
    """
    As `printable`, of what stands behind something else in its line: there, `::` is no command, and stays as it is.

    What names a file must name it, where that can be.
    """
    return printable(f".{text}")[1:] if text.lstrip().startswith("::") else printable(text)


def file_name(path: str) -> str:
    """The name of a file as JSON can hold it, which escapes the rest; bytes that are no text are replaced."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def to_json(document: object) -> str:
    """
    A document as JSON that is safe to print, and says the same: what `printable` escapes is escaped as JSON does.

    What an iterator in it gives is a list, of which each item is made, written and let go before the next: a report has
    tens of thousands, and all of them together take many times what the text does.
    """
    return "".join((*_pieces(document, ""), "\n"))


def _pieces(value: object, margin: str) -> Iterator[str]:
    """The text of a value, of which each line but the first is moved to the right by the margin."""
    inner = f"\n{margin}  "
    if not _has_iterator(value):
        yield _json(value).replace("\n", f"\n{margin}")
    elif isinstance(value, dict):
        for number, (key, one) in enumerate(value.items()):
            yield f"{',' if number else '{'}{inner}{_json(key)}: "
            yield from _pieces(one, f"{margin}  ")
        yield f"\n{margin}}}"
    elif isinstance(value, Iterable):
        number = -1
        for number, one in enumerate(value):
            yield f"{',' if number else '['}{inner}"
            yield from _pieces(one, f"{margin}  ")
        yield "[]" if number < 0 else f"\n{margin}]"


def _has_iterator(value: object) -> bool:
    if isinstance(value, (dict, list)):
        return any(map(_has_iterator, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Iterator)


def json_line(value: object) -> str:
    """A value as JSON in one line, escaped as by `to_json`."""
    return _json(value, None)


def _json(value: object, indent: int | None = 2) -> str:
    # The only one of ASCII that JSON may hold as it is, and a terminal must not be sent.
    text = json.dumps(value, indent=indent, ensure_ascii=False).replace("\x7f", r"\u007f")
    if not text.isascii():
        text = _FOREIGN.sub(lambda found: _foreign(found[0]), text)
    return _ANYWHERE.sub(r"\\u0023", text)


def _foreign(character: str) -> str:
    is_plain = character.isprintable() and not is_confusable(character)
    return character if is_plain else json.dumps(character)[1:-1]
