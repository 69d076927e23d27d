"""
CloudFormation for the sandbox: every IAM type, whole; other types as moto has them.

A deployment works out the template with every function evaluated, makes resources in the order of their references,
and takes everything back when one fails. What cannot be done is refused, never passed over.
"""
