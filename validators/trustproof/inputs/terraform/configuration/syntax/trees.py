"""
What the parser of HCL makes of a text, within a bound of its steps: the only module that loads tree-sitter.

What is wrong in a text costs the parser the square of what follows, as it begins anew behind each further error with
all that it has skipped; and so do blanks, which it looks through once more at each of them. So runs of blanks have a
bound, and a long text is read with an eye on what the parser says that it does: up to the first error, and for as many
steps as a text that is none too odd takes several times over.

https://github.com/tree-sitter-grammars/tree-sitter-hcl
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

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
_SHORT = 16_384
#: Steps of the parser for each byte of a text, six times as many as usual, and what any text may take.
MAX_STEPS, _ANY = 25, 100_000
#: Words, signs and blanks of a text: what the parser keeps of each of them takes some hundred bytes, and a text of a
#: megabyte that people write has half as many.
MAX_TOKENS = 750_000
#: How the parser says that it takes a token, and that it found no way on and looks for another one; and what it reads
#: at a time.
_TOKEN, _ERROR, _AT_A_TIME = "shift", "resume", 65_536


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
    return parser.parse(content).root_node if len(content) <= _SHORT else _tree_of_long(content)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    try:
        import tree_sitter
        import tree_sitter_hcl
    except ImportError:
        raise InputError(NOT_INSTALLED) from None
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _tree_of_long(content: bytes) -> Node:
    parser = _parser()
    steps = tokens = at = 0
    most, has_error = MAX_STEPS * len(content) + _ANY, False

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
    try:
        whole = parser.parse(read, progress_callback=is_over)
    except ValueError:
        # So it says that it was told to end.
        whole = None
    finally:
        del parser.logger
        parser.reset()
    if whole is not None:
        return whole.root_node
    if not has_error:
        budget = f"{MAX_STEPS} for each byte" if steps > most else f"{MAX_TOKENS} words, signs and blanks"
        raise NoTree(at, f"{BUDGET}: steps of the parser of HCL ({budget})")
    end = content.find(b"\n", at) + 1 or len(content)
    root = parser.parse(content[: min(end, at + _SHORT)]).root_node
    if not root.has_error:
        raise NoTree(at, "not HCL: something is wrong here, or a little before")
    return root
