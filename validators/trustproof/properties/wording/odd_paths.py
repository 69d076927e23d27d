"""
Words about a user who gets in by a path that looks like the ARN of a role.
"""

from __future__ import annotations

from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.remedies.edits import as_written, change, where
from trustproof.properties.shared.odd_paths import wide_arns
from trustproof.properties.wording.sentences import because
from trustproof.results.result import NOTE, Remedy


def by_an_odd_path(subject: Subject, refutation: Refutation) -> Finding:
    """Word a request of such a user: nobody has one, and ArnLike in place of StringLike admits none."""
    statement = refutation.statement
    written = as_written(subject, statement)
    tested = wide_arns(written) or wide_arns(statement)
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
