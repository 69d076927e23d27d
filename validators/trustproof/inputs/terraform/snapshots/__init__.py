"""
The resources of a plan, a state or a configuration in one form.
"""
