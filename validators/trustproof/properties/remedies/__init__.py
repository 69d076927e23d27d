"""
Remedies: what they change, and how.
"""
