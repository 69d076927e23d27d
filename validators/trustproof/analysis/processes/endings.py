"""
What a program was at when it was ended before its work was done: a gate that was stopped says how far it was.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")

#: The signals by which others ask a program to end, as far as the system has them.
ENDING = tuple(one for one in signal.Signals if one.name in ("SIGINT", "SIGTERM", "SIGHUP"))


@contextmanager
def at_work_on(what: str) -> Iterator[None]:
    """
    Note what is done here on the interrupt that ends it, or on the end that another program asks for.

    Where one is inside another, the inner one knows best.

    Args:
        what: as it follows on "interrupted while".
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as end:
        _note(end, what)
        raise


def each_at_work_on(found: Iterator[_T], what: Callable[[int], str]) -> Iterator[_T]:
    """
    The same of what is made one after the other.

    Args:
        what: gives it by the number of what is made; by how many there are, at the end. It is asked at an end only.
    """
    number = 0
    while True:
        try:
            one = next(found)
        except StopIteration:
            return
        except (KeyboardInterrupt, SystemExit) as end:
            _note(end, what(number))
            raise
        yield one
        number += 1


def _note(end: BaseException, what: str) -> None:
    if not noted(end):
        end.add_note(what)


def noted(end: BaseException) -> str:
    """What was done when the program was ended; empty where nobody has noted it."""
    return next(iter(getattr(end, "__notes__", ())), "")
