"""
Words about a user who gets in by a path that looks like the ARN of a role.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.policy import Condition
from trustproof.model.text import Text
from trustproof.properties.edits import as_written, change, where
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.sentences import because
from trustproof.properties.shared.odd_paths import SSO_NAME, SSO_PATH, is_like_identity_center, wide_arns
from trustproof.results.result import NOTE, Remedy


def by_an_odd_path(subject: Subject, refutation: Refutation) -> Finding:
    """Word a request of such a user: nobody has one, and ArnLike in place of StringLike admits none."""
    statement = refutation.statement
    written = as_written(subject, statement)
    tested = wide_arns(written) or wide_arns(statement)
    if is_like_identity_center(refutation.request):
        return _like_identity_center(subject, refutation, tested)
    demands = [("ArnLike", condition.key, condition.operands) for condition in tested]
    return Finding(
        f"a user whose path looks like a role's ARN gets {subject.document.logical_id} without MFA",
        "to StringLike, a wildcard for the account stands for more than that",
        tested[0].path,
        because(refutation, statement, subject.policy),
        Remedy(
            "compare with ArnLike, in which a wildcard stays between two colons" + where(subject, statement),
            change(written, tested, demands),
        ),
        severity=NOTE,
    )


def _like_identity_center(subject: Subject, refutation: Refutation, tested: Sequence[Condition]) -> Finding:
    """Word a request of a user who is called like a role of Identity Center, whose people are meant."""
    statement = refutation.statement
    named = [[_role_of(operand) for operand in condition.operands] for condition in tested]
    demands = [
        ("ArnLike", condition.key, tuple(one for one in roles if one))
        for condition, roles in zip(tested, named, strict=True)
    ]
    edits = change(as_written(subject, statement), tested, demands) if all(map(all, named)) else ()
    return Finding(
        f"a user who is called like a role of Identity Center gets {subject.document.logical_id} without MFA",
        "a user's ARN matches this as that of a role of Identity Center does",
        tested[0].path,
        because(refutation, statement, subject.policy),
        Remedy(
            f"name the roles of Identity Center by ArnLike, below role/{SSO_PATH}: MFA is asked where people sign in, "
            f"and their sessions never carry it{where(subject, statement)}",
            edits,
        ),
        severity=NOTE,
    )


def _role_of(operand: Text) -> str:
    """The pattern of the ARNs of roles of Identity Center that a pattern means; empty where it means others."""
    text = str(operand)
    for begins in (SSO_NAME, SSO_PATH):
        _, found, rest = text.partition(begins)
        if found:
            return f"arn:*:iam::*:role/{SSO_PATH}{'*' + SSO_NAME if begins == SSO_NAME else ''}{rest}"
    return ""
