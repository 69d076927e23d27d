"""
Whose keys and sessions there are, and what issuers and devices of the sandbox sign and show.
"""
