"""
Where a policy may be at home: the account and the organization that a template does not say, and its conditions name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof._verdict import PROVED, REFUTED, Result
from trustproof.model.document import IDENTITY, Document
from trustproof.model.policy import Path
from trustproof.properties._base import Property


def compared(document: Document) -> Iterator[tuple[str, str]]:
    """The accounts and the organizations that the template's own is compared with in the conditions of a policy."""
    own = "aws:principalorgid" if document.kind == IDENTITY else "aws:resourceorgid"
    for statement in document.policy.statements:
        for condition in statement.conditions:
            for operand in condition.operands:
                if not isinstance(operand, str):
                    continue
                if condition.key.lower() == own and not set(operand) & set("*?$"):
                    yield "", operand
                for field in operand.split(":"):
                    if len(field) == 12 and field.isascii() and field.isdigit():
                        yield field, ""


def over_both(asked: Property, here: list[Result], there: list[Result]) -> list[Result]:
    """The results over two accounts that a template may go to: what is wrong in one of them is wrong."""
    if asked.wants_request:
        # Who can use a statement in one account can use it.
        wrong = {result.path for result in there if result.verdict != PROVED}
        if any(result.verdict != PROVED for result in here):
            kept = [result for result in here if result.verdict == PROVED or result.path in wrong]
            return kept or there
        return here
    known = {result.path for result in here if result.verdict == REFUTED}
    worse = [result for result in there if result.verdict == REFUTED and result.path not in known]
    if not worse:
        return here
    return [result for result in here if not _is_about(result, worse)] + worse


def over_deployments(asked: Property, here: list[Result], there: list[Result]) -> list[Result]:
    """The results over two kinds of deployment: what is wrong, or not decided, in one of them is so."""
    if asked.wants_request:
        # Who can use a statement in one deployment can use it.
        return over_both(asked, here, there)
    found = {(result.path, result.message): result for result in (*there, *here) if result.verdict != PROVED}
    if found:
        return [*found.values()]
    lines = dict.fromkeys(line for result in (*here, *there) for line in result.certificate)
    proof = min(here + there, key=lambda result: not result.reasons)
    return [proof._replace(certificate=tuple(lines))]


def _is_about(result: Result, worse: Sequence[Result]) -> bool:
    """Whether a result that is no refutation is about a document in which something is refuted."""
    return result.verdict != REFUTED and any(_within(other.path, result.path) for other in worse)


def _within(path: Path, other: Path) -> bool:
    return path[: len(other)] == other or other[: len(path)] == path
