"""
What a text that is an expression of Terraform refers to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.inputs.cloudformation.values.parameter import ANYTHING

#: What stands in an expression: the module that a part of it stands in, and names with what is behind their start:
#: attributes, and keys that have no brackets of their own.
_PIECE = re.compile(
    r"""(?P<skipped>"(?:[^"\\$]|\\.|\$(?!\{))*")"""
    r"""|each\.(?:key|value) of (?P<each>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[[^\[\]]*\])*)"""
    r"""|(?P<module>(?:module\.[A-Za-z_][\w-]*(?:\[[^\[\]]*\])?\.)+)(?=\(|[A-Za-z_][\w:-]*\()"""
    r"""|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_*][\w-]*|\[[^\[\]]*\])+)(?P<call>\(|::)?"""
    r"""|(?P<bracket>[()])"""
)
_CUT = "… #"


def references(text: str) -> tuple[str, ...]:
    """
    The references in an expression, each once: ``var.x``, ``data.d.e.ids``; `ANYTHING` where a part was cut off.

    Args:
        text: of the expression, as a condition is called by it.
    """
    return (ANYTHING,) if _CUT in text else tuple(dict.fromkeys(_references(text)))


def _references(text: str) -> Iterator[str]:
    depth = 0
    #: The modules around a place, each with the depth of brackets at which it is named.
    around: list[tuple[int, str]] = []
    for piece in _PIECE.finditer(text):
        if piece["module"]:
            # What is in the brackets behind it is called as it is in there.
            around.append((depth, piece["module"]))
        elif piece["each"]:
            # What an instance has is nothing else that it is made of; of a set, key and value are one.
            yield f"each of {piece['each']}"
        elif piece["name"] and not piece["call"]:
            yield "".join(module for _, module in around) + piece["name"]
            if around and piece["name"].startswith("var."):
                # What a module is given may be what another one is given, too.
                yield piece["name"]
        elif piece["bracket"] == ")":
            depth -= 1
            while around and around[-1][0] >= depth:
                around.pop()
        elif piece["bracket"] or piece["call"] == "(":
            depth += 1
