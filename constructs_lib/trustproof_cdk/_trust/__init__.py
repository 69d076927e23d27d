"""
Trust policies: their statements, the claims and issuers that they demand, and what is added to them later.
"""
