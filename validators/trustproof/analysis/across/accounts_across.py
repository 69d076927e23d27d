"""
Accounts of which nobody has said whose they are, and to which another template of the run is deployed.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.analysis.role_chains.readings import ChainedTemplate
from trustproof.results.result import Result


def for_accounts_elsewhere(results: Iterable[Result], templates: Iterable[ChainedTemplate]) -> list[Result]:
    """
    The results, with what is deployed to an account that they ask about: whoever deploys there most likely owns it.

    It decides nothing: only a declaration says whose an account is.
    """
    deployed = {one.account: one.name for one in reversed([*templates]) if one.account is not None}
    return [
        result._replace(
            undeclared=tuple(
                one._replace(template=deployed.get(one.ident, "")) if one.table == "accounts" else one
                for one in result.undeclared
            )
        )
        if result.undeclared
        else result
        for result in results
    ]
