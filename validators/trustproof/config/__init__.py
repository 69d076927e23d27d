"""
The configuration: its model, and the file it is read from.
"""
