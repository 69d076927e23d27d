"""
The levels of access, and what each of them may do: the one place where a level becomes policies.

A level means the same in every account and for everybody who has it: people, vendors and workflows. The policies are
those that AWS manages; ``[levels]`` of the accounts file puts others in their place, adds your own, and sets a
permissions boundary. A level of your own is one more entry here, and a key in the accounts file.
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
    #: Whether the policies let somebody assume the roles of a CDK bootstrap stack, which trust their whole account:
    #: what such a role has CloudFormation do, it does as an administrator. So who deploys is one, wherever the account
    #: is bootstrapped, and from the hub in every account that was bootstrapped to trust it.
    deploys: bool = False
    #: Names, with their path, of managed policies that you have in every account.
    customer_managed_policies: tuple[str, ...] = ()
    #: Name, with its path, of one more of them: the boundary of what the roles may do.
    permissions_boundary: str | None = None
    #: What the role for groups is called; None for the prefix of the organization and the title.
    role_name: str | None = None


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
    Level(
        "deploy",
        "Deployer",
        "Deploy applications: an administrator wherever the CDK is bootstrapped",
        ("PowerUserAccess",),
        mfa_age_minutes=60,
        deploys=True,
    ),
    Level(
        "admin",
        "Admin",
        "Everything, for the hour it is needed",
        ("AdministratorAccess",),
        mfa_age_minutes=15,
        deploys=True,
    ),
)

#: Each level's place in that order.
ORDER = {level.name: number for number, level in enumerate(LEVELS)}
