"""
Managed policies by what they are called: of one account, by path and name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trustproof.model.text import Text


class PoliciesByName:
    """
    Finds them by an ARN, however that is written.

    Args:
        policies: logical id to ARN; all of them before the first question.
        own_policy: path and name of a policy of the template's account by its ARN; None for another one.
    """

    def __init__(self, policies: Mapping[str, Text], own_policy: Callable[[Text], Text | None]) -> None:
        self._policies = policies
        self._own_policy = own_policy
        self._named: dict[Text, list[str]] | None = None

    def of(self, arn: Text) -> list[str]:
        """The logical ids of those that an ARN may mean."""
        if self._named is None:
            self._named = {}
            for logical_id, its_own in self._policies.items():
                self._named.setdefault(self._called(its_own), []).append(logical_id)
        return self._named.get(self._called(arn), [])

    def _called(self, arn: Text) -> Text:
        name = self._own_policy(arn)
        return arn if name is None else name
