"""
The documents that data sources make of their blocks.
"""
