"""
One template, and every policy in it.
"""
