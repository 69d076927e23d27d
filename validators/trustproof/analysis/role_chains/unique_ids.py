"""
Trust policies that name a role by its unique id, which is the role as much as its ARN. Of an id that is written down
nobody knows which role has it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from trustproof.analysis.role_chains.roles import Node
from trustproof.inputs.reader import Input
from trustproof.model.document import TRUST, Document
from trustproof.model.names import role_id
from trustproof.model.policy import ALLOW, Principal, Statement
from trustproof.model.substitution import bind_text
from trustproof.model.text import Text

#: How the unique ids of roles begin.
_ROLE = "AROA"


def ids_of(template: Input, values: Mapping[str, str]) -> dict[str, Text]:
    """
    What stands for the unique ids of the roles of a template, and of those that others speak of to it, to their ARNs.

    Args:
        values: of what is not known before deployment.
    """
    others = {one: bind_text(arn, values) for one, arn in template.linked_role_ids().items()}
    known: dict[str, Text] = {one: arn for one, arn in others.items() if isinstance(arn, str)}
    return known | {role_id(role.logical_id): role.arn for role in template.roles}


def resting_on_ids(nodes: Iterable[Node]) -> Iterator[str]:
    """That ids which trust policies name are none of the roles that users reach without MFA, a sentence each."""
    for node in nodes:
        allowing = [one for one in node.trust.policy.statements if one.effect == ALLOW]
        named = {str(p.value) for one in allowing for p in one.principals or () if str(p.value).startswith(_ROLE)}
        for one in sorted(named):
            yield f"this rests on {one}, whom {node.called} lets in, being no role that users without MFA come to"


def by_arn(document: Document, ids: Mapping[str, Text]) -> Document:
    """
    A trust policy that names roles by their ARNs, where it names them by their unique ids.

    Args:
        ids: what stands for the unique ids of the template's roles, to their ARNs.
    """
    before = document.policy.statements
    if document.kind != TRUST or not any(p.value in ids for one in before for p in one.principals or ()):
        return document
    after = tuple(_statement(one, ids) for one in before)
    return document._replace(policy=document.policy._replace(statements=after))


def _statement(statement: Statement, ids: Mapping[str, Text]) -> Statement:
    if statement.principals is None:
        return statement
    return statement._replace(principals=tuple(_principal(one, ids) for one in statement.principals))


def _principal(entry: Principal, ids: Mapping[str, Text]) -> Principal:
    named = ids.get(entry.value) if isinstance(entry.value, str) else None
    return entry if named is None or entry.kind != "AWS" else entry._replace(value=named)
