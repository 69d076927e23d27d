"""
Statements of key policies that KMS takes and heeds not.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""

from __future__ import annotations

from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import Statement
from trustproof.properties.shared.service_uses import KEYS


def is_without_effect(document: Document, statement: Statement) -> bool:
    """Whether a statement of a document is one of a key policy that says of no resource, and so is about no key."""
    is_of_key = document.kind == RESOURCE and document.resource_type in KEYS
    named = statement.resources is not None or statement.not_resources is not None
    return is_of_key and not named and not statement.unreadable
