"""
The command that runs in a sandbox, and ends with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Timer
from typing import Any

from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.server import Sandbox

#: How long a command that is asked to end may take until it is ended, in seconds, as containers have it.
GRACE = 10.0


def run_command(sandbox: Sandbox, command: Sequence[str]) -> int:
    """
    Run a command in a running sandbox.

    Returns:
        its exit status, as shells give it.

    Raises:
        SandboxError: it cannot be started.
    """
    # A command that has the terminal must stay in the group that the terminal talks to.
    own_group = not sys.stdin.isatty()
    try:
        process = subprocess.Popen(  # noqa: S603
            list(command), env=sandbox.environment(), process_group=0 if own_group else None
        )
    except OSError as error:
        raise SandboxError(f"{command[0]} cannot be run: {error.strerror or error}") from None
    sandbox.guard(process, group=own_group)
    try:
        return _wait(process, own_group)
    finally:
        sandbox.unguard(process)


def _wait(process: subprocess.Popen[Any], own_group: bool) -> int:
    def send(*numbers: int) -> None:
        for one in numbers:
            with suppress(ProcessLookupError):
                if own_group:
                    os.killpg(process.pid, one)
                else:
                    process.send_signal(one)

    killer = Timer(GRACE, send, (signal.SIGKILL,))
    killer.daemon = True

    def pass_on(number: int, _frame: Any) -> None:
        # What is stopped gets no other signal before it goes on.
        send(number, signal.SIGCONT)
        if number != signal.SIGINT and killer.ident is None:
            # Programs that people talk to go on after Ctrl-C.
            killer.start()

    earlier = {one: signal.signal(one, pass_on) for one in (signal.SIGTERM, signal.SIGHUP)}
    # A terminal sends Ctrl-C to the command as well.
    earlier[signal.SIGINT] = signal.signal(signal.SIGINT, pass_on if own_group else signal.SIG_IGN)
    try:
        status = process.wait()
    finally:
        killer.cancel()
        for number, handler in earlier.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status
