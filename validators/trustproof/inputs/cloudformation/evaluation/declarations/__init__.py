"""
What a template declares: parameters, mappings, conditions by name, loops, macros.
"""
