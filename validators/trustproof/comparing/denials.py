"""
What a resource or identity denied on the old side and denies no more: whoever another policy allows it has gained it.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.comparing.subjects import Subject
from trustproof.model.document import TRUST
from trustproof.model.request import Request
from trustproof.properties.wording.sentences import who
from trustproof.proving.excess import Scene, Side, first_denied

#: Who is gone takes what it was denied with it.
_GONE = ("user", "role", "permission set")


def no_longer_denied(old: Subject, new: Subject | None, scene: Scene, renamed: Mapping[str, str]) -> tuple[str, ...]:
    """
    Why somebody may have gained what the policies of one side denied; empty where nobody can have.

    Without a trust policy that allows it nobody assumes a role, so what one denies decides nothing beside others.

    Args:
        scene: of the requests; whoever is named in no other way is of the account of the template.
        renamed: logical ids of the new side to those that the same resources have on the old side.
    """
    if old.kind == TRUST or (new is None and old.holder is not None and old.holder.kind in _GONE):
        return ()
    now = Side(()) if new is None else new.side(old, renamed)
    found = first_denied(old.side(new, renamed), now, scene)
    if isinstance(found, Request):
        may = f"{who(found)} may call {found.action} on {found.resource}"
        return (f"it was denied and is no more, so where another policy allows it, {may}",)
    return found
