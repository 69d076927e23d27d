"""
Templates that take values from each other.
"""
