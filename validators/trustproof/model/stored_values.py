"""
Values that an input puts where others read them by name: parameters of Systems Manager, secrets.
"""

from __future__ import annotations

from typing import NamedTuple

#: Before the name under which something is kept: in the Parameter Store, in Secrets Manager.
PARAMETER, SECRET = "ssm:", "secretsmanager:"


class StoredValue(NamedTuple):
    """
    What is kept under a name.
    """

    #: None where it is known only when it is deployed, or is not to be shown.
    value: str | None
    #: Equal where it is made alike.
    made_of: str


def add(stored: dict[str, StoredValue], name: str, one: StoredValue) -> None:
    """Add what is kept under a name; where something else may be, neither is surely what is read there."""
    there = stored.get(name)
    if there is not None and there != one:
        one = StoredValue(None, "\n".join(sorted({*there.made_of.split("\n"), *one.made_of.split("\n")})))
    stored[name] = one
