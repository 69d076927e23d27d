"""
Policies, callers and requests as plain values; no semantics.

Everything here imports the standard library only, and nothing else of this package.
"""
