"""
The page of a property, made from its docstring.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Protocol


class DocumentedProperty(Protocol):
    """What a page says of a property, besides the property's docstring."""

    @property
    def ident(self) -> str:
        """What the property is called."""

    @property
    def summary(self) -> str:
        """What is wrong when it is refuted."""

    @property
    def options(self) -> Mapping[str, object]:
        """What can be set in the configuration."""


#: The headings of a property's docstring, in order.
HEADINGS = ("Claim", "Threat", "Severity", "Refuted by", "Proved for", "Remedy", "Limits")
#: Headings whose text is a policy document.
EXAMPLES = ("Refuted by", "Proved for")


def sections(asked: DocumentedProperty) -> dict[str, str]:
    """The text under each heading; ``""`` is the sentence before the first."""
    found: dict[str, list[str]] = {"": []}
    current = ""
    for line in textwrap.dedent(type(asked).__doc__ or "").strip().splitlines():
        if line[:-1] in HEADINGS and line.endswith(":"):
            current = line[:-1]
            found[current] = []
        else:
            found[current].append(line)
    return {heading: textwrap.dedent("\n".join(lines)).strip("\n").rstrip() for heading, lines in found.items()}


def render_page(asked: DocumentedProperty) -> str:
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

    return ["```json", json.dumps(json.loads(text), indent=2), "```"]
