"""
Whether policies of a template may look at tags: those of who calls, and those of what they stand on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from trustproof.aws.published import managed_policies_that_say
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.texts.composed_words import ComposedWord, may_say, texts_in

#: How keys go on by which policies look at tags, after the name of a service.
_OF_CALLERS, _OF_RESOURCES = ":principaltag", ":resourcetag"


class _Found:
    """
    What has been found of the policies of one template, the latest: each reading asks again.
    """

    def __init__(self) -> None:
        self._data: Mapping[str, object] | None = None
        #: By what parameters are given, and the policy, which is kept, so that no other is taken for it.
        self._known: dict[tuple[str, int], tuple[object, bool]] = {}
        #: What any policy may be put together of, by what parameters are given.
        self._words: dict[str, ComposedWord] = {}

    def looks_at_tags(self, data: Mapping[str, object], given: list[object], policy: object) -> bool:
        """Whether a policy of a template may look at the tags of the resource that it stands on."""
        if data is not self._data:
            self._data, self._known, self._words = data, {}, {}
        said = repr(given)
        which = said, id(policy)
        if which not in self._known:
            if said not in self._words:
                sections = [value for name, value in data.items() if name != "Resources"]
                self._words[said] = ComposedWord(_OF_RESOURCES, [*sections, given], data.get("Resources"))
            self._known[which] = policy, self._words[said].may_be_in([policy])
        return self._known[which][1]


_found = _Found()


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
        return _found.looks_at_tags(self._data, self._given, policy)

    @property
    def _given(self) -> list[object]:
        """What parameters are given."""
        deployment = self._environment.deployment
        return [*deployment.parameters.values(), *map(str, deployment.bindings.values())]
