"""
How an input is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from trustproof.model.policy import Path

#: Texts that are shorter may be parts of any word.
_SHORT = 6
#: What stands for a text that is never shown.
HIDDEN = "(sensitive)"
#: What stands for each character of a text that is never shown, in an excerpt of a file: the columns stay.
_COVERED = "•"


class PlaceNames(NamedTuple):
    """
    What a module of Terraform calls where a resource is deployed to.
    """

    #: By the names of CloudFormation's pseudo parameters.
    declared: Mapping[str, str] = {}
    #: Whether a data source called ``current`` can be added for what has no name.
    may_declare: bool = True


class Presentation(NamedTuple):
    """
    How what was read is shown, where that is not how it is judged.
    """

    #: Logical ids to types of resources as their authors write them, where these are called otherwise in here.
    types: Mapping[str, str] = {}
    #: Texts that are compared and never shown.
    secrets: frozenset[str] = frozenset()
    #: What a reader of the report has to know of the input.
    notes: tuple[str, ...] = ()
    #: Which of the options that are not for every input have had a part in it.
    options: frozenset[str] = frozenset()
    #: Logical ids to the paths of what has brought the resource there, each with what it is: a call of a module.
    origins: Mapping[str, tuple[tuple[Path, str], ...]] = {}
    #: Logical ids, and paths from their properties, to how what stands there is written; nothing for JSON.
    written: Mapping[tuple[str, Path], str] = {}
    #: What belongs to the input, and nobody has looked into: what it is, and a clause to follow ``which``.
    left_out: tuple[tuple[str, str], ...] = ()
    #: Logical ids, and paths from their properties, to what is never shown in whole or in part.
    unshown: frozenset[tuple[str, Path]] = frozenset()
    #: Reasons for which something is not read that is not written in the input at all: of two inputs that give the same
    #: one, nobody knows whether they mean the same.
    hidden: frozenset[str] = frozenset()
    #: What to do about policies that nobody has: a clause to end a note of them.
    if_unattached: str = ""
    #: Condition keys, in lower case, that are compared with what is never shown.
    secret_keys: frozenset[str] = frozenset()
    #: Whether it is everything that an account has: a policy that nobody has here, nobody has.
    is_whole_account: bool = False
    #: What may hold policies, and is in no deployment with the values at hand.
    absent: tuple[str, ...] = ()
    #: Logical ids to what another language than CloudFormation's calls their account; nothing where it has no name
    #: for it, or says the id.
    account_names: Mapping[str, str] = {}
    #: Logical ids to all that it has names for of where they are deployed to.
    place_names: Mapping[str, PlaceNames] = {}
    #: Whether its language has functions: what is only known when it is deployed can be written.
    has_functions: bool = True
    #: The words of what is left out, by what it is, as far as they are known: two inputs may write it otherwise.
    left_out_words: Mapping[str, str] = {}
    #: The unique ids of the users and roles of an account, where it is everything that the account has.
    unique_ids: frozenset[str] = frozenset()
    #: What tells apart the credentials that it is deployed with, where nobody knows its account; empty for none.
    credentials: str = ""
    #: The files that it was read from where these are many: no part of them is passed over with their directory.
    files: frozenset[str] = frozenset()
    #: Gives a result the words of its language, where that is another than CloudFormation's.
    in_its_words: Callable[[Any, Presentation], Any] | None = None

    def excerpt(self, line: str) -> str:
        """A line of a file, in which the texts are covered that are never shown."""
        return secret_pattern(self.secrets).sub(lambda found: _COVERED * len(found[0]), line) if self.secrets else line

    def left_out_as_shown(self) -> tuple[tuple[str, str], ...]:
        """What nobody has looked into, without the texts that are never shown."""
        return tuple((what, covered(which, self.secrets)) for what, which in self.left_out)

    def joined(self, other: Presentation) -> Presentation:
        """Both together."""
        notes = tuple(dict.fromkeys((*self.notes, *other.notes)))
        types, secrets = {**self.types, **other.types}, self.secrets | other.secrets
        keys = self.secret_keys | other.secret_keys
        origins, written = {**self.origins, **other.origins}, {**self.written, **other.written}
        left_out = tuple(dict.fromkeys((*self.left_out, *other.left_out)))
        options, unshown = self.options | other.options, self.unshown | other.unshown
        hidden = self.hidden | other.hidden
        if_unattached = self.if_unattached or other.if_unattached
        return Presentation(
            types,
            secrets,
            notes,
            options,
            origins,
            written,
            left_out,
            unshown,
            hidden,
            if_unattached,
            keys,
            self.is_whole_account and other.is_whole_account,
            tuple(dict.fromkeys((*self.absent, *other.absent))),
            {**self.account_names, **other.account_names},
            {**self.place_names, **other.place_names},
            self.has_functions and other.has_functions,
            {**self.left_out_words, **other.left_out_words},
            self.unique_ids | other.unique_ids,
            self.credentials or other.credentials,
            self.files | other.files,
            self.in_its_words or other.in_its_words,
        )


def covered(sentence: str, secrets: frozenset[str]) -> str:
    """A sentence without the texts that are never shown."""
    return secret_pattern(secrets).sub(HIDDEN, sentence) if secrets else sentence


@lru_cache(maxsize=8)
def secret_pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    """What finds the secrets; the longest first, since one may be a part of another."""
    parts = []
    for secret in sorted(secrets, key=lambda text: (-len(text), text)):
        escaped = re.escape(secret)
        parts.append(rf"(?<!\w){escaped}(?!\w)" if len(secret) < _SHORT else escaped)
    return re.compile("|".join(parts))
