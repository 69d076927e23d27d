"""
Which types of resources have to do with access, and what their arguments are to CloudFormation.
"""
