"""
What a request asks for: operations to IAM actions and the ARNs of what they are about.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""
