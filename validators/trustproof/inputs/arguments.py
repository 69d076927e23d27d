"""
What a program says of the deployment of its templates: what is no account, Region or day is refused, as it is on the
command line. A gate that takes a typing error for an account proves things about nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from os import PathLike, fspath

from trustproof.aws.partitions import is_region, misspelt_region
from trustproof.errors import UsageError
from trustproof.escaping.text import shown, shown_word
from trustproof.model.arn import is_account

#: File, account and Region.
_PARTS_OF_A_PLACE = 3


def each_path(paths: object) -> list[str | Mapping[str, object]]:
    """
    What is to be read: paths as texts, and templates.

    Raises:
        UsageError: it is one path by itself, whose characters would be read one by one, or something else than paths.
    """
    if isinstance(paths, (str, bytes, PathLike, Mapping)) or not isinstance(paths, Iterable):
        raise UsageError(f"paths must be a list of paths or templates, got one by itself: {shown(paths)}")
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
        raise UsageError(f"expected a path or a template, got {shown(given)}")
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
        raise UsageError(f"expected {what}, got {shown(given)}")
    return found


def path_texts(given: object, what: str) -> tuple[str, ...]:
    """
    Paths as texts.

    Args:
        what: each of them is to be.

    Raises:
        UsageError: it is one path by itself, or something else than paths.
    """
    if isinstance(given, (str, bytes, PathLike)) or not isinstance(given, Iterable):
        raise UsageError(f"expected a list, each item {what}, got {shown(given)}")
    return tuple(path_text(one, what) for one in given)


def check_place(account: object, region: object, provider_accounts: Mapping[str, object] | None = None) -> None:
    """
    See that an account and a Region are such; None is not known.

    Args:
        provider_accounts: accounts of provider configurations of Terraform.

    Raises:
        UsageError: one is not.
    """
    if account is not None and not (isinstance(account, str) and is_account(account)):
        raise UsageError(f"account must be 12 digits, got {shown_word(account)}")
    if region is not None and not (isinstance(region, str) and region == region.strip() and is_region(region)):
        raise UsageError(f"region must be the name of a Region, as eu-west-1, got {shown_word(region)}")
    if region is not None and (meant := misspelt_region(region)):
        raise UsageError(f'no Region is called "{region}"; did you mean "{meant}"?')
    if provider_accounts is not None and not isinstance(provider_accounts, Mapping):
        raise UsageError(
            f"provider_accounts must be a mapping of providers to accounts, got {shown_word(provider_accounts)}"
        )
    for provider, found in (provider_accounts or {}).items():
        if not (isinstance(found, str) and is_account(found)):
            named = f"the account of the provider {shown_word(provider)}"
            raise UsageError(f"{named} must be 12 digits, got {shown_word(found)}")


def check_kind(given: object, kind: type, name: str) -> None:
    """
    See that an argument is of a type.

    Args:
        name: of the argument.

    Raises:
        UsageError: it is not.
    """
    if not isinstance(given, kind):
        raise UsageError(f"{name} must be a {kind.__name__}, got {shown(given)}")


def check_policy_kind(given: object, kinds: Iterable[str], name: str) -> None:
    """
    See that policies are of a kind; None is left to each policy.

    Args:
        kinds: those that there are.
        name: of the argument.

    Raises:
        UsageError: it is none of them.
    """
    known = tuple(kinds)
    if given is not None and given not in known:
        raise UsageError(f"{name} must be one of {', '.join(known)}, got {shown_word(given)}")


def check_day(today: object) -> None:
    """
    See that the day of a run is a day; None is not known.

    Raises:
        UsageError: it is not.
    """
    if today is not None and (not isinstance(today, date) or isinstance(today, datetime)):
        raise UsageError(f"today must be a datetime.date, got {shown_word(today)}")


def check_jobs(jobs: object) -> None:
    """
    See that there may be so many processes.

    Raises:
        UsageError: it is no number of at least 1.
    """
    if not isinstance(jobs, int) or jobs < 1:
        raise UsageError(f"jobs must be at least 1, got {shown_word(jobs)}")


def check_values(parameters: object) -> None:
    """
    See that parameters are given by their names, and their values as texts, as on the command line; None gives none.

    Raises:
        UsageError: they are not.
    """
    if parameters is None:
        return
    if not isinstance(parameters, Mapping):
        raise UsageError(f"parameters must be a mapping of names to values, got {shown_word(parameters)}")
    for name, value in parameters.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise UsageError(f"a parameter and its value are texts, got {shown(name)}: {shown(value)}")


def template_places(given: object) -> tuple[tuple[str, str | None, str | None], ...]:
    """
    Templates whose accounts and Regions are known, as `check_templates` is given them.

    Raises:
        UsageError: they are no list of three parts each, or a part is not what it is to be.
    """
    if isinstance(given, (str, bytes, PathLike, Mapping)) or not isinstance(given, Iterable):
        raise UsageError(f"templates must be a list of (file, account, Region), got {shown(given)}")
    found: list[tuple[str, str | None, str | None]] = []
    for one in given:
        if isinstance(one, (str, bytes)) or not isinstance(one, Sequence) or len(one) != _PARTS_OF_A_PLACE:
            raise UsageError(f"each template must be (file, account, Region), got {shown(one)}")
        file, account, region = one
        check_place(account, region)
        found.append((path_text(file, "the path of a template"), account, region))
    return tuple(found)


def refuse_unused(names: Sequence[str], declared: Iterable[str], *, all_read: bool) -> str:
    """
    Say that no template has some parameters that were given.

    Args:
        declared: the parameters of the templates.
        all_read: whether all templates were read: another one may have them.

    Returns:
        a note, where one was not read.

    Raises:
        UsageError: no template has them.
    """
    called = ", ".join(names)
    if all_read:
        there = ", ".join(sorted(declared)) or "none"
        raise UsageError(f"no template has a parameter called {called}; the parameters there are: {there}")
    return f"no template that could be read has a parameter called {called}"
