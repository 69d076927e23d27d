"""
What expressions are worth.
"""
