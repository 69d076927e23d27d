"""
What the names of a module stand for where it is called.
"""
