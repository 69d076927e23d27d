"""
Values as expressions, plans and states give them: known, unknown, or known in parts.
"""
