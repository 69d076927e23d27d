"""
Checks proofs again: every question that was to be asked has a certificate, and the certificate proves it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from trustproof.aws.condition_keys import STS_ACTIONS
from trustproof.engine.certificate import RejectedError, verify
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.explain import explain
from trustproof.engine.query import denying_statements
from trustproof.engine.region import ClosedRegion, Region
from trustproof.engine.search import Box
from trustproof.engine.statements import guard_literal
from trustproof.errors import CertificateError
from trustproof.model.deployments import Deployments
from trustproof.model.policy import Guard
from trustproof.model.request import CREDENTIALS
from trustproof.properties.question import Inquiry, Question, Subject
from trustproof.proving.deployment_guards import not_listed, replaced_by_each_other
from trustproof.sets.strings import StringSet


class Certifier:
    """
    Checks the proofs about one policy; nothing that the search compiled or remembered is used.
    """

    def __init__(self, subject: Subject, inquiry: Inquiry, deployments: Deployments | None) -> None:
        self._subject = subject
        self._inquiry = inquiry
        self._deployments = deployments
        self._compiled = CompiledPolicy(subject.policy)
        self._others = tuple(CompiledPolicy(other.policy) for other in subject.others)
        self._permissions_boundary = (
            None if subject.permissions_boundary is None else CompiledPolicy(subject.permissions_boundary.policy)
        )

    def certify(
        self,
        index: int,
        questions: Sequence[Question] | None,
        closed: Sequence[ClosedRegion],
        idle: Container[int] = (),
    ) -> tuple[str, ...]:
        """
        Check the certificates about one Allow statement; they are in the order of the questions.

        Args:
            index: of the statement in the policy.
            questions: asked instead of the inquiry's own.
            idle: the places of those questions whose requests do not matter, by proofs of their own.

        Returns:
            What the proof consists of, a line each.

        Raises:
            CertificateError: one is missing or proves nothing.
            BudgetReached: a string search did.
        """
        asked = self._inquiry.questions(self._subject, index) if questions is None else questions
        regions = [r for number, question in enumerate(asked) if number not in idle for r in question.regions]
        try:
            if len(regions) != len(closed):
                raise RejectedError(f"{len(regions)} questions have {len(closed)} answers")
            for region, one in zip(regions, closed, strict=True):
                verify(
                    one,
                    region,
                    index,
                    self._compiled,
                    others=self._others,
                    permissions_boundary=self._permissions_boundary,
                    excluded=self._is_excluded,
                )
        except RejectedError as error:
            message = (
                f"the proof of {self._inquiry.ident} for {self._subject.document.logical_id} does not hold: {error}"
            )
            raise CertificateError(f"{message}; please report it") from None
        return tuple(self._lines(regions, closed))

    def _is_excluded(self, box: Box) -> bool:
        """Whether no deployment has what a box is: conditions together, or a value of a parameter."""
        if self._deployments is not None and len(box.literals) == 1:
            kind, _, name = box.literals[0].dimension.partition(":")
            if kind == "parameter" and not_listed(name, self._deployments.listed(name)) == box:
                return True
        guards = [_guard(literal.dimension, literal.yes.present) for literal in box.literals]
        found = [guard for guard in guards if guard is not None]
        if tuple(guard_literal(guard) for guard in found) != box.literals:
            return False
        if replaced_by_each_other(found):
            return True
        return self._deployments is not None and self._deployments.satisfy(found) is None

    def _lines(self, regions: Sequence[Region], closed: Sequence[ClosedRegion]) -> list[str]:
        several = len({region.space.action for region in regions}) > 1
        groups: dict[tuple[str, str], dict[str, None]] = {}
        for region, one in zip(regions, closed, strict=True):
            space = region.space
            policies = (
                self._compiled,
                *self._others,
                *(() if self._permissions_boundary is None else (self._permissions_boundary,)),
            )
            denied = [shape.box for shape in denying_statements(region, policies, one.encoded)]
            action = STS_ACTIONS.get(space.action, space.action)
            place = f"{one.encoded.box.label}, {action}" if several else one.encoded.box.label
            groups.setdefault((place, explain(one, denied)), {})[CREDENTIALS[space.kind]] = None
        return [f"{place}: {reason} ({'; '.join(callers)})" for (place, reason), callers in groups.items()]


def _guard(dimension: str, present: object) -> Guard | None:
    """The condition or parameter of the template that a literal is about; None for one about requests."""
    kind, _, name = dimension.partition(":")
    value = present.sample() if isinstance(present, StringSet) else None
    if kind not in ("condition", "parameter") or value is None:
        return None
    return Guard(name, value == "true" if kind == "condition" else value)
