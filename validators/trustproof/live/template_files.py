"""
The templates of a cloud assembly, as `verify` reads them: with the rules by which `check` opens files.
"""

from __future__ import annotations

from trustproof.errors import InputError
from trustproof.files.read import not_utf8, read_bytes


def template_text(file: str) -> str:
    """
    The text of a template.

    Raises:
        InputError: there is none, it cannot be read, is no regular file, is too long, or is not UTF-8.
    """
    try:
        return read_bytes(file).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise InputError("cannot be read: no such file", file) from None
    except UnicodeDecodeError as error:
        raise InputError(f"cannot be read: {not_utf8(error)}", file) from None
