"""
``trustproof who``: the list as a table, or as JSON.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.access.entries import NOT_REQUIRED, REQUIRED, UNKNOWN, Entry, entries
from trustproof.access.permission_sets import holdings_of
from trustproof.analysis.across.linked_inputs import Neighbour, linked_inputs
from trustproof.analysis.presentation.presentation import without_secrets
from trustproof.analysis.run.external_parts import omissions_of
from trustproof.api import load_config
from trustproof.errors import UsageError
from trustproof.escaping.text import printable, to_json
from trustproof.files.write import write
from trustproof.inputs.discovery.inputs import Inputs, read_paths
from trustproof.inputs.documents.account_details import NOT_SAID
from trustproof.inputs.reader import Input
from trustproof.inputs.walk import PassedOver
from trustproof.output.terminal import draw_table
from trustproof.output.terminal.screen import Cell, Column, screen_for
from trustproof.results.omissions import Omission, omission_notes

_DEFAULT = "cdk.out"
_COLUMNS = ("WHO", "MAY BE", "IN ACCOUNT", "MFA", "FOR AT MOST", "PROVIDED THAT")
#: Characters to which a column is filled up at most; what is longer pushes only its own line.
_WIDEST = 60
#: On a terminal, where what else has to be so stands below who.
_ON_A_TERMINAL = (
    Column("WHO"),
    Column("MAY BE"),
    Column("MFA", is_whole=True),
    Column("AT MOST", is_whole=True),
)
#: Likewise, by what is said of MFA.
_STYLES = {REQUIRED: "proved", NOT_REQUIRED: "warning", UNKNOWN: "unknown"}


class WhoArguments(NamedTuple):
    """
    What ``trustproof who`` is told.
    """

    paths: Sequence[str] = ()
    account: str | None = None
    config: str | None = None
    format: str = "text"

    def run(self) -> int:
        """Print the list, and return the exit code."""
        config = load_config(self.config)
        listed = self._inputs()
        read = [Neighbour(template, "", number) for number, template in enumerate(_templates(listed))]
        linked = linked_inputs(read)
        inputs = [one for found in linked.inputs for one in found.in_each_group()]
        found = without_secrets(entries(inputs, config, holdings_of(linked)), inputs)
        external = {one.name: one.external_templates() for one in inputs}
        unseen = without_secrets((*omissions_of(external, [*external]),), inputs)
        screen = screen_for(sys.stdout)
        if self.format == "json":
            write(render_json(found, listed.passed_over, unseen))
        elif screen is None or not found:
            write(render_text(found, is_all=not unseen))
        else:
            write(draw_table(_ON_A_TERMINAL, [*dict.fromkeys(_cells(found))], screen))
        for path, why_not in listed.passed_over:
            sys.stderr.write(printable(f"passed over {path}: {why_not}") + "\n")
        for note in omission_notes(unseen):
            sys.stderr.write(printable(note) + "\n")
        return 0

    def _inputs(self) -> Inputs:
        paths = tuple(self.paths)
        if not paths:
            paths = (_DEFAULT,)
            if not os.path.isdir(_DEFAULT):
                raise UsageError(f"there is no {_DEFAULT} here: run cdk synth first, or name a template")
        return read_paths(paths, account=self.account)


def _templates(listed: Inputs) -> Iterator[Input]:
    yield from listed.templates
    # A list that leaves somebody out is worse than none.
    if listed.errors:
        raise listed.errors[0]


def render_text(found: Sequence[Entry], *, is_all: bool = True) -> str:
    """
    The list as a table.

    Args:
        is_all: whether everything that the templates are made of was looked into.
    """
    if not found:
        what = "the templates have" if is_all else "what was read of the templates has"
        return f"nobody: {what} no role that somebody may assume\n"
    rows = [_COLUMNS, *dict.fromkeys(map(_row, found))]
    # One caller with many names must not push every line off the screen.
    widths = [min(_WIDEST, max(len(row[column]) for row in rows)) for column in range(len(_COLUMNS) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)), row[-1]]).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _row(entry: Entry) -> tuple[str, str, str, str, str, str]:
    """A line; two templates that make one role of an account, each for a Region of its own, have the same."""
    return (
        printable(entry.who),
        printable(_called(entry)),
        printable(entry.place),
        entry.mfa,
        _duration(entry.longest),
        printable("; ".join(entry.provided)),
    )


def _called(entry: Entry) -> str:
    """The role; by its logical id too where the template does not say its name, which nobody would know it by."""
    return f"{entry.role} ({entry.logical_id})" if entry.is_unnamed else entry.role


def _cells(found: Sequence[Entry]) -> Iterator[tuple[Cell, ...]]:
    """The list for a terminal, where nothing has to be cut off."""
    for entry in found:
        yield (
            Cell(entry.who, "strong", tuple(f"if {one}" for one in entry.provided)),
            Cell(_called(entry), below=(f"in {entry.place}",)),
            Cell(entry.mfa, _STYLES.get(entry.mfa, "")),
            Cell(_duration(entry.longest)),
        )


def _duration(seconds: int | str) -> str:
    if isinstance(seconds, str):
        return "unknown" if NOT_SAID in seconds else seconds or "unknown"
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds // 60} min"


def render_json(
    found: Sequence[Entry], passed_over: Sequence[PassedOver] = (), omissions: Sequence[Omission] = ()
) -> str:
    """The list for programs, with what nobody has looked into."""
    rows = [
        {
            "who": entry.who,
            "role": entry.role,
            "logicalId": entry.logical_id,
            "account": entry.account,
            "deployedTo": entry.place,
            "mfa": entry.mfa,
            "maxSessionDuration": entry.longest,
            "conditions": list(entry.provided),
            "template": entry.template,
            **({} if entry.assigned is None else {"assigned": list(entry.assigned)}),
        }
        for entry in found
    ]
    unseen = [{"path": one.path, "reason": one.reason} for one in passed_over]
    not_checked = [{"template": one.template, "what": str(one), "resource": one.resource or None} for one in omissions]
    return to_json({"version": 1, "entries": rows, "passed_over": unseen, "not_checked": not_checked})
