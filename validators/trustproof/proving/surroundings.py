"""
What a finding about a policy is found next to: what holds it back, who has the policy, how far a boundary reaches.

A fingerprint is of what one statement says. Somebody who looked at a finding saw more: that a Deny stops most of those
whom the statement lets in, that one user has the policy, that its boundary ends at one service. Where that has changed
for the worse, it is not the finding that they looked at.
"""

from __future__ import annotations

from trustproof.model.document import TRUST, Document
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.policy import ALLOW, DENY, Statement
from trustproof.model.text import Symbolic, Text
from trustproof.properties.question import Subject
from trustproof.results.fingerprint import WrittenPolicies
from trustproof.results.surroundings import ALLOWED, BOUNDARY, DENIED, GIVES, HELD, MEMBER, STANDS_ON, surrounding

#: What begins a wildcard in the name of an action.
_WILD = ("*", "?")
#: How many texts are kept of what many holders have, for the next finding about what they have.
_MOST_KEPT = 50_000
#: What a policy says that stands elsewhere.
_SAID = IdentityMemory[tuple[str, ...]](256)


class _Nearby:
    """
    What policies and a boundary say that may decide about statements of the same policies.

    A policy may have thousands of statements, and a finding about each: what they are found next to is worded once.
    """

    def __init__(self, subject: Subject, written: WrittenPolicies) -> None:
        self._written = written
        #: Policies, with the effect of their statements that count, what these are to what is found, and how the
        #: actions of each begin (None for all); of a policy that stands elsewhere these are known by themselves.
        self._policies: list[tuple[Document, str, str, list[tuple[frozenset[str] | None, Statement]]]] = []
        #: By how the actions of a statement begin: the kind and the content of what it is found next to.
        self._found: dict[frozenset[str] | None, tuple[tuple[str, str], ...]] = {}
        #: The same as it is worded for each holder, and how many texts these are.
        self._worded: dict[tuple[str, frozenset[str] | None], tuple[str, ...]] = {}
        self._texts = 0
        policy = subject.document
        # What is a resource of its own may be put on another one, and says what it said.
        self._places = tuple(surrounding(STANDS_ON, "", one) for one in written.stands_on(policy))
        for document in subject.documents:
            self._add(document, DENY, DENIED)
        self._boundary = subject.permissions_boundary
        if self._boundary is not None:
            self._add(self._boundary, ALLOW, ALLOWED)

    def _add(self, document: Document, effect: str, kind: str) -> None:
        statements = () if _stands_elsewhere(document) else document.policy.statements
        counting = [(_beginnings(one), one) for one in statements if one.effect == effect]
        self._policies.append((document, effect, kind, counting))

    def of(self, statement: Statement | None, holder: str) -> tuple[str, ...]:
        """What is told of those that may decide about an action that a statement names; of all without one."""
        wanted = None if statement is None else _beginnings(statement)
        found = self._worded.get((holder, wanted))
        if found is None:
            told = (surrounding(kind, holder, content) for kind, content in self._told(wanted))
            found = (*self._places, *told)
            self._texts += len(found)
            if self._texts > _MOST_KEPT:
                self._worded.clear()
                self._texts = len(found)
            self._worded[holder, wanted] = found
        return found

    def _told(self, wanted: frozenset[str] | None) -> tuple[tuple[str, str], ...]:
        if wanted not in self._found:
            bounded = [] if self._boundary is None else [(BOUNDARY, "")]
            near = (
                (kind, content)
                for document, effect, kind, counting in self._policies
                for content in (
                    _said(document, effect, wanted)
                    if _stands_elsewhere(document)
                    else (
                        self._written.content(document, one).text for about, one in counting if _may_meet(about, wanted)
                    )
                )
            )
            self._found[wanted] = (*bounded, *dict.fromkeys(near))
        return self._found[wanted]


def surroundings(
    subject: Subject, statement: Statement | None, written: WrittenPolicies, holder: str = "", *, by_group: bool = False
) -> tuple[str, ...]:
    """
    What a finding about a statement is found next to; the same tuple for all of one policy, where these are alike.

    Args:
        statement: the Allow statement that it is about; None for a whole policy.
        written: what the policies say, for no account and no Region.
        holder: who has the policy, as messages call it; empty where that makes no difference.
        by_group: whether through a group that has it too.
    """
    about = (subject.permissions_boundary is None, *subject.documents)
    found = written.recalled(about, lambda: _Nearby(subject, written)).of(statement, holder)
    if holder:
        return (surrounding(MEMBER if by_group else HELD, holder), *found)
    if subject.document.kind == TRUST:
        powers = subject.neighbours.powers_of(subject.document.logical_id)
        return (*(surrounding(GIVES, "", one) for one in powers), *found)
    return found


def no_surroundings(_moved: bool) -> tuple[str, ...]:
    """
    Of what is no worse for it, or what nobody reads: what a role gives is looked for in all of a template, at each
    assignment.
    """
    return ()


def _stands_elsewhere(document: Document) -> bool:
    """Whether a policy says itself what it is: at its path is what names it, or another policy."""
    return document.is_foreign or not document.path


def _said(document: Document, effect: str, wanted: frozenset[str] | None) -> tuple[str, ...]:
    """
    What the statements with an effect say of a policy that stands elsewhere, those that may decide about some actions:
    a control policy is beside all that a template has.
    """

    def said() -> tuple[str, ...]:
        itself = WrittenPolicies()
        return tuple(
            itself.content(document, one).text
            for one in document.policy.statements
            if one.effect == effect and _may_meet(_beginnings(one), wanted)
        )

    return _SAID.get(said, document, values=(effect, wanted))


def _beginnings(statement: Statement) -> frozenset[str] | None:
    """How the names of the actions begin that a statement names; None where it may be about any."""
    return None if statement.actions is None else frozenset(map(_beginning, statement.actions))


def _beginning(action: Text) -> str:
    """How the names of actions begin that an entry stands for, as far as that is certain."""
    first = action.parts[0] if isinstance(action, Symbolic) else action
    text = first.lower() if isinstance(first, str) else ""
    return text[: min((at for wild in _WILD if (at := text.find(wild)) >= 0), default=len(text))]


def _may_meet(ones: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    if ones is None or others is None:
        return True
    return any(one.startswith(other) or other.startswith(one) for one in ones for other in others)
