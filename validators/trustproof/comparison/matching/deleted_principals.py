"""
Users and roles of an account that one side of a comparison has and the other has no more: IAM shows their unique ids in
the place of their ARNs, which let in nobody since.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.document import Document
from trustproof.model.policy import Statement


def deleted(side: ComparisonSide, other: ComparisonSide) -> frozenset[str]:
    """The unique ids of what the other side has in an account of which a side says all, and does not have these."""
    here, there = (_by_account(one) for one in (side, other))
    return frozenset(one for account, ids in there.items() if account in here for one in ids - here[account])


def _by_account(side: ComparisonSide) -> dict[str | None, frozenset[str]]:
    found: dict[str | None, frozenset[str]] = {}
    for named in side.templates:
        template = named.template
        if template.presentation.is_whole_account:
            found[template.account] = found.get(template.account, frozenset()) | template.presentation.unique_ids
    return found


def without_deleted(subject: Subject, ids: Container[str]) -> Subject:
    """The policies of a subject without the principals that are no more."""
    return subject._replace(documents=tuple(_without(one, ids) for one in subject.documents))


def _without(document: Document, ids: Container[str]) -> Document:
    statements = tuple(_left(document.policy.statements, ids))
    if statements == document.policy.statements:
        return document
    return document._replace(policy=document.policy._replace(statements=statements))


def _left(statements: tuple[Statement, ...], ids: Container[str]) -> Iterator[Statement]:
    for one in statements:
        principals = one.principals or ()
        left = tuple(entry for entry in principals if entry.value not in ids)
        if left == principals:
            yield one
        elif left:
            yield one._replace(principals=left)
