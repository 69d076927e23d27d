"""
Every error that Trustproof raises on purpose.
"""

from __future__ import annotations


class TrustproofError(Exception):
    """Base class: catch it to catch everything that is not a bug."""


class InputError(TrustproofError, ValueError):
    """
    The input is not what it claims to be.

    Args:
        message: lower-case, without a full stop.
        file: as the user named it.
        line: 1-based, where known.
        column: 1-based, where known.
    """

    def __init__(self, message: str, file: str = "", line: int | None = None, column: int | None = None) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        place = ":".join(str(part) for part in (file, line, column) if part not in ("", None))
        super().__init__(f"{place}: {message}" if place else message)


class TemplateError(InputError):
    """A file is not a template of the format it claims."""


class PolicySyntaxError(InputError):
    """A policy document is malformed: an unknown element, a duplicate key, a value of the wrong type."""


class ConfigError(InputError):
    """``trustproof.toml`` has an unknown table, key or value."""


class NothingToProve(InputError):
    """No template was found, or no property was selected: silence would look like a proof."""


class NotProvedError(TrustproofError):
    """Something is refuted or unknown where a program asked for proof (`Report.raise_for_status`)."""


class CertificateError(TrustproofError):
    """A proof did not stand up to being checked again: a bug of Trustproof's, and its verdict is worth nothing."""


class UsageError(TrustproofError, ValueError):
    """The caller asked for something impossible."""


def reason(error: OSError) -> str:
    """What the operating system says, in lower case."""
    return (error.strerror or str(error)).lower()
