"""
What intrinsic functions give.
"""
