"""
Every error that Trustproof raises on purpose.
"""

from __future__ import annotations

from trustproof.escaping.text import printable


class TrustproofError(Exception):
    """
    Base class: catch it to catch everything that is not a bug.

    Its text is one line that is safe to print, as in the traceback of a job, whatever a template holds.
    """

    def __str__(self) -> str:
        return printable(super().__str__())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


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
        super().__init__(message)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part not in ("", None))
        return printable(f"{place}: {self.message}" if place else self.message)


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
