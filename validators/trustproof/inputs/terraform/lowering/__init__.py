"""
From values and resources of Terraform to what the reader of CloudFormation templates takes.
"""
