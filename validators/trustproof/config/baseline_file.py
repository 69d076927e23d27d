"""
The baseline that a configuration names.
"""

from __future__ import annotations

import os

from trustproof.config.model import Config
from trustproof.errors import InputError, reason
from trustproof.files.read import not_utf8, read_bytes
from trustproof.results.baseline import from_json
from trustproof.results.known_findings import Entry


def configured_baseline(config: Config) -> str | None:
    """The baseline that the configuration names, from its own directory; None where it names none."""
    if config.baseline is None:
        return None
    return os.path.join(os.path.dirname(config.file or ""), config.baseline)


def read_baseline(file: str) -> tuple[Entry, ...]:
    """
    The entries of a file.

    Raises:
        InputError: it cannot be read, or is no baseline.
    """
    try:
        return from_json(read_bytes(file).decode("utf-8-sig"), file)
    except FileNotFoundError as error:
        raise InputError(f"cannot be read: {reason(error)}: `trustproof baseline write` makes it", file) from None
    except UnicodeDecodeError as error:
        raise InputError(f"cannot be read: {not_utf8(error)}", file) from None
