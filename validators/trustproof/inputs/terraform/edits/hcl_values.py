"""
The values of edits as HCL writes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from trustproof.inputs.text.replacements import NotWritable
from trustproof.model.text import Symbolic

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_REFERENCE = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")


def escape_template(text: str) -> str:
    """A text between quotes, in which nothing begins an expression."""
    return text.replace("${", "$${").replace("%{", "%%{")


def hcl(value: object, indent: str | None = None, *, is_json: bool = True) -> str:
    """
    A value of an edit as HCL writes it.

    Args:
        indent: of the line that it stands in; None for all of it on one line.
        is_json: whether a number is a text.

    Raises:
        NotWritable: a part of it is not known.
    """
    if isinstance(value, str):
        return value if not is_json and value.isdecimal() else escape_template(json.dumps(value, ensure_ascii=False))
    if isinstance(value, Mapping):
        if indent is None:
            return f"{{ {', '.join(f'{hcl_key(str(key))} = {hcl(found)}' for key, found in value.items())} }}"
        deeper = f"{indent}  "
        lines = (f"{deeper}{hcl_key(str(key))} = {hcl(found, deeper)}\n" for key, found in value.items())
        return "{\n" + "".join(lines) + indent + "}"
    if isinstance(value, Symbolic):
        # Whoever is told so by its name knows it: a part that has none in Terraform is refused when it is read again.
        names = [part.name for part in value.symbols]
        if not all(_REFERENCE.fullmatch(name) for name in names):
            raise NotWritable
        parts = (p if isinstance(p, str) else f"${{{p.name}}}" for p in value.parts)
        written = (json.dumps(p, ensure_ascii=False)[1:-1] if p[:2] != "${" else p for p in parts)
        return names[0] if len(value.parts) == 1 else '"' + "".join(written) + '"'
    if type(value) is tuple:
        return hcl(value[0], indent) if len(value) == 1 else f"[{', '.join(hcl(item, indent) for item in value)}]"
    raise NotWritable


def hcl_key(key: str) -> str:
    """The key of an object, with quotes where it needs them."""
    return key if _NAME.fullmatch(key) else json.dumps(key, ensure_ascii=False)
