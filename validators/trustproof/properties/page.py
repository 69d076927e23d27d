"""
The page of a property, made from its docstring.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustproof.properties.base import Property

#: The headings of a property's docstring, in order.
HEADINGS = ("Claim", "Threat", "Refuted by", "Proved for", "Remedy", "Limits")
#: Headings whose text is a policy document.
EXAMPLES = ("Refuted by", "Proved for")


def sections(asked: Property) -> dict[str, str]:
    """The text under each heading; ``""`` is the sentence before the first."""
    found: dict[str, list[str]] = {"": []}
    current = ""
    for line in inspect.cleandoc(type(asked).__doc__ or "").splitlines():
        if line[:-1] in HEADINGS and line.endswith(":"):
            current = line[:-1]
            found[current] = []
        else:
            found[current].append(line)
    return {heading: inspect.cleandoc("\n" + "\n".join(lines)).strip() for heading, lines in found.items()}


def render_page(asked: Property) -> str:
    """The documentation of a property, in Markdown; the same text for the terminal and for `docs/properties.md`."""
    found = sections(asked)
    out = [f"# {asked.ident}", "", found[""], "", f"When it is refuted: {asked.summary}.", ""]
    for heading in HEADINGS:
        if heading not in found:
            continue
        out += [f"## {heading}", ""]
        out += _example(found[heading]) if heading in EXAMPLES else [found[heading]]
        out.append("")
    if asked.options:
        out += ["## Options", "", f"In `[properties.{asked.ident}]`: {', '.join(f'`{o}`' for o in asked.options)}.", ""]
    return "\n".join(out)


def _example(text: str) -> list[str]:
    import json

    return ["```json", json.dumps(json.loads(text), indent=2), "```"]
