"""
How findings are worded.
"""
