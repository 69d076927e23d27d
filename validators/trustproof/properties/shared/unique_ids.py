"""
The unique ids of users and roles that a policy names.

"These unique IDs are never reused", and the policy of a resource shows one where IAM has deleted whom it named:
https://docs.aws.amazon.com/mediapackage/latest/userguide/policy-principal.html
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.model.policy import ALLOW, Policy


def unique_ids(policy: Policy) -> tuple[str, ...]:
    """The unique ids of users and roles that the policy names; each belongs to one principal for ever."""
    texts = [str(p.value) for s in policy.statements for p in (s.principals or ()) if p.kind == "AWS"]
    texts += [
        str(operand).partition(":")[0]
        for s in policy.statements
        for c in s.conditions
        if c.key.lower() == "aws:userid"
        for operand in c.operands
    ]
    return _ids(texts)


def admitted_ids(policy: Policy) -> tuple[str, ...]:
    """Those that it lets in as principals: of a test of ``aws:userid`` the principals say who comes into question."""
    allows = (s for s in policy.statements if s.effect == ALLOW)
    return _ids(str(p.value) for s in allows for p in (s.principals or ()) if p.kind == "AWS")


def _ids(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({t for t in texts if t.startswith(("AIDA", "AROA")) and t.isalnum()}))
