"""
Plans, states and directories of configurations as sources of templates.
"""
