"""
A policy as the engine asks it: its statements as boxes of a request space, each read once, at what that costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
        "_denies_naming",
        "_hash",
        "_naming",
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
        #: Of further actions that a request needs; see `naming`.
        self._naming: dict[tuple[object, ...], list[tuple[str, EncodedStatement]]] = {}
        self._denies_naming: dict[tuple[object, ...], list[EncodedStatement]] = {}
        #: Questions that have no answer, and what it cost to find that out; see `ask_again`.
        self.closed: dict[tuple[object, ...], tuple[ClosedRegion, Work]] = {}
        #: Who reads the same again for another template is charged the same.
        self._hash = hash(policy)

    def allow(self, index: int, space: RequestSpace) -> EncodedStatement:
        """One Allow statement as a box."""
        whatever = (index, space.kind, space.partition)
        found = self._nobody.get(whatever)
        if found is not None:
            self._charge(whatever, self._sizes[index])
            return found
        self._charge((index, space.key), self._sizes[index])
        found = self._read(index, space)
        if names_nobody(found):
            # What else is asked of this kind is known from now on.
            self._charge(whatever, 0)
        return found

    def _read(self, index: int, space: RequestSpace) -> EncodedStatement:
        """One Allow statement as a box, at no cost."""
        whatever = (index, space.kind, space.partition)
        found = self._nobody.get(whatever) or self._allow.get((index, space.key))
        if found is None:
            found = encode_allow(self.policy.statements[index], index, space, self.policy.has_variables)
            if names_nobody(found):
                self._nobody[whatever] = found
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

    def naming(self, space: RequestSpace, allow: EncodedStatement) -> list[EncodedStatement]:
        """
        The Allow statements that may let a further action in for callers whom a statement names, as they say it of this
        action: `naming_others` are the others.
        """
        begins = beginning_of_callers(allow)
        named = self._all_naming(space)
        return [one for start, one in named if start.startswith(begins) or begins.startswith(start)]

    def naming_others(self, space: RequestSpace, allow: EncodedStatement) -> list[EncodedStatement]:
        """Those that name the further action too, of which a quick look says that it is for other callers."""
        begins = beginning_of_callers(allow)
        named = self._all_naming(space)
        return [one for start, one in named if not start.startswith(begins) and not begins.startswith(start)]

    def _all_naming(self, space: RequestSpace) -> list[tuple[str, EncodedStatement]]:
        """Each Allow statement that names the action of a request space and some caller, with how these begin."""
        # A question reads all of them, so that they are counted together, and looked through once.
        self._charge((ALLOW, space.key), sum(self._sizes[index] for index in self.allow_indices))
        found = self._naming.get(space.key)
        if found is None:
            read = naming_action((self._read(index, space) for index in self.allow_indices), space)
            found = [(beginning_of_callers(one), one) for one in read if not names_nobody(one)]
            self._naming[space.key] = found
        return found

    def denies_naming(self, space: RequestSpace) -> list[EncodedStatement]:
        """The Deny statements that name the action of a request space, as they say it of this action."""
        denies = self.denies(space)
        found = self._denies_naming.get(space.key)
        if found is None:
            found = self._denies_naming[space.key] = naming_action(denies, space)
        return found

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


def naming_action(found: Iterable[EncodedStatement], space: RequestSpace) -> list[EncodedStatement]:
    """The statements that name the action of a request space; that being settled, what they say of all else."""
    action = space.domain("action")
    out: list[EncodedStatement] = []
    for encoded in found:
        literals = encoded.box.literals
        if not any(literal.dimension == "action" and (literal.yes & action).is_empty for literal in literals):
            kept = tuple(literal for literal in literals if literal.dimension != "action")
            out.append(encoded._replace(box=encoded.box._replace(literals=kept)))
    return out


def beginning_of_callers(encoded: EncodedStatement) -> str:
    """What the records of all callers begin with whom a statement names, as far as a quick look says it."""
    return next((literal.yes.beginning for literal in encoded.box.literals if literal.dimension == "caller"), "")


def names_nobody(encoded: EncodedStatement) -> bool:
    """Whether a statement names no caller of its request space, whatever else it says."""
    return any(literal.dimension == "caller" and literal.yes is NOTHING for literal in encoded.box.literals[:1])


#: Compiles a policy, or remembers it: the properties are asked of one policy one after the other.
compiled: Callable[[Policy], CompiledPolicy] = lru_cache(maxsize=256)(CompiledPolicy)
