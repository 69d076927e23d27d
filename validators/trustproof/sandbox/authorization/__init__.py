"""
Whether a caller may do all that a request needs, and in which words AWS refuses it.
"""
