"""
Remedies for statements that allow in one deployment and deny in another: what narrows an Allow opens a Deny.
"""

from __future__ import annotations

from trustproof.properties.question import Subject
from trustproof.results.result import Remedy


def for_one_effect(subject: Subject, remedy: Remedy | None) -> Remedy | None:
    """A remedy in words, where its edits would change an Allow and a Deny that are written as one statement."""
    if remedy is None:
        return None
    statements = [s for document in subject.documents for s in document.policy.statements if s.effect_is_given]
    if not any(edit.path[: len(s.path)] == s.path for edit in remedy.edits for s in statements):
        return remedy
    return Remedy(
        f"whether this allows or denies is decided at deployment: write a statement for each, and {remedy.text}"
    )
