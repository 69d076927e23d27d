"""
What services ask, tell and do besides what moto does for them.
"""
