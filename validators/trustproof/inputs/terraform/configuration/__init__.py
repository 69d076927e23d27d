"""
Configurations of Terraform and OpenTofu: files, modules, and what their expressions are worth.
"""
