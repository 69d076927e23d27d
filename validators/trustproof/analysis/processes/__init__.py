"""
Processes of this one: how they are started, and that they end with it.
"""
