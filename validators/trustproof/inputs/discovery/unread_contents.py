"""
What a file holds that nobody reads: policies and resources of AWS's that stand elsewhere than where a reader looks.

Templates inside the configurations of other tools, answers of AWS, fragments that a template includes, and a template
in a list are none of the kinds that are read; where one of them is all that somebody has, silence would be a pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from trustproof.inputs.template_detection import resembles_template

_TYPE = r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+"
_EFFECTS = ("Allow", "Deny")
#: What stands at the beginning of the file that Git has in place of a large one:
#: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_LARGE_FILE = "version https://git-lfs.github.com/spec/"
#: The keys of a state or a plan that OpenTofu has encrypted, of which a plan has no lineage:
#: https://opentofu.org/docs/language/state/encryption/
_ENCRYPTED, _OF_STATES, _OF_BOTH = "encrypted_data", "lineage", "encryption_version"


def unread_content(content: object) -> str:
    """What a file that nobody reads holds: a policy, a resource of AWS's, a template; empty where it is nothing."""
    if isinstance(content, str) and content.startswith(_LARGE_FILE):
        return "a pointer of Git LFS in place of a file"
    if isinstance(content, Mapping) and _ENCRYPTED in content and (_OF_STATES in content or _OF_BOTH in content):
        return "an encrypted state" if _OF_STATES in content else "an encrypted state or plan"
    if isinstance(content, Mapping) and "plan_format_version" in content:
        return "a redacted plan"
    # https://getsops.io/docs/: keys are left in clear, values are not.
    if isinstance(content, Mapping) and isinstance(content.get("sops"), Mapping) and "Statement" in content:
        return "a policy that SOPS has encrypted"
    if isinstance(content, Mapping) and "nbformat" in content:
        content = _cells(content)
    waiting, seen = [content], set[int]()
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if resembles_template(value):
                return "a template in a text"
            if found := unread_content(_json_in(value)):
                return f"{found} in a text"
            continue
        if not isinstance(value, (Mapping, list)) or id(value) in seen:
            continue
        # An alias of YAML stands for the same part in several places.
        seen.add(id(value))
        if isinstance(value, Mapping):
            if found := _found(value):
                return found
            waiting.extend(value.values())
        else:
            waiting.extend(value)
    return ""


def _cells(notebook: Mapping[object, object]) -> object:
    """
    What stands in the cells of a notebook, and in its other parts: the lines of a cell are the items of a list.

    https://nbformat.readthedocs.io/en/latest/format_description.html
    """
    cells = notebook.get("cells")
    sources = (
        [cell["source"] for cell in cells if isinstance(cell, Mapping) and "source" in cell]
        if isinstance(cells, list)
        else []
    )
    return [notebook, *("".join(map(str, one)) for one in sources if isinstance(one, list))]


def _json_in(text: str) -> object:
    """
    What a text says that is JSON and may hold a policy, as what ``aws s3api get-bucket-policy`` prints does; None for
    any other.
    """
    if not text.lstrip().startswith(("{", "[")) or not ('"Statement"' in text or '"Properties"' in text):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _found(value: Mapping[object, object]) -> str:
    type_ = value.get("Type")
    if isinstance(type_, str) and isinstance(value.get("Properties"), Mapping) and re.match(_TYPE, type_):
        return f"a resource of type {type_}"
    statements = value.get("Statement")
    for one in statements if isinstance(statements, list) else [statements]:
        if isinstance(one, Mapping) and one.get("Effect") in _EFFECTS:
            return "a policy"
    return ""
