"""
The lists in which a project declares what is its own.
"""

from __future__ import annotations

#: Of issuers of tokens and of what signs, of accounts, of organizations: as ``[boundary]`` calls them.
ISSUERS, ACCOUNTS, ORGANIZATIONS = "issuers", "accounts", "organizations"
