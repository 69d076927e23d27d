"""
What has been found of roles and of the steps between them, for all searches that meet the same roles.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TypeAlias

from trustproof.analysis.role_chains.edge import Answer, Step
from trustproof.analysis.role_chains.mfa_tests import may_demand_mfa
from trustproof.analysis.role_chains.named_roles import LetIn
from trustproof.analysis.role_chains.roles import Node
from trustproof.analysis.role_chains.sessions import SessionState
from trustproof.engine.domains import Values
from trustproof.inputs.reader import Number
from trustproof.model.policy import Path
from trustproof.proving.witnesses import Witnesses
from trustproof.sets.patterns import Pattern
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

#: A template, the stack that is made of it where there are several, and a place in it.
Place: TypeAlias = "tuple[str, str, Path]"
#: So many steps between roles are decided in a run, as many as of `trustproof diff`: all those between 700 roles.
MAX_DECIDED = 500_000
#: And so often is one looked at on the way from role to role, which takes some seconds.
MAX_LOOKED_AT = 10_000_000
#: So many steps are remembered from one search to the next: those between some hundred roles, at a few assignments.
MAX_STEPS = 200_000


class GraphMemory:
    """
    The answers of `RoleGraph` about roles, each of which is one object for all that ask about it.

    A run asks about its roles once for each assignment of the parameters of its templates, and again for each account
    that they may be in and each default that a proof may rest on; most roles are the same each time. Answers that came
    to the end of an allowance are answers of that allowance: a memory is for the questions that share one.
    """

    def __init__(self, protected: Set[Place] = frozenset()) -> None:
        """
        Args:
            protected: roles that demand MFA by default; they are asked about at other values too, of which only some
                let users in without: their template, their stack and their place in it.
        """
        self.protected = protected
        #: The roles that are spoken of below, so that none of them is mistaken for one that is no more.
        self._roles: dict[int, Node] = {}
        #: Those of them that may be alike, as what others attach to a role makes it anew each time.
        self._alike: dict[tuple[str, Number, Path], list[Node]] = {}
        self.entries: dict[int, Answer] = {}
        #: The steps, by source and target, but for what is not known of names.
        self.steps: dict[tuple[int, int, SessionState], Step | None] = {}
        #: How many steps have been looked for, and how often one was looked at.
        self.asked: int = 0
        self.looked_at: int = 0
        self.open: dict[tuple[int, str], bool] = {}
        self.names: dict[int, tuple[StringSet, ...]] = {}
        self.named: dict[tuple[int, str], bool] = {}
        self.identified: dict[int, bool] = {}
        #: Whose sessions roles let in, and what policies let roles assume, by names that are written out.
        self.let_in: dict[int, LetIn | None] = {}
        self.roles_named: dict[int, tuple[Pattern, ...] | None] = {}
        self.tagged: dict[tuple[int, str, Values], bool] = {}
        #: Whether trust policies demand MFA, see `Chains`.
        self.demands: dict[tuple[object, ...], bool] = {}
        #: By what such policies say in whatever account: requests of users with MFA that get through.
        self.with_mfa: dict[tuple[object, ...], Witnesses] = {}

    def is_protected(self, node: Node) -> bool:
        """Whether a role demands MFA by default, and may do so here: others are let in, too, by what is not known."""
        key = (node.place.template, node.place.stack, node.path)
        return key in self.protected and may_demand_mfa(node.trust.policy)

    def number(self, node: Node) -> int:
        """What stands for a role in the answers."""
        self._roles[id(node)] = node
        return id(node)

    def known(self, node: Node) -> Node:
        """The role that is asked about for one: that of before which is the same, where there is one."""
        if id(node) in self._roles:
            return node
        before = self._alike.setdefault((node.arn, node.number, node.path), [])
        found = next((one for one in before if one == node), None)
        if found is None:
            before.append(node)
            self.number(node)
        return found or node

    def count_decided(self) -> None:
        """
        Count a step that is to be decided.

        Raises:
            BudgetReached: these are too many.
        """
        self.asked += 1
        if self.asked > MAX_DECIDED:
            raise BudgetReached("steps between roles", MAX_DECIDED)

    def count_looked_at(self, steps: int) -> None:
        """
        Count steps that are to be looked at, known or not.

        Raises:
            BudgetReached: these are too many.
        """
        self.looked_at += steps
        if self.looked_at > MAX_LOOKED_AT:
            raise BudgetReached("steps between roles that are looked at again", MAX_LOOKED_AT)

    def begin(self) -> None:
        """Begin another search: where all that is remembered has become too much, it is forgotten."""
        if len(self.steps) > MAX_STEPS:
            for one in (self._roles, self.entries, self.steps, self.open, self.names, self.named, self.identified):
                one.clear()
            self._alike.clear()
            self.tagged.clear()
            self.let_in.clear()
            self.roles_named.clear()
            self.demands.clear()
