"""
What stacks pass to the stacks that they make, and what they are called for others.
"""
