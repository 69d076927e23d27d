"""
What roles are called. Names are the contract between accounts, so that no stack waits for another one.
"""

from __future__ import annotations

from infra.access import Level


class RoleNames:
    """
    The names of roles, by who comes in.

    Args:
        prefix: begins all of them, but those that the accounts file names itself.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def members(self, level: Level) -> str:
        """Of the role that members of groups may be. It is the same in every account."""
        return level.role_name or f"{self._prefix}{level.title}"

    def permission_sets(self, level: Level) -> str:
        """Of the role that people of permission sets may be."""
        return f"{self._prefix}Sso{level.title}"

    def saml(self, people: str, level: Level) -> str:
        """Of the role for people of a SAML provider."""
        return f"{self._prefix}Saml-{people}-{level.name}"

    def saml_provider(self, people: str, number: int = 0) -> str:
        """Of that provider, or of another one beside it; no entry of the accounts file has a dot in its name."""
        return f"{self._prefix}-{people}" + (f".{number + 1}" if number else "")

    def vendor(self, vendor: str, level: Level) -> str:
        """Of the role for a vendor."""
        return f"{self._prefix}Vendor-{vendor}-{level.name}"

    def workflows(self, repository: str, level: Level) -> str:
        """Of the role for workflows of a repository."""
        return f"{self._prefix}Ci-{repository}-{level.name}"

    def pods(self, pods: str, level: Level) -> str:
        """Of the role for pods."""
        return f"{self._prefix}Pods-{pods}-{level.name}"

    def entry(self, repository: str) -> str:
        """Of the role by which workflows of a repository enter the account of kind ``ci``."""
        return f"{self._prefix}CiEntry-{repository}"

    def everywhere(self, role: str) -> str:
        """Of a role in every account of organizational units."""
        return f"{self._prefix}Wide-{role}"

    def is_derived(self, name: str) -> bool:
        """Whether a name could be one of those above, for somebody else."""
        return name.lower().startswith(self._prefix.lower())
