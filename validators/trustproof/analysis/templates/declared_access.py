"""
Who gets in by what is no policy, next to what the project declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.config.model import Boundary, Config
from trustproof.inputs.reader import ExternalTemplate
from trustproof.model.declarations import ACCOUNTS, ISSUERS, ORGANIZATIONS

#: How many of one list are written out for who reads it to copy.
_MOST = 8


def undeclared_access(
    parts: Iterable[ExternalTemplate], config: Config, account: str | None
) -> Iterator[ExternalTemplate]:
    """
    What is left to be looked into: without what lets in only those who are declared, and with how to declare the
    others.

    Args:
        account: that the template goes to; None where it is not known.
    """
    for part in parts:
        foreign = [one for one in part.declarable if not _is_declared(*one, config, account)]
        if not part.declarable:
            yield part
        elif foreign:
            lists: dict[str, list[str]] = {}
            for name, ident in foreign[:_MOST]:
                lists.setdefault(name, []).append(f'"{ident}"')
            said = ", ".join(f"{name} = [{', '.join(idents)}]" for name, idents in lists.items())
            yield part._replace(
                which=f"{part.which}; if that is yours, declare it in trustproof.toml: [boundary] {said}"
            )


def _is_declared(name: str, ident: str, config: Config, account: str | None) -> bool:
    boundary = config.boundary or Boundary()
    if name == ACCOUNTS:
        vendors = {one for party in config.third_parties for one in party.accounts}
        return ident == account or ident in boundary.accounts or ident in vendors
    if name == ORGANIZATIONS:
        return ident in boundary.organizations
    assert name == ISSUERS
    return any(ident == one or ident.startswith(f"{one}/") for one in config.issuers or ())
