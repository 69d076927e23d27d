"""
Runs the checks: every property about every policy, about identities, across templates and along role chains.
"""
