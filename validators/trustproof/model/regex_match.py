"""
Whether a regular expression matches a text as a whole, in a number of steps that is known before.

Python's own matcher tries one way after the other, which for some expressions takes longer than anybody waits, and a
template may hold any expression. Here what was tried once at a place is not tried again there, so that the work is at
most the length of the expression times that of the text. Back references cannot be read that way.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from trustproof.model.regex_syntax import parse
from trustproof.model.regex_tree import (
    Alternatives,
    Anchor,
    AnyCharacter,
    Character,
    CharacterClass,
    CharacterRange,
    Group,
    Item,
    LookAround,
    Node,
    Nodes,
    Place,
    Repetition,
)

#: How many instructions an expression may have, its repetitions written out.
MAX_INSTRUCTIONS = 20_000
#: How many places of a text, each with an instruction, are looked at.
MAX_STEPS = 500_000
#: Up to so many repetitions and alternatives in an expression without repetitions inside each other, Python's matcher
#: needs no more than a few million steps for the longest value of a parameter.
_MAX_PLAIN_REPEATS, _MAX_PLAIN_BRANCHES = 2, 16
#: For a short text, so many ways in which repetitions may share it.
_MAX_PLAIN_STEPS = 20_000_000

_CHARACTERS = (Character, AnyCharacter, CharacterClass)


class _NotRead(Exception):
    """An expression has a part that is not understood."""


class OverSteps(Exception):
    """An expression has more parts, or a text more places, than are looked at."""


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
    try:
        return matches_in_steps(pattern, text)
    except OverSteps:
        return None


def matches_in_java(pattern: str, text: str) -> bool | None:
    r"""
    The same, as Java has it; None where it may read the expression, or the text, in another way than Python.

    What is not printable ASCII may be the end of a line, a digit or a letter to the one, and not to the other.

    >>> matches_in_java("[a-z]+", "abc"), matches_in_java("[a[*]]", "*"), matches_in_java(".", "\r")
    (True, None, None)
    """
    expression = parse(pattern)
    if expression is None or not expression.is_portable or not (text.isascii() and text.isprintable()):
        return None
    return matches(pattern, text)


def matches_in_steps(pattern: str, text: str) -> bool | None:
    """
    The same; None only where the expression is not read.

    Raises:
        OverSteps: it would take more steps than are made.
    """
    quick, program = _read(pattern)
    if quick is not None:
        return quick.fullmatch(text) is not None
    if program is None:
        return None
    if not program:
        raise OverSteps
    return _Run(program, text).reaches(0, 0)


def plain(pattern: str, length: int | None = None) -> re.Pattern[str] | None:
    """
    An expression as Python reads it, where its matcher is quick; None for any other.

    Args:
        length: of the text that it is for; None where that may have any.

    >>> plain("^arn:(.*)$") is None, plain("(a+)+") is None
    (False, True)
    >>> plain("(.*)/(.*)@(.*)") is None, plain("(.*)/(.*)@(.*)", 50) is None, plain("(.*)/(.*)@(.*)", 500) is None
    (True, False, True)
    >>> plain("^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.*)$") is None
    False
    """
    found = _read(pattern)[0]
    if found is not None or length is None or (expression := parse(pattern)) is None:
        return found
    return _compiled(pattern) if _is_plain(expression.nodes, length) else None


@lru_cache(maxsize=256)
def _read(pattern: str) -> tuple[re.Pattern[str] | None, tuple[_Step, ...] | None]:
    """
    The expression as Python reads it, where that is quick; else as instructions, none where they would be too many;
    neither where it cannot be read.
    """
    expression = parse(pattern)
    if expression is None:
        return None, None
    if _is_plain(expression.nodes):
        return _compiled(pattern), None
    try:
        program = _Program(expression.flags)
        program.sequence(expression.nodes)
        program.add("end")
    except _NotRead:
        return None, None
    except OverSteps:
        return None, ()
    return None, tuple(program.steps)


def _compiled(pattern: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern)


def _is_plain(nodes: Nodes, length: int | None = None) -> bool:
    counts, ending = [0, 0], _ending_in_one_place(nodes)
    if not _count(nodes, counts) or counts[1] > _MAX_PLAIN_BRANCHES:
        return False
    # Those that end in one place are gone through again for each place where others end, however many they are.
    counts[0] -= max(ending - 1, 0)
    # Each repetition may end anywhere behind the place where the one before ends.
    if counts[0] <= _MAX_PLAIN_REPEATS or length is None:
        return counts[0] <= _MAX_PLAIN_REPEATS
    steps: int = max(length, 2) ** min(counts[0] + 1, _MAX_PLAIN_STEPS.bit_length())
    return steps <= _MAX_PLAIN_STEPS


def _ending_in_one_place(nodes: Nodes) -> int:
    """How many repetitions end where a character follows that they do not repeat: ``[^:]*`` in front of a colon."""
    flat = list(_in_a_row(nodes))
    return sum(
        isinstance(one, Repetition)
        and not one.possessive
        and one.least != one.most
        and isinstance(after, Character)
        and not after.char.isalpha()
        and not _repeats(one, after.char)
        for one, after in pairwise(flat)
    )


def _in_a_row(nodes: Nodes) -> Iterator[Node]:
    """The parts of an expression one after the other, those of groups as well."""
    for node in nodes:
        if isinstance(node, Group) and not node.has_flags:
            yield from _in_a_row(node.inner)
        else:
            yield node


def _repeats(repetition: Repetition, char: str) -> bool:
    """Whether a character may be one of those that are repeated."""
    node = repetition.inner[0] if len(repetition.inner) == 1 else None
    if isinstance(node, Character):
        return node.char == char
    return not isinstance(node, CharacterClass) or any(_item(item)(char) for item in node.items) is not node.negated


def _count(nodes: Nodes, counts: list[int]) -> bool:
    """Count repetitions and alternatives; False for what Python's matcher may take long for."""
    for node in nodes:
        if isinstance(node, Repetition) and not node.possessive:
            counts[0] += node.least != node.most
            if len(node.inner) != 1 or not isinstance(node.inner[0], _CHARACTERS):
                return False
        elif isinstance(node, Group):
            if not _count(node.inner, counts):
                return False
        elif isinstance(node, Alternatives):
            counts[1] += len(node.options)
            if not all(_count(option, counts) for option in node.options):
                return False
        elif not isinstance(node, (*_CHARACTERS, Anchor)):
            return False
    return True


class _Program:
    """
    Writes an expression as instructions.
    """

    def __init__(self, flags: frozenset[str]) -> None:
        self.steps: list[_Step] = []
        self._flags = flags
        if flags & {"i", "a"}:
            raise _NotRead

    def add(self, kind: str, admits: Callable[[str, int], bool] | None = None, *targets: int) -> int:
        """Write one instruction; its number."""
        if len(self.steps) >= MAX_INSTRUCTIONS:
            raise OverSteps
        self.steps.append(_Step(kind, admits, targets))
        return len(self.steps) - 1

    def sequence(self, nodes: Nodes) -> None:
        """Write the parts of an expression, one after the other."""
        for node in nodes:
            self._node(node)

    def _node(self, node: Node) -> None:
        if isinstance(node, (Character, AnyCharacter, CharacterClass)):
            self.add("char", self._character(node))
        elif isinstance(node, Anchor):
            self.add("test", self._place(node.place))
        elif isinstance(node, Group) and not node.has_flags:
            self.sequence(node.inner)
        elif isinstance(node, Alternatives):
            self._branch(node.options)
        elif isinstance(node, Repetition) and not node.possessive:
            self._repeat(node)
        elif isinstance(node, LookAround) and node.ahead:
            self._look(node.inner, negated=node.negated)
        else:
            raise _NotRead

    def _branch(self, branches: tuple[Nodes, ...]) -> None:
        fork = self.add("fork")
        starts, ends = [], []
        for branch in branches:
            starts.append(len(self.steps))
            self.sequence(branch)
            ends.append(self.add("fork"))
        self.steps[fork] = _Step("fork", None, tuple(starts))
        for end in ends:
            self.steps[end] = _Step("fork", None, (len(self.steps),))

    def _repeat(self, node: Repetition) -> None:
        for _ in range(node.least):
            before = len(self.steps)
            self.sequence(node.inner)
            if before == len(self.steps):
                # What is repeated is nothing.
                return
        if node.most is None:
            fork = self.add("fork")
            self.sequence(node.inner)
            self.add("fork", None, fork)
            self.steps[fork] = _Step("fork", None, (fork + 1, len(self.steps)))
            return
        forks = []
        for _ in range(node.most - node.least):
            forks.append(self.add("fork"))
            self.sequence(node.inner)
        for fork in forks:
            self.steps[fork] = _Step("fork", None, (fork + 1, len(self.steps)))

    def _look(self, inner: Nodes, *, negated: bool) -> None:
        look = self.add("look")
        self.sequence(inner)
        self.add("end")
        self.steps[look] = _Step("look", None, (look + 1, len(self.steps)), negated)

    def _character(self, node: Character | AnyCharacter | CharacterClass) -> Callable[[str, int], bool]:
        """Whether the character at a place is one that a part matches."""
        if isinstance(node, Character):
            char = node.char
            return lambda text, at: text[at] == char
        if isinstance(node, AnyCharacter):
            dot_all = "s" in self._flags
            return lambda text, at: dot_all or text[at] != "\n"
        tests = [_item(item) for item in node.items]
        negated = node.negated
        return lambda text, at: any(test(text[at]) for test in tests) is not negated

    def _place(self, place: Place) -> Callable[[str, int], bool]:
        """Whether a place of a text is what an anchor asks for."""
        if "m" in self._flags and place in ("line start", "line end"):
            raise _NotRead
        if place in ("line start", "text start"):
            return lambda text, at: at == 0
        if place == "line end":
            return lambda text, at: at == len(text) or (at == len(text) - 1 and text[at] == "\n")
        if place == "text end":
            return lambda text, at: at == len(text)
        wanted = place == "word edge"
        return lambda text, at: (_is_word(text[at - 1 : at]) is not _is_word(text[at : at + 1])) is wanted


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _item(item: Item) -> Callable[[str], bool]:
    """Whether a character is one of an item of a class."""
    if isinstance(item, Character):
        only = item.char
        return lambda char: char == only
    if isinstance(item, CharacterRange):
        first, last = item
        return lambda char: first <= char <= last
    inside = {"digit": str.isdecimal, "space": str.isspace, "word": _is_word}[item.category]
    negated = item.negated
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
                raise OverSteps
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
