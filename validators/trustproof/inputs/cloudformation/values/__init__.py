"""
What the rest of the CloudFormation reader passes around.
"""
