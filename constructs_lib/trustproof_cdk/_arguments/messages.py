"""
Messages as people read them: what a program writes for itself (tokens, addresses of objects) is left out, and of what
is very long the beginning is shown.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar

_A = TypeVar("_A", bound="Callable[..., Any]")

#: How Python shows an object that says nothing of itself, and where a function is.
_OBJECT = re.compile(r"<(?:[\w.<>]+\.)?(\w+) object at 0x[0-9a-f]+>")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+(?=>)")
#: A token, of either kind.
_TOKEN = re.compile(r"[$#]\{Token\[[^]]*\]\}")
#: A text that is longer than anybody reads, as Python writes texts, or without a blank.
_LONG = re.compile(r"""(['"])((?:\\.|(?!\1)[^\\]){400,})\1|[^\s'"]{400,}""", re.DOTALL)
#: So much of it is shown.
_SHOWN = 80
#: What Python writes for one character, where that is cut in two.
_HALF_AN_ESCAPE = re.compile(r"\\(|x[0-9a-f]?|u[0-9a-f]{0,3}|U[0-9a-f]{0,7})$")


def plain(message: str) -> str:
    """
    A message with words in the place of tokens and of addresses of objects, which mean nothing to anybody, and with the
    beginning of what is very long.
    """
    return _LONG.sub(_beginning, without_addresses(_TOKEN.sub("(a token, known in a deployment only)", message)))


def without_addresses(text: str) -> str:
    """A text in which objects are named by their classes, since where they are in memory means nothing to anybody."""
    return _ADDRESS.sub("", _OBJECT.sub(r"an object of the class \1", text))


def plainly(called: _A) -> _A:
    """Decorate what people call, so that what it refuses is said so."""

    @functools.wraps(called)
    def saying(*given: Any, **named: Any) -> Any:
        try:
            return called(*given, **named)
        except (TypeError, ValueError) as error:
            if (said := plain(str(error))) == str(error) or type(error) not in (TypeError, ValueError):
                raise
            raise type(error)(said) from None

    return saying  # type: ignore[return-value]


def _beginning(found: re.Match[str]) -> str:
    mark, text = (found[1], found[2]) if found[1] else ("", found[0])
    return f"{mark}{_HALF_AN_ESCAPE.sub('', text[:_SHOWN])}{mark}… ({len(text)} characters)"
