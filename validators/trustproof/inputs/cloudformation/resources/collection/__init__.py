"""
All policies of a template, and what each stands on.
"""
