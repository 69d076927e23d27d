"""
Verdicts for people and for programs.

Renderers know values and nothing else. They analyse nothing, and they ask for positions only of what they show.
"""
