"""
``trustproof new``: the multi-account app as a project of one's own.
"""

from __future__ import annotations

import difflib
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from trustproof.aws.partitions import all_partitions, partition_of, regions_in
from trustproof.errors import InputError, UsageError
from trustproof.escaping.text import printable
from trustproof.files.read import not_utf8, read_bytes, stream_name
from trustproof.files.write import write
from trustproof.scaffold.files import (
    APP_FILES,
    CI_FILES,
    GITIGNORE,
    MAKEFILE,
    README,
    accounts_file,
    boundary_file,
    cdk_json,
    requirements,
)
from trustproof.scaffold.organizations import Organization, account_name, read_organization

#: So many names of accounts are shown.
_MOST_SHOWN = 10
_GIT = ".git"
#: Lines of the app's README that are about this repository.
_ELSEWHERE = re.compile(
    r"^.*\]\(\.\./docs/.*\n|^<!-- Of this repository\. -->\n(?s:.*?)<!-- Of every project\. -->\n\n?", re.MULTILINE
)


class NewArguments(NamedTuple):
    """
    What ``trustproof new`` is told.
    """

    directory: str
    organizations: str | None = None
    hub: str | None = None
    region: str | None = None
    ci: str = "github"

    def run(self) -> int:
        """Ask for what is missing, write the project, and return the exit code."""
        target = Path(self.directory)
        # Before anything is asked.
        refuse_existing(target)
        organization = self._organization()
        hub_of, region_of = partial(_hub, organization), partial(_region, organization.partition)
        hub = hub_of(self.hub) if self.hub else _asked(f"hub, one of {_some(organization)}", "--hub", hub_of)
        region = region_of(self.region) if self.region else _asked("Region of the stacks", "--region", region_of)
        write_project(target, organization, hub=hub, region=region, ci=self.ci)
        left = f"; not active, and left out: {', '.join(organization.left_out)}" if organization.left_out else ""
        several = f"{len(organization.accounts)} accounts" if len(organization.accounts) > 1 else "1 account"
        write(
            f"{self.directory}: {several}, hub {hub}{left}\n"
            f"next: say who may be what in {target / 'infra' / 'accounts.toml'}, then see {target / 'README.md'}\n"
        )
        return 0

    def _organization(self) -> Organization:
        if self.organizations is None:
            return _asked_organization()
        name = stream_name(self.organizations)
        try:
            text = read_bytes(self.organizations).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"cannot be read: {not_utf8(error)}", name) from None
        except FileNotFoundError:
            raise InputError("cannot be read: no such file", name) from None
        return read_organization(text, name)


def write_project(target: Path, organization: Organization, *, hub: str, region: str, ci: str) -> None:
    """
    Write the project, all of it or nothing.

    Args:
        target: the directory, which must not be there, or be empty but for a repository of Git.
        organization: the accounts.
        hub: the name of the account where people sign in.
        region: where the stacks of the accounts are.
        ci: one of `CI_FILES`.

    Raises:
        UsageError: the directory is there, or cannot be written.
    """
    refuse_existing(target)
    try:
        is_there = target.exists()
        beside = target if is_there else target.parent
        beside.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name or 'new'}-", dir=beside) as folder:
            made = Path(folder) / "project"
            made.mkdir()
            _copy_app(made)
            for name, text in _texts(organization, hub, region, ci).items():
                (made / name).parent.mkdir(parents=True, exist_ok=True)
                (made / name).write_text(text, encoding="utf-8")
            if is_there:
                # It may be the working directory, or where something is mounted, and stays what it is.
                _move_into(target, made)
            else:
                made.rename(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}") from None


def refuse_existing(target: Path) -> None:
    """
    Make sure that nobody's files are in the way. A repository of Git that has none yet is not.

    Raises:
        UsageError: there is something.
    """
    is_free = not target.exists() or (target.is_dir() and all(one.name == _GIT for one in target.iterdir()))
    if target.is_symlink() or not is_free:
        raise UsageError(f"{target} is there already: name a directory that is new, or empty")


def _move_into(target: Path, made: Path) -> None:
    """Move all files of a directory into another one, or none."""
    names = sorted(one.name for one in made.iterdir())
    try:
        for name in names:
            (made / name).rename(target / name)
    except OSError:
        for name in names:
            if not (made / name).exists():
                (target / name).rename(made / name)
        raise


def _texts(organization: Organization, hub: str, region: str, ci: str) -> dict[str, str]:
    from importlib.metadata import version

    accounts = organization.accounts
    return {
        "infra/accounts.toml": accounts_file(organization, hub, region, secrets.token_hex(16)),
        "trustproof.toml": boundary_file(organization.ident, accounts, hub, region),
        "requirements.txt": requirements(version("trustproof")),
        "README.md": README,
        "Makefile": MAKEFILE,
        "cdk.json": cdk_json((app_folder() / "cdk.json").read_text(encoding="utf-8"), secrets.token_hex(16)),
        ".gitignore": GITIGNORE,
        **CI_FILES[ci],
    }


def _copy_app(made: Path) -> None:
    source = app_folder()
    for name in APP_FILES:
        if (source / name).is_dir():
            shutil.copytree(source / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source / name, made / name)
    readme = made / "infra" / "README.md"
    readme.write_text(_ELSEWHERE.sub("", readme.read_text(encoding="utf-8")), encoding="utf-8")


def app_folder() -> Path:
    """
    Where the files of the app are: in the package, or, where that is run from a checkout, at its root.

    Raises:
        UsageError: nowhere; the installation is not whole.
    """
    here = Path(__file__).resolve()
    for folder in (here.with_name("app"), here.parents[3]):
        if all((folder / name).exists() for name in APP_FILES):
            return folder
    raise UsageError("this installation of trustproof has no app to write: install it again")


def _region(partition: str | None, region: str) -> str:
    """A Region that there is, where the accounts are."""
    known = [name for one in sorted(all_partitions()) for name in regions_in(one)]
    if region not in known:
        near = difflib.get_close_matches(region, known, n=1)
        meant = f'; did you mean "{near[0]}"?' if near else ""
        raise UsageError(f'the Region must be one like "eu-central-1", got "{region}"{meant}')
    if partition is not None and partition_of(region) != partition:
        raise UsageError(
            f'the Region must be of {partition}, the partition of the accounts, got "{region}" of '
            f"{partition_of(region)}"
        )
    return region


def _hub(organization: Organization, given: str) -> str:
    called = {name: organization.listed.get(name, name) for name in organization.accounts}
    alike = account_name(given)
    exactly = [name for name, title in called.items() if given == title]
    left_out = given in organization.left_out or (not exactly and given in organization.titles_left_out)
    meant = (
        [name for name, ident in organization.accounts.items() if given == ident]
        # The name is taken as `aws organizations list-accounts` prints it, too.
        or exactly
        or [name for name, title in called.items() if alike == account_name(title)]
        or [name for name in called if given == name]
    )
    if left_out or (not meant and alike in map(account_name, organization.titles_left_out)):
        hint = f'; {organization.accounts[meant[0]]}, which is not, would be "{meant[0]}"' if len(meant) == 1 else ""
        raise UsageError(f'the hub must be an active account, and "{given}" is suspended or closed{hint}')
    if len(meant) > 1:
        ids = " and ".join(organization.accounts[name] for name in meant)
        raise UsageError(f'the hub must be one account, and "{given}" is what {ids} are called: give its id')
    if meant:
        return meant[0]
    near = difflib.get_close_matches(given, organization.accounts, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise UsageError(f'the hub must be one of {_some(organization)}, or an id of these, got "{given}"{hint}')


def _some(organization: Organization) -> str:
    """The names of some accounts, as many as anybody reads."""
    names = list(organization.accounts)
    more = len(names) - _MOST_SHOWN
    return ", ".join(names[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _asked_organization() -> Organization:
    ident = _ask("id of the organization", "--organizations FILE", _organization_id)
    accounts: dict[str, str] = {}
    while True:
        line = _ask("an account, as NAME ID (nothing when there are no more)", "--organizations FILE")
        if not line and accounts:
            return Organization(ident, accounts)
        name, _, number = line.partition(" ")
        if not re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or not re.fullmatch("[0-9]{12}", number.strip()):
            sys.stderr.write(
                "a name of lower-case letters, digits and hyphens, a space, and 12 digits: dev 222233334444\n"
            )
        elif name in accounts or number.strip() in accounts.values():
            sys.stderr.write("that is there already\n")
        else:
            accounts[name] = number.strip()


def _organization_id(text: str) -> bool:
    return re.fullmatch("o-[a-z0-9]{10,32}", text) is not None


def _asked(what: str, option: str, read: Callable[[str], str]) -> str:
    """What an answer stands for; of one that stands for nothing it is said why, and asked again."""
    while True:
        answer = _ask(what, option)
        try:
            return read(answer)
        except UsageError as refused:
            sys.stderr.write(f"{printable(str(refused))}\n")


def _ask(what: str, option: str, check: Callable[[str], bool] = lambda text: True) -> str:
    """
    Ask whoever sits at the terminal.

    Raises:
        UsageError: nobody does.
    """
    while True:
        if not sys.stdin.isatty():
            raise UsageError(f"the {what.partition(',')[0]} is missing, and there is no terminal to ask at: {option}")
        sys.stderr.write(f"{what}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise UsageError(f"the {what.partition(',')[0]} is missing: {option}")
        if check(line.strip()):
            return line.strip()
        sys.stderr.write(f"that is none; what a file says is given with {option}\n")
