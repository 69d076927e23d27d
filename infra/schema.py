"""
The shape of the accounts file: its keys, what each of them is for, and what it accepts.

The reader checks a file against it. ``python -m infra.schema`` writes the same as JSON Schema, for editors.
"""

from __future__ import annotations

import json
import sys

from aws_cdk import region_info

from infra._shapes import Entries, Key, Record, Several, Switch, Text, Word
from infra.access import LEVELS

#: Of an account: what it is for.
KINDS = ("hub", "workload", "audit", "ci", "management")
#: Those from which the other accounts are reached: where people sign in, where StackSets come from, where workflows
#: enter, and the management account of the organization, which the role OrganizationAccountAccessRole of each member
#: account trusts, and which no service control policy holds for:
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
LEADING_KINDS = ("hub", "audit", "ci", "management")
#: Every account, the hub too.
EVERYWHERE = "*"

_NAME = "[a-z][a-z0-9]*(-[a-z0-9]+)*"
# Names become a part of role names, of which IAM takes 64 characters.
_LONGEST_NAME = 40

NAME = Text(
    f"a name of at most {_LONGEST_NAME} lower-case letters, digits and single hyphens, beginning with a letter",
    _NAME,
    _LONGEST_NAME,
)
TARGET = Text(f"the name of an account or a unit, or '{EVERYWHERE}' for every account", rf"(\*|{_NAME})", _LONGEST_NAME)
ACCOUNT_ID = Text("a 12-digit AWS account id in quotes", "[0-9]{12}")
ORGANIZATION_ID = Text("an organization id like 'o-a1b2c3d4e5'", "o-[a-z0-9]{10,32}")
UNIT_ID = Text(
    "the id of an organizational unit like 'ou-ab12-11111111', or of a root",
    "(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})",
)
REGION = Text(
    "a Region like 'eu-central-1'",
    "[a-z]{2,}(-[a-z]+)+-[0-9]+",
    names=lambda: (one.name for one in region_info.RegionInfo.regions),
)
USER_NAME = Text("the name of an IAM user: 1 to 64 letters, digits or any of _+=,.@-", "[A-Za-z0-9_+=,.@-]+", 64)
PERMISSION_SET = Text(
    "the name of a permission set: 1 to 32 letters, digits or any of _+=,.@-", "[A-Za-z0-9_+=,.@-]+", 32
)
#: Before a pattern that takes blanks: they are no name by themselves.
_NOT_BLANK = "(?! *$)"
TITLE = Text("a name of 1 to 64 characters of ASCII", rf"{_NOT_BLANK}[\x20-\x7e]+", 64)
PREFIX = Text("1 to 8 letters and digits, beginning with a letter", "[A-Za-z][A-Za-z0-9]*", 8)
ROLE_NAME = Text("the name of a role: 1 to 64 letters, digits or any of _+=,.@-", "[A-Za-z0-9_+=,.@-]+", 64)
POLICY_NAME = Text(
    "the name of a managed policy of your own and not its ARN, with its path where it has one: 'platform/People'",
    "(?!arn:)([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}",
    512,
)
AWS_POLICY_NAME = Text(
    "the name of a managed policy of AWS, with its path where it has one: 'job-function/ViewOnlyAccess'",
    "(arn:aws[a-z-]*:iam::aws:policy/)?(?!arn:)([!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}",
    512,
)
SALT = Text("16 to 128 letters, digits or any of _+=,.@:/-", "[A-Za-z0-9_+=,.@:/-]{16,}", 128)
INSTANCE = Text(
    "the ARN of an instance of Identity Center like 'arn:aws:sso:::instance/ssoins-0123456789abcdef'",
    "arn:aws[a-z-]*:sso:::instance/(sso)?ins-[A-Za-z0-9.-]{16}",
)
PRINCIPAL_ID = Text(
    "the id of a user or group of the identity store like '906769aa66-01234567-89ab-cdef-0123-456789abcdef'",
    "([0-9a-f]{10}-)?[A-Fa-f0-9]{8}(-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}",
)
EXTERNAL_ID = Text("2 to 1224 letters, digits or any of _+=,.@:/-", "[A-Za-z0-9_+=,.@:/-]{2,}", 1224)
REPOSITORY = Text("a repository like 'acme/shop'", r"(?!.*\.git$)[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9_.-]{1,100}")
WORKFLOW = Text(
    "a workflow like 'acme/ci/.github/workflows/deploy.yml@refs/heads/main', with the full ref or the SHA of a commit",
    r"[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/\.github/workflows/[A-Za-z0-9_./-]+\.ya?ml@"
    r"(refs/(heads|tags|pull)/[A-Za-z0-9_./*@#+=,-]+|(refs/)?\*|[0-9a-f]{40})",
    400,
)
NUMBER = Text("a number in quotes like '123456'", "[1-9][0-9]{0,19}")
REF = Text(
    "a branch or tag like 'main' or 'release/*', without 'refs/heads/' or 'refs/tags/'",
    # Not what git takes for no name: https://git-scm.com/docs/git-check-ref-format
    r"(?!refs/)(?![/.])(?!.*(\.\.|//|/\.|\.lock(/|$)|[/.]$))[A-Za-z0-9_./*@#+=,-]+",
    200,
)
ENVIRONMENT = Text(
    "the name of an environment of 1 to 255 characters of ASCII, without '${'",
    rf"{_NOT_BLANK}(?!.*\$\{{)[\x20-\x7e]+",
    255,
)
SERVICE_ACCOUNT = Text(
    "a service account with its namespace, like 'payments/ledger'",
    "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?",
)
CLUSTER = Text("the name of a cluster: 1 to 100 letters, digits, '-' or '_'", "[a-zA-Z0-9][a-zA-Z0-9_-]*", 100)
ISSUER = Text(
    "the issuer of a cluster of EKS like 'https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF'",
    r"https://oidc\.eks\.[a-z0-9-]+(\.[a-z0-9-]+)+/id/[A-F0-9]{32}",
)
FILE = Text("the name of a file, relative to this one", rf"{_NOT_BLANK}[^\x00-\x1f]+")

#: What somebody may be, and where. "admin in none" may be said, as an empty list.
ACCESS = {
    level.name: Key(
        Several(TARGET, may_be_empty=True),
        f"{level.description}. Where: names of accounts or units, or '{EVERYWHERE}' for every account"
        + (
            "; not the accounts from which others are reached (hub, audit, ci, management, Identity Center), which "
            "must be named."
            if level.deploys
            else "."
        ),
    )
    for level in LEVELS
}

_ORGANIZATION = Record(
    {
        "id": Key(ORGANIZATION_ID, "The organization; its accounts are inside the boundary.", required=True),
        "units": Key(
            Entries(NAME, UNIT_ID),
            "Names for organizational units. Access can be given in all accounts of a unit.",
        ),
        "role-prefix": Key(PREFIX, "What the names of all roles begin with. Default: Org."),
        "external-id-salt": Key(
            SALT,
            "A random text of your own, from which the external ids of vendors are derived that gave you none.",
        ),
        "service-control-policies": Key(
            Entries(TARGET, Several(FILE)),
            "All that is attached to the root ('*'), to a unit or to an account: files, and FullAWSAccess as a word. "
            "Where nothing is said, it is FullAWSAccess. `trustproof sandbox --accounts` enforces them, and the "
            "synthesis refuses those by which nobody gets into a role.",
        ),
        "resource-control-policies": Key(
            Entries(TARGET, Several(FILE)),
            "Likewise, beside RCPFullAWSAccess, which is always attached.",
        ),
    }
)
_ACCOUNT = Record(
    {
        "id": Key(ACCOUNT_ID, "The account id.", required=True),
        "region": Key(REGION, "Where the stacks of the account are.", required=True),
        "kind": Key(
            Word(KINDS),
            "hub: where people sign in, exactly one. audit: delegated administrator for StackSets, at most one. "
            "ci: where workflows enter and from where they go on, at most one. "
            "management: the management account of the organization, unless it is one of these. workload: all others, "
            "the default.",
        ),
        "unit": Key(NAME, "The organizational unit of the account, by its name in organization.units."),
    }
)
_LEVEL = Record(
    {
        "managed-policies": Key(
            Several(AWS_POLICY_NAME, may_be_empty=True),
            "Managed policies of AWS, instead of those that the level has; by ARN if newer than the toolkit.",
        ),
        "customer-managed-policies": Key(
            Several(POLICY_NAME), "Managed policies of your own besides, which must be in every account."
        ),
        "permissions-boundary": Key(
            POLICY_NAME, "A managed policy of your own that bounds the roles, which must be in every account."
        ),
        "role-name": Key(ROLE_NAME, "What the role for groups is called. Default: the prefix and a title: OrgReader."),
    }
)
_GROUP = Record(
    {
        **ACCESS,
        "role-names": Key(
            Record({level.name: Key(ROLE_NAME, "Name of a role at this level.") for level in LEVELS}),
            "Roles of the group's own, by level, instead of those that all groups share.",
        ),
    }
)
_IDENTITY_CENTER = Record(
    {
        "instance": Key(INSTANCE, "The instance of Identity Center.", required=True),
        "account": Key(
            NAME,
            "The account that administers it, by its name in accounts: where permission sets are made.",
            required=True,
        ),
    }
)
_PERMISSION_SET = Record(
    {
        **ACCESS,
        "assigned-groups": Key(
            Several(PRINCIPAL_ID),
            "Groups of the identity store. With these, or users, the permission set is made here, and assigned in the "
            "hub; without, it is one that you have already.",
        ),
        "assigned-users": Key(Several(PRINCIPAL_ID), "Users of the identity store."),
    }
)
_VENDOR = Record(
    {
        "name": Key(TITLE, "What the vendor is called.", required=True),
        "accounts": Key(Several(ACCOUNT_ID), "The accounts that the vendor calls from.", required=True),
        "external-id": Key(
            EXTERNAL_ID,
            "The external id that the vendor gave you. Default: one for each role, derived from external-id-salt of "
            "the organization; it is in the outputs of the stack.",
        ),
        "external-ids": Key(
            Entries(NAME, EXTERNAL_ID),
            "External ids of single accounts, or of the accounts of a unit, by name; they win over external-id.",
        ),
        **ACCESS,
    }
)
_REPOSITORY = Record(
    {
        "github": Key(REPOSITORY, "The repository on GitHub: organization/repository.", required=True),
        "also": Key(Several(REPOSITORY), "More repositories, of the same organization, that come in alike."),
        "job-workflow-refs": Key(
            Several(WORKFLOW), "The reusable workflow that the job is in must be one of these. Default: any workflow."
        ),
        "branches": Key(Several(REF), "Branches that may; * stands for any run of characters."),
        "tags": Key(Several(REF), "Tags that may; * stands for any run of characters."),
        "environments": Key(Several(ENVIRONMENT), "Environments of GitHub that may."),
        "pull-requests": Key(
            Switch(),
            "true: workflows that a pull request starts may, from whichever branch, before anybody has looked at it; "
            "so not for a level that deploys.",
        ),
        "organization-id": Key(NUMBER, "Number of the organization, for subjects that have it."),
        "repository-id": Key(NUMBER, "Number of the repository, for subjects that have it."),
        **ACCESS,
    },
    one_of=("branches", "tags", "environments", "pull-requests"),
    together=("organization-id", "repository-id"),
)
_PODS = Record(
    {
        "service-accounts": Key(
            Several(SERVICE_ACCOUNT), "Service accounts, each with its namespace: payments/ledger.", required=True
        ),
        "clusters": Key(
            Several(CLUSTER), "Names of clusters, in the account of the role. Default: every cluster of the account."
        ),
        "issuers": Key(
            Entries(NAME, Several(ISSUER)),
            "Issuers of the tokens of clusters, by the name of the account whose roles are for their pods: IAM roles "
            "for service accounts, instead of EKS Pod Identity.",
        ),
        **ACCESS,
    }
)
_SAML = Record(
    {
        "metadata": Key(FILE, "The metadata document of the identity provider.", required=True),
        "also": Key(Several(FILE), "Metadata documents of more providers, whose people may be the same roles."),
        **ACCESS,
    }
)
_ORGANIZATION_ROLE = Record(
    {
        "access": Key(Word(tuple(ACCESS)), "What the role may do.", required=True),
        "units": Key(Several(NAME), "Units in whose accounts the role is, future accounts too.", required=True),
        "groups": Key(Several(NAME), "Groups whose members may assume it.", required=True),
    }
)

#: The whole file.
ACCOUNTS = Record(
    {
        "organization": Key(_ORGANIZATION, "The organization in AWS Organizations.", required=True),
        "accounts": Key(Entries(NAME, _ACCOUNT), "The accounts, by a name that stays.", required=True),
        "levels": Key(
            Record({level.name: Key(_LEVEL, f"What {level.name} may do.") for level in LEVELS}),
            "What the levels of access may do, where that is something else than infra/access.py says.",
        ),
        "groups": Key(Entries(NAME, _GROUP), "Groups of IAM users in the hub, and where they may be what."),
        "users": Key(
            Entries(USER_NAME, Several(NAME, may_be_empty=True)),
            "IAM users of the hub, and the groups they are members of.",
        ),
        "permission-sets": Key(
            Entries(PERMISSION_SET, _PERMISSION_SET),
            "Permission sets of Identity Center that are assigned in the hub, and where their people may be what.",
        ),
        "identity-center": Key(_IDENTITY_CENTER, "Identity Center, where permission sets are made here."),
        "saml": Key(Entries(NAME, _SAML), "SAML identity providers, and where their people may be what."),
        "vendors": Key(Entries(NAME, _VENDOR), "Third parties, and where their machines may be what."),
        "repositories": Key(Entries(NAME, _REPOSITORY), "Repositories, and where their workflows may be what."),
        "pods": Key(Entries(NAME, _PODS), "Pods of EKS, and where they may be what."),
        "organization-roles": Key(
            Entries(NAME, _ORGANIZATION_ROLE), "Roles in every account of organizational units, by StackSets."
        ),
    }
)


def render_schema() -> str:
    """The text of `accounts.schema.json`."""
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The accounts file",
        "description": "Accounts, and who may be what in them. infra/README.md explains every key.",
        **ACCOUNTS.schema(),
    }
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_schema())
