"""
What modules call the account that they make resources in.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/caller_identity
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from trustproof.inputs.terraform.lowering.lowering import Root
from trustproof.inputs.terraform.values.instances import Instance, steps
from trustproof.inputs.terraform.values.values import Value
from trustproof.model.policy import Path
from trustproof.model.presentation import PlaceNames

#: Data sources that say where a provider deploys to: to what they say, and the attribute that every version of the
#: provider has for it. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/region
_SAYING = {
    "aws_caller_identity": ("AWS::AccountId", "account_id"),
    "aws_region": ("AWS::Region", "name"),
    "aws_partition": ("AWS::Partition", "partition"),
}
#: What two providers of one account may have otherwise.
_OF_PROVIDER = ("AWS::Region",)
_CURRENT = "current"


def account_names(
    resources: Iterable[Instance], declared: Iterable[Instance], providers: Sequence[str]
) -> dict[str, str]:
    """
    What the module of each resource calls the account of its provider, by address; nothing where it asks for none.

    Args:
        declared: what there is, with the data sources.
        providers: those of the account that the resources are made in: what one of them says of it holds for all.
    """
    names: dict[tuple[str, str], str] = {}
    for one in declared:
        if one.type == "aws_caller_identity" and one.condition is None:
            module, name = _apart(one.address)
            names.setdefault((module, one.provider), f"{name}.account_id")
    if not names:
        return {}
    found: dict[str, str] = {}
    for one in resources:
        module = _apart(one.address)[0]
        for provider in (one.provider, *providers):
            if (module, provider) in names:
                found.setdefault(one.address, names[module, provider])
    return found


def place_names(
    resources: Iterable[Instance], declared: Iterable[Instance], providers: Sequence[str]
) -> dict[str, PlaceNames]:
    """
    What the module of each resource calls the account, the partition and the Region of its provider, by address.

    Args:
        declared: what there is, with the data sources.
        providers: those of the account that the resources are made in: each has a Region of its own.
    """
    names: dict[tuple[str, str], dict[str, str]] = {}
    taken: dict[str, set[str]] = {}
    for one in declared:
        pseudo, attribute = _SAYING.get(one.type, ("", ""))
        module, name = _apart(one.address) if pseudo and one.address.rpartition("data.")[1] else ("", "")
        if name:
            taken.setdefault(module, set()).add(name)
            if one.condition is None:
                names.setdefault((module, one.provider), {}).setdefault(pseudo, f"{name}.{attribute}")
    found: dict[str, PlaceNames] = {}
    for one in resources:
        module = _apart(one.address)[0]
        called: dict[str, str] = {}
        for other in (*reversed(providers), one.provider):
            said = names.get((module, other), {})
            called |= {key: name for key, name in said.items() if other == one.provider or key not in _OF_PROVIDER}
        new = {name for name, (pseudo, _) in _SAYING.items() if pseudo not in called}
        is_free = not any(f"data.{name}.{_CURRENT}" in taken.get(module, ()) for name in new)
        found[one.address] = PlaceNames(called, not module and one.provider == "aws" and is_free)
    return found


def _apart(address: str) -> tuple[str, str]:
    """The module of an address, and what is called so in there."""
    found = steps(address)
    at = 0
    while found[at] == "module":
        at += 2
    return ".".join(found[:at]), ".".join(found[at:])


def without_ids(
    names: Mapping[str, str],
    account: str | None,
    roots: Mapping[tuple[str, Path], Root],
    value: Callable[[Root], Value | None],
    text: Callable[[str], str],
) -> dict[str, str]:
    """
    The names of accounts that the files of resources do not say the id of.

    Args:
        account: the id; None where nobody knows.
        roots: what the parts of resources were made of.
        value: gives what a part was made of, as it is written.
        text: gives the text of a file, or raises a KeyError.
    """
    files: dict[str, set[str]] = {}
    for (logical_id, _), root in roots.items() if account is not None else ():
        written = value(root) if logical_id in names else None
        if written is not None and written.place is not None and written.place.has_offsets:
            files.setdefault(logical_id, set()).add(written.place.file)
    says: dict[str, bool] = {}
    for file in (file for found in files.values() for file in found):
        if file not in says:
            says[file] = _says(text, file, account)
    return {one: name for one, name in names.items() if not any(says[file] for file in files.get(one, ()))}


def _says(text: Callable[[str], str], file: str, account: str | None) -> bool:
    try:
        return account is not None and account in text(file)
    except KeyError:
        return True
