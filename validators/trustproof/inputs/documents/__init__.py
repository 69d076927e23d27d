"""
Policies that stand in files of their own, and in what AWS says of an account.
"""
