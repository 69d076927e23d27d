"""
Which account and Region a resource is in: by its provider, by other states, by its issuer.
"""
