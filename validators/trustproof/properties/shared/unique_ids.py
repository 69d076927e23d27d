"""
The unique ids of users and roles that a policy names.

"These unique IDs are never reused", and the policy of a resource shows one where IAM has deleted whom it named:
https://docs.aws.amazon.com/mediapackage/latest/userguide/policy-principal.html
"""

from __future__ import annotations

from trustproof.model.policy import Policy


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
    return tuple(sorted({t for t in texts if t.startswith(("AIDA", "AROA")) and t.isalnum()}))
