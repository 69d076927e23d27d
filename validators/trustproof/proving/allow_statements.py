"""
The Allow statements of a policy that are asked about, and what the answers about them add to a certificate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from trustproof.model.deployments import Deployments
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.request import CREDENTIALS
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.prover import Prover
from trustproof.sets.search import BudgetReached


def variants(prover: Prover, deployments: Deployments | None) -> Iterator[tuple[int, Statement]]:
    """The Allow statements of a policy, without those that exist in no deployment."""
    for index, statement in enumerate(prover.subject.policy.statements):
        if statement.effect != ALLOW:
            continue
        if statement.guards and deployments is not None:
            try:
                if deployments.satisfy(statement.guards) is None:
                    continue
            except BudgetReached:
                # Whether it exists is not decided, so it is asked about.
                pass
        yield index, statement


def evidence(outcome: Proof | Refutation | Undecided, statement: Statement, index: int) -> tuple[str, ...]:
    """What the answer about one Allow statement adds to a certificate."""
    if isinstance(outcome, Proof):
        return outcome.certificate
    if isinstance(outcome, Undecided):
        return ()
    # For a property that wants a request, the request is the proof.
    caller = outcome.request.caller
    name = statement.sid or f"Allow statement {index + 1}"
    return (f"{name}: lets in {caller.display_arn} ({CREDENTIALS[caller.kind]}), replayed",)


def certificate(lines: Sequence[str]) -> tuple[str, ...]:
    """The certificate of a whole policy."""
    return tuple(dict.fromkeys(lines)) or ("there is no Allow statement in question",)


def used_otherwise(policy: Policy, usable: Collection[int]) -> tuple[int, ...]:
    """The forms of statements of which conditions decide, and that somebody can use in another form."""
    paths = {policy.statements[index].path for index in usable if policy.statements[index].guards}
    others = (index for index in range(len(policy.statements)) if index not in usable)
    return tuple(index for index in others if policy.statements[index].path in paths)
