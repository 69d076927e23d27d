"""
What users, groups and roles may do by everything that they have.
"""
