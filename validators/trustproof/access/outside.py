"""
Whether who gets in is from outside of the declared boundary.
"""

from __future__ import annotations

from trustproof.access.resources import Resource
from trustproof.access.unknown_accounts import account_of
from trustproof.model.policy import Principal
from trustproof.properties import registry
from trustproof.properties.base import StatementProperty
from trustproof.properties.question import Refutation, Subject
from trustproof.properties.shared.boundary_questions import PUBLIC, UNDECLARED
from trustproof.properties.shared.callers import NamedCaller
from trustproof.proving.answers import Proof
from trustproof.proving.prover import Prover
from trustproof.results.explanation import NO, UNKNOWN, YES


def is_from_outside(resource: Resource, subject: Subject, index: int, caller: NamedCaller | None) -> str:
    """
    Whether somebody gets in by a statement who is not inside the declared boundary.

    Args:
        caller: who is let in, and alone is asked about; None for everybody.

    Returns:
        ``YES``, ``NO`` or ``UNKNOWN``.
    """
    if caller is not None and (account := account_of(caller)):
        # Whom else the statement names says nothing of this one.
        named = account if {*caller.written} & {*"*?"} else caller.written
        policy = subject.policy
        statement = policy.statements[index]._replace(principals=(Principal("AWS", named),), not_principals=None)
        statements = (*policy.statements[:index], statement, *policy.statements[index + 1 :])
        subject = subject._replace(document=subject.document._replace(policy=policy._replace(statements=statements)))
    asked = registry.find("inside-boundary")
    assert isinstance(asked, StatementProperty)
    answer = Prover(subject, asked.inquiry, resource.context.deployments).settle(index)
    if isinstance(answer, Proof):
        return NO
    if not isinstance(answer, Refutation) or answer.about == UNDECLARED:
        return UNKNOWN
    # That a policy is public is no way in where a setting around it keeps everybody else out.
    if answer.about == PUBLIC:
        return UNKNOWN if answer.left else NO
    return YES
