"""
StackSets that deploy to other accounts on one side than on the other, or pass other values to some of them.

What the template of one says is in accounts: where it was not deployed before, whoever it lets in has gained that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.matching.matching import Pair, matched_pairs
from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.comparison.subjects.subjects import Subject
from trustproof.inputs.reader import Input
from trustproof.model.document import RESOURCE
from trustproof.model.stack_sets import Deployed, Targets, accounts_by_groups

#: The resources and identities of a template of a side.
Subjects: TypeAlias = "Callable[[Input, str, ComparisonSide], Sequence[Subject]]"
#: What a pair gives on one side only.
Compared: TypeAlias = "Callable[[Pair], Iterator[StatementGain | OpenQuestion]]"


class StackSets:
    """
    The StackSets that both sides have, and that have to be compared account by account.

    Args:
        new: the new side.
        old: the old side.
    """

    def __init__(self, new: ComparisonSide, old: ComparisonSide) -> None:
        self._sides = new, old
        there = {named.label: named.template for named in old.templates}
        both = {named.label: (named.template, there[named.label]) for named in new.templates if named.label in there}
        self._both = {label: _Both(*inputs) for label, inputs in both.items()}
        #: What the templates of those are called that are compared account by account.
        self.labels: frozenset[str] = frozenset(label for label, one in self._both.items() if one.is_by_account)

    def compared(self, subjects: Subjects, compare: Compared) -> Iterator[StatementGain | OpenQuestion]:
        """
        What is given in some accounts on one side only.

        Args:
            subjects: gives the resources and identities of a template.
            compare: gives what is given on one side of a pair only.
        """
        for label, both in self._both.items():
            here = [subjects(one, label, side) for one, side in zip(both, self._sides, strict=True)]
            yield from (
                OpenQuestion(one, (reason,)) for reason in both.doubts(here) for one in (*here[0], *here[1])[:1]
            )
            if label in self.labels:
                yield from self._of_accounts(label, both, subjects, compare)

    def _of_accounts(
        self, label: str, both: _Both, subjects: Subjects, compare: Compared
    ) -> Iterator[StatementGain | OpenQuestion]:
        there = [one.targets for one in both]
        for deployed, accounts in accounts_by_groups(*there).items():
            if any(len(groups) > 1 for groups in deployed):
                continue
            inputs = [one.in_groups(groups) if groups else None for one, groups in zip(both, deployed, strict=True)]
            found = [
                [] if one is None else subjects(one, label, side) for one, side in zip(inputs, self._sides, strict=True)
            ]
            notes = tuple(_of_units(both, deployed, accounts))
            for pair in matched_pairs(*found):
                for one in compare(pair):
                    if isinstance(one, StatementGain):
                        yield one._replace(accounts=accounts, notes=(*one.notes, *notes))
                    else:
                        yield one


class _Both(NamedTuple):
    """
    The template of a StackSet, on both sides.
    """

    new: Input
    old: Input

    @property
    def is_by_account(self) -> bool:
        """Whether something may be given in some of the accounts only."""
        there = [one.targets for one in self]
        if not all(one.groups for one in there):
            return False
        return there[0].written != there[1].written or any(len(one.in_each_group()) > 1 for one in self)

    def doubts(self, subjects: Sequence[Sequence[Subject]]) -> Iterator[str]:
        """Why it is not known in which accounts something is given."""
        new, old = (one.targets for one in self)
        if new.written == old.written:
            return
        if not (new.groups and old.groups):
            yield "which accounts the StackSet deploys to is known only at deployment, and the sides say it otherwise"
        elif any(len(groups) > 1 for deployed in accounts_by_groups(new, old) for groups in deployed):
            yield "several groups of the targets of the StackSet may have the same accounts"
        elif _regions(new) != _regions(old) and any(one.kind == RESOURCE for side in subjects for one in side):
            yield "the StackSet deploys to other Regions"


def _of_units(both: _Both, deployed: Deployed, accounts: str) -> Iterator[str]:
    """What is to be said where units of one side may be inside of those of the other: ids do not say it."""
    for one, groups, others in zip(both, deployed, reversed(deployed), strict=True):
        units = dict.fromkeys(unit for group in one.targets.groups for unit in group.units)
        if not groups and others and units and accounts.startswith("every account"):
            yield f"but for accounts that are in {' or '.join(units)}, to which the other side deploys it too"


def _regions(targets: Targets) -> set[str]:
    return {region for group in targets.groups for region in group.regions}
