"""
Hostile templates without an end: ``python -m tests.fuzz --inputs 20000``.
"""
