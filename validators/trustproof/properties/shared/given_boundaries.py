"""
The permissions boundaries that policies ask for on what somebody makes or changes.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.model.document import Document
from trustproof.model.policy import ALLOW
from trustproof.model.text import Text

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
BOUNDARY = "iam:permissionsboundary"


def given_boundaries(documents: Iterable[Document]) -> tuple[Text, ...]:
    """The permissions boundaries that policies ask for on what a holder makes or changes."""
    return tuple(
        dict.fromkeys(
            operand
            for document in documents
            for statement in document.policy.statements
            for condition in statement.conditions
            if statement.effect == ALLOW and condition.key.lower() == BOUNDARY
            for operand in condition.operands
        )
    )
