"""
What is read from a template at once, and by which names others may speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof._typing import TYPE_CHECKING, NamedTuple
from trustproof.errors import PolicySyntaxError
from trustproof.model.document import Document, Holder, RoleFacts, SessionFacts
from trustproof.model.policy import Path
from trustproof.model.text import Text

if TYPE_CHECKING:
    from trustproof.templates.taking import Want


class Contents(NamedTuple):
    """Everything that is read from a template at once."""

    documents: tuple[Document, ...]
    holders: tuple[Holder, ...]
    roles: tuple[RoleFacts, ...]
    unread: tuple[tuple[Path, str], ...]
    errors: tuple[PolicySyntaxError, ...]
    managed: tuple[tuple[Text, tuple[int, ...]], ...]
    sessions: tuple[SessionFacts, ...]
    declared: tuple[tuple[str, Text], ...]
    named: tuple[tuple[str, Text], ...]


class Names(NamedTuple):
    """
    By which names a template and others may speak of each other's things.
    """

    #: Names of exports.
    exports: tuple[str, ...]
    #: Values of other stacks that the template asks for and does not have.
    wanted: tuple[Want, ...]
    #: Kind and name of users, groups, roles, and of managed policies by path and name: those that are declared, and
    #: those that are only named.
    declared: tuple[tuple[str, Text], ...]
    named: tuple[tuple[str, Text], ...]
    #: Nested stacks to their paths in the assembly.
    nested: Mapping[str, str]
