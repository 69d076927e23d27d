"""
Two readings of the same project, compared by meaning: who gained access to what, who lost it, which verdicts changed.
"""
