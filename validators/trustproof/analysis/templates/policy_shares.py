"""
The policies of a template, in the shares of the processes that judge them; in each, what says the same is together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.processes.fork import may_fork
from trustproof.analysis.templates.policies import Judged, PolicyTask, allowed, judge
from trustproof.results.result import Result

#: A process costs more to double than so many different policies cost to check.
_MIN_SHARE = 15
#: Of so many policies that say the same, the first may cost what another one may besides; of more, in proportion. All
#: of them then cost half as much again at most.
_MANY = 4


class Answers(NamedTuple):
    """
    What is said about some documents.
    """

    #: By the index of the document.
    judged: dict[int, Judged]
    #: The units that it has cost.
    spent: int

    @property
    def results(self) -> dict[int, list[Result]]:
        """What is said about each, by its index."""
        return {number: one.results for number, one in self.judged.items()}

    @property
    def is_unfinished(self) -> bool:
        """Whether the work on one of them came to the end of what it may cost."""
        return any(one.is_unfinished for one in self.judged.values())

    def followed_by(self, later: Answers) -> Answers:
        """These, where later ones do not come in their place."""
        return Answers(self.judged | later.judged, self.spent + later.spent)


def shares(asking: Sequence[PolicyTask], jobs: int) -> tuple[list[PolicyTask], list[list[PolicyTask]]]:
    """
    What this process does of the work, and what others do; what says the same stays together, and is proved once.

    This one has the composed policies and the roles besides, so it takes half as much of these.
    """
    different = _alike(asking)
    processes = min(jobs, len(different) // _MIN_SHARE)
    if processes < 2 or not may_fork():
        return list(asking), []
    # Policies on the same kind of resource need the same modules and memories, so they stay together too.
    alike = sorted(different, key=lambda same: same[0].subject.document.resource_type)
    shares: list[list[PolicyTask]] = [[] for _ in range(processes)]
    parts, before = 2 * processes - 1, 0
    total = sum(len(same[0].properties) for same in alike)
    for same in alike:
        shares[(before * parts // total + 1) // 2].extend(same)
        before += len(same[0].properties)
    return shares[0], shares[1:]


def share(context: TemplateContext, share: Sequence[PolicyTask]) -> Answers:
    """The answers about some documents, among which are all that say the same as one of them."""
    judged: dict[int, Judged] = {}
    spent = 0
    for same in _alike(share):
        first, *others = same
        found = judge(context, first)
        # What it comes to is found by the others, which need so much less.
        if found.left < 0 and len(same) >= _MANY:
            spent += found.spent
            more = found.limit * (len(same) // _MANY)
            cache = context.proofs.about(first.subject, found.limit + more)
            first, *others = (one._replace(cache=cache) for one in same)
            found = judge(context, first, more)
        judged[first.number] = found
        judged.update((one.number, judge(context, one)) for one in others)
    spent += sum(one.spent for one in judged.values())
    return Answers(judged, spent)


def with_what_is_left(context: TemplateContext, asking: Sequence[PolicyTask], answers: Answers) -> Answers:
    """
    The answers about all documents, of which those that came to the end of their part of what the policies of the
    template may cost are judged once more, with what the others have left of it: a policy that needs several times as
    much as others is no reason to judge a whole template again.
    """
    left = context.units - answers.spent
    again: list[tuple[list[PolicyTask], int, int]] = []
    for same in _alike([one for one in asking if answers.judged[one.number].left < 0]):
        given, most = (allowed(context, same[0], units) for units in (context.proofs.units, context.units))
        # Where each has less than one unit, no number of halves of it is more.
        if given:
            again.append((same, given, most))
    # In halves of what each had, it is the same for many templates, and what is settled with as much is remembered.
    halves = 2
    while _together(again, halves + 1) <= left and any((halves + 1) * given <= 2 * most for _, given, most in again):
        halves += 1
    judged: dict[int, Judged] = {}
    for same, given, most in again:
        limit = min(halves * given // 2, most)
        if limit > given:
            cache = context.proofs.about(same[0].subject, limit)
            judged.update((one.number, judge(context, one._replace(cache=cache), limit - given)) for one in same)
    return answers.followed_by(Answers(judged, sum(one.spent for one in judged.values())))


def _together(again: Sequence[tuple[Sequence[PolicyTask], int, int]], halves: int) -> int:
    """What documents may cost together, where each has so many halves of what it had, and no more than it may have."""
    return sum(len(same) * min(halves * given // 2, most) for same, given, most in again)


def _alike(asking: Sequence[PolicyTask]) -> list[list[PolicyTask]]:
    """Those that say the same together."""
    alike: dict[int, list[PolicyTask]] = {}
    for one in asking:
        alike.setdefault(id(one.cache), []).append(one)
    return [*alike.values()]
