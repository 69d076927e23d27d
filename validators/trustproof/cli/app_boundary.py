"""
Whether the boundary is what the accounts file of the app says, for ``trustproof doctor``.

The app refuses to synthesize with a boundary that is not; here it is seen before anything is installed for the app.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from trustproof.config.model import Config
from trustproof.config.toml import parse_toml
from trustproof.errors import ConfigError, reason

#: Below the directory of the configuration, as `trustproof new` writes it.
ACCOUNTS_FILE = os.path.join("infra", "accounts.toml")
_HOW = "run `make boundary`, or `python -m infra.boundary`"


def why_stale(config: Config) -> str:
    """
    What of the boundary is not as the accounts file has it; empty where nothing is, or where there is no such file.

    Raises:
        ConfigError: the accounts file cannot be read.
    """
    file = os.path.join(os.path.dirname(config.file or ""), ACCOUNTS_FILE)
    if config.file is None or config.boundary is None or not os.path.isfile(file):
        return ""
    try:
        with open(file, encoding="utf-8") as opened:
            said = parse_toml(opened.read(), file)
    except OSError as error:
        raise ConfigError(f"cannot be read: {reason(error)}", file) from None
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8: save it as UTF-8", file) from None
    accounts = {str(table.get("id")) for table in _tables(said.get("accounts"))}
    organization = _table(said.get("organization")).get("id")
    vendors = {str(one) for table in _tables(said.get("vendors")) for one in _several(table.get("accounts"))}
    third_parties = {account for party in config.third_parties for account in party.accounts}
    differences = [
        *_differences("account", accounts, config.boundary.accounts),
        *_differences("organization", {str(organization)}, config.boundary.organizations),
        # Others may be declared beside those of the accounts file.
        *(f"lacks the vendor's account {account}" for account in sorted(vendors - third_parties)),
    ]
    return f"is not what {file} says ({'; '.join(differences)}): {_HOW}" if differences else ""


def _differences(what: str, said: set[str], has: Iterable[str]) -> list[str]:
    lacking = [f"lacks the {what} {one}" for one in sorted(said.difference(has))]
    return lacking + [f"has the {what} {one}, which is not there" for one in sorted(set(has) - said)]


def _tables(value: object) -> list[Mapping[str, object]]:
    return [_table(one) for one in _table(value).values()]


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else []
