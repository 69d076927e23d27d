"""
Requests as they come in: whose they are by their signature, which operation they ask for, and that they say one thing.
"""
