"""
What a template has services do in its name, and to what.
"""
