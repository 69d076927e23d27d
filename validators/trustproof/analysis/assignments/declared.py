"""
What a template declares, by what it is asked for: each of its policies asks, and none goes through all of it for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from trustproof.inputs.reader import Input
from trustproof.model.principals import Holder
from trustproof.model.substitution import bind_text
from trustproof.model.text import Text
from trustproof.properties.shared.programs import why_a_program


class Declared:
    """
    The users and roles of a template.

    Args:
        assumed: values that the template is judged at.
    """

    def __init__(self, template: Input, assumed: Mapping[str, str]) -> None:
        self._template = template
        self._assumed = assumed

    @cached_property
    def users(self) -> Mapping[Text, Sequence[Holder]]:
        """The users by their ARNs."""
        found: dict[Text, list[Holder]] = {}
        for one in self._template.holders:
            if one.kind == "user":
                found.setdefault(bind_text(one.arn, self._assumed), []).append(one)
        return found

    @cached_property
    def users_of_programs(self) -> tuple[Holder, ...]:
        """The users that are taken for programs'."""
        users = (one for one in self._template.holders if why_a_program(one))
        return tuple(one._replace(arn=bind_text(one.arn, self._assumed)) for one in users)

    @cached_property
    def tags_of_roles(self) -> Mapping[str, tuple[tuple[str, Text], ...] | None]:
        """The tags of each role by its logical id; None where they cannot be read."""
        return {role.logical_id: role.tags for role in reversed(self._template.roles)}
