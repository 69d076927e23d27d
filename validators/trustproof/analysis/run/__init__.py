"""
The gate: one run over all templates, and its report.
"""
