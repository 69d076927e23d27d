"""
What a finding about a policy is found next to: what holds it back, who has the policy, how far a boundary reaches.

A fingerprint is of what one statement says. Somebody who looked at a finding saw more: that a Deny stops most of those
whom the statement lets in, that one user has the policy, that its boundary ends at one service. Where that has changed
for the worse, it is not the finding that they looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, DENY, Statement
from trustproof.model.text import Symbolic, Text
from trustproof.properties.question import Subject
from trustproof.results.fingerprint import WrittenPolicies
from trustproof.results.surroundings import ALLOWED, BOUNDARY, DENIED, HELD, MEMBER, told

#: What begins a wildcard in the name of an action.
_WILD = ("*", "?")


def surroundings(
    subject: Subject, statement: Statement | None, written: WrittenPolicies, holder: str = "", *, by_group: bool = False
) -> Iterator[str]:
    """
    What a finding about a statement is found next to.

    Args:
        statement: the Allow statement that it is about; None for a whole policy.
        written: what the policies say, for no account and no Region.
        holder: who has the policy, as messages call it; empty where that makes no difference.
        by_group: whether through a group that has it too.
    """
    if holder:
        yield told(MEMBER if by_group else HELD, holder)
    boundary = subject.permissions_boundary
    for document in subject.documents:
        for one in _concerning(document.policy.statements, DENY, statement):
            yield told(DENIED, holder, _content(document, one, written))
    if boundary is not None:
        yield told(BOUNDARY, holder)
        for one in _concerning(boundary.policy.statements, ALLOW, statement):
            yield told(ALLOWED, holder, _content(boundary, one, written))


def _content(document: Document, statement: Statement, written: WrittenPolicies) -> str:
    # What stands elsewhere says itself what it is: at its path is what names it, or another policy.
    return (
        (WrittenPolicies() if document.is_foreign or not document.path else written).content(document, statement).text
    )


def _concerning(statements: Iterable[Statement], effect: str, about: Statement | None) -> Iterator[Statement]:
    """The statements with an effect that may decide about an action that another one names."""
    wanted = None if about is None or about.actions is None else [_beginning(one) for one in about.actions]
    for statement in statements:
        if statement.effect != effect:
            continue
        if (
            wanted is None
            or statement.actions is None
            or any(_may_meet(_beginning(one), other) for one in statement.actions for other in wanted)
        ):
            yield statement


def _beginning(action: Text) -> str:
    """How the names of actions begin that an entry stands for, as far as that is certain."""
    first = action.parts[0] if isinstance(action, Symbolic) else action
    text = first.lower() if isinstance(first, str) else ""
    return text[: min((at for wild in _WILD if (at := text.find(wild)) >= 0), default=len(text))]


def _may_meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
