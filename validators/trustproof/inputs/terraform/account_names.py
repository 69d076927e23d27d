"""
What modules call the account that they make resources in.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/caller_identity
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from trustproof.inputs.terraform.instances import Instance, steps
from trustproof.inputs.terraform.lowering import Root
from trustproof.inputs.terraform.values import Value
from trustproof.model.policy import Path


def account_names(resources: Iterable[Instance], declared: Iterable[Instance]) -> dict[str, str]:
    """
    What the module of each resource calls the account of its provider, by address; nothing where it asks for none.

    Args:
        declared: what there is, with the data sources.
    """
    names: dict[tuple[str, str], str] = {}
    for one in declared:
        if one.type == "aws_caller_identity" and one.condition is None:
            module, name = _apart(one.address)
            names.setdefault((module, one.provider), f"{name}.account_id")
    if not names:
        return {}
    keys = ((one.address, (_apart(one.address)[0], one.provider)) for one in resources)
    return {address: names[key] for address, key in keys if key in names}


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
        if written is not None and written.place is not None and written.place.start >= 0:
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
