"""
What a statement lets in more than one request shows: piece by piece of what is written in it, each with its request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

from trustproof.engine.allowance import TEMPLATE_UNITS, Allowance, current_allowance, limited_to
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.model.policy import ALLOW, DENY, Policy, Statement
from trustproof.model.request import ANONYMOUS, Request
from trustproof.model.text import Text
from trustproof.proving.sides import Side, all_units, only
from trustproof.proving.statement_pieces import Agenda, Piece, pieces
from trustproof.proving.units import Unit, widest

#: What is said of one statement besides its first request may cost this part of what is left for the policy.
_PART_OF_REST = 4


class Part(NamedTuple):
    """
    A piece of a statement by which the other side does not let somebody in.
    """

    piece: Piece
    request: Request


class Further(NamedTuple):
    """
    What a statement lets in more besides what one request shows.
    """

    #: What the request shows; None where it shows no single piece.
    first: Piece | None = None
    #: Each with a request of its own, that none of those before is about.
    parts: tuple[Part, ...] = ()
    #: How many further pieces nobody has asked about: they are made of what the others are made of.
    not_asked: int = 0
    #: Why it is not known of a piece.
    doubts: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[Text, ...]:
        """What is written of the actions that it lets in, each once."""
        there = [self.first, *(part.piece for part in self.parts)]
        return tuple(dict.fromkeys(one for piece in there if piece is not None for one in piece.allow.actions or ()))


NOTHING_FURTHER = Further()


class FurtherQuestion(NamedTuple):
    """
    One question about some Allow statements.
    """

    policy: CompiledPolicy
    #: Policies whose Denies count too.
    others: tuple[CompiledPolicy, ...]
    #: What must let the request in besides; None without such a policy.
    within: CompiledPolicy | None


class Source(NamedTuple):
    """
    What one question about a statement is made of.
    """

    allows: Sequence[Unit]
    #: Denies of the other side, as Allows; None where it is asked what these do not let in.
    stop: Policy | None
    #: Policies whose Denies count besides those of the side itself.
    others: tuple[CompiledPolicy, ...]


class Question(NamedTuple):
    """
    What is asked about one Allow statement of a side.
    """

    policy: int
    statement: Statement
    asked: list[FurtherQuestion]
    sources: list[Source]


#: A request of a kind of caller by a policy of a side, of which something is asked; else why it is not known.
_Search: TypeAlias = "Callable[[str, int, Sequence[FurtherQuestion]], Request | list[str]]"


class Pieces:
    """
    What the statements of one side let in more than the other side, piece by piece.

    Args:
        first: the side.
        others: the other one.
        kinds: of callers.
        search: asks about some of them.
    """

    def __init__(self, first: Side, others: Side, kinds: Sequence[str], search: _Search) -> None:
        self._first, self._others, self._kinds, self._search = first, others, kinds, search
        self._denying = [CompiledPolicy(only(policy, DENY)) for policy in first.policies]

    def further_than(self, question: Question, shown: Request) -> Further:
        """What a statement lets in more besides one request."""
        here = current_allowance()
        if here is None:
            with limited_to(TEMPLATE_UNITS) as allowance:
                return self._further(question, shown, allowance)
        with limited_to(max(here.left, 0) // _PART_OF_REST) as allowance:
            found = self._further(question, shown, allowance)
        here.left -= allowance.limit - allowance.left
        return found

    def _further(self, question: Question, shown: Request, allowance: Allowance) -> Further:
        agenda = Agenda(self._pieces(question))
        first = agenda.first_where(lambda one: self._is_about(question, one, shown))
        if first is not None:
            agenda.show(first)
        parts: list[Part] = []
        doubts: list[str] = []
        kinds = tuple(dict.fromkeys((ANONYMOUS, shown.caller.kind, *self._kinds)))
        kinds = tuple(one for one in kinds if one in self._kinds)
        while agenda.goes_on and not allowance.is_spent:
            piece = agenda.next()
            told = [one for one in (first, *(part.piece for part in parts)) if one is not None]
            found = self._of_piece(question, piece, told, kinds)
            if isinstance(found, Request):
                parts.append(Part(piece, found))
                agenda.show(piece)
            else:
                doubts += found
        return Further(first, tuple(parts), len(agenda), tuple(dict.fromkeys(doubts)))

    @cached_property
    def _exempt(self) -> list[Unit]:
        return [unit for policy in self._others.policies for unit in all_units(policy, ALLOW)]

    @cached_property
    def _own_denies(self) -> list[Unit]:
        return [unit for policy in self._first.policies for unit in all_units(policy, DENY)]

    def _pieces(self, question: Question) -> Iterator[Piece]:
        for number, source in enumerate(question.sources):
            stops = None if source.stop is None else widest([*all_units(source.stop, ALLOW)])
            yield from pieces(number, widest(source.allows), stops, self._exempt, self._own_denies)

    def _is_about(self, question: Question, piece: Piece, request: Request) -> bool:
        stop = question.sources[piece.source].stop
        versions = (self._first.policies[question.policy].version, None if stop is None else stop.version)
        try:
            return piece.admits(request, versions)
        except ValueError:
            # Something is known only when it is deployed.
            return False

    def _of_piece(
        self, question: Question, piece: Piece, told: Sequence[Piece], kinds: Sequence[str]
    ) -> Request | list[str]:
        """A request that a piece is about and none of those that are told; else why it is not known, if it is not."""
        apart: list[Piece] = []
        while True:
            found = self._let_in(question, piece, apart, kinds)
            if not isinstance(found, Request):
                return found
            # Pieces may overlap: what is told already is asked about no more.
            again = [one for one in told if one not in apart and self._is_about(question, one, found)]
            if not again or any(piece.stop not in (None, one.stop) and piece.allow != one.allow for one in again):
                return found
            apart += again

    def _let_in(
        self, question: Question, piece: Piece, told: Sequence[Piece], kinds: Sequence[str]
    ) -> Request | list[str]:
        source = question.sources[piece.source]
        policy = self._first.policies[question.policy]
        denied: list[CompiledPolicy] = []
        for one in told:
            version, statement = policy.version, one.allow
            if one.stop is not None and one.allow == piece.allow:
                stopped_by = question.sources[one.source].stop
                version, statement = None if stopped_by is None else stopped_by.version, one.stop
            denied.append(CompiledPolicy(Policy((statement._replace(effect=DENY),), version)))
        within = None
        if piece.stop is not None and source.stop is not None:
            within = CompiledPolicy(source.stop._replace(statements=(piece.stop,)))
        allow = CompiledPolicy(policy._replace(statements=(piece.allow,)))
        asked = FurtherQuestion(allow, (*self._denying, *source.others, *denied), within)
        doubts: list[str] = []
        for caller in kinds:
            found = self._search(caller, question.policy, [asked])
            if isinstance(found, Request):
                return found
            doubts += found
        return doubts
