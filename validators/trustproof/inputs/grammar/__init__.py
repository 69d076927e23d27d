"""
The grammar of IAM policies, whatever they are written in.
"""
