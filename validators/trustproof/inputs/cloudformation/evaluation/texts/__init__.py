"""
Texts that functions and deployments make: generated names, composed words, what is left over for later.
"""
