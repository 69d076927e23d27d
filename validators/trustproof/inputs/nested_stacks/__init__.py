"""
The templates of nested stacks: which files they are, what they are passed, and how often they are read.
"""
