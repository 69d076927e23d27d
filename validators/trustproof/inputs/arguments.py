"""
What a program says of the deployment of its templates: what is no account, Region or day is refused, as it is on the
command line. A gate that takes a typing error for an account proves things about nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from os import PathLike, fspath

from trustproof.aws.partitions import is_region, misspelt_region
from trustproof.errors import UsageError
from trustproof.model.arn import is_account


def each_path(paths: object) -> list[str | Mapping[str, object]]:
    """
    What is to be read: paths as texts, and templates.

    Raises:
        UsageError: it is one path by itself, whose characters would be read one by one, or something else than paths.
    """
    if isinstance(paths, (str, bytes, PathLike, Mapping)) or not isinstance(paths, Iterable):
        raise UsageError(f"paths must be a list of paths or templates, got one by itself: {paths!r:.80}")
    return [path_or_template(one) for one in paths]


def path_or_template(given: object) -> str | Mapping[str, object]:
    """
    A path as a text, or a template as it is.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(given, (str, Mapping)):
        return given
    found = fspath(given) if isinstance(given, PathLike) else None
    if not isinstance(found, str):
        raise UsageError(f"expected a path or a template, got {given!r:.80}")
    return found


def path_text(given: object, what: str = "a path") -> str:
    """
    A path as a text.

    Args:
        what: it is to be.

    Raises:
        UsageError: it is none.
    """
    found = given if isinstance(given, str) else fspath(given) if isinstance(given, PathLike) else None
    if not isinstance(found, str):
        raise UsageError(f"expected {what}, got {given!r:.80}")
    return found


def check_place(account: object, region: object, provider_accounts: Mapping[str, object] | None = None) -> None:
    """
    See that an account and a Region are such; None is not known.

    Args:
        provider_accounts: accounts of provider configurations of Terraform.

    Raises:
        UsageError: one is not.
    """
    if account is not None and not (isinstance(account, str) and is_account(account)):
        raise UsageError(f"account must be 12 digits, got {_shown(account)}")
    if region is not None and not (isinstance(region, str) and region == region.strip() and is_region(region)):
        raise UsageError(f"region must be the name of a Region, as eu-west-1, got {_shown(region)}")
    if region is not None and (meant := misspelt_region(region)):
        raise UsageError(f'no Region is called "{region}"; did you mean "{meant}"?')
    for provider, found in (provider_accounts or {}).items():
        if not (isinstance(found, str) and is_account(found)):
            raise UsageError(f"the account of the provider {provider} must be 12 digits, got {_shown(found)}")


def check_day(today: object) -> None:
    """
    See that the day of a run is a day; None is not known.

    Raises:
        UsageError: it is not.
    """
    if today is not None and (not isinstance(today, date) or isinstance(today, datetime)):
        raise UsageError(f"today must be a datetime.date, got {_shown(today)}")


def check_jobs(jobs: object) -> None:
    """
    See that there may be so many processes.

    Raises:
        UsageError: it is no number of at least 1.
    """
    if not isinstance(jobs, int) or jobs < 1:
        raise UsageError(f"jobs must be at least 1, got {_shown(jobs)}")


def check_values(parameters: object) -> None:
    """
    See that parameters are given by their names; None gives none.

    Raises:
        UsageError: they are not.
    """
    if parameters is not None and not isinstance(parameters, Mapping):
        raise UsageError(f"parameters must be a mapping of names to values, got {_shown(parameters)}")


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else f"{value!r:.80}"
