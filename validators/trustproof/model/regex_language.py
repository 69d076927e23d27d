r"""
What holds of every text of a regular language: whether an expression matches somewhere in all of its texts, or in none.

Both are made automata over the characters that they tell apart, and gone through side by side: what is found holds of
all texts, however many there are. The dialect is that of RE2, whose ``\d``, ``\s`` and ``\w`` are of ASCII.

https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from trustproof.model.regex_syntax import parse
from trustproof.model.regex_tree import (
    Alternatives,
    Anchor,
    AnyCharacter,
    Character,
    CharacterCategory,
    CharacterClass,
    CharacterRange,
    Expression,
    Group,
    Item,
    Node,
    Nodes,
    Repetition,
)

#: How many states one automaton may have, its repetitions written out, and how many steps are made through them.
MAX_STATES, MAX_STEPS = 1_000, 200_000
#: The answer where nothing is known.
EITHER = frozenset((True, False))
#: Stands for the rest of a text.
_ANY = CharacterClass((CharacterCategory("space", False), CharacterCategory("space", True)))
_ANYTHING = Repetition((_ANY,), 0, None)
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CATEGORIES = {"digit": _DIGITS, "space": frozenset("\t\n\f\r "), "word": _DIGITS | _LETTERS | {"_"}}
#: The characters that ASCII has.
_ASCII = 128
_LAST = 0x10FFFF


class _NotRead(Exception):
    """An expression has a part that is not understood, or is too large."""


@lru_cache(maxsize=1024)
def outcomes(texts: str, pattern: str, flags: str = "", times: int = 1) -> frozenset[bool]:
    r"""
    Whether an expression matches somewhere in a text of a language, as far as all of them say: both where that depends
    on the text, and where it is not known. What has no texts at all has no answer.

    Args:
        texts: the language: an expression that each of its texts matches as a whole; its dots are any character.
        pattern: what is looked for; ``^`` and ``\Z`` are the ends of the text.
        flags: of it; ``i`` and ``s`` are read.
        times: how often it has to match, at places that have no character in common.

    >>> outcomes("[0-9]{12}", r"^\d+\Z"), outcomes("[0-9]{12}", "[a-z]"), len(outcomes("[0-9]{12}", "^1"))
    (frozenset({True}), frozenset({False}), 2)
    """
    language, looked_for = parse(texts), parse(pattern)
    if language is None or looked_for is None or looked_for.flags or set(flags) - {"i", "s"}:
        return EITHER
    if "i" in flags and not (texts + pattern).isascii():
        return EITHER
    try:
        return _run(language, looked_for, flags, times)
    except _NotRead:
        return EITHER


def _run(language: Expression, looked_for: Expression, flags: str, times: int) -> frozenset[bool]:
    classes = [*_classes(language.nodes), *_classes(looked_for.nodes)]
    letters = _letters(classes)
    first = _Automaton(letters, "s")
    first.whole(language.nodes)
    second = _Automaton(letters, flags)
    second.whole((_ANYTHING, *(node for _ in range(times) for node in (*looked_for.nodes, _ANYTHING))))
    if "i" in flags and any(first.takes_beyond_ascii()):
        # Some letters beyond ASCII are, in any case, letters of ASCII.
        return EITHER
    found: set[bool] = set()
    empty = frozenset((0,))
    start = (first.closure(empty, at_start=True), second.closure(empty, at_start=True), True)
    seen = {start}
    waiting = [start]
    left = MAX_STEPS
    while waiting and len(found) < len(EITHER):
        one, other, at_start = waiting.pop()
        if first.is_end(one, at_start=at_start):
            found.add(second.is_end(other, at_start=at_start))
        left -= first.size * (len(one) + len(other))
        if left < 0:
            return EITHER
        for number in range(first.size):
            moved = first.moved(one, number)
            pair = (moved, second.moved(other, number), False)
            if moved and pair not in seen:
                seen.add(pair)
                waiting.append(pair)
    return frozenset(found)


def _classes(nodes: Nodes) -> Iterator[Node]:
    """What stands for one character in an expression."""
    for node in nodes:
        if isinstance(node, (Character, AnyCharacter, CharacterClass)):
            yield node
        elif isinstance(node, (Group, Repetition)):
            yield from _classes(node.inner)
        elif isinstance(node, Alternatives):
            for option in node.options:
                yield from _classes(option)


def _letters(classes: Sequence[Node]) -> list[str]:
    """Characters, so that any other one is like one of them to all classes."""
    cuts = {*range(_ASCII + 1)}
    for node in classes:
        for item in node.items if isinstance(node, CharacterClass) else (node,):
            if isinstance(item, Character):
                cuts |= {ord(item.char), ord(item.char) + 1}
            elif isinstance(item, CharacterRange):
                cuts |= {ord(item.first), ord(item.last) + 1}
    # Where several are alike to all classes, one of them stands for these.
    alike: dict[tuple[bool, ...], str] = {}
    distinct = list(dict.fromkeys(classes))
    for cut in sorted(cut for cut in cuts if cut <= _LAST):
        char = chr(cut)
        signature = (char == "\n", *(_admits(node, char, flags) for node in distinct for flags in ("", "i")))
        alike.setdefault((cut >= _ASCII, *signature), char)
    return list(alike.values())


def _admits(node: Node, char: str, flags: str) -> bool:
    """Whether a part that stands for one character stands for this one."""
    if isinstance(node, AnyCharacter):
        return "s" in flags or char != "\n"
    cases = {char, char.lower(), char.upper()} if "i" in flags and char.isascii() else {char}
    if isinstance(node, Character):
        return node.char in cases
    assert isinstance(node, CharacterClass)
    return any(_is_one(item, case) for item in node.items for case in cases) is not node.negated


def _is_one(item: Item, char: str) -> bool:
    if isinstance(item, Character):
        return item.char == char
    if isinstance(item, CharacterRange):
        return item.first <= char <= item.last
    return (char in _CATEGORIES[item.category]) is not item.negated


class _Automaton:
    """
    An expression as a nondeterministic automaton, of which a set of states is held.

    Args:
        letters: that it is over.
        flags: of the expression.
    """

    def __init__(self, letters: Sequence[str], flags: str) -> None:
        self.size: int = len(letters)
        self._letters = letters
        self._flags = flags
        #: Of each state: the letters that lead to the next one, the states that it is as well, and the anchor that has
        #: to hold for these.
        self._takes: list[frozenset[int]] = []
        self._forks: list[tuple[int, ...]] = []
        self._anchors: list[str] = []
        self._end = -1
        self._moves: dict[tuple[frozenset[int], int], frozenset[int]] = {}

    def _add(self, takes: frozenset[int] = frozenset(), forks: tuple[int, ...] = (), anchor: str = "") -> int:
        if len(self._takes) >= MAX_STATES:
            raise _NotRead
        self._takes.append(takes)
        self._forks.append(forks)
        self._anchors.append(anchor)
        return len(self._takes) - 1

    def whole(self, nodes: Nodes) -> None:
        """Add a whole expression: the text may end in the state behind it."""
        self.sequence(nodes)
        self._end = self._add()

    def sequence(self, nodes: Nodes) -> None:
        """Add the parts of an expression, one after the other."""
        for node in nodes:
            self._part(node)

    def _part(self, node: Node) -> None:
        if isinstance(node, (Character, AnyCharacter, CharacterClass)):
            taken = (number for number, char in enumerate(self._letters) if _admits(node, char, self._flags))
            self._add(frozenset(taken))
        elif isinstance(node, Anchor) and node.place in ("line start", "text start"):
            self._add(anchor="start", forks=(len(self._takes) + 1,))
        elif isinstance(node, Anchor) and node.place == "text end":
            self._add(anchor="end", forks=(len(self._takes) + 1,))
        elif isinstance(node, Group) and not node.has_flags:
            self.sequence(node.inner)
        elif isinstance(node, Alternatives):
            self._branches(node.options)
        elif isinstance(node, Repetition) and not node.possessive:
            self._repetition(node)
        else:
            raise _NotRead

    def _branches(self, options: Sequence[Nodes]) -> None:
        fork = self._add()
        starts, ends = [], []
        for option in options:
            starts.append(len(self._takes))
            self.sequence(option)
            ends.append(self._add())
        self._forks[fork] = tuple(starts)
        for end in ends:
            self._forks[end] = (len(self._takes),)

    def _repetition(self, node: Repetition) -> None:
        for _ in range(node.least):
            before = len(self._takes)
            self.sequence(node.inner)
            if len(self._takes) == before:
                # What is repeated is nothing.
                return
        if node.most is None:
            fork = self._add()
            self.sequence(node.inner)
            self._add(forks=(fork,))
            self._forks[fork] = (fork + 1, len(self._takes))
            return
        forks = []
        for _ in range(node.most - node.least):
            forks.append(self._add())
            self.sequence(node.inner)
            if len(self._takes) == forks[-1] + 1:
                break
        for fork in forks:
            self._forks[fork] = (fork + 1, len(self._takes))

    def takes_beyond_ascii(self) -> Iterator[bool]:
        """Of each state, whether a character beyond ASCII leads on."""
        beyond = {number for number, char in enumerate(self._letters) if not char.isascii()}
        return (bool(taken & beyond) for taken in self._takes)

    def closure(self, states: frozenset[int], *, at_start: bool = False, at_end: bool = False) -> frozenset[int]:
        """Some states with those that they are as well, at a place of the text."""
        found = set(states)
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            anchor = self._anchors[state]
            if (anchor == "start" and not at_start) or (anchor == "end" and not at_end):
                continue
            new = [other for other in self._forks[state] if other not in found]
            found.update(new)
            waiting += new
        return frozenset(found)

    def is_end(self, states: frozenset[int], *, at_start: bool) -> bool:
        """Whether the text may end in some states."""
        return self._end in self.closure(states, at_start=at_start, at_end=True)

    def moved(self, states: frozenset[int], letter: int) -> frozenset[int]:
        """The states that a letter leads to."""
        key = (states, letter)
        if key not in self._moves:
            reached = frozenset(state + 1 for state in states if letter in self._takes[state])
            self._moves[key] = self.closure(reached)
        return self._moves[key]


@lru_cache(maxsize=1024)
def lengths(texts: str) -> tuple[int, int | None]:
    """
    How many characters the texts of a language have at least and at most; None where there is no limit, and where it is
    not known.

    >>> lengths("[0-9]{12}"), lengths("ab?c*")
    ((12, 12), (1, None))
    """
    language = parse(texts)
    return _lengths(language.nodes) if language is not None else (0, None)


def _lengths(nodes: Nodes) -> tuple[int, int | None]:
    found = [_length(node) for node in nodes]
    most = [high for _, high in found if high is not None]
    return sum(low for low, _ in found), sum(most) if len(most) == len(found) else None


def _length(node: Node) -> tuple[int, int | None]:
    if isinstance(node, (Character, AnyCharacter, CharacterClass)):
        return 1, 1
    if isinstance(node, Group):
        return _lengths(node.inner)
    if isinstance(node, Alternatives):
        found = [_lengths(option) for option in node.options]
        highest = [high for _, high in found if high is not None]
        return min(low for low, _ in found), max(highest) if len(highest) == len(found) else None
    if isinstance(node, Repetition):
        low, high = _lengths(node.inner)
        return low * node.least, 0 if high == 0 else None if high is None or node.most is None else high * node.most
    return 0, None
