"""
``trustproof baseline``: today's findings in a file, so that only new ones fail.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from os.path import exists, getsize, isfile
from typing import Any, Literal, NamedTuple

from trustproof.analysis.run.baseline_scope import BaselineScope, entries_at
from trustproof.cli.command import Commands
from trustproof.cli.run import DEFAULT_PATH, Run, add_run, taken_run
from trustproof.cli.terminal import EXIT_ERROR, EXIT_OK, complain, say
from trustproof.config.baseline_file import configured_baseline, read_baseline
from trustproof.config.nearest import Configurations
from trustproof.errors import InputError, UsageError
from trustproof.escaping.text import printable
from trustproof.files.write import write, write_file
from trustproof.output import humanize
from trustproof.output.style import style_for
from trustproof.properties import registry
from trustproof.results.baseline import compare, entries, may_be_known, to_json
from trustproof.results.known_findings import Entry
from trustproof.results.report import Report
from trustproof.results.result import NOTE

#: Where neither the command line nor the configuration names a file.
DEFAULT_FILE = "trustproof-baseline.json"


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    baseline = commands.add_parser(
        "baseline",
        help=summary,
        description="Keep what is refuted or unknown today in a file, so that only what is new fails.",
        allow_abbrev=False,
    )
    baseline.set_defaults(make=_made, options_between=True)
    add = baseline.add_argument
    add("action", choices=("write", "show", "prune"), help="write what is found, show it, or take out what is gone")
    add_run(baseline)
    add("--baseline", metavar="FILE", help=f"the file (default: that of the configuration, else {DEFAULT_FILE})")


def _made(**given: Any) -> BaselineArguments:
    return BaselineArguments(what=taken_run(given), **given)


class BaselineArguments(NamedTuple):
    """
    What ``trustproof baseline`` is told.
    """

    action: Literal["write", "show", "prune"]
    #: None for that of the configuration, else `DEFAULT_FILE`.
    baseline: str | None
    what: Run

    def run(self) -> int:
        """Write, show or prune the baseline, and return the exit code."""
        config = self.what.configuration()
        file = self.baseline or configured_baseline(config) or DEFAULT_FILE
        if self.action == "show":
            return _show(file, self.what.paths)
        before = read_baseline(file) if self.action == "prune" else _there(file)
        report = self.what.report(config)
        if _failed(report):
            return EXIT_ERROR
        scope = BaselineScope(
            report,
            [*(self.what.paths or [DEFAULT_PATH]), *filter(None, [self.what.source])],
            self.what.properties,
            Configurations(config, registry.options()),
            file,
        )
        if self.action == "prune":
            return _prune(report, before, scope)
        written = _write(report, before, scope)
        if configured_baseline(config) != file:
            say(f"{style_for(sys.stderr)('note', 'note')}: {printable(_how_to_use(file))}\n")
        return written


def _show(file: str, paths: Sequence[str]) -> int:
    """Show the entries; with paths, those of the templates there."""
    found = read_baseline(file)
    shown = entries_at(paths, found, file) if paths else found
    write("".join(f"{_line(entry)}\n" for entry in shown))
    if found and not shown:
        told = f"no entry of {file} is of {', '.join(paths)}"
        say(f"{style_for(sys.stderr)('note', 'note')}: {printable(told)}; --baseline names another file\n")
    return EXIT_OK


def _write(report: Report, before: Sequence[Entry], scope: BaselineScope) -> int:
    file = scope.baseline
    found = entries(report, file)
    # Another run, of other templates or with another configuration, may keep its findings in the same file.
    others = [entry for entry in before if not scope.has(entry)]
    write_file(file, to_json([*found, *others]))
    also = f", and {len(others)} kept that this run has not looked at" if others else ""
    left_out = sum(not may_be_known(report, one) for one in report.failures(NOTE))
    also += f"; {left_out} left out that no baseline may have (waivable = false, or about waivers)" if left_out else ""
    write(f"{printable(file)}: {humanize.count(len(found), 'finding')}{also}\n")
    return EXIT_OK


def _how_to_use(file: str) -> str:
    return f"trustproof check knows it by --baseline {shlex.quote(file)}, or by baseline in the configuration"


def _prune(report: Report, before: Sequence[Entry], scope: BaselineScope) -> int:
    file = scope.baseline
    compared = compare(report, before, file)
    gone = [entry for entry in compared.gone if scope.has(entry)]
    passed_over = [entry for entry in compared.gone if entry not in gone]
    kept = [*compared.found, *passed_over]
    if gone:
        write_file(file, to_json(kept))
    write("".join(f"gone: {_line(entry)}\n" for entry in gone))
    others = f", {len(passed_over)} not looked at" if passed_over else ""
    write(f"{printable(file)}: {humanize.count(len(kept), 'finding')}, {len(gone)} taken out{others}\n")
    return EXIT_OK


def _there(file: str) -> tuple[Entry, ...]:
    """
    What a baseline has that is about to be written; nothing where there is none.

    Raises:
        InputError: what is there is something else, or has findings that cannot be read: they would be lost.
    """
    if not exists(file) or (isfile(file) and not getsize(file)):
        return ()
    try:
        return read_baseline(file)
    except InputError as error:
        raise InputError(
            f"{error.message}: it is left as it is; remove it to write another", file, error.line
        ) from None


def _failed(report: Report) -> int:
    """A baseline of half the templates would bring back the findings of the other half, or lose them."""
    for error in report.errors:
        complain(error)
    if report.errors:
        complain(UsageError("the baseline is as it was: not everything could be read"))
    return EXIT_ERROR if report.errors else EXIT_OK


def _line(entry: Entry) -> str:
    where = f"{entry.template} ({entry.resource})" if entry.resource else entry.template
    return printable(f"{entry.verdict}[{entry.property}] ({entry.severity}): {entry.message}; {where}")
