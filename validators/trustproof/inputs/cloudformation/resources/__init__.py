"""
The policies of a template's resources, and what stands around them.
"""
