"""
A template as it is judged where parameters have other values than their defaults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.deployments import Assignment, equality_key
from trustproof.model.document import Document

#: So many of them take about as long as it takes to make one instance of a resource or module.
STEPS_OF_AN_INSTANCE = 60
#: So many does it cost to open a default, beyond as many as a template of CloudFormation may have.
_STEPS_OF_A_DEFAULT, _FEW_DEFAULTS = 20, 200


def other_contexts(
    context: TemplateContext,
    defaults: Mapping[str, str],
    classes: Sequence[Assignment] | str,
    *,
    once: bool = False,
) -> Iterator[TemplateContext]:
    """
    A template as it is to be judged where some parameters have other values than their defaults.

    Args:
        once: see `TemplateContext.at`.

    Raises:
        BudgetReached: it has been read at as many values as it may be.
    """
    names = tuple(defaults)
    opened = context.made_again_at(names)
    if opened is not None:
        context.further.count(names, _steps_of(opened, len(names), context.template.instances_made_again()))
        still = opened.template.parameter_defaults()
        left = {name: default for name, default in defaults.items() if name in still}
        if left:
            # Templates of both kinds are judged together.
            apart = opened.assignments.of_holders(opened.template.holders, opened.documents)
            yield from other_contexts(opened, left, apart, once=once)
        else:
            yield opened
        return
    asked: set[Assignment] = set()
    known = classes if isinstance(classes, tuple) else ()
    standing = _standing_for_others(context, known, defaults)
    for one in known or (Assignment((), (), ()),):
        for assignment in _at_other_values_of(one, defaults, standing):
            if assignment not in asked:
                asked.add(assignment)
                if assignment != one:
                    context.further.count(assignment, context.template.reading_steps())
                yield context.at(assignment, once=once)


def _at_other_values_of(
    one: Assignment, defaults: Mapping[str, str], standing: Mapping[str, Sequence[str]]
) -> Iterator[Assignment]:
    """
    An assignment at which a template is judged in any case, where parameters have other values than defaults.

    Args:
        standing: see `_standing_for_others`.
    """
    given = dict(one.values)
    # One of a default that is given stays for the others, which may only matter beside it.
    if not defaults.keys() <= given.keys() or all(given[name] != value for name, value in defaults.items()):
        others = (*one.not_default, *(name for name in defaults if name not in given))
        yield one._replace(not_default=tuple(dict.fromkeys(others)))
    # A default stands for all that conditions do not tell from it, at which what is written with it is not the same.
    left = {name for name, value in defaults.items() if given.get(name) == value and name in standing}
    if left:
        values = tuple(part for part in one.values if part[0] not in left)
        told = tuple(
            (equality_key(name, text), "false") for name in defaults if name in left for text in standing[name]
        )
        named = tuple(part for part in one.named if part[0] not in left)
        open_ = (*one.not_default, *(name for name in defaults if name in left or name not in given))
        yield Assignment((*values, *told), tuple(dict.fromkeys(open_)), named)


def _standing_for_others(
    context: TemplateContext, classes: Sequence[Assignment], defaults: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Of defaults that stand for other values too, each with the texts that conditions tell from it."""
    apart = {name for one in classes for name in one.not_default}
    given: dict[str, dict[str, None]] = {}
    for name, value in (part for one in classes for part in one.values):
        if name in defaults and name not in apart and not context.deployments.listed(name):
            given.setdefault(name, {})[value] = None
    return {name: tuple(value for value in found if value != defaults[name]) for name, found in given.items()}


def at_no_default(context: TemplateContext) -> TemplateContext | None:
    """A template where no parameter has its default; None for what Terraform cannot evaluate so."""
    template, names = context.template, tuple(context.template.parameter_defaults())
    if not names:
        return context
    is_made = template.is_as_written or template.at_other_values(names) is not None
    return context.at_other_values(names) if is_made else None


def forms_at_no_default(
    context: TemplateContext, document: Document
) -> Iterator[tuple[TemplateContext, Document] | None]:
    """
    What a document may be where no parameter has its default, with the template there; nothing where there are no
    defaults, and None where it is not known.
    """
    opened = at_no_default(context)
    if opened is context:
        return
    there = () if opened is None else opened.bound(opened.template.documents_at(document.logical_id, document.path))
    found = [one for one in there if one.place == document.place]
    if opened is None or not found:
        yield None
    else:
        yield from ((opened, one) for one in found)


def steps_to_make(opened: int, instances: int) -> int:
    """How much work it is to make a template at other values than so many defaults, before it is read."""
    return STEPS_OF_AN_INSTANCE * instances + _STEPS_OF_A_DEFAULT * max(opened - _FEW_DEFAULTS, 0)


def _steps_of(opened: TemplateContext, names: int, instances: int) -> int:
    """The same with the work to read it at each of its own assignments."""
    classes = opened.assignments.of_holders(opened.template.holders, opened.documents)
    readings = 1 + (len(classes) if isinstance(classes, tuple) else 0)
    return steps_to_make(names, instances) + opened.template.reading_steps() * readings
