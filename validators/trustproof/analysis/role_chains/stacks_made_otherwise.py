"""
Stacks that a template makes at other values than its defaults: at those nobody has looked at what they deploy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import prod

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.role_chains.readings import ChainReading
from trustproof.errors import InputError
from trustproof.inputs.reader import ExternalTemplate

#: So many readings are made of one, for what stacks deploy in different ways.
_MOST = 64
_TOO_MANY = "what the stacks deploy that are made at other values is not known"

#: What deploys a template that it carries.
_STACKS = ("AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet")

#: Gives the roles of what a stack deploys, in each way in which that has to be judged; a reason where nobody knows it.
ReadStack = Callable[[TemplateContext], "Sequence[ChainReading] | str"]


def stacks_made_otherwise(context: TemplateContext, opened: TemplateContext) -> tuple[TemplateContext | str, ...]:
    """
    What those stacks of a template deploy that it does not make at its defaults; a reason for what cannot be read.

    Args:
        opened: the same template at other values.
    """
    if opened.outer is context:
        # An assignment of parameters makes no others: whether they are there is judged with each.
        return ()
    there = {*_places(context)}
    found: list[TemplateContext | str] = []
    for inner in opened.template.embedded():
        if isinstance(inner, InputError):
            found.append(inner.message)
        elif inner.container is None or inner.container.path not in there:
            found.append(opened.around(inner))
    known = {one.resource for one in _without_template(context)}
    found += [f"{one.what}, which {one.which}" for one in _without_template(opened) if one.resource not in known]
    return tuple(found)


def _without_template(context: TemplateContext) -> Iterator[ExternalTemplate]:
    """The stacks of a template whose own one is a text that nobody knows: what is elsewhere is said at any value."""
    template = context.template
    yield from (
        one for one in template.external_templates() if one.which and template.resource_type(one.resource) in _STACKS
    )


def _places(context: TemplateContext) -> Iterator[object]:
    inside = (one for one in context.template.embedded() if not isinstance(one, InputError))
    return (one.container.path for one in inside if one.container is not None)


def with_stacks(
    reading: ChainReading, stacks: Sequence[TemplateContext | str], read: ReadStack
) -> Iterator[ChainReading]:
    """A reading of a template with what stacks deploy beside it."""
    options = [read(one) if isinstance(one, TemplateContext) else one for one in stacks]
    several = [one for one in options if not isinstance(one, str)]
    reasons = [one for one in options if isinstance(one, str)]
    if prod(map(len, several)) > _MOST:
        several, reasons = [], [*reasons, _TOO_MANY]
    further = next((one for one in (reading.further, *reasons) if one), "")
    for chosen in product(*several):
        yield reading._replace(
            nodes=(*reading.nodes, *(node for one in chosen for node in one.nodes)),
            attached=(*reading.attached, *(policy for one in chosen for policy in one.attached)),
            further=next((one.further for one in chosen if one.further and not further), further),
        )
