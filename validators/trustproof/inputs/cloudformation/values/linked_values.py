"""
The values that a stack takes from others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from trustproof.inputs.cloudformation.values.bucket_settings import BucketSettings
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.cloudformation.values.passed_defaults import NO_DEFAULTS, AtDefault
from trustproof.model.names import in_stack
from trustproof.model.text import Symbol, Symbolic, Text, concat


class LinkedValues(NamedTuple):
    """
    What other stacks give to a template. All names begin with the name of the stack that has them.
    """

    #: By the name of the symbol that stands for the value where nobody gives it: an expression, or text.
    values: Mapping[str, object] = {}
    #: By the name of the symbol: why nobody can say what the value is.
    doubts: Mapping[str, str] = {}
    #: Sections of templates, as far as the values need them.
    parameters: Mapping[str, Parameter] = {}
    mappings: Mapping[str, object] = {}
    conditions: Mapping[str, object] = {}
    resources: Mapping[str, dict[str, object]] = {}
    #: Roles that the SAM transform makes, to the resources they are made for.
    roles: Mapping[str, str] = {}
    #: Values of these parameters that are known.
    pinned: Mapping[str, str] = {}
    bindings: Mapping[str, Text] = {}
    #: Conditions that hold, since the template can only be deployed where they do.
    requirements: tuple[str, ...] = ()
    #: Conditions that hold in every deployment of the other stacks.
    rules: tuple[str, ...] = ()
    #: Kind and name of what several templates declare, to the reason why it may be any of them.
    ambiguous: Mapping[tuple[str, str], str] = {}
    #: Names of generated names, and of stacks, to what they are taken to be in role chains.
    generated: Mapping[str, str] = {}
    #: What stands for the unique ids of roles, to their ARNs.
    role_ids: Mapping[str, Text] = {}
    #: What other templates say of the settings around buckets that this one has policies of, by name.
    bucket_settings: Mapping[str, BucketSettings] = {}
    #: Names that exports of others may have whose value may have a wildcard: see `Symbols.wild_exports`.
    wild_exports: tuple[str, ...] = ()
    #: What others put where it is read by name and may have a wildcard; None where nobody knows the value.
    patterns: Mapping[str, str | None] = {}
    #: By the name of the symbol: the values of parameters in the deployment that it is of, as far as it depends on them
    #: what users, groups and roles have by it.
    deployments: Mapping[str, Mapping[str, str]] = {}
    #: By the parameters of other stacks that are passed what is made of defaults.
    at_default: AtDefault = NO_DEFAULTS
    #: Over what the loops go that have made a resource.
    collections: Mapping[str, Sequence[object]] = {}
    #: Loops of templates that are not written out, and why.
    unread_loops: Mapping[str, tuple[object, str]] = {}

    @property
    def gives_values(self) -> bool:
        """Whether it says what something is: not only whose else it is, and what is around it."""
        return self != LinkedValues(ambiguous=self.ambiguous, bucket_settings=self.bucket_settings)

    @property
    def dynamic(self) -> bool:
        """Whether an expression may have a dynamic reference."""
        return "{{resolve:" in str((self.values, self.conditions, self.resources, self.parameters))

    def seen_in(self, stack: str) -> LinkedValues:
        """The same where a stack reads them, which may have passed some of them itself."""
        found = {name: self._own(text, stack) for name, text in self.bindings.items()}
        for name, parameter in self.parameters.items():
            label, own = in_stack(name)
            if label == stack:
                # What it passes to others, and gets back, is made of its own.
                found[name] = Symbolic((parameter._replace(name=own).symbol,))
        at_default = {
            name: one._replace(
                defaults={self._own_name(of, stack): default for of, default in one.defaults.items()},
                behind={self._own_name(of, stack): default for of, default in one.behind.items()},
            )
            for name, one in self.at_default.items()
        }
        return self._replace(bindings=found, at_default=at_default)

    def _own_name(self, name: str, stack: str) -> str:
        """What a stack calls a parameter, which may be one of its own."""
        return name.removeprefix(f"{stack}/") if in_stack(name)[0] == stack else name

    def _own(self, text: Text, stack: str) -> Text:
        """A text in which a stack calls its own parameters by their names."""
        if isinstance(text, str):
            return text
        return concat(
            part._replace(name=part.name.removeprefix(f"{stack}/"))
            if isinstance(part, Symbol)
            and part.kind == "parameter"
            and in_stack(part.name)[0] == stack
            and part.name not in self.values
            else part
            for part in text.parts
        )

    def joined(self, other: LinkedValues) -> LinkedValues:
        """Both together."""
        if not any(other):
            return self
        if not any(self):
            return other
        return LinkedValues(*map(_both, self, other))


def _both(own: object, other: object) -> Any:
    """Two of the same parts together."""
    if not other or not own:
        return own or other
    if isinstance(own, tuple) and isinstance(other, tuple):
        return tuple(dict.fromkeys((*own, *other)))
    assert isinstance(own, Mapping)
    assert isinstance(other, Mapping)
    return {**own, **other}


class NotLinkable(Exception):
    """A value is not to be had: CloudFormation refuses what it depends on."""
