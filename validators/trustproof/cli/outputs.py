"""
Where reports go: standard output, files, and the summary of a job at GitHub.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from trustproof.config.baseline_file import read_baseline
from trustproof.config.loader import CONFIGURATIONS
from trustproof.errors import InputError, TrustproofError, UsageError
from trustproof.files.paths import real_path
from trustproof.files.write import refuse_link, unwritable, write, write_file
from trustproof.inputs.discovery.inputs import is_input
from trustproof.inputs.source_texts import SourceTexts
from trustproof.output.formats import FORMATS, render
from trustproof.output.style import Style, style_for
from trustproof.output.terminal import with_counts
from trustproof.output.terminal.screen import screen_for
from trustproof.results.report import Report
from trustproof.results.result import ERROR, Severity

_STDOUT = "-"
#: The form that people read.
PEOPLE = FORMATS[0]
#: The file that GitHub shows as the summary of a job:
#: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
_SUMMARY = "GITHUB_STEP_SUMMARY"
#: The form that a job there shows beside its log.
_ANNOTATIONS = "github"
#: What an error is about that no file has.
_COMMAND_LINE = "<command line>"
#: The top of the repository that a job is about, at GitHub and at GitLab:
#: https://docs.github.com/actions/reference/workflows-and-actions/variables
#: https://docs.gitlab.com/ci/variables/predefined_variables/
_TOPS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


class Output(NamedTuple):
    """
    One form of the report, and where it goes.
    """

    #: One of `FORMATS`.
    format: str
    #: None for standard output.
    file: str | None = None


def parse_output(text: str) -> Output:
    """``FORMAT`` or ``FORMAT=FILE`` from the command line; ``-`` is standard output."""
    form, equals, file = text.partition("=")
    if form not in FORMATS:
        raise argparse.ArgumentTypeError(f"invalid choice: {form!r} (choose from {', '.join(FORMATS)})")
    if equals and not file:
        raise argparse.ArgumentTypeError(f'the name of a file is missing in "{text}"')
    return Output(form, None if not equals or file == _STDOUT else file)


def plan_outputs(form: str | None, outputs: Sequence[Output]) -> tuple[Output, ...]:
    """
    Where the report goes: standard output has the text for people, unless it is asked for something else.

    Raises:
        UsageError: two reports for one place, or a file in a directory that is none.
    """
    wanted = [*([] if form is None else [Output(form)]), *outputs]
    if all(output.file is not None for output in wanted):
        wanted.insert(0, Output(PEOPLE))
    places: dict[str | None, str] = {}
    for output in wanted:
        file = None if output.file is None else real_path(output.file)
        if file in places:
            place = "standard output" if output.file is None else output.file
            raise UsageError(f"{place} is asked for {places[file]} and for {output.format}: give one of them a file")
        places[file] = output.format
        # As it is named, too: a way through a directory that is not there ends elsewhere when it is made shorter.
        named = [os.path.dirname(one) for one in (file, output.file) if one is not None]
        if not all(os.path.isdir(one or os.curdir) for one in named):
            raise UsageError(f"{output.file} cannot be written: its directory does not exist")
        if file is not None and os.path.isdir(file):
            raise UsageError(f"{output.file} cannot be written: it is a directory")
        if output.file is not None and (os.path.isfile(output.file) or not os.path.exists(output.file)):
            refuse_link(output.file)
    return tuple(wanted)


def refuse_inputs(outputs: Sequence[Output], named: Sequence[str]) -> None:
    """
    See that no report is written over what it is about, or over what it rests on.

    Args:
        named: what the run reads: files and directories.

    Raises:
        UsageError: one would be.
    """
    read = [name for name in named if os.path.isfile(name)]
    for output in outputs:
        file = output.file
        if file is None or not os.path.isfile(file):
            continue
        is_named = any(os.path.samefile(file, name) for name in read)
        if is_named or os.path.basename(file) in CONFIGURATIONS or is_input(file):
            raise UsageError(f"{file} cannot be written: it is an input or a configuration")


def write_outputs(
    report: Report, outputs: Sequence[Output], *, verbose: bool, fail_on: Severity = ERROR, strict: bool = False
) -> None:
    """
    Write a report wherever it is to go; files are there whole or not at all.

    Where GitHub runs the job and annotations are asked for, its summary has the report in Markdown. Programs are told
    the files from the top of the repository, where GitHub or GitLab runs the job, and else from the working directory.

    Raises:
        UsageError: something cannot be written: a report that is lost is not a pass.
    """
    plain = Style(coloured=False)
    report.sources.top, report.sources.below = _top_and_below()
    for output in outputs:
        if output.file is None:
            text = render(output.format, report, style_for(sys.stdout), verbose=verbose, fail_on=fail_on, strict=strict)
            screen = screen_for(sys.stdout) if output.format == PEOPLE else None
            # What fits on the screen needs no counts.
            is_long = screen is not None and text.count("\n") >= screen.height
            write(text if screen is None or not is_long else with_counts(text, report, screen))
        else:
            text = render(output.format, report, plain, verbose=verbose, fail_on=fail_on, strict=strict)
            write_file(output.file, text)
    summary = os.environ.get(_SUMMARY)
    if summary and any(output.format == _ANNOTATIONS for output in outputs):
        try:
            with open(summary, "a", encoding="utf-8", errors="backslashreplace", opener=_at_once) as file:
                file.write(render("markdown", report, plain, fail_on=fail_on, strict=strict))
        except OSError as error:
            raise unwritable(summary, error) from None


def write_error(error: TrustproofError, outputs: Sequence[Output], named: Sequence[str], *, category: str) -> None:
    """
    Leave the report of an earlier run in no file where this one, which ends before it has found anything, would have
    written its own: what is written says why it ended. So are the annotations of a job.

    Standard output has nothing of an earlier run, and people read the error. What is no report is left as it is.

    Args:
        named: what the run reads, as far as it is known.
    """
    if not isinstance(error, InputError) or not error.file:
        error = InputError(str(error), _COMMAND_LINE)
    report = Report((), 0, 0, (), (error,), (), SourceTexts(), category=category)
    kept = [
        one for one in outputs if (one.format == _ANNOTATIONS if one.file is None else _may_be_replaced(one, named))
    ]
    with suppress(UsageError):
        # The first error is the one to mend.
        write_outputs(report, kept, verbose=False)


def remove_outputs(outputs: Sequence[Output], named: Sequence[str]) -> None:
    """
    Leave nothing of an earlier run in the files where this one, which ends before it has found anything, would have
    written.

    Args:
        named: what the run reads, as far as it is known.
    """
    for output in outputs:
        if output.file is not None and os.path.isfile(output.file) and _may_be_replaced(output, named):
            with suppress(OSError):
                os.unlink(output.file)


def _may_be_replaced(output: Output, named: Sequence[str]) -> bool:
    """Whether a file is there to be written: before the configuration is read, nobody knows what else it names."""
    file = output.file
    if file is None or not os.path.exists(file):
        return True
    if not os.path.isfile(file) or file.endswith(".toml"):
        return False
    try:
        refuse_inputs((output,), named)
    except UsageError:
        return False
    try:
        read_baseline(file)
    except TrustproofError:
        return True
    return False


def _at_once(path: str, flags: int) -> int:
    """Open a file, or refuse to: a pipe that nobody reads would be waited for without an end."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def _top_and_below() -> tuple[str, str]:
    """The top of the repository that a job is about, and where the working directory is below it; that itself else."""
    here = real_path(os.curdir)
    for name in _TOPS:
        top = real_path(os.environ[name]) if os.environ.get(name) else ""
        if top and here != top and os.path.commonpath([here, top]) == top:
            return top, os.path.relpath(here, top)
    return here, ""
