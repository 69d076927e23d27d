"""
The control commands, on the side of whoever runs them in the sandbox's environment.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from trustproof.sandbox.errors import SandboxError

#: The variable of the environment with the path of the control file.
VARIABLE = "TRUSTPROOF_SANDBOX"
#: Seconds. A code may have to be waited for.
_TIMEOUT = 120


def ask(command: str, **parameters: Any) -> str:
    """
    Ask the sandbox in whose environment this runs.

    Args:
        command: `code`, `token`, `new-provider`, `assertion` or `as-service`.
        parameters: of the command.

    Raises:
        SandboxError: there is no sandbox, or it cannot do that.
    """
    place = os.environ.get(VARIABLE)
    if not place:
        raise SandboxError(f"no sandbox here: {VARIABLE} is not set; run this within `trustproof sandbox -- COMMAND`")
    try:
        control = json.loads(Path(place).read_text(encoding="utf-8"))
        request = urllib.request.Request(  # noqa: S310
            control["url"],
            json.dumps({"command": command, **parameters}).encode(),
            {"content-type": "application/json", control["header"]: control["token"]},
        )
    except (OSError, ValueError, KeyError):
        raise SandboxError(f"the sandbox is gone: {place} cannot be read") from None
    # The sandbox is on this machine: no proxy has a say.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT) as answer:
            return str(json.load(answer)["result"])
    except urllib.error.HTTPError as error:
        try:
            message = str(json.load(error)["error"])
        except (ValueError, KeyError):
            message = f"the sandbox answered {error.code}"
        raise SandboxError(message) from None
    except OSError as error:
        raise SandboxError(f"the sandbox is gone: {error}") from None
