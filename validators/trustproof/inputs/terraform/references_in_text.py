"""
What a text that is an expression of Terraform refers to.
"""

from __future__ import annotations

import re

from trustproof.inputs.cloudformation.values.parameter import ANYTHING

#: Behind the start of a name: attributes, and keys that have no brackets of their own.
_REFERENCE = re.compile(
    r"""(?P<skipped>"(?:[^"\\$]|\\.|\$(?!\{))*")|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_*][\w-]*|\[[^\[\]]*\])+)(?P<call>\(|::)?"""
)
_CUT = "… #"


def references(text: str) -> tuple[str, ...]:
    """
    The references in an expression, each once: ``var.x``, ``data.d.e.ids``; `ANYTHING` where a part was cut off.

    Args:
        text: of the expression, as a condition is called by it.
    """
    if _CUT in text:
        return (ANYTHING,)
    found = (match["name"] for match in _REFERENCE.finditer(text) if match["name"] and not match["call"])
    return tuple(dict.fromkeys(found))
