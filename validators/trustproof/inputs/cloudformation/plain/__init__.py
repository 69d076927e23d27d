"""
A second reading of templates, for checking proofs: everything is given a value, and nothing is shared with the first.
"""
