"""
What a prover answers, and what the answers about several policies are together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from trustproof.engine.allowance import has_come_to_its_end
from trustproof.engine.region import ClosedRegion
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.results.result import BUDGET, ERROR, PROVED, REFUTED
from trustproof.results.unknown_kinds import OUR_BUDGET, VALUE, UnknownKind, gravest
from trustproof.sets.search import BudgetReached


class Proof(NamedTuple):
    """No request of the regions gets through; one closed search for each."""

    closed: tuple[ClosedRegion, ...]
    #: What the proof consists of, a line each; empty where it has not been checked again.
    certificate: tuple[str, ...] = ()


class Undecided(NamedTuple):
    """Neither proved nor refuted."""

    reasons: tuple[str, ...]
    #: Of what it is; a budget may be told by the reasons alone.
    kind: UnknownKind = VALUE


def cut_short(reached: BudgetReached, where: str = "") -> Undecided:
    """
    What a budget keeps from being answered.

    Args:
        where: what was done there, in words; empty for the search itself.
    """
    return Undecided((f"{BUDGET}{where}: {reached.name} ({reached.limit})",), OUR_BUDGET)


def together(left: Sequence[Undecided]) -> Undecided:
    """What several questions leave open."""
    reasons = dict.fromkeys(reason for one in left for reason in one.reasons)
    return Undecided((*reasons,), gravest(one.kind for one in left))


def answer_of_all(
    settle: Callable[[Subject], Iterable[Proof | Refutation | Undecided]], subjects: Iterable[Subject]
) -> Proof | Refutation | Undecided:
    """
    The answer about what somebody has after a request: a proof where there is one of each statement of each policy.

    Args:
        settle: the answers about the Allow statements of a policy.
    """
    lines: list[str] = []
    left: list[Undecided] = []
    for subject in subjects:
        for found in settle(subject):
            if isinstance(found, Refutation):
                return found._replace(then=(subject, found))
            if isinstance(found, Undecided):
                left.append(found)
            else:
                lines += found.certificate
    return together(left) if left else Proof((), tuple(lines))


def beside_graver(answer: Refutation, left: Sequence[Undecided]) -> Refutation:
    """A request with what graver questions leave open, which were asked before."""
    graver = together(left)
    return answer._replace(left=graver.reasons, left_kind=graver.kind)


def unless_milder(
    answer: Proof | Refutation | Undecided, found: Callable[[Refutation], Finding]
) -> Proof | Refutation | Undecided:
    """
    What is left open of graver questions, where a request answers a milder one only; else the answer.

    Whoever writes a template can have a budget end the search for what is graver on purpose.

    Args:
        found: words a request.
    """
    if not isinstance(answer, Refutation) or not answer.left:
        return answer
    said = found(answer)
    if said.verdict == REFUTED and said.severity == ERROR:
        return answer
    if said.verdict != PROVED and answer.left_kind != OUR_BUDGET:
        return answer
    return Undecided(answer.left, answer.left_kind)


def followed(answer: Refutation, after: Proof | Refutation | Undecided | None) -> Refutation:
    """A request with what it makes possible, where both are of one deployment."""
    if isinstance(after, Refutation) and after.parameters == answer.parameters:
        return answer._replace(then=after.then)
    return answer


def up_to_refuted(
    answers: Iterable[ClosedRegion | Refutation | Undecided],
) -> list[ClosedRegion | Refutation | Undecided]:
    """
    The answers about the regions of a question; behind a request that gets through none is looked for, nor where
    nothing is left for it: thousands of regions would each be told that there is not.
    """
    found: list[ClosedRegion | Refutation | Undecided] = []
    for answer in answers:
        found.append(answer)
        if isinstance(answer, Refutation) or (isinstance(answer, Undecided) and has_come_to_its_end()):
            break
    return found
