"""
The templates of both sides as they are judged, with what control policies of either side deny.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from trustproof.analysis.assignments.targets import account_of_resources, placeholder_account
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.control_policies import Controls, of_organization
from trustproof.comparison.pairs.control_policies import ComparedControls, compared_controls
from trustproof.comparison.subjects.linking import JoinedTemplates, LinkedSide
from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.config.model import Config
from trustproof.inputs.reader import Input
from trustproof.model.document import CONTROL
from trustproof.proving.cache import Proofs

#: What several templates say as one, by the identity of that one.
Together: TypeAlias = "dict[int, tuple[JoinedTemplates, TemplateContext]]"


class Contexts:
    """
    What is known of each template of both sides, and what is assumed.

    Args:
        linked: the old side and the new one.
        config: with which several templates are judged as one.
    """

    def __init__(self, linked: Sequence[LinkedSide], config: Config) -> None:
        old, new = (one.side for one in linked)
        homeless = [one.template for side in (old, new) for one in side.templates if one.template.account is None]
        # Where nobody says the account, it is the same on both sides.
        documents = [one for found in homeless for one in found.documents]
        self._account = account_of_resources(documents) or placeholder_account(
            documents, config, lambda word: any(one.mentions(word) for one in homeless)
        )
        self._controls: Mapping[str, Controls] = {}
        #: Control policies that are not the same on both sides.
        self.controls: ComparedControls = compared_controls(self._labelled(new), self._labelled(old))
        self._controls = {new.called: self.controls.new, old.called: self.controls.old}
        #: By the identity of the template.
        self.alone: dict[int, TemplateContext] = {
            id(named.template): self.of_input(named.template, side) for side in (old, new) for named in side.templates
        }
        self.together: Together = {
            id(one.template): (one, self._made(one.template, config, side.side.called))
            for side in linked
            for one in side.joined
        }

    def of_input(self, input_: Input, side: ComparisonSide) -> TemplateContext:
        """A template of a side, or what it is in some accounts."""
        return self._made(input_, side.config_of(input_), side.called)

    def _labelled(self, side: ComparisonSide) -> list[tuple[str, TemplateContext]]:
        """The templates of a side that have control policies, or change what others attach."""
        there = (
            one
            for one in side.templates
            if any(it.kind == CONTROL for it in one.template.documents) or any(one.template.outward_changes)
        )
        return [(one.label, self.of_input(one.template, side)) for one in there]

    def _made(self, input_: Input, config: Config, called: str) -> TemplateContext:
        controls = of_organization(self._controls.get(called, ()), config.organization)
        return TemplateContext(input_, config, Proofs(), certify=False, account=self._account, controls=controls)
