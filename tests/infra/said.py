"""
What an accounts file says, read from it once more: the tests compare it with what the app makes of the same file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.infra.ways_in import OTHER_WORKFLOW, UNNAMED

#: Level to the end of its role's name, and to how old the MFA code of a person may be.
TITLES = {"audit": "Auditor", "read": "Reader", "operate": "Operator", "deploy": "Deployer", "admin": "Admin"}
MFA_AGE = {"audit": None, "read": None, "operate": 3600, "deploy": 3600, "admin": 900}
#: Clusters that there are in each account.
CLUSTERS = ("prod", "batch", "play")


class Said:
    """
    What an accounts file says.
    """

    def __init__(self, file: Path) -> None:
        self.file = tomllib.loads(file.read_text(encoding="utf-8"))
        self.accounts: dict[str, dict[str, Any]] = self.file["accounts"]
        self.hub = next(account["id"] for account in self.accounts.values() if account.get("kind") == "hub")
        self.ci = next((account["id"] for account in self.accounts.values() if account.get("kind") == "ci"), None)

    def table(self, key: str) -> dict[str, Any]:
        return self.file.get(key, {})

    def grants(self, entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Account id and level, for everything that an entry gives."""
        for level in TITLES:
            for target in entry.get(level, []):
                for name, account in self.accounts.items():
                    # Whoever deploys in one of these reaches the other accounts, so it must be named for that.
                    central = account.get("kind") in ("hub", "audit", "ci", "management")
                    central |= name == self.table("identity-center").get("account")
                    by_the_way = level in ("deploy", "admin") and central
                    if target == name or (target in ("*", account.get("unit")) and not by_the_way):
                        yield account["id"], level

    def role_name(self, entry: dict[str, Any], level: str) -> str:
        """The role of a group at a level."""
        shared: str = self.table("levels").get(level, {}).get("role-name", f"Org{TITLES[level]}")
        name: str = entry.get("role-names", {}).get(level, shared)
        return name

    def expected(self) -> dict[str, set[str]]:
        """ARN of each role to those who get in."""
        found: dict[str, set[str]] = {}

        def allow(account: str, role: str, *who: str) -> None:
            found.setdefault(f"arn:aws:iam::{account}:role/{role}", set()).update(who)

        for group, entry in self.table("groups").items():
            members = [user for user, groups in self.table("users").items() if group in groups]
            for account, level in self.grants(entry):
                for who in (f"member of {group}", *members):
                    allow(account, self.role_name(entry, level), f"{who} with MFA")
                    if MFA_AGE[level] is None:
                        allow(account, self.role_name(entry, level), f"{who} with stale MFA")
        for name, entry in self.table("permission-sets").items():
            for account, level in self.grants(entry):
                allow(account, f"OrgSso{TITLES[level]}", f"permission set {name}")
        for name, entry in self.table("saml").items():
            for account, level in self.grants(entry):
                allow(account, f"OrgSaml-{name}-{level}", f"person of {name}")
        for name, entry in self.table("pods").items():
            for account, level in self.grants(entry):
                allow(account, f"OrgPods-{name}-{level}", *(f"pod {who}" for who in self.pods(name, account)))
        for name, entry in self.table("vendors").items():
            for account, level in self.grants(entry):
                allow(account, f"OrgVendor-{name}-{level}", *(f"vendor {number}" for number in entry["accounts"]))
        for name, entry in self.table("repositories").items():
            for account, level in self.grants(entry):
                if self.ci is None:
                    allow(account, f"OrgCi-{name}-{level}", *self.workflows(name))
                else:
                    allow(account, f"OrgCi-{name}-{level}", f"entry of {name}")
                    allow(self.ci, f"OrgCiEntry-{name}", *self.workflows(name))
        for name, entry in self.table("organization-roles").items():
            for group in entry["groups"]:
                members = [user for user, groups in self.table("users").items() if group in groups]
                for who in (f"member of {group}", *members):
                    allow(UNNAMED, f"OrgWide-{name}", f"{who} with MFA", f"{who} with stale MFA")
        return found

    def also(self) -> list[str]:
        """SAML entries with a second provider."""
        return [name for name, entry in self.table("saml").items() if "also" in entry]

    def pods(self, name: str, account: str) -> set[tuple[str, str, str]]:
        """Account, cluster (or its issuer) and service account of the pods that an entry lets in."""
        entry = self.table("pods")[name]
        clusters = entry.get("clusters", CLUSTERS)
        if "issuers" in entry:
            named = {one["id"]: name for name, one in self.accounts.items()}
            clusters = entry["issuers"][named[account]]
        return {(account, cluster, who) for cluster in clusters for who in entry["service-accounts"]}

    def workflows(self, name: str) -> dict[str, str]:
        """The workflows of an entry that it lets in, to how their subjects end."""
        entry = self.table("repositories")[name]
        kinds = {"branches": "ref:refs/heads/", "tags": "ref:refs/tags/", "environments": "environment:"}
        found = {
            f"{name}: {kind} {value}": prefix + value.replace("*", "1.0")
            for kind, prefix in kinds.items()
            for value in entry.get(kind, [])
        }
        return found | ({f"{name}: pull_request": "pull_request"} if "pull-requests" in entry else {})

    def subjects(self) -> dict[str, str]:
        """Workflows that the file lets in somewhere, and some that it lets in nowhere, to their subjects."""
        found: dict[str, str] = {}
        for name, entry in self.table("repositories").items():
            organization, repository = entry["github"].split("/")
            if "repository-id" in entry:
                organization += f"@{entry['organization-id']}"
                repository += f"@{entry['repository-id']}"
            others = ("pull_request", "ref:refs/heads/other", "environment:other")
            ends = {**self.workflows(name), **{f"{name}: {other}": other for other in others}}
            found |= {who: f"repo:{organization}/{repository}:{end}" for who, end in ends.items()}
            found |= {f"{name}, fork: {end}": f"repo:fork/{repository}:{end}" for end in ends.values()}
            if "job-workflow-refs" in entry:
                other = {f"{name}{OTHER_WORKFLOW}: {end}": end for end in ends.values()}
                found |= {who: f"repo:{organization}/{repository}:{end}" for who, end in other.items()}
        return found
