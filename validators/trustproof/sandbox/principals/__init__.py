"""
Who exists in the accounts, and what policies say of them.
"""
