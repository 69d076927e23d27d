"""
What values are to Terraform: conversions, types, sizes, orders, names of unknown ones.
"""
