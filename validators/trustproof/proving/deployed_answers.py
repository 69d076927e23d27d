"""
What is found of a statement where its template is deployed with some values: the same whatever is asked of it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.model.policy import Statement
from trustproof.properties.question import Refutation, Subject
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.instantiate import relevant, same_statement
from trustproof.proving.replay import is_decidable


class _Known:
    """
    What has been found with some values so far: who finds enough in it does not go on.
    """

    __slots__ = ("answers", "is_all", "seen")

    def __init__(self) -> None:
        self.answers: list[Refutation | Undecided] = []
        #: How many forms of the statement have been looked at.
        self.seen = 0
        self.is_all = False


class DeployedAnswers:
    """
    The answers about the statements of one policy, as it is deployed: a policy of which much is not known has many
    regions, and each of them leads to the same few deployments.

    Args:
        settle: decides a statement of a policy in which everything is known.
    """

    def __init__(self, settle: Callable[[Subject, int], Proof | Refutation | Undecided]) -> None:
        self._settle = settle
        self._known: dict[tuple[int, tuple[tuple[str, str], ...]], _Known] = {}

    def of(
        self, number: int, statement: Statement, bound: Mapping[str, str], deployed: Callable[[], Subject | None]
    ) -> Iterator[Refutation | Undecided]:
        """
        What is found of a statement, but for proofs, in each of its forms that everything is known of.

        Args:
            number: of the statement in the policy.
            bound: the values.
            deployed: gives the policies with these; what that costs is counted there.
        """
        known = self._known.setdefault((number, tuple(bound.items())), _Known())
        yield from tuple(known.answers)
        subject = None if known.is_all else deployed()
        if subject is None:
            known.is_all = True
            return
        for index in same_statement(subject.policy, statement)[known.seen :]:
            form = subject.policy.statements[index]
            concrete = relevant(subject, form)
            known.seen += 1
            if not is_decidable(concrete):
                continue
            answer = self._settle(concrete, concrete.policy.statements.index(form))
            if not isinstance(answer, Proof):
                known.answers.append(answer)
                yield answer
        known.is_all = True
