"""
What is compared, as policies: the two sides, and whom or what their policies are about.
"""
