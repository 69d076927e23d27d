"""
Results as a reader of the report may see them.
"""
