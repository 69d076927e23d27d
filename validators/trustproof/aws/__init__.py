"""
What is known of AWS: actions, condition keys, services, accounts, partitions.
"""
