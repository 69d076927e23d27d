"""
The statement that the CDK writes beside what it grants of a table of DynamoDB, and that nobody needs.

``Table.grant_read_data`` allows to read the records of a stream with the ARN of the table, which is none of a stream:
nothing is missing where it lets nobody in, since ``grant_stream_read`` is what the reader of a stream gets.
https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-dynamodb/lib/perms.ts
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, Statement

#: ``PRINCIPAL_ONLY_READ_DATA_ACTIONS`` of the CDK, and an action that it grants of the table with them.
_OF_STREAMS = {"dynamodb:getrecords", "dynamodb:getsharditerator"}
_OF_TABLES = "dynamodb:getitem"


def is_beside_a_table_grant(statement: Statement, documents: Iterable[Document]) -> bool:
    """
    Whether a statement is for the records of streams alone, and to read each of its resources is allowed besides.

    Args:
        statement: one that is about none of its resources.
        documents: the policies that whoever holds it has, its own too.
    """
    if statement.conditions or not statement.resources or _actions(statement) != _OF_STREAMS:
        return False
    read = [
        resource
        for document in documents
        for one in document.policy.statements
        if one.effect == ALLOW and _OF_TABLES in _actions(one)
        for resource in one.resources or ()
    ]
    return all(resource in read for resource in statement.resources)


def _actions(statement: Statement) -> set[str]:
    return {str(action).lower() for action in statement.actions or ()}
