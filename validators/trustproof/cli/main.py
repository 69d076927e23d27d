"""
The command line: arguments in, a report and an exit code out.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from trustproof.analysis.processes.child_processes import has_started_processes
from trustproof.analysis.processes.endings import noted
from trustproof.cli.arguments import parse
from trustproof.cli.terminal import EXIT_BUG, EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK, complain, prepare, say
from trustproof.errors import TrustproofError
from trustproof.escaping.text import printable
from trustproof.files.paths import working_directory
from trustproof.files.write import write

#: Objects that are made, and not dropped, before garbage is looked for.
_GARBAGE = 100_000
_NO_MEMORY = "there is not enough memory for the run, and nothing is decided"
#: Made before it is needed: then there may be no room to make it.
_LINE_WITHOUT_MEMORY = f"error: {_NO_MEMORY}\n".encode()


def program() -> NoReturn:
    """
    The command ``trustproof``: `main`, in a process that ends with it.
    """
    # What a run makes, it drops without cycles, or needs to the end: looking for garbage would be a tenth of its time.
    gc.set_threshold(_GARBAGE, 10, 100)
    try:
        prepare()
        code = main()
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except SystemExit as stop:
        # Another program asked for the end.
        _tell(stop)
        code = stop.code if isinstance(stop.code, int) else EXIT_ERROR
    if has_started_processes() or sys.getprofile() is not None or sys.gettrace() is not None:
        # Other processes are waited for, or somebody is looking on.
        gc.freeze()
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            # It is closed, or nobody reads it: what a command has to say about that, it has said.
            code = code or EXIT_ERROR
    # All has arrived, and taking all objects apart again would be another tenth.
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
        complain(error)
        return EXIT_ERROR
    except KeyboardInterrupt as end:
        _tell(end)
        return EXIT_INTERRUPTED
    except MemoryError:
        pass
    except Exception as error:  # noqa: BLE001
        # The system says it in its own way where it has none left.
        if not isinstance(error, OSError) or error.errno != errno.ENOMEM:
            with suppress(MemoryError):
                return _bug()
    # As long as the error is handled, it keeps all that the run has made.
    return _without_memory()


def _bug() -> int:
    """Show the traceback of what nobody has thought of; the exit status."""
    # Nothing is mended here: the traceback is the report of a bug, and only the status is not Python's own.
    import traceback

    # What it was about may be of a template.
    say("".join(f"{printable(line)}\n" for line in traceback.format_exc().splitlines()))
    say("error: this is a bug of Trustproof, and nothing is decided; please report it with the lines above\n")
    return EXIT_BUG


def _without_memory() -> int:
    """Say that the memory did not suffice, in whatever is left of it; the exit status."""
    try:
        complain(TrustproofError(_NO_MEMORY))
    except MemoryError:
        with suppress(OSError):
            os.write(2, _LINE_WITHOUT_MEMORY)
    return EXIT_ERROR


def _tell(end: BaseException) -> None:
    """Say how far the work was when it was ended, which whoever set a limit of time wants to know."""
    if what := noted(end):
        say(f"interrupted while {printable(what)}; no verdict\n")


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
    except SystemExit as stop:
        # Help, the version or a usage error: the parser has written it, though it may not have arrived.
        write("")
        return stop.code if isinstance(stop.code, int) else EXIT_OK
    working_directory()
    code = arguments.run()
    # Some commands only begin to write.
    write("")
    return code
