"""
Which resource, user or role of one side is which of the other.
"""
