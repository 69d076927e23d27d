"""
From what is found in a lowered template back to the sources: their places, their words, changes of them.
"""
