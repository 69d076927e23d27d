"""
CloudFormation templates, and what of them is read.
"""
