"""
What the parser of HCL makes of a text, within a bound of its steps: the only module that loads tree-sitter.

What is wrong in a text costs the parser the square of what follows, as it begins anew behind each further error with
all that it has skipped; and so do blanks, which it looks through once more at each of them. So runs of blanks have a
bound, and a long text is read in short pieces first. Where something is wrong in one of them, or one is long, it is
read with an eye on what the parser says that it does, which takes ten times as long: up to the first error, and for as
many steps as a text that is none too odd takes several times over.

https://github.com/tree-sitter-grammars/tree-sitter-hcl
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from trustproof.errors import InputError
from trustproof.results.result import BUDGET

if TYPE_CHECKING:
    from tree_sitter import LogType, Node, Parser, Point

NOT_INSTALLED = "reading .tf files needs the extra: pip install 'trustproof[terraform]'"

#: A number with an exponent and no fraction, which the grammar does not know; what is read of it is read from the text.
_EXPONENT = re.compile(rb"(?<![\w.])\d+[eE][+-]?\d+(?![\w.])")

#: What the parser takes for blanks, and how many of them in a row are read: few people write sixty.
_BLANK, MAX_BLANKS = rb"[\t-\r ]", 1_000
_TOO_MANY_BLANKS = re.compile(_BLANK + rb"{%d,}" % (MAX_BLANKS + 1))
#: Those that Terraform takes for blanks as well, and how many of them are kept at the end of a text.
_BLANKS_BEHIND, _KEPT_BEHIND = b" \t\r\n", 2

#: Bytes of a text up to which the square of it is little.
_SHORT = 1_024
#: Where a block ends, as a rule, and a text can be cut.
_END_OF_BLOCK = re.compile(rb"^\}[ \t\r]*\n", re.MULTILINE)
#: Steps of the parser for each byte of a text, six times as many as usual, and what any text may take.
MAX_STEPS, _ANY = 25, 100_000
#: Words, signs and blanks of a text: what the parser keeps of each of them takes some hundred bytes, and a text of a
#: megabyte that people write has half as many.
MAX_TOKENS = 750_000
#: How the parser says that it takes a token, and that it found no way on and looks for another one; and what it reads
#: at a time.
_TOKEN, _ERROR, _AT_A_TIME = "shift", "resume", 65_536
#: The nodes of a tree for each of these.
_NODES_OF_TOKEN = 2


class NoTree(Exception):
    """A text of which the parser makes no tree."""

    def __init__(self, place: int, why: str) -> None:
        super().__init__(why)
        #: Where in the text, in bytes.
        self.place = place
        self.why = why


def tree(content: bytes) -> Node:
    """
    The root of the tree of a text; of one with an error it may be that of what stands up to there.

    Raises:
        NoTree: it asks more of the parser than it may.
        InputError: the extra is not installed.
    """
    parser = _parser()
    # Blanks that nothing follows say nothing, and others keep their places without them.
    content = content[: len(content.rstrip(_BLANKS_BEHIND)) + _KEPT_BEHIND]
    if (found := _TOO_MANY_BLANKS.search(content)) is not None:
        raise NoTree(found.start(), f"{BUDGET}: blanks in a row ({MAX_BLANKS})")
    content = _EXPONENT.sub(lambda number: b"1" * len(number[0]), content)
    if len(content) <= _SHORT or _is_whole(content):
        return parser.parse(content).root_node
    return _tree_of_long(content)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    try:
        import tree_sitter
        import tree_sitter_hcl
    except ImportError:
        raise InputError(NOT_INSTALLED) from None
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _pieces(content: bytes) -> Iterator[bytes]:
    """A text in pieces, each of which ends where a block does, as a rule, and is short if that block is."""
    begin = end = 0
    for block in (*(found.end() for found in _END_OF_BLOCK.finditer(content)), len(content)):
        if block - begin > _SHORT and end > begin:
            yield content[begin:end]
            begin = end
        end = block
    yield content[begin:]


def _is_whole(content: bytes) -> bool:
    """
    Whether nothing is wrong in a long text, nor is it too dense, as its pieces show: a piece in which nothing is wrong
    ends in no string or block, so that the next one is read behind it as it is by itself.
    """
    begin = steps = tokens = 0
    for piece in _pieces(content):
        if len(piece) == len(content):
            return False
        if len(piece) <= _SHORT:
            root = _parser().parse(piece).root_node
            has_error, tokens = root.has_error, tokens + root.descendant_count // _NODES_OF_TOKEN
        else:
            watched = _watched(piece, _most_steps(content) - steps)
            if (budget := watched.budget) is not None:
                # The whole would take no fewer steps.
                raise NoTree(begin + watched.place, budget)
            has_error, steps = watched.root is None or watched.root.has_error, steps + watched.steps
            tokens += watched.tokens
        if has_error or tokens > MAX_TOKENS:
            return False
        begin += len(piece)
    return True


class _Watched(NamedTuple):
    """
    What the parser makes of a text, and what that took.
    """

    #: None where it was told to end.
    root: Node | None
    steps: int
    tokens: int
    #: How far it came, as far as it says.
    place: int
    #: What is said of the bound that was reached; None where none was.
    budget: str | None


def _watched(content: bytes, most: int) -> _Watched:
    """
    Read a text up to its first error, and for as many steps as it may take.

    Args:
        most: how many those are.
    """
    parser = _parser()
    steps = tokens = at = 0
    has_error = False

    def count(_kind: LogType, message: str) -> None:
        nonlocal steps, tokens, has_error
        steps += 1
        if message.startswith(_TOKEN):
            tokens += 1
        elif message.startswith(_ERROR):
            has_error = True

    def is_over(place: int, _is_lost: bool) -> bool:
        nonlocal at
        at = place
        return has_error or steps > most or tokens > MAX_TOKENS

    def read(place: int, _point: Point) -> bytes:
        return content[place : place + _AT_A_TIME]

    parser.logger = count
    root = None
    try:
        root = parser.parse(read, progress_callback=is_over).root_node
    except ValueError:
        # So it says that it was told to end.
        pass
    finally:
        del parser.logger
        parser.reset()
    budget = None
    if root is None and not has_error:
        many = f"{MAX_STEPS} for each byte" if steps > most else f"{MAX_TOKENS} words, signs and blanks"
        budget = f"{BUDGET}: steps of the parser of HCL ({many})"
    return _Watched(root, steps, tokens, at, budget)


def _most_steps(content: bytes) -> int:
    return MAX_STEPS * len(content) + _ANY


def _tree_of_long(content: bytes) -> Node:
    watched = _watched(content, _most_steps(content))
    if watched.root is not None:
        return watched.root
    at = watched.place
    if watched.budget is not None:
        raise NoTree(at, watched.budget)
    end = content.find(b"\n", at) + 1 or len(content)
    root = _parser().parse(content[: min(end, at + _SHORT)]).root_node
    if not root.has_error:
        raise NoTree(at, "not HCL: something is wrong here, or a little before")
    return root
