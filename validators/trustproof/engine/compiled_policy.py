"""
A policy as the engine asks it: its statements as boxes of a request space, each read once, at what that costs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from trustproof.engine.allowance import Work, current_allowance
from trustproof.engine.domains import NOTHING
from trustproof.engine.region import ClosedRegion
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.statements import EncodedStatement, across, encode_allow, encode_deny
from trustproof.model.policy import ALLOW, DENY, Policy, Statement


class CompiledPolicy:
    """
    A policy compiled for request spaces, so that several questions share the work.
    """

    __slots__ = (
        "_allow",
        "_denies",
        "_hash",
        "_nobody",
        "_sizes",
        "allow_indices",
        "closed",
        "deny_indices",
        "policy",
    )

    def __init__(self, policy: Policy) -> None:
        self.policy: Policy = policy
        #: Indices of the Allow statements.
        self.allow_indices: list[int] = [
            i for i, statement in enumerate(policy.statements) if statement.effect == ALLOW
        ]
        #: Indices of the Deny statements.
        self.deny_indices: list[int] = [i for i, statement in enumerate(policy.statements) if statement.effect == DENY]
        #: What it costs to read each statement.
        self._sizes = [*map(_size, policy.statements)]
        self._allow: dict[tuple[int, tuple[object, ...]], EncodedStatement] = {}
        #: Statements that name no caller of a kind, whatever else they say: index, kind and partition.
        self._nobody: dict[tuple[int, str, str], EncodedStatement] = {}
        self._denies: dict[tuple[object, ...], list[EncodedStatement]] = {}
        #: Questions that have no answer, and what it cost to find that out; see `ask_again`.
        self.closed: dict[tuple[object, ...], tuple[ClosedRegion, Work]] = {}
        #: Who reads the same again for another template is charged the same.
        self._hash = hash(policy)

    def allow(self, index: int, space: RequestSpace) -> EncodedStatement:
        """One Allow statement as a box."""
        whatever, statement = (index, space.kind, space.partition), self.policy.statements[index]
        found = self._nobody.get(whatever)
        if found is not None:
            self._charge(whatever, self._sizes[index])
            return found
        self._charge((index, space.key), self._sizes[index])
        found = self._allow.get((index, space.key))
        if found is None:
            found = encode_allow(statement, index, space, self.policy.has_variables)
            if names_nobody(found):
                self._nobody[whatever] = found
                # What else is asked of this kind is known from now on.
                self._charge(whatever, 0)
            else:
                self._allow[index, space.key] = found
        return found

    def _charge(self, what: tuple[object, ...], units: int) -> None:
        """Count the reading of statements, once for each policy that is judged by it."""
        allowance = current_allowance()
        if allowance is not None:
            allowance.charge_once((self._hash, *what), units)

    def allows(self, space: RequestSpace) -> list[EncodedStatement]:
        """The Allow statements as boxes."""
        return [self.allow(index, space) for index in self.allow_indices]

    def denies(self, space: RequestSpace) -> list[EncodedStatement]:
        """The Deny statements that are certain in some part, as boxes."""
        self._charge((DENY, space.key), sum(self._sizes[index] for index in self.deny_indices))
        found = self._denies.get(space.key)
        if found is None:
            variables = self.policy.has_variables
            read = [encode_deny(self.policy.statements[i], i, space, variables) for i in self.deny_indices]
            more = [across(encoded, space, variables) for encoded in read if encoded is not None]
            found = self._denies[space.key] = [encoded for encoded in (*read, *more) if encoded is not None]
        return found


#: What it costs to read a part of a statement for a request space, in units of an allowance.
_PART, _CONDITION = 8, 400
#: So many pairs of conditions of a statement cost one unit, since each may be about what another one is.
_PAIRS = 16


def _size(statement: Statement) -> int:
    """What it costs to read a statement."""
    named = (statement.principals, statement.not_principals, statement.actions, statement.not_actions)
    parts = (*named, statement.resources, statement.not_resources)
    conditions = len(statement.conditions)
    return _PART * sum(len(part) for part in parts if part) + _CONDITION * conditions + conditions**2 // _PAIRS


def names_nobody(encoded: EncodedStatement) -> bool:
    """Whether a statement names no caller of its request space, whatever else it says."""
    return any(literal.dimension == "caller" and literal.yes is NOTHING for literal in encoded.box.literals[:1])


#: Compiles a policy, or remembers it: the properties are asked of one policy one after the other.
compiled: Callable[[Policy], CompiledPolicy] = lru_cache(maxsize=256)(CompiledPolicy)
