"""
Roles in the accounts of an organization, by the template of a StackSet.
"""
