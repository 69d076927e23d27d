"""
Whether something is proved, for who reads nothing else of the answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.engine.region import ClosedRegion
from trustproof.properties.question import Question
from trustproof.proving.answers import Proof
from trustproof.proving.prover import Prover
from trustproof.sets.search import BudgetReached


def is_proved(prover: Prover, index: int, questions: Sequence[Question], *, certify: bool = False) -> bool:
    """
    Whether nothing that an Allow statement lets in answers some questions: no request is made of what is found.

    Raises:
        CertificateError: a proof does not stand up to being checked again, where that is asked for.
    """
    if certify or any(one.afterwards is not None for one in questions):
        return isinstance(prover.settle(index, questions), Proof)
    asked = {id(one) for one in questions}
    # What a larger question is about is all there, and is asked about once.
    regions = (each for one in questions if id(one.larger) not in asked for each in one.regions)
    try:
        return all(isinstance(prover.region(index, None, region), ClosedRegion) for region in regions)
    except BudgetReached:
        return False
