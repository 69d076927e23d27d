"""
Files beside the accounts file, and how it is read itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra._shapes import Place

#: The words for the policies that allow everything, which are no files: of services, and of resources.
_FULL = ("FullAWSAccess", "RCPFullAWSAccess")


def read_text(file: Path) -> str:
    """
    The text of a file.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    # Some editors begin a file with a mark that TOML does not know.
    return file.read_text(encoding="utf-8-sig")


def check_control_policies(organization: Mapping[str, Any], file: Path, place: Place) -> None:
    """
    Find the files of control policies.

    Nothing is deployed of them, so that only a sandbox would miss one.

    Raises:
        AccountsError: one is not there; the message names its key.
    """
    for key in ("service-control-policies", "resource-control-policies"):
        for target, names in organization.get(key, {}).items():
            for name in names:
                if name not in _FULL and not file.parent.joinpath(name).is_file():
                    raise place.at(key, target).error(f"must be files beside this one, or '{_FULL[0]}', got {name!r}")
