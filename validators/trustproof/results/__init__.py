"""
Verdicts, and the report of a run.
"""
