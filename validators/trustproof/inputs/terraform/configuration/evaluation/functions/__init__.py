"""
Terraform's functions.

https://developer.hashicorp.com/terraform/language/functions
"""
