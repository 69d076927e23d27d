"""
Values that both sides look up, and that nobody knows: which of them are one.
"""
