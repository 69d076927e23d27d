"""
At which values of parameters two sides are compared.
"""
