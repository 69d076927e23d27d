"""
Policies as a template writes them, before anybody asks whose they are.
"""
