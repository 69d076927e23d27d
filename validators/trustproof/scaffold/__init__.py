"""
A project of one's own: the multi-account app, written into a new directory.
"""
