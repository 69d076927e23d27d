"""
Exact sets of values of a condition key, each with `sample()`: a member, or None for the empty set.
"""
