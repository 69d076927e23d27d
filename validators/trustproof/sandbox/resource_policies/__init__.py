"""
What services refuse of the policies of their resources.
"""
