"""
One instance of a module, and what goes from one configuration to another.
"""
