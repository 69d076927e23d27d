"""
Who gets in by what is no policy document, and what stands around those that are.
"""
