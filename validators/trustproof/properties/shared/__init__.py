"""
What several properties ask.
"""
