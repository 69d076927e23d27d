"""
What blocks hold: arguments, nested blocks, and those that are made of others.
"""
