"""
What a configuration demands of its values, and whether counterexamples give it that.
"""
