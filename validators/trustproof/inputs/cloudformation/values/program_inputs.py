"""
What a program of a template is told, as it is written: by its own properties, or by a resource that runs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class ProgramInputs(NamedTuple):
    """
    What a program, or whoever else is behind a resource, is told.

    It is the same in each reading of a template, and many roles ask for it.
    """

    service: str
    #: Who that is, in words.
    called: str
    #: The roles that it runs as, or hands on to a service.
    own: Sequence[object]
    values: Sequence[object]
    #: What each of these two refers to, by logical ids and names of parameters.
    own_names: frozenset[str]
    names: frozenset[str]
    #: What of each may be the ARN of a role that is spelled out.
    own_spelled: Sequence[object]
    spelled: Sequence[object]
    #: Whether the values speak of the ARN of a role, or of what another stack gives; and whether they refer to
    #: anything.
    speaks_of_roles: bool
    refers: bool
