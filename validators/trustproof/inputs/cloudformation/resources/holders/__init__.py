"""
Users, groups, roles and permission sets, and what is attached to them.
"""
