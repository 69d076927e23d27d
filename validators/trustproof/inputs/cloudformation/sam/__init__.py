"""
The serverless application model: policies that its transform writes.
"""
