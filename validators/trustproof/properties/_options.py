"""
What options of properties accept, for those whose modules are imported later than the configuration is read.
"""

from __future__ import annotations


def names(value: object) -> object:
    """
    The names in an array of the configuration.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, (list, tuple)) and all(isinstance(entry, str) and entry for entry in value):
        return tuple(value)
    raise ValueError("an array of names of users, groups, roles and permission sets")
