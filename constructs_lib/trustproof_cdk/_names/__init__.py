"""
How users, roles and policies are named, by objects, names and ARNs, and in what order they have to be there.
"""
