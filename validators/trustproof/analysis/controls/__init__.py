"""
What is denied around a policy: by control policies, and by what else stands around a resource.
"""
