"""
What of either side nobody can read, of which nothing is said to be gained or lost.
"""
