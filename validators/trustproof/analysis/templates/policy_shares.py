"""
The policies of a template, in the shares of the processes that judge them; in each, what says the same is together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.processes.fork import may_fork
from trustproof.analysis.templates.policies import Judged, PolicyTask, judge
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
    results: dict[int, list[Result]]
    #: Whether the work on one of them came to the end of what it may cost.
    is_unfinished: bool
    #: The units that it has cost.
    spent: int


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
    is_unfinished = any(one.is_unfinished for one in judged.values())
    spent += sum(one.spent for one in judged.values())
    return Answers({number: one.results for number, one in judged.items()}, is_unfinished, spent)


def _alike(asking: Sequence[PolicyTask]) -> list[list[PolicyTask]]:
    """Those that say the same together."""
    alike: dict[int, list[PolicyTask]] = {}
    for one in asking:
        alike.setdefault(id(one.cache), []).append(one)
    return [*alike.values()]
