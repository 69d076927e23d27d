"""
The meaning of a policy: one concrete request, one decision.

This package is written to be compared with the IAM manual, not to be fast. It imports `trustproof.model` and the
standard library only; the engine owes it every answer, and it owes the engine nothing. What the manual does not say is
marked *assumed* where it is decided, and listed in docs/limits/iam.md.
"""
