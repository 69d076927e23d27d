"""
The configuration of the gate: who is one of us, and which third parties there are.

``python -m infra.boundary`` writes it into `trustproof.toml`, where the command line and the plugin of ``cdk synth``
look for it. What else stands in that file, the settings of properties for example, stays as it is. Synthesis refuses a
file that is not what the accounts file says.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import trustproof
from infra._shapes import AccountsError
from infra.access import Level
from infra.accounts import Accounts, Grants, read_accounts

#: The configuration of this project.
BOUNDARY_FILE = Path(__file__).parent.parent / "trustproof.toml"
_CERTIFICATE = re.compile(r"<(?:\w+:)?X509Certificate\b[^<>]*>([^<]+)</")
_FIRST = "# Written by `make boundary` from infra/accounts.toml: change that file."
_LAST = "# What you add below this line stays."
_WRITTEN = re.compile(rf"^{re.escape(_FIRST)}$.*?^{re.escape(_LAST)}$\n?", re.MULTILINE | re.DOTALL)
_ACCOUNT = re.compile(r'^ +"([0-9]{12})", # ([^,\n]+)(?:, (\S+))?$', re.MULTILINE)
_HOW = "run `make boundary`, or `python -m infra.boundary`"


def boundary(accounts: Accounts) -> dict[str, object]:
    """The declarations of the project, in the shape of `trustproof.toml`."""
    declared = {
        "accounts": [account.id for account in accounts.accounts],
        "organizations": [accounts.organization],
    }
    if found_issuers := issuers(accounts):
        declared["issuers"] = found_issuers
    found: dict[str, object] = {"boundary": declared}
    found["properties"] = {"deployers-declared": {"administrators": administrators(accounts)}}
    if accounts.vendors:
        found["third-party"] = [
            {"name": vendor.title, "accounts": list(vendor.accounts)} for vendor in accounts.vendors
        ]
    return found


def issuers(accounts: Accounts) -> list[str]:
    """The SHA-256 of each certificate with which the identity providers of people sign, as the gate writes it."""
    texts = (
        text for people in accounts.saml for document in people.metadata for text in _CERTIFICATE.findall(document)
    )
    return sorted({f"sha256:{hashlib.sha256(base64.b64decode(text)).hexdigest()}" for text in texts})


def administrators(accounts: Accounts) -> list[str]:
    """
    The names of the roles that may deploy, and so are administrators by the roles of a CDK bootstrap stack. The gate
    proves that nobody else is.
    """
    names = accounts.role_names
    found: set[str] = set()

    def add(grants: Grants, name: Callable[[Level], str]) -> None:
        found.update(name(level) for _, level in accounts.reach(grants) if level.deploys)

    for group in accounts.groups:
        add(group.grants, partial(accounts.member_role, group))
    for permission_set in accounts.permission_sets:
        add(permission_set.grants, names.permission_sets)
    for people in accounts.saml:
        add(people.grants, partial(names.saml, people.name))
    for vendor in accounts.vendors:
        add(vendor.grants, partial(names.vendor, vendor.name))
    for repository in accounts.repositories:
        add(repository.grants, partial(names.workflows, repository.name))
    for pods in accounts.pods:
        add(pods.grants, partial(names.pods, pods.name))
    found.update(names.everywhere(role.name) for role in accounts.organization_roles if role.level.deploys)
    return sorted(found)


def render_boundary(accounts: Accounts, before: str = "") -> str:
    """
    The text of `trustproof.toml`.

    Args:
        accounts: the accounts file.
        before: the text that the file has; what somebody else wrote in it stays.
    """
    lines = [
        _FIRST,
        "",
        "[boundary]",
        "accounts = [",
        *(f'    "{account.id}", # {account.name}, {account.region}' for account in accounts.accounts),
        "]",
        f'organizations = ["{accounts.organization}"]',
        *(f"issuers = {json.dumps(found)}" for found in [issuers(accounts)] if found),
        "",
        "[properties.deployers-declared]",
        f"administrators = {json.dumps(administrators(accounts))}",
    ]
    for vendor in accounts.vendors:
        # Texts and lists of texts are written in TOML as in JSON.
        lines += [
            "",
            "[[third-party]]",
            f"name = {json.dumps(vendor.title)}",
            f"accounts = {json.dumps(list(vendor.accounts))}",
        ]
    text = "\n".join((*lines, "", _LAST)) + "\n"
    if _WRITTEN.search(before):
        return _WRITTEN.sub(lambda _: text, before, count=1)
    return text + (f"\n{before}" if before.strip() else "")


def check_boundary(accounts: Accounts, file: Path = BOUNDARY_FILE) -> Path:
    """
    The configuration, found to be what the accounts file says.

    Raises:
        AccountsError: it cannot be read, or says something else; the message names what differs.
    """
    text = _read(file)
    if text is None:
        raise AccountsError(f"{file.name}: is missing: {_HOW}, which writes it from the accounts file")
    try:
        found = trustproof.parse_toml(text, file.name)
    except trustproof.ConfigError as error:
        raise AccountsError(str(error)) from None
    would_be = render_boundary(accounts, text)
    if would_be == text:
        return file
    try:
        # With what somebody else wrote in it, which stays.
        wanted = trustproof.parse_toml(would_be, file.name)
    except trustproof.ConfigError:
        wanted = boundary(accounts)
    for what in (
        "boundary.accounts",
        "boundary.organizations",
        "boundary.issuers",
        "third-party",
        "properties.deployers-declared.administrators",
    ):
        difference = _difference(_entries(wanted, what), _entries(found, what))
        if difference:
            raise AccountsError(f"{file.name}: {what} is not what the accounts file says ({difference}): {_HOW}")
    raise AccountsError(f"{file.name}: is not as the accounts file makes it: {_HOW}")


def write_boundary(accounts: Accounts, file: Path = BOUNDARY_FILE) -> list[str]:
    """
    Write the configuration, all of it or nothing.

    Returns:
        what there is to say of stacks that the app had before.

    Raises:
        AccountsError: the file cannot be read or written, or what it would be is not TOML.
    """
    before = _read(file) or ""
    text = render_boundary(accounts, before)
    try:
        trustproof.parse_toml(text, file.name)
    except trustproof.ConfigError as error:
        raise AccountsError(
            f"{error}; or {file.name} has a [boundary] of its own besides the one from the accounts file"
        ) from None
    new = file.with_name(f"{file.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        os.replace(new, file)
    except OSError as error:
        raise AccountsError(f"{file.name}: cannot be written: {error}") from error
    return left_stacks(accounts, before)


def left_stacks(accounts: Accounts, before: str) -> list[str]:
    """
    A sentence for each stack that the app does not know any more, since its account is gone or has another name or
    Region.

    Args:
        accounts: the accounts file.
        before: the text that `trustproof.toml` had.
    """
    known = {(account.id, account.name): account.region for account in accounts.accounts}
    written = _WRITTEN.search(before)
    found = []
    for account, name, region in _ACCOUNT.findall(written[0] if written else ""):
        now = known.get((account, name))
        # Which Region it was, an older release did not write.
        if now is None or region not in ("", now):
            where = f" of {region}" if region else ""
            then = "" if now is None else f", and keep the one in {now} from being made"
            found.append(
                f"access-{name} in {account}{where} is no stack of the app any more: unless you destroyed it before "
                f"(cdk destroy access-{name}), its roles stay, and let people in{then}; see Changes in infra/README.md"
            )
    return found


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise AccountsError(f"{file.name}: cannot be read: {error}") from error


def _entries(mapping: object, what: str) -> set[str]:
    """What a list declares, given its place with dots, as texts that can be compared, and shown."""
    value = mapping
    for key in what.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return {
        f"{entry.get('name')}: {', '.join(map(str, entry.get('accounts', ())))}"
        if isinstance(entry, dict)
        else str(entry)
        for entry in (value if isinstance(value, list) else ())
    }


def _difference(wanted: set[str], found: set[str]) -> str:
    lacking, extra = sorted(wanted - found), sorted(found - wanted)
    parts = [f"{word} {_some(names)}" for word, names in (("without", lacking), ("with", extra)) if names]
    return " and ".join(parts)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


if __name__ == "__main__":
    try:
        for sentence in write_boundary(read_accounts()):
            sys.stderr.write(f"warning: {sentence}\n")
    except AccountsError as problem:
        sys.stderr.write(f"error: {problem}\n")
        sys.exit(2)
