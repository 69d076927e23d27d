"""
A plan together with the configuration that it was made of.
"""
