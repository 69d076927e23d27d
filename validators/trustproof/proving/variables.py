"""
Policy variables, filled in: where two keys are in one condition, the search is asked again with the value of one.

What it then finds is a request like any other, and is replayed like any other; so trying values is never wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from trustproof.aws.condition_keys import ALWAYS, NEVER, is_misspelt, lookup
from trustproof.engine.allowance import CONFIRMED, spend_on_question
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import text
from trustproof.engine.operands import SPECIAL, Variable, split_variables
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.policy import Policy, Statement
from trustproof.model.request import Request
from trustproof.sets.patterns import exact
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

#: How many times the search is asked again for one part that it has found.
MAX_ASKED = 16
#: Keys of other types are compared as what they are, and no document needs them as variables.
_TEXTS = ("string", "arn", "bool", "unknown")
#: By the shape of a key, what it is filled in with where nothing suggests a value.
_USUAL = {"account": ("111122223333", "444455556666"), "organization": ("o-exampleorg1",)}
_WORDS = ("alice", "bob", "any")
#: What is looked for: a refutation, or the request itself.
_Confirmed = TypeVar("_Confirmed")


class VariableInstantiation(Generic[_Confirmed]):
    """
    Looks for a request where what was found is not exact because of policy variables.

    Args:
        policies: all that decide.
        ask: the search, in a region.
        confirm: makes the request of what was found, and what it shows, if it shows anything.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        ask: Callable[[Region], AllowedPart | ClosedRegion],
        confirm: Callable[[AllowedPart], tuple[Request, _Confirmed | None]],
    ) -> None:
        self._policies = policies
        self._ask = ask
        self._confirm = confirm
        self._left = MAX_ASKED

    def refute(self, found: AllowedPart, request: Request) -> _Confirmed | None:
        """
        What a request that gets through shows.

        Args:
            request: made of what was found; it does not.
        """
        space = found.region.space
        reached: BudgetReached | None = None
        for name in self._open(space, found.encoded.statement):
            for value in self._values(name, found, request):
                if self._left == 0:
                    return None
                self._left -= 1
                try:
                    again = self._ask(_filled(found.region, name, value))
                    if isinstance(again, ClosedRegion):
                        continue
                    # One request is made to see what the variables are, and another one that is replayed.
                    spend_on_question(0, 2 * CONFIRMED)
                    made, shown = self._confirm(again)
                except BudgetReached as error:
                    # With another value it may be easier.
                    reached = reached or error
                    continue
                if shown is None:
                    shown = self.refute(again, made)
                if shown is not None:
                    return shown
            # What one variable is does not depend on which is filled in first.
            break
        if reached is not None:
            # What is left open since a budget was reached must not pass for something that nobody can know.
            raise BudgetReached(reached.name, reached.limit)
        return None

    def _open(self, space: RequestSpace, first: Statement) -> Iterator[str]:
        """The variables whose value differs from request to request, those of one statement first."""
        statements = [first, *(s for policy in self._policies if policy.has_variables for s in policy.statements)]
        named = dict.fromkeys(name for statement in statements for name, _ in _variables(statement))
        for name in sorted(named, key=lambda name: not space.is_view(lookup(name))):
            key = lookup(name)
            given = name in space.known_keys or space.presence(key) == NEVER
            if not given and not key.multi and key.type in _TEXTS and not is_misspelt(name):
                yield name

    def _values(self, name: str, found: AllowedPart, request: Request) -> list[str | None]:
        """Values of a variable, None for its absence; the likeliest first."""
        key, space = lookup(name), found.region.space
        given = request.context.get(name)
        left = found.assignment.get(key_dimension(key.name.lower()))
        out: list[str | None] = [given] if isinstance(given, str) else []
        if given is None and space.presence(key) != ALWAYS and (left is None or left.absent):
            out.append(None)
        for policy in self._policies:
            for statement in policy.statements:
                for variable, other in _variables(statement):
                    value = request.context.get(other)
                    if variable == name and isinstance(value, str):
                        out.append(value)
        usual = (*_USUAL.get(key.shape, ()), *_WORDS)
        if left is not None and isinstance(left.present, StringSet):
            out.append(left.present.sample(usual))
        out += usual
        if None not in out and space.presence(key) != ALWAYS:
            out.append(None)
        return [*dict.fromkeys(out)]


def _variables(statement: Statement) -> Iterator[tuple[str, str]]:
    """The policy variables of a statement, lower-cased, each with the key that it is compared with."""
    texts = [(operand, c.key.lower()) for c in statement.conditions for operand in c.operands]
    texts += [(entry, "") for entry in (*(statement.resources or ()), *(statement.not_resources or ()))]
    for written, key in texts:
        for name in _names(written) if isinstance(written, str) else ():
            yield name, key


@lru_cache(maxsize=1_024)
def _names(text: str) -> tuple[str, ...]:
    """The policy variables of a text, lower-cased, each once."""
    found = (part.key for part in split_variables(text) if isinstance(part, Variable))
    return tuple(dict.fromkeys(key.lower() for key in found if key not in SPECIAL))


def _filled(region: Region, name: str, value: str | None) -> Region:
    """The requests of a region in which a key has a value, or is absent."""
    known_keys, absent_keys = ({}, (name,)) if value is None else ({name: value}, ())
    spaces = [space.narrowed(known_keys, absent_keys) for space in (region.space, *region.also)]
    key = lookup(name)
    constraints = region.constraints
    if value is not None and region.space.is_view(key):
        constraints += (("caller", text(*region.space.view(key, exact(value)))),)
    return region._replace(space=spaces[0], also=tuple(spaces[1:]), constraints=constraints)
