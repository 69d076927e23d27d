"""
The files of a directory as a module, and what it says without being evaluated.
"""
