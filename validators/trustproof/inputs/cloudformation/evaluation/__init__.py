"""
Intrinsic functions and conditions.
"""
