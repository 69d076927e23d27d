"""
Parameters: their defaults, what they allow, and the rules over them.
"""
