"""
The processes that share the templates of a run.
"""
