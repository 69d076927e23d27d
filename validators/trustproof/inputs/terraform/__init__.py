"""
Terraform and OpenTofu: plans, states, and configurations, read to what the reader of CloudFormation templates takes.
"""
