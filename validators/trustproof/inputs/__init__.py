"""
Readers: CloudFormation templates and cloud assemblies as typed policies, each with its place in the file.
"""
