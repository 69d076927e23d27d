"""
The files that a user names, and standard output: where a path leads, what is in it, and what is written to it.
"""
