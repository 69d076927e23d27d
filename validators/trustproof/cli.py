"""
The command line: arguments in, a report and an exit code out.

The gate runs in front of every commit and every deployment, so nothing is imported before it is needed.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from trustproof._typing import TYPE_CHECKING, NoReturn
from trustproof.errors import TrustproofError, UsageError

if TYPE_CHECKING:
    from trustproof._arguments import Arguments
    from trustproof._check import Report

#: What is checked where no path is named: the output of ``cdk synth``.
DEFAULT_PATH = "cdk.out"

EXIT_OK = 0
EXIT_REFUTED = 1
EXIT_ERROR = 2
#: A bug, as `sysexits.h` calls it: after a traceback Python exits with 1, which here says that something is refuted.
EXIT_BUG = 70
#: Objects that are made, and not dropped, before garbage is looked for.
_GARBAGE = 100_000
#: As shells report a program that was interrupted: 128 and the number of the signal.
EXIT_INTERRUPTED = 130


class CheckArguments:
    """What ``trustproof check`` is told; where it is told nothing else, this."""

    def __init__(self, paths: Sequence[str] = ()) -> None:
        self.paths: Sequence[str] = paths
        self.config: str | None = None
        self.account: str | None = None
        self.parameters: list[str] = []
        self.parameters_file: str | None = None
        self.properties: list[str] = []
        self.format = "text"
        self.certify = False
        #: As many as there are cores, where it is None.
        self.jobs: int | None = None
        self.strict = False

    def run(self) -> int:
        """Check, and return the exit code."""
        return _check(self)


class PropertiesArguments:
    """What ``trustproof properties`` is told."""

    def __init__(self) -> None:
        self.ident: str | None = None

    def run(self) -> int:
        """List or explain, and return the exit code."""
        return _properties(self)


def program() -> NoReturn:
    """
    The command ``trustproof``: `main`, in a process that ends with it.
    """
    # What a run makes, it drops without cycles, or needs to the end: looking for garbage would be a tenth of its time.
    gc.set_threshold(_GARBAGE, 10, 100)
    code = main()
    if "threading" in sys.modules or sys.getprofile() is not None or sys.gettrace() is not None:
        # Other processes are waited for, or somebody is looking on.
        gc.freeze()
        sys.exit(code)
    # What was written has arrived, and taking all objects apart again would be another tenth.
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Args:
        argv: the arguments without the program's name; those of the process where it is None.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        # Templates and reports are UTF-8 whatever the locale says; what is not text at all arrives as an escape.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return _run(argv)
    except TrustproofError as error:
        _complain(error)
        return EXIT_ERROR
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception:  # noqa: BLE001
        # Nothing is mended here: the traceback is the report of a bug, and only the status is not Python's own.
        import traceback

        traceback.print_exc()
        sys.stderr.write(
            "error: this is a bug of Trustproof, and nothing is decided; please report it with the lines above\n"
        )
        return EXIT_BUG


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parse(sys.argv[1:] if argv is None else argv)
    except SystemExit as stop:
        # Help, the version or a usage error: the parser has written it, though it may not have arrived.
        _write("")
        return stop.code if isinstance(stop.code, int) else EXIT_OK
    return arguments.run()


def _parse(argv: Sequence[str]) -> Arguments:
    if argv[:1] == ["check"] and all(one == "-" or not one.startswith("-") for one in argv):
        # There are paths and nothing to parse; the parser alone takes a tenth of the time that a small template does.
        return CheckArguments(argv[1:])
    from trustproof._arguments import parse

    return parse(argv)


def exit_code(report: Report, *, strict: bool) -> int:
    """The exit code for a report; an input that could not be read outweighs every verdict."""
    from trustproof._verdict import ERROR, REFUTED, UNKNOWN

    if report.errors:
        return EXIT_ERROR
    for result in report.results:
        if result.verdict == REFUTED and (strict or result.severity == ERROR):
            return EXIT_REFUTED
        if result.verdict == UNKNOWN and strict:
            return EXIT_REFUTED
    return EXIT_OK


def _check(arguments: CheckArguments) -> int:
    """``trustproof check``."""
    from trustproof._check import check
    from trustproof.config import load_config
    from trustproof.properties import registry

    paths = arguments.paths
    if not paths:
        paths = [DEFAULT_PATH]
        if not os.path.isdir(DEFAULT_PATH):
            raise UsageError(f"there is no {DEFAULT_PATH} here: run cdk synth first, or name a template")
    progress = None
    if sys.stderr.isatty():
        from trustproof.report.progress import ProgressLine

        progress = ProgressLine(sys.stderr)
    try:
        report = check(
            paths,
            config=load_config(arguments.config, known=registry.options()),
            account=arguments.account,
            parameters=_parameters(arguments),
            properties=arguments.properties or None,
            certify=arguments.certify,
            jobs=arguments.jobs or _cores(),
            progress=progress,
        )
    finally:
        if progress is not None:
            progress.clear()
    _write(_render(report, arguments.format))
    for error in report.errors:
        _complain(error)
    return exit_code(report, strict=arguments.strict)


def _cores() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _parameters(arguments: CheckArguments) -> dict[str, str]:
    if not arguments.parameters and arguments.parameters_file is None:
        return {}
    from trustproof._parameters import collect_parameters

    return collect_parameters(arguments.parameters, arguments.parameters_file)


def _render(report: Report, form: str) -> str:
    if form == "json":
        from trustproof.report.json import render_json

        return render_json(report)
    from trustproof.report.style import style_for
    from trustproof.report.text import render_text

    return render_text(report, style_for(sys.stdout))


def _properties(arguments: PropertiesArguments) -> int:
    """``trustproof properties``."""
    from trustproof.properties import registry
    from trustproof.properties._page import render_page

    if arguments.ident is not None:
        _write(render_page(registry.find(arguments.ident)))
        return EXIT_OK
    width = max(len(found.ident) for found in registry.PROPERTIES)
    _write("".join(f"{found.ident:<{width}}  {found.summary}\n" for found in registry.PROPERTIES))
    return EXIT_OK


def _write(text: str) -> None:
    """
    Write to standard output; quietly stop where the reader has closed it (``| head``).

    The exit code stays the answer of the gate, however much of the report somebody wanted to read.

    Raises:
        UsageError: standard output cannot be written: a report that is lost is not a pass.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered must not be written once more when the interpreter shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            message = (error.strerror or str(error)).lower()
            raise UsageError(f"standard output cannot be written: {message}") from None


def _complain(error: TrustproofError) -> None:
    from trustproof.report.style import style_for
    from trustproof.report.words import printable

    sys.stderr.write(f"{style_for(sys.stderr)('error', 'error')}: {printable(str(error))}\n")
