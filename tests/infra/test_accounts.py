"""
The accounts file: what it must have, and how a mistake in it is shown.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.accounts import ACCOUNTS_FILE, Accounts, AccountsError, Grants, levels_in, parse_accounts, read_accounts

FILE = Path("accounts.toml")
SALT = "salt-of-the-tests"
ISSUER = "https://oidc.eks.eu-central-1.amazonaws.com/id/" + "A" * 32
POD: dict[str, Any] = {"service-accounts": ["a/b"]}
GOOD: dict[str, Any] = {
    "organization": {
        "id": "o-a1b2c3d4e5",
        "external-id-salt": SALT,
        "units": {"work": "ou-ab12-11111111", "empty": "r-ab12"},
    },
    "accounts": {
        "prod": {"id": "333344445555", "region": "eu-west-1", "unit": "work"},
        "hub": {"id": "111122223333", "region": "eu-central-1", "kind": "hub"},
        "dev": {"id": "222233334444", "region": "eu-central-1", "unit": "work"},
    },
    "groups": {"developers": {"read": ["work", "dev"], "deploy": ["dev"], "admin": []}, "auditors": {"audit": ["*"]}},
    "users": {"alice": ["developers"]},
    "permission-sets": {"Developer": {"read": ["prod", "empty"]}},
    "vendors": {"logs": {"name": "Logs", "accounts": ["444455556666"], "audit": ["prod"]}},
    "repositories": {"shop": {"github": "acme/shop", "branches": ["main"], "deploy": ["work"]}},
}


def parsed(mapping: dict[str, Any]) -> Accounts:
    return parse_accounts(mapping, FILE)


def test_a_repository_may_come_in_several_ways() -> None:
    ways = {name: _numbered("acme/shop", "1", "20") for name in ("one", "two")}
    accounts = parsed({**GOOD, "repositories": {**ways, "cart": _numbered("acme/cart", "1", "21")}})
    assert [one.repository_id for one in accounts.repositories] == ["21", "20", "20"]


def test_hub_is_first_and_the_rest_is_sorted_by_name() -> None:
    """The order of the file does not matter, so that moving an entry changes no template."""
    accounts = parsed(GOOD)
    assert [(account.name, account.kind) for account in accounts.accounts] == [
        ("hub", "hub"),
        ("dev", "workload"),
        ("prod", "workload"),
    ]
    assert accounts.hub.id == "111122223333"


def test_access_reaches_accounts_units_and_everything() -> None:
    """A target is an account, every account of a unit, or all accounts with the hub."""
    accounts = parsed(GOOD)

    def group(name: str) -> Grants:
        return next(group.grants for group in accounts.groups if group.name == name)

    def reach(grants: Grants) -> list[tuple[str, str]]:
        return [(account.name, level.name) for account, level in accounts.reach(grants)]

    assert reach(group("developers")) == [("dev", "read"), ("dev", "deploy"), ("prod", "read")]
    assert reach(group("auditors")) == [("hub", "audit"), ("dev", "audit"), ("prod", "audit")]
    assert reach(accounts.permission_sets[0].grants) == [("prod", "read")]


def test_levels_of_several_come_in_their_order() -> None:
    """What anybody may be in an account is there once, from the least to the most."""
    accounts = parsed(GOOD)
    dev = accounts.accounts[1]
    assert [level.name for level in levels_in(dev, (group.grants for group in accounts.groups))] == [
        "audit",
        "read",
        "deploy",
    ]


def test_other_partitions_have_their_own_arns() -> None:
    """ARNs of roles are those of the partition that the accounts are in."""
    mapping = copy.deepcopy(GOOD)
    for account in mapping["accounts"].values():
        account["region"] = "us-gov-west-1"
    assert parsed(mapping).hub.role_arn("R") == "arn:aws-us-gov:iam::111122223333:role/R"


Change = Callable[[dict[str, Any]], None]


def without(*path: str) -> Change:
    """A change that takes a key away."""

    def change(mapping: dict[str, Any]) -> None:
        for key in path[:-1]:
            mapping = mapping[key]
        del mapping[path[-1]]

    return change


def _numbered(github: str, organization: str, repository: str) -> dict[str, Any]:
    numbers = {"organization-id": organization, "repository-id": repository}
    return {"github": github, "branches": ["main"], "deploy": ["dev"], **numbers}


def put(value: object, *path: str) -> Change:
    """A change that sets a key."""

    def change(mapping: dict[str, Any]) -> None:
        for key in path[:-1]:
            mapping = mapping.setdefault(key, {})
        mapping[path[-1]] = value

    return change


NAME = "a name of at most 40 lower-case letters, digits and single hyphens, beginning with a letter"
LEVELS = "'audit', 'read', 'operate', 'deploy', 'admin'"
ROLE = {"access": "audit", "units": ["work"], "groups": ["auditors"]}

#: A mistake that one value shows by itself: a change, and the message. The JSON Schema finds these too.
MISSHAPEN: list[tuple[Change, str]] = [
    (without("organization"), "organization is missing"),
    (put("o-*", "organization", "id"), "organization.id must be an organization id like 'o-a1b2c3d4e5', got 'o-*'"),
    (put(1, "groups", "x\x1b[2J"), r"groups.x\x1b[2J must be a name"),
    (put("ou-1", "organization", "units", "work"), "organization.units.work must be the id of an organizational unit"),
    (without("accounts", "hub", "id"), "accounts.hub.id is missing"),
    (
        put(111122223333, "accounts", "hub", "id"),
        "accounts.hub.id must be a 12-digit AWS account id in quotes, got 111122223333",
    ),
    (
        put("Frankfurt", "accounts", "dev", "region"),
        "accounts.dev.region must be a Region like 'eu-central-1', got 'Frankfurt'",
    ),
    (
        put("eu-central1", "accounts", "dev", "region"),
        "accounts.dev.region must be a Region like 'eu-central-1', got 'eu-central1'; did you mean 'eu-central-1'?",
    ),
    (
        put("spoke", "accounts", "dev", "kind"),
        "accounts.dev.kind must be one of 'hub', 'workload', 'audit', 'ci', 'management', got 'spoke'",
    ),
    (
        put("mail", "accounts", "dev", "email"),
        "unknown key accounts.dev.email; accepted here: 'id', 'region', 'kind', 'unit'",
    ),
    (put({"id": "222233334444"}, "accounts", "Dev 1"), f"accounts.Dev 1 must be {NAME}, got 'Dev 1'"),
    (put({}, "accounts", "a" * 41), f"must be {NAME}, got '{'a' * 41}'"),
    (put([], "accounts"), "accounts must be a table, got []"),
    (
        put(["dev"], "groups", "developers", "root"),
        f"unknown key groups.developers.root; accepted here: {LEVELS}, 'role-names'",
    ),
    (put("dev", "groups", "developers", "read"), "groups.developers.read must be a list, got 'dev'"),
    (
        put(["dev", "dev"], "groups", "developers", "read"),
        "groups.developers.read must be a list without duplicates, got ['dev', 'dev']",
    ),
    (put([1], "groups", "developers", "read"), "groups.developers.read must be the name of an account or a unit"),
    (put("developers", "users", "alice"), "users.alice must be a list, got 'developers'"),
    (put(["developers"], "users", "al ice"), "users.al ice must be the name of an IAM user"),
    (put({}, "permission-sets", "x" * 33), "must be the name of a permission set"),
    (put("", "vendors", "logs", "name"), "vendors.logs.name must be a name of 1 to 64 characters of ASCII, got ''"),
    (put("x", "vendors", "logs", "external-id"), "vendors.logs.external-id must be 2 to 1224 letters"),
    (put("x" * 2000, "vendors", "logs", "external-id"), f"got '{'x' * 199}… (2002 characters)"),
    (put("acme/*", "repositories", "shop", "github"), "repositories.shop.github must be a repository like 'acme/shop'"),
    (put("acme/shop.git", "repositories", "shop", "github"), "repositories.shop.github must be a repository like"),
    (
        without("repositories", "shop", "branches"),
        "repositories.shop must have at least one of 'branches', 'tags', 'environments', 'pull-requests'",
    ),
    (
        put(["acme/ci/deploy.yml@refs/heads/main"], "repositories", "shop", "job-workflow-refs"),
        "repositories.shop.job-workflow-refs must be a workflow like",
    ),
    (
        put(["deploy.yml"], "repositories", "shop", "job-workflow-refs"),
        "repositories.shop.job-workflow-refs must be a workflow like",
    ),
    (
        put("1234", "repositories", "shop", "repository-id"),
        "repositories.shop must have 'organization-id', 'repository-id' together, got 'repository-id' alone",
    ),
    (
        put("01", "repositories", "shop", "organization-id"),
        "repositories.shop.organization-id must be a number in quotes like '123456', got '01'",
    ),
    (
        put(False, "repositories", "shop", "pull-requests"),
        "repositories.shop.pull-requests must be true, or left out, got False",
    ),
    (
        put(["${env}"], "repositories", "shop", "environments"),
        "repositories.shop.environments must be the name of an environment",
    ),
    (
        put(["  "], "repositories", "shop", "environments"),
        "repositories.shop.environments must be the name of an environment",
    ),
    (put({"staff": {}}, "saml"), "saml.staff.metadata is missing"),
    *(
        (put(["refs/heads/main"], "repositories", "shop", key), f"repositories.shop.{key} must be a branch or tag like")
        for key in ("branches", "tags")
    ),
    *(
        (put([ref], "repositories", "shop", "branches"), "repositories.shop.branches must be a branch or tag like")
        for ref in ("release/", "/main", "a..b", "a//b", "a.lock", "a.lock/b", "a/.b", "a.")
    ),
    (
        put([f"arn:aws:iam::{'1' * 12}:policy/x"], "levels", "read", "managed-policies"),
        "levels.read.managed-policies must be the name of a managed policy of AWS",
    ),
    *(
        (
            put(value, "levels", "deploy", key),
            f"levels.deploy.{key} must be the name of a managed policy of your own and not its",
        )
        for key, value in {
            "customer-managed-policies": ["arn:aws:iam::222233334444:policy/x"],
            "permissions-boundary": "arn:aws:iam::aws:policy/PowerUserAccess",
        }.items()
    ),
    (
        put({"security": {**ROLE, "access": "root"}}, "organization-roles"),
        f"organization-roles.security.access must be one of {LEVELS}, got 'root'",
    ),
    (
        put({"ledger": {"service-accounts": ["ledger"], "read": ["dev"]}}, "pods"),
        "pods.ledger.service-accounts must be a service account with its namespace, like 'payments/ledger'",
    ),
    (
        put({"ledger": {"service-accounts": ["a/b"], "clusters": ["arn:aws:eks:x"], "read": ["dev"]}}, "pods"),
        "pods.ledger.clusters must be the name of a cluster: 1 to 100 letters, digits, '-' or '_'",
    ),
    (
        put({"ledger": {"service-accounts": ["a/b"], "issuers": {"dev": ["https://example.com"]}}}, "pods"),
        "pods.ledger.issuers.dev must be the issuer of a cluster of EKS like 'https://oidc.eks.",
    ),
    (
        put({}, "teams"),
        (
            "unknown key teams; accepted here: 'organization', 'accounts', 'levels', 'groups', 'users', "
            "'permission-sets', 'identity-center', 'saml', 'vendors', 'repositories', 'pods', 'organization-roles'"
        ),
    ),
]

#: A mistake that two values show together.
INCONSISTENT: list[tuple[Change, str]] = [
    (
        put(["ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"], "levels", "read", "managed-policies"),
        "levels.read.managed-policies must be a list without duplicates",
    ),
    (
        put(["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"], "levels", "read", "managed-policies"),
        "levels.read.managed-policies must be managed policies of the hub's partition, aws, got",
    ),
    (
        put(POD | {"issuers": {}, "read": ["dev"]}, "pods", "ledger"),
        "pods.ledger.issuers must have those of an account, or be left out",
    ),
    (
        put(POD | {"issuers": {"dev": [ISSUER.replace(".com", ".com.cn")]}, "read": ["dev"]}, "pods", "ledger"),
        "pods.ledger.issuers.dev must be issuers of eu-central-1 that begin with 'https://oidc.eks.eu-central-1.",
    ),
    (
        put(POD | {"issuers": {"work": [ISSUER]}, "read": ["work"]}, "pods", "ledger"),
        "pods.ledger.issuers.work must be the name of an account (",
    ),
    (
        put(POD | {"issuers": {"dev": [ISSUER.replace("central", "centrall")]}, "read": ["dev"]}, "pods", "ledger"),
        "pods.ledger.issuers.dev must be of a Region, like 'eu-central-1', got 'eu-centrall-1'",
    ),
    (
        put(
            POD | {"issuers": {"dev": [ISSUER.replace("eu-central-1", "cn-north-1")]}, "read": ["dev"]},
            "pods",
            "ledger",
        ),
        "pods.ledger.issuers.dev must be of a Region of the hub's partition, aws, got 'cn-north-1'",
    ),
    (
        put(POD | {"clusters": ["prod"], "issuers": {"dev": [ISSUER]}, "read": ["dev"]}, "pods", "ledger"),
        "pods.ledger.clusters cannot be given with issuers",
    ),
    (
        put(POD | {"issuers": {"prod": [ISSUER]}, "read": ["dev"]}, "pods", "ledger"),
        "pods.ledger.issuers.prod has issuers for no role: the pods are nothing there",
    ),
    (
        put(POD | {"issuers": {"prod": [ISSUER]}, "read": ["work"]}, "pods", "ledger"),
        "pods.ledger.issuers must have those of account 'dev' too, where the pods have a role",
    ),
    *(
        (
            put([name], "levels", "read", "managed-policies"),
            f"levels.read.managed-policies must be managed policies of AWS{like}",
        )
        for name, like in {
            "PowerUserAcces": ", like 'PowerUserAccess'",
            "viewonlyaccess": ", like 'job-function/ViewOnlyAccess'",
            "service-role/ReadOnlyAccess": ", like 'ReadOnlyAccess'",
            "Qqqqq": ", of which this release knows none with a similar name",
            "arn:aws:iam::aws:policy/ReadOnlyAcess": ", like 'ReadOnlyAccess'",
            "aws-service-role/AmazonEKSServiceRolePolicy": " that are not those of services",
        }.items()
    ),
    (
        put(True, "repositories", "shop", "pull-requests"),
        "repositories.shop.deploy cannot be together with pull-requests: whoever opens a pull request",
    ),
    (
        put(["other/shop"], "repositories", "shop", "also"),
        "repositories.shop.also must be repositories of 'acme', got 'other/shop'",
    ),
    (
        put(["acme/shop"], "repositories", "shop", "also"),
        "repositories.shop.also must be other repositories than github, got 'acme/shop'",
    ),
    (
        put(["acme/Shop"], "repositories", "shop", "also"),
        "repositories.shop.also must be written as on GitHub, which knows 'acme/Shop' and 'acme/shop' as one",
    ),
    (
        put({"github": "Acme/cart", "branches": ["main"], "deploy": ["dev"]}, "repositories", "to-cart"),
        "repositories.to-cart.github must be written as on GitHub, which knows 'Acme' and 'acme' as one",
    ),
    *(
        (put({"cart": _numbered("acme/cart", "1", "20"), "other": _numbered(*other)}, "repositories"), message)
        for other, message in (
            (
                ("acme/shop", "1", "20"),
                "repositories.other.repository-id must be the number of 'acme/shop' alone, got '20', which is that of",
            ),
            (
                ("acme/cart", "1", "21"),
                "repositories.other.repository-id must be the number of 'acme/cart', got '21', and '20' in",
            ),
            (
                ("other/shop", "1", "21"),
                "repositories.other.organization-id must be the number of 'other' alone, got '1', which is that of",
            ),
            (
                ("acme/shop", "2", "21"),
                "repositories.other.organization-id must be the number of 'acme', got '2', and '1' in",
            ),
        )
    ),
    (without("accounts", "hub", "kind"), "accounts must have an account of kind 'hub', where people sign in, got none"),
    (put("hub", "accounts", "dev", "kind"), "accounts.dev.kind must be 'hub' of one account only, got 'hub', 'dev'"),
    (
        put("111122223333", "accounts", "dev", "id"),
        "accounts.dev.id must be an id of its own, got '111122223333' as in accounts.hub.id",
    ),
    (
        put(["222233334444"], "vendors", "logs", "accounts"),
        "vendors.logs.accounts must be an id of its own, got '222233334444' as in accounts.dev.id",
    ),
    (
        put("r-ab12", "organization", "units", "work"),
        "organization.units.empty must be an id of its own, got 'r-ab12' as in organization.units.work",
    ),
    (
        put("ou-zz12-11111111", "organization", "units", "work"),
        "organization.units.empty must be of the root that the other units are of, r-zz12, since",
    ),
    (
        put("ou-ab12-99999999", "organization", "units", "dev"),
        "accounts.dev must have a name of its own, got that of a unit: access in it would mean two things",
    ),
    (
        put("play", "accounts", "dev", "unit"),
        "accounts.dev.unit must be the name of a unit ('work', 'empty'), got 'play'",
    ),
    (
        put("wrok", "accounts", "dev", "unit"),
        "accounts.dev.unit must be the name of a unit ('work', 'empty'), got 'wrok'; did you mean 'work'?",
    ),
    *(
        (
            put({"wrok": ["RCPFullAWSAccess"]}, "organization", key),
            (
                f"unknown key organization.{key}.wrok; accepted here: '*', 'prod', 'hub', 'dev', 'work', 'empty'; "
                "did you mean 'work'?"
            ),
        )
        for key in ("service-control-policies", "resource-control-policies")
    ),
    (
        # Longer than the system takes.
        put({"work": [f"{'x' * 300}.json"]}, "organization", "service-control-policies"),
        "organization.service-control-policies.work must be files beside this one, or 'FullAWSAccess', got 'xxx",
    ),
    (
        put({"work": [f"{number}.json" for number in range(11)]}, "organization", "service-control-policies"),
        "organization.service-control-policies.work must be at most 10 policies, got 11: AWS Organizations attaches",
    ),
    (
        put({"work": [f"{number}.json" for number in range(5)]}, "organization", "resource-control-policies"),
        "must be at most 5 policies, RCPFullAWSAccess included, got 6: AWS Organizations attaches no more to one",
    ),
    (
        put("eu-centrall-1", "accounts", "dev", "region"),
        "accounts.dev.region must be a Region, like 'eu-central-1', got 'eu-centrall-1'",
    ),
    (
        put(["developers"], "users", "Alice"),
        "users.Alice must differ by more than case from other names, got 'alice' too",
    ),
    (
        lambda mapping: [
            put({f"g{n}": {"read": ["dev"]} for n in range(11)}, "groups")(mapping),
            put([f"g{n}" for n in range(11)], "users", "alice")(mapping),
        ][0],
        "users.alice must have at most 10 groups, which is what IAM lets a user be in, got 11",
    ),
    (
        put({"admin": "Shop"}, "groups", "developers", "role-names"),
        "groups.developers.role-names.admin is the name of no role: the group is admin nowhere",
    ),
    (
        put({"prod": "0815", "work": "4711"}, "vendors", "logs", "external-ids"),
        "vendors.logs.external-ids.work is the external id of no role: the vendor is nothing there",
    ),
    (
        put({"prod": "0815", "dev": "4711"}, "vendors", "logs", "external-ids"),
        "vendors.logs.external-ids.dev is the external id of no role: the vendor is nothing there",
    ),
    (
        put("us-gov-west-1", "accounts", "dev", "region"),
        "accounts.dev.region must be a Region of the hub's partition, aws, got 'us-gov-west-1'",
    ),
    (
        without("accounts", "prod"),
        (
            "permission-sets.Developer.read must be a list of accounts and units "
            "('*', 'dev', 'empty', 'hub', 'work'), got 'prod'"
        ),
    ),
    (
        put(["guests"], "users", "alice"),
        "users.alice must be a list of groups ('developers', 'auditors'), got 'guests'",
    ),
    (
        put({"security": ROLE}, "organization-roles"),
        (
            "organization-roles must have an account of kind 'audit', the delegated administrator that deploys "
            "StackSets, got none"
        ),
    ),
    (
        lambda mapping: [
            put("audit", "accounts", "dev", "kind")(mapping),
            put({"security": {**ROLE, "units": ["play"]}}, "organization-roles")(mapping),
        ][0],
        "organization-roles.security.units must be a list of units ('work', 'empty'), got 'play'",
    ),
    (
        put({"security": {**ROLE, "groups": ["guests"]}}, "organization-roles"),
        "organization-roles.security.groups must be a list of groups ('developers', 'auditors'), got 'guests'",
    ),
    (
        put({"staff": {"metadata": "none.xml"}}, "saml"),
        "saml.staff.metadata must be a file beside this one, got 'none.xml'",
    ),
    (
        put({"staff": {"metadata": "."}}, "saml"),
        "saml.staff.metadata must be a file beside this one, got '.'",
    ),
    (
        without("organization", "external-id-salt"),
        "vendors.logs must have an external-id for its roles in 'prod', the one that the vendor gave you; or",
    ),
    (
        put({"play": "0815"}, "vendors", "logs", "external-ids"),
        "vendors.logs.external-ids.play must be an account or unit ('dev', 'empty', 'hub', 'prod', 'work'), got 'play'",
    ),
    (
        put({n: {"name": n, "accounts": ["444455556666"], "external-id": "0815"} for n in ("a", "b")}, "vendors"),
        (
            "vendors.b.external-id must be an external id of its own next to account 444455556666, got '0815' as in "
            "vendors.a.external-id"
        ),
    ),
    (put([], "levels", "read", "managed-policies"), "levels.read.managed-policies must name a policy"),
    (
        put([f"p{number}" for number in range(10)], "levels", "read", "customer-managed-policies"),
        "levels.read must have at most 10 managed policies, which is what IAM attaches to a role, got 11",
    ),
    (
        put({"read": "orgreader"}, "groups", "developers", "role-names"),
        "groups.developers.role-names.read must not begin as the names of all other roles do",
    ),
    (
        put({"read": "Ours", "deploy": "ours"}, "groups", "developers", "role-names"),
        "groups.developers.role-names.deploy must be the name of roles of one level, got 'ours' as for read",
    ),
    (
        put(
            {"instance": "arn:aws-cn:sso:::instance/ssoins-0123456789abcdef", "account": "prod"},
            "identity-center",
        ),
        "identity-center.instance must be of the hub's partition, aws, got",
    ),
    (
        put(["01234567-89ab-cdef-0123-456789abcdee"], "permission-sets", "Developer", "assigned-users"),
        "permission-sets.Developer.assigned-users needs identity-center",
    ),
    (
        put(
            {"instance": "arn:aws:sso:::instance/ssoins-0123456789abcdef", "account": "master"},
            "identity-center",
        ),
        "identity-center.account must be the name of an account ('prod', 'hub', 'dev'), got 'master'",
    ),
]


@pytest.mark.parametrize(("change", "message"), [*MISSHAPEN, *INCONSISTENT])
def test_broken_file_is_refused(change: Change, message: str) -> None:
    """The message names the file, the key, what was found and what is accepted."""
    mapping = copy.deepcopy(GOOD)
    change(mapping)
    with pytest.raises(AccountsError, match=f"^accounts\\.toml: .*{re.escape(message)}"):
        parsed(mapping)


def test_mistake_in_a_file_is_shown_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message begins as editors and terminals take it for a link: file, as seen from here, and line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "infra").mkdir()
    file = tmp_path / "infra" / "accounts.toml"
    text = ACCOUNTS_FILE.read_text(encoding="utf-8")
    file.write_text(text.replace('id = "222233334444"', "id = 222233334444"), encoding="utf-8")
    line = text[: text.index('id = "222233334444"')].count("\n") + 1
    with pytest.raises(AccountsError, match=rf"^infra/accounts\.toml:{line}: accounts\.dev\.id must be a 12-digit"):
        read_accounts(file)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "audit"', 'kind = "hub"', "accounts.audit.kind must be 'hub' of one account only, got 'hub', 'audit'"),
        ("[accounts.dev]", "[[accounts.dev]]", "accounts.dev must be a table, got [{"),
    ],
)
def test_mistake_of_a_whole_table_is_shown_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    """What is there twice, and what is an array of tables, stand somewhere too."""
    file = tmp_path / "accounts.toml"
    text = ACCOUNTS_FILE.read_text(encoding="utf-8")
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(AccountsError, match=rf"accounts\.toml:{line}: {re.escape(message)}"):
        read_accounts(file)


def test_an_external_id_that_no_role_has_is_refused() -> None:
    """Whoever gives the vendor this one too learns that no role takes it."""
    mapping = copy.deepcopy(GOOD)
    mapping["vendors"]["logs"] |= {"external-id": "4711", "external-ids": {"prod": "0815"}}
    with pytest.raises(
        AccountsError, match=r"vendors\.logs\.external-id is the external id of no role: external-ids has"
    ):
        parsed(mapping)
    mapping["vendors"]["logs"]["audit"] = ["prod", "dev"]
    parsed(mapping)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[organization]\nid = "o-a1', r"2:\d+: not valid TOML: unterminated string|2: not valid TOML: "),
        ('[groups.a]\nread = [\n  "dev",\n\n\n', r"2: not valid TOML: .*: what begins here does not end"),
        ("# one\n# \xff", r"2: is not UTF-8: save it as UTF-8 \("),
        ("\xff\xfe[\0", r"1: is not UTF-8: save it as UTF-8 \("),
    ],
)
def test_unreadable_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """What is not TOML, or not UTF-8, says so."""
    file = tmp_path / "accounts.toml"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(AccountsError, match=rf"accounts\.toml:{message}"):
        read_accounts(file)


def test_a_misspelt_key_is_shown_with_the_one_that_was_meant(tmp_path: Path) -> None:
    """The right key, which is missing then, is not what the message is about."""
    file = tmp_path / "accounts.toml"
    text = ACCOUNTS_FILE.read_text(encoding="utf-8")
    at = text.index("region", text.index("[accounts.dev]"))
    file.write_text(text[:at] + text[at:].replace("region", "regoin", 1), encoding="utf-8")
    line = text[:at].count("\n") + 1
    with pytest.raises(
        AccountsError, match=rf":{line}: unknown key accounts\.dev\.regoin; .*; did you mean 'region'\?$"
    ):
        read_accounts(file)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there says so."""
    with pytest.raises(AccountsError, match=r"accounts\.toml: cannot be read: "):
        read_accounts(tmp_path / "accounts.toml")


def test_a_mark_at_the_beginning_is_no_mistake(tmp_path: Path) -> None:
    """Editors of Windows begin a file with a byte order mark."""
    file = tmp_path / "accounts.toml"
    file.write_text(ACCOUNTS_FILE.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert read_accounts(file).accounts == read_accounts().accounts


def test_a_policy_that_is_newer_than_the_release_is_named_by_its_arn() -> None:
    """Its name is taken as it is."""
    arn = "arn:aws:iam::aws:policy/service-role/OfTomorrow"
    accounts = parsed({**GOOD, "levels": {"read": {"managed-policies": [arn, "ReadOnlyAccess"]}}})
    read = next(level for level in accounts.groups[1].grants.targets if level.name == "read")
    assert read.managed_policies == ("service-role/OfTomorrow", "ReadOnlyAccess")
