"""
What stands in one template and is, or decides about, another one.
"""
