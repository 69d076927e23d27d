"""
From the paths that a user names to what there is to read, and what is passed over.
"""
