"""
The accounts of an organization, as ``aws organizations list-accounts`` lists them.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from unicodedata import combining, normalize

from trustproof.errors import InputError
from trustproof.inputs.text import json as json_reader

_NAME_LENGTH = 40


class Organization(NamedTuple):
    """
    What a project needs to know of an organization.
    """

    #: ``o-a1b2c3d4e5``.
    ident: str
    #: Name to 12-digit id.
    accounts: dict[str, str]
    #: Ids of accounts that are listed and not active.
    left_out: tuple[str, ...] = ()
    #: What people call these.
    titles_left_out: tuple[str, ...] = ()
    #: By the ARNs of the accounts; None where they were asked for.
    partition: str | None = None
    #: What people call an account, by its name, where that is another one than they gave it.
    titles: Mapping[str, str] = MappingProxyType({})
    #: The id of the management account, which the ARNs of the accounts name; None where they were asked for.
    management: str | None = None
    #: What is listed of an account, by its name: as people call it.
    listed: Mapping[str, str] = MappingProxyType({})


_COMMAND = "aws organizations list-accounts"


def read_organization(text: str, file: str) -> Organization:
    """
    The organization in a listing of its accounts.

    Raises:
        InputError: it is not JSON or not such a listing, or lists accounts of several organizations, or none.
    """
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        # The profile may say another form.
        raise InputError(f"is not JSON: give what {_COMMAND} --output json prints", file)
    document = json_reader.load(text, file)
    if isinstance(document, list) and document and all(isinstance(one, dict) and "Id" in one for one in document):
        # With --query Accounts.
        document = {"Accounts": document}
    if not isinstance(document, dict) or not isinstance(listed := document.get("Accounts"), list):
        raise InputError(f'has no list "Accounts", as {_COMMAND} prints it', file)
    if document.get("NextToken"):
        raise InputError('has "NextToken", so that accounts are missing: list them all, without --max-items', file)
    #: Id to what people call it.
    accounts: dict[str, str] = {}
    organizations: set[str] = set()
    partitions: set[str] = set()
    managements: set[str] = set()
    left_out: list[str] = []
    titles_left_out: list[str] = []
    for number, entry in enumerate(listed):
        ident = entry.get("Id") if isinstance(entry, dict) else None
        if not isinstance(ident, str) or not re.fullmatch("[0-9]{12}", ident):
            raise InputError(f"Accounts[{number}].Id is not a string of 12 digits", file)
        # arn:aws:organizations::111122223333:account/o-a1b2c3d4e5/222233334444
        organizations.update(re.findall(r":account/(o-[a-z0-9]{10,32})/", str(entry.get("Arn"))))
        managements.update(re.findall(r":organizations::([0-9]{12}):account/", str(entry.get("Arn"))))
        partitions.update(re.findall(r"^arn:(aws[a-z-]*):", str(entry.get("Arn"))))
        title = entry.get("Name")
        title = title if isinstance(title, str) else ""
        if entry.get("State", entry.get("Status", "ACTIVE")) != "ACTIVE":
            left_out.append(ident)
            titles_left_out.append(title)
        elif accounts.setdefault(ident, title) != title:
            raise InputError(f"Accounts[{number}] is {ident} by another name than before: no account has two", file)
    if not accounts:
        raise InputError("lists no active account", file)
    if len(organizations) != 1:
        raise InputError(f"is about {len(organizations)} organizations, by the ARNs of the accounts, not one", file)
    partition = next(iter(sorted(partitions)), None)
    management = next(iter(sorted(managements)), None)
    named = _named(accounts)
    titles = {name: accounts[ident] for name, ident in named.items() if accounts[ident].lower() != name}
    listed = {name: accounts[ident] for name, ident in named.items()}
    return Organization(
        organizations.pop(), named, tuple(left_out), tuple(titles_left_out), partition, titles, management, listed
    )


def _named(titles: Mapping[str, str]) -> dict[str, str]:
    """
    Name to id, in the order given.

    Args:
        titles: id to what people call the account; one that is a name already stays that account's.
    """
    taken: dict[str, str] = {}
    for ident, title in sorted(titles.items(), key=lambda one: account_name(one[1]) != one[1]):
        taken[_name(title, taken)] = ident
    order = list(titles)
    return dict(sorted(taken.items(), key=lambda one: order.index(one[1])))


def account_name(title: str) -> str:
    """A name as the accounts file takes it, made of that which people gave the account."""
    # A letter with an accent is that letter: "Büro" would be in two pieces without it.
    letters = "".join(one for one in normalize("NFKD", title.casefold()) if not combining(one))
    words = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    if not words or not words[0].isalpha():
        words = f"account-{words}".rstrip("-")
    return words[:_NAME_LENGTH].rstrip("-")


def _name(title: str, taken: dict[str, str]) -> str:
    words = account_name(title)
    name, number = words, 1
    while name in taken:
        number += 1
        end = f"-{number}"
        name = words[: _NAME_LENGTH - len(end)].rstrip("-") + end
    return name
