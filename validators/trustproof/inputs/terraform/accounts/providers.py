"""
Which account and Region each provider configuration is for: a plan may go to several accounts.

The account is, in this order: what the user says (``--account`` for the provider ``aws``, ``--provider-account`` for
any); what the plan or state knows of it (``aws_caller_identity``, the ARNs of resources); the account of the role that
the provider assumes; the only one that it allows. Two that disagree are an error.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.aws.partitions import partition_of, url_suffix
from trustproof.errors import InputError
from trustproof.inputs.terraform.snapshots.snapshot import ProviderConfiguration, Snapshot
from trustproof.inputs.terraform.types.table import SHAPES
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Fields, Items, Known, Unknown, Value

#: The provider configuration that ``--account`` is about.
DEFAULT = "aws"
#: Arguments of a provider that have nothing to do with whose credentials it uses.
_ASIDE = (
    "alias",
    "default_tags",
    "for_each",
    "http_proxy",
    "https_proxy",
    "ignore_tags",
    "insecure",
    "max_retries",
    "region",
    "retry_mode",
    "s3_us_east_1_regional_endpoint",
    "s3_use_path_style",
    "sts_region",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
    "version",
)
#: Arguments that name the roles that a provider assumes, and those that only refuse some accounts.
_ASSUMED = ("assume_role", "assume_role_with_web_identity")
_ADMITTED = ("allowed_account_ids", "forbidden_account_ids")
_ARN = re.compile(r"arn:(aws[\w-]*):[\w-]+:([\w-]*):(\d{12}):")
#: Types with the ARN of something that others have, or of the account that manages an organization.
_OF_OTHERS = ("aws_organizations_", "aws_ram_", "aws_sns_topic_subscription", "aws_vpc_peering_")


class Home(NamedTuple):
    """
    Where some provider configurations deploy to.
    """

    #: The provider configurations, as the root module calls them.
    providers: tuple[str, ...]
    account: str | None
    region: str | None
    #: What tells apart whose credentials are used, where the account is not known; empty where nothing does.
    credentials: str = ""
    #: The provider configuration that the Region of the template is that of, where that is not known.
    first_used: str = ""

    @property
    def shown(self) -> str:
        """What to call its account, where that is not known."""
        return f"account of the provider {self.providers[0]}"


class Homes:
    """
    The places that a plan or state deploys to.

    Args:
        snapshot: of the plan or state.
        given: accounts that the user says, by provider configuration.
        region: of providers that do not say theirs.
        file: as the user named it.

    Raises:
        InputError: there are two accounts for one provider, or an account is given for a provider that is not there.
    """

    def __init__(self, snapshot: Snapshot, given: Mapping[str, str], region: str | None, file: str) -> None:
        self._configurations = snapshot.providers
        names = _names(snapshot)
        evidence = _evidence(snapshot.instances)
        groups: dict[object, list[str]] = {}
        for name in names:
            groups.setdefault(_credentials(self._configurations.get(name), name), []).append(name)
        by_account: dict[object, list[str]] = {}
        accounts: dict[object, str | None] = {}
        for credentials, members in groups.items():
            found = self._account(members, given, evidence, file)
            # Two that are known to be of one account are one.
            key = credentials if found is None else found
            by_account.setdefault(key, []).extend(members)
            accounts[key] = found
        unknown = sorted(given.keys() - set(names) - {DEFAULT})
        if unknown:
            there = ", ".join(names) or "none"
            raise InputError(f"no provider is called {', '.join(unknown)}; the providers there are: {there}", file)
        self.regions: dict[str, str | None] = {name: self._region(name) or region for name in names}
        used = {instance.provider for instance in snapshot.instances}
        self.homes: tuple[Home, ...] = tuple(
            Home(
                tuple(members),
                accounts[key],
                self.regions[members[0]],
                _whose(self._configurations.get(members[0])) if accounts[key] is None else "",
                next((name for name in members if name in used), members[0]),
            )
            for key, members in by_account.items()
        )
        self._of = {name: home for home in self.homes for name in home.providers}
        self._alike: dict[str, str] = {}
        for home in self.homes:
            first: dict[object, str] = {}
            for name in home.providers:
                self._alike[name] = first.setdefault(_region_said(self._configurations.get(name), name), name)

    def of(self, provider: str) -> Home:
        """Where a provider configuration deploys to."""
        return self._of[provider]

    def region_like(self, provider: str) -> str:
        """The first provider configuration of the same place that is for the same Region, as far as that is known."""
        return self._alike[provider]

    def region_told(self, instance: Instance) -> Value | str | None:
        """The Region that a resource or its provider says; None where neither does, or nobody knows it."""
        given = instance.values.get("region")
        is_null = isinstance(given, Known) and given.value is None
        # A plan does not know what the provider fills in.
        is_filled_in = isinstance(given, Unknown) and given.shown.startswith(f"{instance.address}.")
        return self.regions.get(instance.provider) if given is None or is_null or is_filled_in else given

    def _account(
        self,
        names: Sequence[str],
        given: Mapping[str, str],
        evidence: Mapping[str, Mapping[str, str]],
        file: str,
    ) -> str | None:
        """The account of provider configurations that use the same credentials."""
        found: dict[str, str] = {}
        for name in names:
            if name in given:
                found.setdefault(given[name], f"as it is given for the provider {name}")
        for name in names:
            for account, source in evidence.get(name, {}).items():
                found.setdefault(account, source)
        for name in names:
            for account, source in _written(self._configurations.get(name)):
                found.setdefault(account, source)
        for name in names:
            allowed = _allowed(self._configurations.get(name))
            if found and len(allowed) > 1 and not found.keys() & set(allowed):
                # Terraform refuses all but these.
                found.setdefault(allowed[0], f"one of those that {name} allows")
        if len(found) > 1:
            (one, why), (other, because), *_ = found.items()
            shown = f"{one} ({why}) and {other} ({because})"
            raise InputError(f"the provider {names[0]} is for two accounts: {shown}", file)
        return next(iter(found), None)

    def _region(self, name: str) -> str | None:
        configuration = self._configurations.get(name)
        return _text(configuration.arguments.get("region")) if configuration is not None else None


def place_of(
    name: str, configurations: Mapping[str, ProviderConfiguration], given: Mapping[str, str], region: str | None
) -> dict[str, str]:
    """
    What is known of where a provider configuration deploys to, before there are resources that say it: account, Region,
    partition and domain by what these are called in a template.

    Args:
        given: accounts that the user says, by provider configuration.
        region: of providers that do not say theirs.
    """
    own = configurations.get(name)
    whose = _credentials(own, name)
    accounts = {one for other, one in given.items() if _credentials(configurations.get(other), other) == whose}
    accounts.update(account for account, _ in _written(own))
    found = {"AWS::AccountId": accounts.pop()} if len(accounts) == 1 else {}
    says = own is not None and "region" in own.arguments
    where = _text(own.arguments["region"]) if own is not None and says else region
    if where is not None:
        there = partition_of(where)
        found |= {"AWS::Region": where, "AWS::Partition": there, "AWS::URLSuffix": url_suffix(there)}
    return found


def _names(snapshot: Snapshot) -> list[str]:
    """The provider configurations that something is made or deleted with; the default one first."""
    deleted = (one for one in snapshot.deleted if one.type.startswith(OF_AWS))
    used = dict.fromkeys(instance.provider for instance in (*snapshot.instances, *deleted))
    return [DEFAULT, *(name for name in used if name != DEFAULT)]


def _evidence(instances: Iterable[Instance]) -> dict[str, dict[str, str]]:
    """By provider configuration, the accounts that resources are known to be in, each with what says so."""
    found: dict[str, dict[str, str]] = {}
    for instance in instances:
        account = account_of(instance)
        if account:
            found.setdefault(instance.provider, {}).setdefault(account, f"as {instance.address} has it")
    return found


def account_of(instance: Instance) -> str:
    """The account that a resource or data source is known to be in; empty where that is not known."""
    values = instance.values
    if not isinstance(values, KnownValues):
        return ""
    if instance.is_data:
        found = values.raw("account_id") if instance.type == "aws_caller_identity" else None
        return found if isinstance(found, str) else ""
    if instance.type not in SHAPES or instance.type.startswith(_OF_OTHERS):
        return ""
    arn = _ARN.match(str(values.raw("arn")))
    return arn[3] if arn is not None else ""


def _credentials(configuration: ProviderConfiguration | None, name: str) -> object:
    """What tells apart the credentials of provider configurations; the same for those that use the same."""
    if configuration is None:
        return () if name in (DEFAULT, "awscc") else name
    return tuple(
        (key, repr(value))
        for key, value in sorted(configuration.arguments.items())
        if key not in _ASIDE and not key.startswith("skip_")
    )


def _region_said(configuration: ProviderConfiguration | None, name: str) -> object:
    """What tells apart the Regions of provider configurations; of those that say none, their credentials' is taken."""
    said = configuration.arguments.get("region") if configuration is not None else None
    is_said = said is not None and not (isinstance(said, Known) and said.value is None)
    return repr(said) if is_said else _credentials(configuration, name)


def _whose(configuration: ProviderConfiguration | None) -> str:
    """
    What says whose the credentials of a provider configuration are, as a hash, for there are secrets among them: of the
    roles that it assumes which these are, and not how long for.
    """
    if configuration is None:
        return ""
    found = []
    for key, value in configuration.arguments.items():
        if key in _ASIDE or key in _ADMITTED or key.startswith("skip_"):
            continue
        if key in _ASSUMED:
            found += [(key, repr(block.get("role_arn"))) for block in _blocks(value)]
        elif not (isinstance(value, Known) and value.value is None):
            found.append((key, repr(value)))
    # The roles of one argument stay in their order: each assumes the next.
    said = repr(sorted(found, key=lambda one: one[0]))
    return hashlib.sha256(said.encode(errors="surrogateescape")).hexdigest() if found else ""


def _written(configuration: ProviderConfiguration | None) -> Iterator[tuple[str, str]]:
    """The accounts that the arguments of a provider configuration name."""
    if configuration is None:
        return
    roles = [
        account
        for name in _ASSUMED
        for block in _blocks(configuration.arguments.get(name))
        if (account := _account_in(_text(block.get("role_arn"))))
    ]
    if roles:
        # Of several, each assumes the next.
        yield roles[-1], f"as the role is that {configuration.name} assumes"
    allowed = _allowed(configuration)
    if len(allowed) == 1:
        yield allowed[0], f"the one that {configuration.name} allows"


def _allowed(configuration: ProviderConfiguration | None) -> list[str]:
    """The accounts that a provider configuration admits; none where all are admitted, or one is not known."""
    allowed = configuration.arguments.get("allowed_account_ids") if configuration is not None else None
    listed = [_text(item) for item in allowed.items] if isinstance(allowed, Items) else []
    found = [one for one in listed if one is not None]
    return found if len(found) == len(listed) else []


def _blocks(value: Value | None) -> list[Mapping[str, Value]]:
    items = value.items if isinstance(value, Items) else (value,) if value is not None else ()
    return [item.by_key for item in items if isinstance(item, Fields)]


def _account_in(arn: str | None) -> str:
    found = _ARN.match(arn or "")
    return found[3] if found is not None else ""


def _text(value: Value | None) -> str | None:
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def partition(region: str | None) -> str | None:
    """The partition of a Region; None where that is not known."""
    return None if region is None else partition_of(region)
