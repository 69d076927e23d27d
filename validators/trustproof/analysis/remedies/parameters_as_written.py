"""
What parameters of a template stand for, and how it is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from trustproof.model.text import Symbol, Symbolic, Text


class Beginning(NamedTuple):
    """
    How a text begins, up to a parameter, and how it may end.
    """

    parts: tuple[str | Symbol, ...]
    #: What it ends in behind that, from another parameter on, and how that is written; the longest first.
    endings: tuple[tuple[str, tuple[str | Symbol, ...]], ...] = ()


class Parameters(NamedTuple):
    """
    What a template says at the values of its parameters, and how it is written.
    """

    written: Mapping[Text, Symbolic]
    #: What a text begins with that goes on behind a parameter.
    begun: Mapping[str, Beginning]
    #: The accounts that parameters name.
    accounts: Mapping[str, Symbol]
    #: The account that the template is deployed to, and what it calls that wherever it goes; None where it says the id.
    own: tuple[str, Symbol] | None = None
    #: What ARNs begin with where it is deployed, and what it calls the partition; None where it says one.
    partition: tuple[str, Symbol] | None = None

    def over(self, others: Parameters) -> Parameters:
        """Both together; where both know a text, these here."""
        return Parameters(
            {**others.written, **self.written},
            {**others.begun, **self.begun},
            {**others.accounts, **self.accounts},
            self.own or others.own,
            self.partition or others.partition,
        )

    def without(self, ids: Collection[str]) -> Parameters:
        """What is known but for ids that are somebody's by themselves, whatever parameter has one for its default."""
        return self._replace(
            written={text: name for text, name in self.written.items() if text not in ids},
            accounts={account: name for account, name in self.accounts.items() if account not in ids},
        )


#: Of a template that has no parameters.
NOTHING = Parameters({}, {}, {})
