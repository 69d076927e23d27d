"""
Arguments checked where they are given, in the words of the person who gave them.
"""
