"""
Claims of a token of GitHub Actions that follow from each other: no token has a branch, and the ``ref`` of another one.

https://docs.github.com/en/actions/reference/security/oidc
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from typing import Any

from trustproof_cdk._arguments import arguments
from trustproof_cdk._trust import claims as claimed

_NUMBER = re.compile(r"@([0-9]+)")
#: The claims that what a subject says decides.
_FOLLOWING = ("environment", "ref", "repository", "repository_id", "repository_owner_id")
#: Those that are about the repository, by which part of its name has them.
_OF_REPOSITORY = {"repository": None, "repository_id": 1, "repository_owner_id": 0}


def refuse_contradictions(
    full_names: Sequence[str],
    contexts: Sequence[str],
    claims: Mapping[str, Sequence[str]],
    argument: str = "claims",
) -> None:
    """
    Refuse what of a repository may get in and never does, since no token for it has the claims that are demanded.

    Args:
        full_names: of the repositories, as in subjects.
        contexts: what follows them there.
        claims: by name, in whichever case, the accepted values. What is known only in a deployment may be anything.
        argument: that has them.

    Raises:
        ValueError: with the claim, and what nobody gets in from.
    """
    for name, accepted in claims.items():
        claim = name.lower()
        if claim not in _FOLLOWING or not accepted or any(map(arguments.is_token, accepted)):
            continue
        subjects = full_names if claim in _OF_REPOSITORY else contexts
        for subject in (one for one in subjects if not arguments.is_token(one)):
            pattern = _of_repository(claim, subject) if claim in _OF_REPOSITORY else _following(claim, subject)
            if pattern is None:
                raise ValueError(
                    f"{argument} cannot have {name!r} beside {subject!r}: the token of a job that names no environment "
                    "has no such claim, and nobody gets in from there"
                )
            if not any(_is_like(pattern, value) for value in accepted):
                raise ValueError(
                    f"{argument}[{name!r}] must have what tokens for {subject!r} have, {pattern!r}, or nobody gets in "
                    f"from there; got {', '.join(map(repr, accepted))}"
                )


def listed(claims: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """The accepted values of each claim, which may be one alone; what is no text at all is left to who checks it."""
    found = {name: claimed.several(values) for name, values in claims.items()}
    return {
        name: values
        for name, values in found.items()
        if isinstance(values, Sequence) and all(isinstance(one, str) for one in (name, *values))
    }


def in_conditions(conditions: Mapping[str, Any] | None, issuer: str) -> dict[str, Any]:
    """
    The claims that conditions compare as they stand, with the accepted values.

    Args:
        conditions: of a trust policy, as they are given.
        issuer: whose tokens have the claims.
    """
    block = conditions.get("StringEquals") if isinstance(conditions, Mapping) else None
    begin = f"{issuer.removeprefix('https://')}:"
    asked = block.items() if isinstance(block, Mapping) else ()
    return {
        key.removeprefix(begin): value
        for key, value in asked
        # A policy variable is known in the request only.
        if isinstance(key, str) and key.startswith(begin) and "${" not in str(value)
    }


def _of_repository(claim: str, full_name: str) -> str:
    """What a claim about a repository is, as a pattern: a subject without numbers does not say them."""
    part = _OF_REPOSITORY[claim]
    if part is None:
        return _NUMBER.sub("", full_name)
    found = _NUMBER.search(full_name.split("/")[part])
    return "*" if found is None else found[1]


def _following(claim: str, context: str) -> str | None:
    """What a claim is where a subject has a context, as a pattern; None where the token has no such claim."""
    kind, _, name = context.partition(":")
    if claim == "environment":
        return name.replace("%3A", ":") if kind == "environment" else None
    # Which ref a job with an environment is for is no part of the subject, nor is that of a pull request.
    return name if kind == "ref" else "*"


def _is_like(pattern: str, value: str) -> bool:
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))
