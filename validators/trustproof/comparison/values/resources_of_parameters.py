"""
What stands for a resource that a statement names by a value of the deployment: something that its actions are about.

Nobody calls a secret ``example``: at such a value of a parameter, a statement that names it gives nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trustproof.aws.examples import GRAVE_ACTIONS
from trustproof.model.policy import Statement
from trustproof.model.text import Symbol, Symbolic
from trustproof.properties.question import Subject
from trustproof.proving.likely_requests import published_actions_of, resources_taken
from trustproof.sets.patterns import like, matches


def resource_for(statement: Statement) -> Callable[[Subject, Symbol, str], str | None]:
    """What a symbol is where the resources of a statement begin with it; None for another one."""

    def found(subject: Subject, symbol: Symbol, place: str) -> str | None:
        del place
        return next(_resources(statement, symbol, subject), None)

    return found


def _resources(statement: Statement, symbol: Symbol, subject: Subject) -> Iterator[str]:
    begun = [
        text.parts[1:]
        for text in statement.resources or ()
        if isinstance(text, Symbolic) and isinstance(text.parts[0], Symbol) and text.parts[0].name == symbol.name
    ]
    # What a bucket is serves what is inside of it as well, and not the other way round.
    for rest in sorted(begun, key=len, reverse=True):
        inside = "".join(part if isinstance(part, str) else "*" for part in rest)
        for action in _actions(statement) if begun else ():
            yield from resources_taken(action, subject.partition or "aws", "us-east-1", subject.account, inside)


def _actions(statement: Statement) -> Iterator[str]:
    """Actions that a statement names, those that matter first where it names them by a pattern."""
    for entry in statement.actions or ():
        if isinstance(entry, str) and "*" in entry:
            pattern = like(entry.lower())
            known = (*GRAVE_ACTIONS, *published_actions_of(entry.partition(":")[0]))
            yield from (one for one in known if matches(pattern, one.lower()))
        elif isinstance(entry, str):
            yield entry
