"""
Remedies as the author of a template would write them, and whom they must not lock out.
"""
