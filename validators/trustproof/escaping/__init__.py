"""
What a text is turned into before it goes where some characters mean something.
"""
