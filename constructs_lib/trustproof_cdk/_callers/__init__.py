"""
What keeps those out who are meant to get in: their own policies, boundaries, groups and control policies.
"""
