"""
Whether conditions hold, together and alone, and for which values of parameters.
"""
