"""
What `trustproof sandbox` does: serve, or ask a sandbox that is running.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trustproof.files.write import write
from trustproof.sandbox.authorization.context import DOCUMENTATION_ADDRESS
from trustproof.sandbox.child import run_command
from trustproof.sandbox.foreign_settings import forget_foreign_settings, shell_lines
from trustproof.sandbox.server import Sandbox


def serve(accounts: Path | Sequence[str], *, port: int, source_ip: str | None, command: Sequence[str] | None) -> int:
    """
    Run a sandbox, until its command ends or until Ctrl-C.

    Args:
        accounts: an accounts file, or account ids.
        port: of the loopback interface; 0 for a free one.
        source_ip: `aws:SourceIp` of all requests; None for an address of the documentation.
        command: what to run in it; None to run until Ctrl-C.

    Returns:
        the exit code: that of the command, or 0.

    Raises:
        TrustproofError: what was asked for cannot be done.
    """
    forget_foreign_settings()
    # Whoever ends the sandbox ends it as Ctrl-C does: with everything put away.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        with Sandbox(accounts, port=port, source_ip=source_ip or DOCUMENTATION_ADDRESS) as sandbox:
            if command is not None:
                return run_command(sandbox, command)
            _introduce(sandbox)
            while True:
                signal.pause()
    except KeyboardInterrupt as interrupt:
        # As shells give it of a command that never came to run.
        number = interrupt.args[0] if interrupt.args else signal.SIGINT
        return 0 if command is None else 128 + int(number)


def _interrupt(number: int, _frame: Any) -> None:
    raise KeyboardInterrupt(number)


def _introduce(sandbox: Sandbox) -> None:
    lines = [f"export {name}={value}" for name, value in sandbox.settings.items()]
    lines += shell_lines()
    lines.append("# profiles: management (user admin of 999999999999)")
    lines += [f"#   {account.profile}: {account.id}" for account in sandbox.organization.accounts.values()]
    lines.append("# Ctrl-C ends the sandbox")
    write("\n".join(lines) + "\n")
