"""
The streams of tables, whose policies stand in the properties of their tables.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-streamspecification.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.policy import Path
from trustproof.model.text import Symbol, Text, concat

_SPECIFICATIONS = ("StreamSpecification", "ReplicaStreamSpecification")


def at(tables: Sequence[Text], path: Path) -> list[Text]:
    """
    What a policy of a table is on: the table, or its stream, which DynamoDB calls by when it was made.

    Args:
        tables: the ARNs of the table, ``*`` where it is not known.
        path: to the policy.
    """
    if not any(step in _SPECIFICATIONS for step in path):
        return [*tables]
    label = Symbol(f"{path[1]}.StreamLabel", "attribute")
    return [one if one == "*" else concat([one, "/stream/", label]) for one in tables]
