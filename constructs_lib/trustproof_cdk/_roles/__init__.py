"""
The roles that constructs make, what they are handed to, and the grants by which they are assumed.
"""
