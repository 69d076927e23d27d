"""
Verdicts for people and for programs: `text` and `json`.

Renderers know values and nothing else. They analyse nothing, and they ask for positions only of what they show.
"""
