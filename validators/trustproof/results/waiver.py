"""
A waiver: what it says, and how it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import NamedTuple

from trustproof.model.file_patterns import why_no_pattern
from trustproof.model.policy import Path
from trustproof.results.omissions import NOT_CHECKED
from trustproof.results.result import OWN_PROPERTY
from trustproof.results.surroundings import read_surroundings

#: What a waiver may say in a template; in the configuration, also what it is about.
IN_TEMPLATE = ("property", "reason", "owner", "expires")
SCOPE = ("resource", "fingerprint", "template")
#: Beside a fingerprint: what the finding was found next to.
AROUND = "around"


class Acknowledgment(NamedTuple):
    """
    What the author of a CDK stack has acknowledged, of everything below a construct.
    """

    #: Identifier of the property.
    ident: str
    reason: str
    #: Path of the construct.
    scope: str = ""


class Waiver(NamedTuple):
    """
    What somebody answers for.
    """

    #: Identifier of the property.
    ident: str
    reason: str
    #: Logical id or construct path, in which ``*`` stands for anything; empty for every resource.
    resource: str = ""
    #: Of the result; empty for every one.
    fingerprint: str = ""
    #: What a result with the fingerprint is found next to, at the worst; empty where the waiver does not say.
    around: tuple[str, ...] = ()
    #: Which templates: a pattern as in a ``.gitignore``, from the directory of the configuration; empty for all.
    template: str = ""
    owner: str = ""
    #: The last day on which it is in force; None where it has no end.
    expires: date | None = None
    #: Where it is written: the file, the path in it, and of the configuration the line and its text.
    file: str = ""
    path: Path = ()
    line: int | None = None
    text: str = ""
    #: Whether it is written in a template, at the resource it is about.
    in_template: bool = False

    @property
    def source(self) -> str:
        """File and, where known, line."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


def read_waiver(table: Mapping[str, object], properties: Iterable[str]) -> Waiver:
    """
    The waiver in a table of known keys.

    Args:
        properties: the identifiers there are.

    Raises:
        ValueError: what is wrong with it, in words.
    """
    texts = {key: _text(table, key) for key in ("property", "reason", "owner", *SCOPE)}
    for key in ("property", "reason"):
        if not texts[key]:
            raise ValueError(f"a waiver needs a {key}{': say why it may be so' if key == 'reason' else ''}")
    known = (*properties, NOT_CHECKED)
    if texts["property"] not in known and not texts["property"].startswith(OWN_PROPERTY):
        near = get_close_matches(texts["property"], known, 1)
        expected = f'did you mean "{near[0]}"?' if near else f"expected one of {', '.join(known)}"
        raise ValueError(f'no property is called "{texts["property"]}", {expected}')
    if texts["property"] == NOT_CHECKED and "fingerprint" in table:
        raise ValueError("a waiver of what is not checked is by its resource: it has no fingerprint")
    if texts["template"] and (wrong := why_no_pattern(texts["template"])):
        raise ValueError(f'the template "{texts["template"]}" of a waiver {wrong}')
    if texts["template"].startswith("!"):
        raise ValueError(
            f'the template "{texts["template"]}" of a waiver matches nothing: there is nothing to take back'
        )
    return Waiver(
        texts["property"],
        texts["reason"],
        resource=texts["resource"],
        fingerprint=texts["fingerprint"],
        around=_around(table),
        template=texts["template"],
        owner=texts["owner"],
        expires=_day(table.get("expires")),
    )


def _text(table: Mapping[str, object], key: str) -> str:
    found = table.get(key, "")
    # Characters that nobody sees say nothing.
    if not isinstance(found, str) or (key in table and not any(one.isprintable() and one != " " for one in found)):
        raise ValueError(f"{key} of a waiver must be a string that is not empty")
    return found


def _around(table: Mapping[str, object]) -> tuple[str, ...]:
    if AROUND not in table:
        return ()
    found = read_surroundings(table[AROUND])
    if not found:
        raise ValueError("around of a waiver must be the list that `check --format json` has of the finding")
    if "fingerprint" not in table:
        raise ValueError("around of a waiver is about the finding with its fingerprint, and there is none")
    return found


def _day(value: object) -> date | None:
    """A date of TOML or YAML, or the text of one."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f'expires of a waiver must be a day such as 2027-01-31, got "{value}"')
