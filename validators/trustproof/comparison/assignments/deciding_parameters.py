"""
Which parameters have a part in a request that is shown: those of statements about other actions have none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from trustproof.comparison.gains import StatementGain
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.values.look_ups import names_of
from trustproof.model.document import TRUST
from trustproof.model.policy import Policy, Statement
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


def values_that_decide(given: StatementGain, subjects: Iterable[Subject], values: Mapping[str, str]) -> dict[str, str]:
    """
    Those of some values at which something is given that it needs: at any others of the rest, it is given as well.

    Args:
        subjects: both sides, as they are read without these values.
    """
    if given.subject.kind == TRUST or given.denied or given.without:
        return dict(values)
    actions = {given.request.action.lower(), *(part.request.action.lower() for part in given.parts)}
    apart: set[str] = set()
    said: list[str] = []
    for subject in subjects:
        said.append(repr((subject.arn, subject.holder, subject.settings)))
        for document in (document for one in subject.in_each_case for document in one.all_documents):
            said.append(repr(document._replace(policy=Policy(()))))
            for statement in document.policy.statements:
                guards = {guard.name for guard in statement.guards}
                apart |= guards
                if not _is_about(statement, actions):
                    apart |= names_of(statement)
                    continue
                lacking = [one for one in statement.guards if not subject.deployments.holds((one,), values)]
                if lacking:
                    # One of them is enough for it not to be there.
                    said += _texts_of(subject, [lacking[0].name])
                    continue
                if statement.unreadable:
                    # Nobody knows of what it speaks.
                    return dict(values)
                said += _texts_of(subject, guards | names_of(statement))
        if subject.context.controls:
            return dict(values)
    kept = "\n".join(said)
    return {
        name: value
        for name, value in values.items()
        if name not in apart or any(spelled in kept for spelled in _spellings(name))
    }


def _texts_of(subject: Subject, names: Iterable[str]) -> Iterator[str]:
    """Names, and what decides about each of them, as the template has it."""
    for name in sorted(names):
        yield name
        yield str(subject.context.template.definition(name))


def _spellings(name: str) -> tuple[str, ...]:
    """How a name stands in texts: by itself, in JSON, or in one of these as Python writes it."""
    written = json.dumps(name)[1:-1]
    return name, written, repr(name)[1:-1], repr(written)[1:-1]


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
