"""
What KMS reads otherwise in a policy of a key than IAM elsewhere.
"""

from __future__ import annotations

from trustproof.model.policy import Policy, Statement

#: KMS asks for Resource, and says that a statement without it has no effect; of NotResource it says nothing.
#: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
UNDOCUMENTED = "NotResource: what it means in a key policy is not documented, which has Resource in every statement"


def as_key_policy(policy: Policy) -> Policy:
    """
    A policy as that of a key: what a statement with `NotResource` matches in it is not known.

    It may have no effect, as one without `Resource`, or its usual one. Where it names everything, it has none in both
    readings.
    """
    statements = tuple(_as_of_key(statement) for statement in policy.statements)
    return policy if statements == policy.statements else policy._replace(statements=statements)


def _as_of_key(statement: Statement) -> Statement:
    if statement.not_resources is None or "*" in statement.not_resources:
        return statement
    return statement._replace(unreadable=(*statement.unreadable, UNDOCUMENTED))
