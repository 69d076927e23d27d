"""
Whether policies of a template may look at tags: those of who calls, and those of what they stand on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from trustproof.aws.published import managed_policies_that_say
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.texts.composed_words import may_say, texts_in

#: How keys go on by which policies look at tags of who calls, after the name of a service.
_OF_CALLERS = ":principaltag"


class TagsLookedAt:
    """
    Finds policies that may look at tags.

    Args:
        data: the template.
        environment: its declarations.
    """

    def __init__(self, data: Mapping[str, object], environment: Environment) -> None:
        self._data = data
        self._environment = environment

    @cached_property
    def of_callers(self) -> bool:
        """Whether a policy may look at the tags of who calls; another template of the run, or a macro's, may."""
        environment = self._environment
        if environment.deployment.linked_values is not None or environment.macros:
            return True
        written = [self._data, self._given]
        if may_say(_OF_CALLERS, written):
            return True
        names = [name.lower() for name in managed_policies_that_say("aws:PrincipalTag/")]
        return any(name in text for text in texts_in(written) for name in names)

    def of_resource(self, policy: object) -> bool:
        """Whether a policy may look at the tags of the resource that it stands on."""
        return self._environment.tags_of_resources.may_be_looked_at(self._data, self._given, policy)

    @property
    def _given(self) -> list[object]:
        """What parameters are given."""
        deployment = self._environment.deployment
        return [*deployment.parameters.values(), *map(str, deployment.bindings.values())]
