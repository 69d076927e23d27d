"""
IAM: what it holds, and what it refuses that moto takes.
"""
