"""
Regular expressions, taken apart: the ``AllowedPattern`` of a parameter as a tree.

Python says whether a text is an expression at all; what is in it is read here, as far as templates use it. An
expression with anything else (conditional groups, named characters, the verbose form) is not read, and nothing is known
of it. CloudFormation's dialect is Java's: where Java reads the same characters in another way, or not at all, the tree
says so (`is_portable`). tests/model/test_regex_java.py has the differences.

https://docs.python.org/3/library/re.html#regular-expression-syntax
https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from trustproof.model.regex_tree import (
    Alternatives,
    Anchor,
    AnyCharacter,
    AtomicGroup,
    BackReference,
    Category,
    Character,
    CharacterCategory,
    CharacterClass,
    CharacterRange,
    Expression,
    Group,
    Item,
    LookAround,
    Node,
    Nodes,
    Place,
    Repetition,
)

#: How deep groups may stand in each other.
MAX_NESTING = 50

_DIGITS = frozenset("0123456789")
_OCTAL = frozenset("01234567")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
#: Escapes of a character by its number, to how many hexadecimal digits they have.
_NUMBERED = {"x": 2, "u": 4, "U": 8}
#: Flags that change which characters match, and not how the expression is written.
_FLAGS = frozenset("aimsu")

_CHARACTERS = (Character, AnyCharacter, CharacterClass)
_CATEGORIES: dict[str, Category] = {"d": "digit", "s": "space", "w": "word"}
_PLACES: dict[str, Place] = {"A": "text start", "Z": "text end", "b": "word edge", "B": "no word edge"}


class _NotRead(Exception):
    """An expression has a part that is not understood, or is none."""


@lru_cache(maxsize=256)
def parse(pattern: str) -> Expression | None:
    """
    A regular expression as a tree; None where it is none in Python, or has a part that is not read here.

    >>> parse("^ab?")
    Expression(nodes=(Anchor(place='line start'), Character(char='a'), Repetition(inner=(Character(char='b'),), \
least=0, most=1, possessive=False)), flags=frozenset(), is_portable=True)
    """
    reader = _Reader(pattern)
    try:
        nodes = reader.whole()
        with warnings.catch_warnings():
            # What Python may read in another way some day is what `is_portable` tells.
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (_NotRead, re.error, OverflowError, RecursionError):
        return None
    return Expression(nodes, frozenset(reader.flags), reader.is_portable)


class _Reader:
    """
    Reads one expression, from left to right.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._groups = 0
        self._names: dict[str, int] = {}
        self._depth = 0
        self.flags: set[str] = set()
        self.flags_of_groups: set[str] = set()
        self.is_portable = True

    def whole(self) -> Nodes:
        """The whole expression."""
        if self._pattern.startswith("(?"):
            letters = self._pattern[2:].partition(")")[0]
            if letters and set(letters) <= _FLAGS:
                self.flags.update(letters)
                self._at = len(letters) + 3
        nodes = self._alternatives()
        if self._at < len(self._pattern):
            raise _NotRead
        # In Java ``a`` is no flag, and case is that of ASCII alone; half a character is one half of a pair.
        flags = self.flags | self.flags_of_groups
        is_cased = "i" in flags and not self._pattern.isascii()
        if "a" in flags or is_cased or any("\ud800" <= char <= "\udfff" for char in self._pattern):
            self.is_portable = False
        return nodes

    def _next(self) -> str:
        """The next character, which is taken."""
        char = self._pattern[self._at : self._at + 1]
        if not char:
            raise _NotRead
        self._at += 1
        return char

    def _takes(self, text: str) -> bool:
        """Whether some text comes next; then it is taken."""
        if self._pattern.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _run(self, chars: frozenset[str], most: int | None = None) -> str:
        """The next characters, as far as they are among some."""
        start = self._at
        while self._pattern[self._at : self._at + 1] in chars and (most is None or self._at < start + most):
            self._at += 1
        return self._pattern[start : self._at]

    def _until(self, end: str) -> str:
        """What stands before an end, which is taken too."""
        found, there, _ = self._pattern[self._at :].partition(end)
        if not there:
            raise _NotRead
        self._at += len(found) + len(end)
        return found

    def _alternatives(self) -> Nodes:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise _NotRead
        options = [self._sequence()]
        while self._takes("|"):
            options.append(self._sequence())
        self._depth -= 1
        return _joined(options)

    def _sequence(self) -> Nodes:
        found: list[Node] = []
        self._skip_comments()
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            part = self._part()
            self._skip_comments()
            repeated = self._repetition(part)
            found.extend(part if repeated is None else (repeated,))
            self._skip_comments()
        return tuple(found)

    def _skip_comments(self) -> None:
        while self._takes("(?#"):
            self.is_portable = False
            self._until(")")

    def _part(self) -> Nodes:
        """One part, which may be repeated; a group that is not captured is what stands in it."""
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return (self._class(),)
        if char == "\\":
            return (self._escape(),)
        if char == ".":
            return (AnyCharacter(),)
        if char == "^":
            return (Anchor("line start"),)
        if char == "{":
            # To Java a repetition of nothing, or one that it cannot read.
            self.is_portable = False
        return (Anchor("line end"),) if char == "$" else (Character(char),)

    def _repetition(self, part: Nodes) -> Repetition | None:
        """A part with the repetition that follows it; None without one."""
        before = self._at
        least, most = 0, None
        if self._takes("+"):
            least = 1
        elif self._takes("?"):
            most = 1
        elif self._takes("{"):
            if self._pattern.startswith("}", self._at):
                self._at = before
                return None
            low = self._run(_DIGITS)
            self.is_portable &= low != ""
            high = self._run(_DIGITS) if self._takes(",") else low
            if not self._takes("}"):
                # No count: the brace is a character like any other.
                self._at = before
                return None
            try:
                least, most = int(low or 0), int(high) if high else None
            except ValueError:
                # Python reads no number of some thousand digits.
                raise _NotRead from None
        elif not self._takes("*"):
            return None
        possessive = not self._takes("?") and self._takes("+")
        if possessive and not (len(part) == 1 and isinstance(part[0], _CHARACTERS)):
            # Java never goes back into what has been repeated, Python does so to reach the least count.
            self.is_portable = False
        return Repetition(part, least, most, possessive)

    def _group(self) -> Nodes:
        number: int | None = None
        if not self._takes("?"):
            number = self._opened()
        elif self._takes("P="):
            self.is_portable = False
            name = self._until(")")
            if name not in self._names:
                raise _NotRead
            return (BackReference(self._names[name]),)
        elif self._takes("P<"):
            self.is_portable = False
            name = self._until(">")
            number = self._names[name] = self._opened()
        elif not self._takes(":"):
            return (self._special(),)
        inner = self._alternatives()
        self._close()
        return inner if number is None else (Group(number, inner),)

    def _special(self) -> Node:
        """A group that is a test, is atomic, or has flags of its own."""
        for sign, ahead, negated in (("=", True, False), ("!", True, True), ("<=", False, False), ("<!", False, True)):
            if self._takes(sign):
                inner = self._alternatives()
                self._close()
                return LookAround(inner, ahead, negated)
        if self._takes(">"):
            inner = self._alternatives()
            self._close()
            return AtomicGroup(inner)
        letters = self._run(_FLAGS | {"-"})
        self.flags_of_groups.update(letters)
        if not letters or not self._takes(":"):
            raise _NotRead
        inner = self._alternatives()
        self._close()
        return Group(None, inner, has_flags=True)

    def _opened(self) -> int:
        self._groups += 1
        return self._groups

    def _close(self) -> None:
        if not self._takes(")"):
            raise _NotRead

    def _escape(self) -> Node:
        """What stands for after a backslash, outside a class."""
        char = self._next()
        if char.lower() in _CATEGORIES:
            return CharacterClass((_category(char),))
        if char in _PLACES:
            # The end of the text is before its last line end in Java, and an empty text has an edge.
            self.is_portable &= char not in "ZB"
            return Anchor(_PLACES[char])
        if char in "123456789":
            if self._pattern[self._at : self._at + 1] in _DIGITS:
                raise _NotRead
            return BackReference(int(char))
        return self._character(char)

    def _character(self, char: str) -> Character:
        """The character that an escape stands for, in a class or outside of one."""
        if char in "v0U":
            # In Java any vertical space, a number of up to three digits, and nothing.
            self.is_portable = False
        if char in _CONTROLS:
            return Character(_CONTROLS[char])
        if char in _NUMBERED:
            digits = self._run(frozenset("0123456789abcdefABCDEF"), _NUMBERED[char])
            if len(digits) != _NUMBERED[char] or int(digits, 16) > 0x10FFFF:
                raise _NotRead
            code = int(digits, 16)
            self.is_portable &= not 0xD800 <= code <= 0xDFFF
            return Character(chr(code))
        if char == "0":
            return Character(chr(int(char + self._run(_OCTAL, 2), 8)))
        if char in _LETTERS or char in _DIGITS:
            raise _NotRead
        return Character(char)

    def _class(self) -> Node:
        negated = self._takes("^")
        items: dict[Item, None] = {}
        if self._pattern.startswith("]", self._at):
            # A class that Java and others end, or do not, by their version.
            self.is_portable = False
        while not items or not self._takes("]"):
            if self._pattern.startswith(("--", "&&", "~~", "||"), self._at):
                # In Java, or in Python some day, an operator.
                self.is_portable = False
            items[self._range_or_item()] = None
        (only, *others) = items
        if isinstance(only, Character) and not others and not negated:
            return only
        return CharacterClass(tuple(items), negated)

    def _range_or_item(self) -> Item:
        first = self._item()
        if not self._pattern.startswith("-", self._at) or self._pattern.startswith("-]", self._at):
            return first
        if self._pattern.startswith("--", self._at):
            self.is_portable = False
        self._at += 1
        last = self._item()
        if not isinstance(first, Character) or not isinstance(last, Character):
            raise _NotRead
        return CharacterRange(first.char, last.char)

    def _item(self) -> Item:
        """One item of a class."""
        char = self._next()
        if char == "[" or (char == "&" and self._pattern.startswith("&", self._at)):
            # In Java a class within the class, which is one with it, or what both have.
            self.is_portable = False
        if char != "\\":
            return Character(char)
        escaped = self._next()
        if escaped.lower() in _CATEGORIES:
            return _category(escaped)
        if escaped == "b":
            self.is_portable = False
        return Character("\b") if escaped == "b" else self._character(escaped)


def _category(letter: str) -> CharacterCategory:
    return CharacterCategory(_CATEGORIES[letter.lower()], letter.isupper())


def _joined(options: list[Nodes]) -> Nodes:
    """Alternatives as one part: what all begin with stands before them, and single characters are a class."""
    if len(options) == 1:
        return options[0]
    common = 0
    for alike in zip(*options, strict=False):
        if any(type(node) is not type(alike[0]) or node != alike[0] for node in alike):
            break
        common += 1
    rests = tuple(option[common:] for option in options)
    items: dict[Item, None] = {}
    for rest in rests:
        if len(rest) != 1 or not isinstance(rest[0], (Character, CharacterClass)) or _is_negated(rest[0]):
            return (*options[0][:common], Alternatives(rests))
        items.update(dict.fromkeys(rest[0].items if isinstance(rest[0], CharacterClass) else (rest[0],)))
    return (*options[0][:common], CharacterClass(tuple(items)))


def _is_negated(node: Character | CharacterClass) -> bool:
    return isinstance(node, CharacterClass) and node.negated
