"""
The ``Resources`` section, with its loops written out.
"""
