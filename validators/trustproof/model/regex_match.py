"""
Whether a regular expression matches a text as a whole, in a number of steps that is known before.

Python's own matcher tries one way after the other, which for some expressions takes longer than anybody waits, and a
template may hold any expression. Here what was tried once at a place is not tried again there, so that the work is at
most the length of the expression times that of the text. Back references cannot be read that way.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

#: How many instructions an expression may have, its repetitions written out.
MAX_INSTRUCTIONS = 20_000
#: How many places of a text, each with an instruction, are looked at.
MAX_STEPS = 500_000
#: Up to so many repetitions and alternatives in an expression without repetitions inside each other, Python's matcher
#: needs no more than a few million steps for the longest value of a parameter.
_MAX_PLAIN_REPEATS, _MAX_PLAIN_BRANCHES = 2, 16

_CHARACTERS = ("LITERAL", "NOT_LITERAL", "ANY", "IN")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")


class _NotRead(Exception):
    """An expression has a part that is not understood, or too many of them."""


class _Step(NamedTuple):
    """
    One instruction: a character, a test of the place, or a choice of where to go on.
    """

    #: ``char``, ``test``, ``fork``, ``look`` or ``end``.
    kind: str
    #: What a character or a place must be.
    admits: Callable[[str, int], bool] | None
    targets: tuple[int, ...]
    #: Of a look-around: whether it must not match.
    negated: bool = False


def matches(pattern: str, text: str) -> bool | None:
    r"""
    Whether an expression matches a text as a whole; None where that is not known.

    >>> matches("(a+)+", "a" * 50 + "!"), matches("(a|b)*", "abba"), matches(r"(a*)\1", "aa")
    (False, True, None)
    """
    quick, program = _read(pattern)
    if quick is not None:
        return quick.fullmatch(text) is not None
    if program is None:
        return None
    try:
        return _Run(program, text).reaches(0, 0)
    except _NotRead:
        return None


def plain(pattern: str) -> re.Pattern[str] | None:
    """
    An expression as Python reads it, where its matcher is quick; None for any other.

    >>> plain("^arn:(.*)$") is None, plain("(a+)+") is None
    (False, True)
    """
    return _read(pattern)[0]


@lru_cache(maxsize=256)
def _read(pattern: str) -> tuple[re.Pattern[str] | None, tuple[_Step, ...] | None]:
    """The expression as Python reads it, where that is quick; else as instructions; neither where it cannot be read."""
    from re import _parser  # type: ignore[attr-defined]

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _parser.parse(pattern)
            compiled = re.compile(pattern) if _is_plain(tree) else None
        if compiled is not None:
            return compiled, None
        program = _Program(tree.state.flags)
        program.sequence(tree)
        program.add("end")
        return None, tuple(program.steps)
    except (re.error, OverflowError, RecursionError, _NotRead):
        return None, None


def _is_plain(tree: Iterable[Any]) -> bool:
    counts = [0, 0]
    return _count(tree, counts) and counts[0] <= _MAX_PLAIN_REPEATS and counts[1] <= _MAX_PLAIN_BRANCHES


def _count(nodes: Iterable[Any], counts: list[int]) -> bool:
    """Count repetitions and alternatives; False for what Python's matcher may take long for."""
    for code, argument in nodes:
        name = str(code)
        if name in _REPEATS:
            least, most, inner = argument
            counts[0] += least != most
            if len(inner) != 1 or str(inner[0][0]) not in _CHARACTERS:
                return False
        elif name == "SUBPATTERN":
            if not _count(argument[3], counts):
                return False
        elif name == "BRANCH":
            counts[1] += len(argument[1])
            if not all(_count(branch, counts) for branch in argument[1]):
                return False
        elif name not in (*_CHARACTERS, "AT"):
            return False
    return True


class _Program:
    """
    Writes an expression as instructions.
    """

    def __init__(self, flags: int) -> None:
        self.steps: list[_Step] = []
        self._flags = flags
        if flags & (re.IGNORECASE | re.ASCII | re.LOCALE):
            raise _NotRead

    def add(self, kind: str, admits: Callable[[str, int], bool] | None = None, *targets: int) -> int:
        """Write one instruction; its number."""
        if len(self.steps) >= MAX_INSTRUCTIONS:
            raise _NotRead
        self.steps.append(_Step(kind, admits, targets))
        return len(self.steps) - 1

    def sequence(self, nodes: Iterable[Any]) -> None:
        """Write nodes of a parse tree, one after the other."""
        for code, argument in nodes:
            self._node(str(code), argument)

    def _node(self, name: str, argument: Any) -> None:
        if name in _CHARACTERS:
            self.add("char", self._character(name, argument))
        elif name == "AT":
            self.add("test", self._place(str(argument)))
        elif name == "SUBPATTERN" and not argument[1] and not argument[2]:
            self.sequence(argument[3])
        elif name == "BRANCH":
            self._branch(argument[1])
        elif name in _REPEATS:
            self._repeat(*argument)
        elif name in ("ASSERT", "ASSERT_NOT") and argument[0] == 1:
            self._look(argument[1], negated=name == "ASSERT_NOT")
        else:
            raise _NotRead

    def _branch(self, branches: Iterable[Any]) -> None:
        fork = self.add("fork")
        starts, ends = [], []
        for branch in branches:
            starts.append(len(self.steps))
            self.sequence(branch)
            ends.append(self.add("fork"))
        self.steps[fork] = _Step("fork", None, tuple(starts))
        for end in ends:
            self.steps[end] = _Step("fork", None, (len(self.steps),))

    def _repeat(self, least: int, most: Any, inner: Any) -> None:
        for _ in range(least):
            before = len(self.steps)
            self.sequence(inner)
            if before == len(self.steps):
                # What is repeated is nothing.
                return
        if str(most) == "MAXREPEAT":
            fork = self.add("fork")
            self.sequence(inner)
            self.add("fork", None, fork)
            self.steps[fork] = _Step("fork", None, (fork + 1, len(self.steps)))
            return
        forks = []
        for _ in range(int(most) - least):
            forks.append(self.add("fork"))
            self.sequence(inner)
        for fork in forks:
            self.steps[fork] = _Step("fork", None, (fork + 1, len(self.steps)))

    def _look(self, inner: Iterable[Any], *, negated: bool) -> None:
        look = self.add("look")
        self.sequence(inner)
        self.add("end")
        self.steps[look] = _Step("look", None, (look + 1, len(self.steps)), negated)

    def _character(self, name: str, argument: Any) -> Callable[[str, int], bool]:
        """Whether the character at a place is one that a node matches."""
        if name == "LITERAL":
            char = chr(argument)
            return lambda text, at: text[at] == char
        if name == "NOT_LITERAL":
            char = chr(argument)
            return lambda text, at: text[at] != char
        if name == "ANY":
            dot_all = bool(self._flags & re.DOTALL)
            return lambda text, at: dot_all or text[at] != "\n"
        tests = [_item(str(code), inner) for code, inner in argument if str(code) != "NEGATE"]
        negated = str(argument[0][0]) == "NEGATE"
        return lambda text, at: any(test(text[at]) for test in tests) is not negated

    def _place(self, name: str) -> Callable[[str, int], bool]:
        """Whether a place of a text is what an anchor asks for."""
        if self._flags & re.MULTILINE and name in ("AT_BEGINNING", "AT_END"):
            raise _NotRead
        if name in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
            return lambda text, at: at == 0
        if name == "AT_END":
            return lambda text, at: at == len(text) or (at == len(text) - 1 and text[at] == "\n")
        if name == "AT_END_STRING":
            return lambda text, at: at == len(text)
        if name in ("AT_BOUNDARY", "AT_NON_BOUNDARY"):
            wanted = name == "AT_BOUNDARY"
            return lambda text, at: (_is_word(text[at - 1 : at]) is not _is_word(text[at : at + 1])) is wanted
        raise _NotRead


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _item(code: str, argument: Any) -> Callable[[str], bool]:
    """Whether a character is one of an item of a class."""
    if code == "LITERAL":
        return lambda char: ord(char) == argument
    if code == "RANGE":
        return lambda char: bool(argument[0] <= ord(char) <= argument[1])
    if code != "CATEGORY":
        raise _NotRead
    name = str(argument)
    inside = {"DIGIT": str.isdecimal, "SPACE": str.isspace, "WORD": _is_word}[name.rsplit("_", 1)[-1]]
    negated = "NOT" in name
    return lambda char: inside(char) is not negated


class _Run:
    """
    Follows the instructions of an expression through one text.
    """

    def __init__(self, program: tuple[_Step, ...], text: str) -> None:
        self._program = program
        self._text = text
        self._left = MAX_STEPS
        self._looked: dict[tuple[int, int], bool] = {}

    def reaches(self, start: int, at: int, *, whole: bool = True) -> bool:
        """
        Whether the end of an expression is reached from an instruction and a place.

        Args:
            whole: whether nothing of the text may be left there.
        """
        text, size = self._text, len(self._text)
        seen = {(start, at)}
        waiting = [(start, at)]
        while waiting:
            number, place = waiting.pop()
            self._left -= 1
            if self._left < 0:
                raise _NotRead
            kind, admits, targets, negated = self._program[number]
            following: list[tuple[int, int]] = []
            if kind == "end":
                if not whole or place == size:
                    return True
            elif kind == "fork":
                following = [(target, place) for target in reversed(targets)]
            elif kind == "look":
                if self._looks(targets[0], place) is not negated:
                    following = [(targets[1], place)]
            elif kind == "test":
                if admits is not None and admits(text, place):
                    following = [(number + 1, place)]
            elif place < size and admits is not None and admits(text, place):
                following = [(number + 1, place + 1)]
            for one in following:
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
        return False

    def _looks(self, start: int, at: int) -> bool:
        found = self._looked.get((start, at))
        if found is None:
            found = self._looked[start, at] = self.reaches(start, at, whole=False)
        return found
