"""
The levels of access, and what each of them may do: the one place where a level becomes policies.

A level means the same in every account and for everybody who has it: people, vendors and workflows. The policies are
those that AWS manages; a level of your own is one more entry here, and a key in the accounts file.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """
    What somebody may be in an account.
    """

    #: The key in the accounts file.
    name: str
    #: Ends the names of the roles: ``OrgReader``.
    title: str
    description: str
    #: Names of AWS managed policies, with their path.
    managed_policies: tuple[str, ...]
    #: How many minutes ago people may have entered their MFA code at most; None for as long as their session lasts.
    mfa_age_minutes: int | None = None


#: From the least to the most.
LEVELS = (
    Level(
        "audit",
        "Auditor",
        "Read configuration and logs, not data",
        ("SecurityAudit", "job-function/ViewOnlyAccess"),
    ),
    Level("read", "Reader", "Read everything", ("ReadOnlyAccess",)),
    Level(
        "operate",
        "Operator",
        "Keep running what is there: sessions on instances, alarms, support cases",
        ("ReadOnlyAccess", "AmazonSSMFullAccess", "CloudWatchFullAccessV2", "AWSSupportAccess"),
        mfa_age_minutes=60,
    ),
    Level("deploy", "Deployer", "Deploy applications", ("PowerUserAccess",), mfa_age_minutes=60),
    Level("admin", "Admin", "Everything, for the hour it is needed", ("AdministratorAccess",), mfa_age_minutes=15),
)
