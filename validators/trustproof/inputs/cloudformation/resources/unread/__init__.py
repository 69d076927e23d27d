"""
What of a template nobody looks into.
"""
