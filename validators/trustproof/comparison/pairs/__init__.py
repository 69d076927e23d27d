"""
One resource or identity on both sides: what its policies give on one of them only.
"""
