"""
Verdicts for people and for programs.

Renderers know values and nothing else. They analyse nothing, and they ask for positions only of what they show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from trustproof.output.json import render_json
from trustproof.output.style import Style
from trustproof.output.text import render_text
from trustproof.results.report import Report

#: Gives the whole report, as it is written to standard output; the style is for what people read there.
Render: TypeAlias = "Callable[[Report, Style], str]"

#: The forms of a report, by what ``--format`` calls them; the first is that of people.
FORMATS: Mapping[str, Render] = {
    "text": render_text,
    "json": lambda report, style: render_json(report),
}
