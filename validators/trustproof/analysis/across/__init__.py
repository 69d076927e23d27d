"""
Templates that speak of each other's things.
"""
