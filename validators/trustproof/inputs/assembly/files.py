"""
What a cloud assembly names: its files, which are inside of it, and what it says of its constructs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.model.arn import is_account

_UNKNOWN_ACCOUNT = "unknown-account"
_UNKNOWN_REGION = "unknown-region"


def below(directory: str, file: str, named_in: str) -> str:
    """
    A file that an assembly names, which is inside of it.

    Args:
        directory: of the assembly.
        named_in: the file that names it.

    Raises:
        InputError: it is not: whoever writes a manifest says what is read, and must not read what nobody has given.
    """
    root = real_path(directory)
    if "\0" in file or os.path.commonpath((root, real_path(file))) != root:
        raise InputError(f"names a file that is not in the cloud assembly: {file}", named_in)
    return file


def data_of(entries: object, type_: str) -> Iterator[object]:
    """The data of the metadata entries of one type."""
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and entry.get("type") == type_:
            yield entry.get("data")


def environment_of(text: str, manifest: str) -> tuple[str | None, str | None]:
    """
    Account and Region of ``aws://ACCOUNT/REGION``; None for what the stack leaves open.

    Raises:
        InputError: the account is none.
    """
    account, _, region = text.removeprefix("aws://").partition("/")
    known = is_account(account)
    if account and not known and account != _UNKNOWN_ACCOUNT:
        raise InputError(f'the environment of a stack names the account "{account}", which is not 12 digits', manifest)
    return (account if known else None), (None if region in ("", _UNKNOWN_REGION) else region)
