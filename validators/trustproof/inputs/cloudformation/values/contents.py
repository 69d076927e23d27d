"""
What is read from a template at once, and by which names others may speak of it.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.errors import PolicySyntaxError
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.principals import Holder, RoleFacts, SessionFacts
from trustproof.model.text import Text


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
