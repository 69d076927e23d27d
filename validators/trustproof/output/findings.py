"""
What every form of a report says of a finding, in the words of programs: its place, and what is written about it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from trustproof.escaping.text import printable
from trustproof.files.paths import real_path
from trustproof.model.policy import Path
from trustproof.output import counterexamples, reasons
from trustproof.results.report import Report, Sources
from trustproof.results.result import PROVED, Result


class Place(NamedTuple):
    """
    Where a finding stands: lines and columns count characters, from 1.
    """

    file: str
    line: int
    column: int
    #: After the last character.
    end_column: int


def findings(report: Report) -> Iterator[Result]:
    """What is refuted or unknown, in the order of the report; waived and known findings are among them."""
    return (result for result in report.results if result.verdict != PROVED)


def place(result: Result, sources: Sources) -> Place | None:
    """Where a finding stands; None where that is not known, or what was read is no file."""
    return place_of(result.template, (*result.path, *result.caret), sources)


def place_of(template: str, path: Path, sources: Sources) -> Place | None:
    """Where what a path leads to stands; None where that is not known, or what was read is no file."""
    if template.startswith("<"):
        return None
    found = sources.position(template, path)
    if found is None or not found.in_file:
        return None
    return Place(in_repository(found.file or template, sources), found.line, found.column, found.end_column)


def in_repository(file: str, sources: Sources) -> str:
    """
    A file as the repository calls it: from its top, with slashes, and without a dot before the first; one that is
    elsewhere by its absolute path.
    """
    if file.startswith("<"):
        return file
    name = os.path.normpath(os.path.join(sources.below, file))
    if sources.top and os.path.isabs(file):
        # A link in the repository is a file of it, wherever it leads.
        place = os.path.join(real_path(os.path.dirname(name)), os.path.basename(name))
        name = os.path.relpath(place, sources.top) if place.startswith(os.path.join(sources.top, "")) else name
    return name.replace(os.sep, "/")


def paragraphs(result: Result) -> Iterator[tuple[str, list[str]]]:
    """What there is to say of a finding besides its message: a name, and lines."""
    found = result.counterexample
    if found is not None:
        yield "refused" if found.refused else "request", counterexamples.request(found)
    for why in result.why:
        yield "why", [why]
    for _, title, line in counterexamples.cases(found.deciding, result.resource_type) if found is not None else ():
        yield title, [line]
    for reason in reasons.in_lines(result.reasons):
        yield "reason", [reason]
    if result.remedy is not None:
        yield "help", [result.remedy.text, *result.remedy.diff]
    if result.suppression is not None:
        yield "waived" if result.suppression.kind == "waiver" else "known", [str(result.suppression)]


def plain(result: Result) -> str:
    """What there is to say of a finding, as lines of text that are safe to print."""
    lines = [result.message]
    for name, said in paragraphs(result):
        lines += [f"{name}: {said[0]}", *(f"  {line}" for line in said[1:])]
    return "\n".join(map(printable, lines))


def title(result: Result) -> str:
    """``refuted[mfa-required]``."""
    return f"{result.verdict}[{result.property}]"
