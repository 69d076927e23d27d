"""
Which policies of a template may look at the tags of what they stand on, as far as somebody has asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.evaluation.texts.composed_words import ComposedWord

#: How keys go on by which policies look at those tags, after the name of a service.
_KEY = ":resourcetag"


class TagsOfResources:
    """
    What has been found of the policies of one template as it is written: each reading of it asks again.
    """

    def __init__(self) -> None:
        #: By what parameters are given, and the policy, which is kept, so that no other is taken for it.
        self._known: dict[tuple[str, int], tuple[object, bool]] = {}
        #: What any policy may be put together of, by what parameters are given.
        self._words: dict[str, ComposedWord] = {}

    def may_be_looked_at(self, data: Mapping[str, object], given: list[object], policy: object) -> bool:
        """
        Whether a policy may look at the tags of the resource that it stands on.

        Args:
            data: the template.
            given: what its parameters are given.
        """
        said = repr(given)
        which = said, id(policy)
        if which not in self._known:
            if said not in self._words:
                sections = [value for name, value in data.items() if name != "Resources"]
                self._words[said] = ComposedWord(_KEY, [*sections, given], data.get("Resources"))
            self._known[which] = policy, self._words[said].may_be_in([policy])
        return self._known[which][1]
