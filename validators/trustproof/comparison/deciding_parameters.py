"""
Which parameters have a part in a request that is shown: those of statements about other actions have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.comparison.gains import StatementGain
from trustproof.comparison.look_ups import names_of
from trustproof.comparison.subjects import Subject
from trustproof.model.document import TRUST
from trustproof.model.policy import Statement
from trustproof.model.text import Symbolic, Text
from trustproof.sets.patterns import like, matches


def with_deciding_parameters(given: StatementGain) -> StatementGain:
    """
    The same without the parameters that are nothing but parts of statements which say nothing of what is asked for,
    whatever their values are. What is left need not have a part.
    """
    if not given.parameters or given.subject.kind == TRUST:
        # What comes with the call is a part of it, and has actions of its own.
        return given
    actions = {given.request.action.lower(), *(part.request.action.lower() for part in given.parts)}
    subjects = [one for one in (given.subject, given.other) if one is not None]
    apart: set[str] = set()
    kept: set[str] = set()
    for subject, statement in _statements(subjects):
        if _is_about(statement, actions):
            kept |= _read_by(subject, {*names_of(statement), *(guard.name for guard in statement.guards)})
        else:
            apart |= names_of(statement)
    for subject in subjects:
        holder = subject.holder
        named: tuple[Text, ...] = (subject.arn, *(() if holder is None else (holder.name, holder.arn)))
        own = {symbol.name for text in named if isinstance(text, Symbolic) for symbol in text.symbols}
        kept |= _read_by(subject, own)
    said = " ".join(sorted(kept))
    left_out = {name for name in apart & given.parameters.keys() if name not in said}
    return given._replace(parameters={name: it for name, it in given.parameters.items() if name not in left_out})


def _statements(subjects: Iterable[Subject]) -> Iterator[tuple[Subject, Statement]]:
    for subject in subjects:
        for document in subject.all_documents:
            yield from ((subject, statement) for statement in document.policy.statements)


def _is_about(statement: Statement, actions: set[str]) -> bool:
    """Whether a statement may say something of one of some lower-cased actions."""
    if statement.actions is None or statement.unreadable:
        return True
    entries = [one.lower() if isinstance(one, str) else None for one in statement.actions]
    return any(one is None or any(matches(like(one), action) for action in actions) for one in entries)


def _read_by(subject: Subject, names: set[str]) -> set[str]:
    """Names of values and conditions, with the texts that these are decided by, as the template has them."""
    template = subject.context.template
    return {*names, *(str(template.definition(name.partition(" (")[0])) for name in sorted(names))}
