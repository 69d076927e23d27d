"""
Who may be what, where, with MFA or without, and for how long: the roles of templates, by who gets into them.
"""
