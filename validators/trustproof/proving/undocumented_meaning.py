"""
What stays open since the policy itself says what has no documented meaning, and no value would help.

Whoever writes a policy can write that at will: beside a statement that lets everybody in, one such Deny would make a
mere warning of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.engine.region import AllowedPart
from trustproof.model.deployments import Deployments
from trustproof.model.document import Document
from trustproof.model.open_keys import LEFT_OVER_EFFECT, is_unreliable
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Condition, Statement
from trustproof.model.query import open_texts
from trustproof.model.request import Request
from trustproof.model.substitution import bind_condition, bind_statement
from trustproof.model.text import MISTAKE, ODD_VARIABLE, PLACEHOLDER, Symbol, Symbolic, Text
from trustproof.properties.question import Subject
from trustproof.proving.changed_deployments import ChangedDeployments
from trustproof.proving.instantiate import narrowed
from trustproof.proving.replay import NOT_SENT, not_sent
from trustproof.results.unknown_kinds import UNDOCUMENTED, VALUE, UnknownKind

#: Said where the engine finds a request that the evaluator does not confirm, and nothing explains it.
DISAGREEMENT = "the search and the evaluator disagree on this policy; please report it"


def kind_of_notes(subject: Subject, notes: Sequence[str]) -> UnknownKind:
    """
    Why a request that was found is not known to get in, of policies in which every value is known.

    What could not be read is nobody's wording: a macro may write it. Nor is it that nobody sends the request.
    """
    unread = {one for d in subject.documents for s in d.policy.statements for one in s.unreadable}
    return UNDOCUMENTED if any(note not in unread and not note.startswith(NOT_SENT) for note in notes) else VALUE


def reasons_of(found: AllowedPart, subject: Subject, request: Request | None = None) -> tuple[str, ...]:
    """Why a request that was found is not known to get in."""
    if found.notes:
        return tuple(dict.fromkeys(found.notes))
    return not_sent(subject, request) or (DISAGREEMENT,)


def mistakes(subject: Subject) -> tuple[str, ...]:
    """Why nobody can say what stands where something in the policies cannot be as it is written."""
    statements = [statement for document in subject.documents for statement in document.policy.statements]
    symbols = [symbol for statement in statements for text, _ in open_texts(statement) for symbol in text.symbols]
    return tuple(dict.fromkeys(symbol.doubt for symbol in symbols if symbol.holds == MISTAKE))


def without_left_over(subject: Subject, statement: Statement) -> tuple[Subject, int] | None:
    """
    The subject without what looks for something that is written like a policy variable, of a key that nobody knows,
    and without each Deny under a condition on an unknown key that somebody does not meet, whichever it is, or with a
    placeholder for a word of the language; with texts that a deployment could give where a Deny has placeholders of
    another tool, as an Allow what has one for its effect, and the place of an Allow statement in its policy; None where
    that is the same.

    Nobody can rely on a Deny with such a variable, or on what is to be another value than one. Of a placeholder nobody
    knows the text, as of a value that another stack exports: whether it keeps somebody out is asked as it is there, and
    not taken for granted because that tool is not known. What an Allow is to match stays as it is: that tool may let in
    who is meant.
    """

    def reduced(document: Document) -> Document:
        kept = tuple(_as_if_resolved(s) for s in document.policy.statements if s.effect == ALLOW or not _is_open(s))
        return document._replace(policy=document.policy._replace(statements=kept))

    boundary = subject.permissions_boundary
    without = subject._replace(
        document=reduced(subject.document),
        others=tuple(map(reduced, subject.others)),
        permissions_boundary=None if boundary is None else reduced(boundary),
    )
    if without == subject:
        return None
    statements = subject.policy.statements
    return without, sum(s.effect == ALLOW or not _is_open(s) for s in statements[: statements.index(statement)])


def _is_odd(text: Text) -> bool:
    """Whether nothing but such variables is open in a text, besides what a deployment knows."""
    doubtful = [symbol for symbol in text.symbols if symbol.doubt] if isinstance(text, Symbolic) else []
    return bool(doubtful) and all(symbol.holds == ODD_VARIABLE for symbol in doubtful)


def _is_open(statement: Statement) -> bool:
    """Whether a Deny may deny nothing, by its own text."""
    if any(map(is_unreliable, statement.unreadable)):
        return True
    doubtful = [text for text, _ in open_texts(statement) if any(symbol.doubt for symbol in text.symbols)]
    return bool(doubtful) and all(map(_is_odd, doubtful))


def _as_if_resolved(statement: Statement) -> Statement:
    """
    A statement as far as nothing is to be another value than such a variable: it has none, as a rule; and with a text
    for each placeholder that a Deny has, or that something is to be another value than; an Allow where a placeholder
    stands for the effect.
    """
    read = tuple(one for one in statement.unreadable if one != LEFT_OVER_EFFECT)
    if len(read) < len(statement.unreadable):
        statement = statement._replace(unreadable=read)
    conditions = tuple(c for c in statement.conditions if not (_is_negated(c) and any(map(_is_odd, c.operands))))
    if any(map(_is_odd, statement.not_resources or ())):
        statement = statement._replace(resources=("*",), not_resources=None)
    given = _given(statement)
    if statement.effect != ALLOW:
        return bind_statement(statement._replace(conditions=conditions), given)
    bound = [bind_condition(c, given) if _is_negated(c) else c for c in conditions]
    return narrowed(statement._replace(conditions=tuple(bound)))


def _given(statement: Statement) -> dict[str, Symbol]:
    """By the name of a placeholder, what a deployment knows; not what an Allow has by the same name."""
    symbols = {symbol for text, _ in open_texts(statement) for symbol in text.symbols}
    left_over = [symbol for symbol in symbols if symbol.holds in (MISTAKE, PLACEHOLDER)]
    return {one.name: one._replace(name=f"{one.name} of {statement.effect}", doubt="", holds="") for one in left_over}


def _is_negated(condition: Condition) -> bool:
    operator = parse_operator(condition.operator)
    return operator is not None and operator.negated


def deployments_of(subject: Subject, deployments: Deployments | None) -> Deployments | None:
    """The deployments of a template some of whose policies are changed to those of a subject."""
    if deployments is not None:
        for document in subject.documents:
            deployments = ChangedDeployments(deployments, document)
    return deployments
