"""
Chains of roles over all templates of a run.
"""
