"""
The roles of one template at each assignment of its parameters at which they have to be judged together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import zip_longest

from trustproof.analysis.assignments.defaults import asked_at_most, deciding_defaults
from trustproof.analysis.assignments.other_values import other_contexts
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.role_chains.deciding_documents import deciding_documents
from trustproof.analysis.role_chains.guards import is_guarded
from trustproof.analysis.role_chains.nodes import nodes_of
from trustproof.analysis.role_chains.open_names import names_in_chains, told_by_names, unnamed_role
from trustproof.analysis.role_chains.readings import (
    NOT_READ,
    ChainedTemplate,
    ChainReading,
    LaterReading,
    OtherReadings,
)
from trustproof.analysis.role_chains.stacks_made_otherwise import stacks_made_otherwise, with_stacks
from trustproof.analysis.role_chains.unread_trust import unread_trust
from trustproof.aws.examples import ACCOUNTS
from trustproof.inputs.discovery.inputs import LINKING
from trustproof.inputs.reader import Number
from trustproof.model.deployments import IS_THERE, Assignment, Told
from trustproof.model.substitution import bind_text
from trustproof.model.text import REGION
from trustproof.results.result import BUDGET
from trustproof.sets.search import BudgetReached

#: Why more roles may be there where a StackSet is made: it may deploy them to any account.
_ANYWHERE = "a StackSet has roles that may be in any account"


def chained_template(context: TemplateContext, number: Number, again: LaterReading | None = None) -> ChainedTemplate:
    """
    The roles of the template, at each assignment at which they have to be judged together.

    Args:
        again: reads them with all that decides about chains, which only matters to roles that may demand MFA: where
            none of its own does, that is left to who knows those of others. None where all is read now.
    """
    template = context.template
    here = _reading(context, number)
    values = names_in_chains(context, number)
    programs = (one._replace(told=tuple(bind_text(arn, values) for arn in one.told)) for one in template.programs)
    found = ChainedTemplate(
        (here,),
        number=number,
        account=template.account,
        stack=template.stack,
        is_optional=template.is_optional,
        programs=tuple(programs),
        exported={name: bind_text(arn, values) for name, arn in LINKING.exported_roles(template).items()},
        name=template.name,
        stand_in=context.account if context.is_anywhere else "",
        named_examples=frozenset(filter(template.mentions, ACCOUNTS if here.nodes or here.attached else ())),
    )
    if not _has_roles(context):
        may_attach = bool(here.attached) or _makes_others(context)
        if may_attach and again is not None:
            return found._replace(again=again)
        return _attaching(context, found, number) if may_attach else found
    classes, unnamed = _told_apart(context, number)
    if isinstance(classes, str):
        return found._replace(left_open=classes)
    # Without classes there is one reading, and it has been made.
    readings = _readings(context, number, classes) if classes else (here,)
    found = found._replace(readings=readings, left_open=unnamed)
    has_guards = template.is_optional or any(map(_has_guards, readings))
    if again is not None and not found.may_demand_mfa:
        return found._replace(again=again) if has_guards or template.parameter_defaults() else found
    return found._replace(
        # A proof says at which defaults it is one.
        at_other_values=() if unnamed else tuple(_at_other_values(context, number, readings, classes)),
        decided=_decided(_each_decided(context), number) if has_guards else (),
    )


def _attaching(context: TemplateContext, found: ChainedTemplate, number: Number) -> ChainedTemplate:
    """A template without roles, at each assignment at which those of others have something else of it."""
    found = found._replace(decided=_decided(_each_decided(context), number))
    classes = _classes(context)
    if isinstance(classes, str):
        return found._replace(left_open=classes)
    first, *others = _readings(context, number, classes)
    found = found._replace(at_other_values=tuple(_at_other_values(context, number, (first, *others), classes)))
    # Where they have the same everywhere, nothing is to be multiplied with the assignments of their templates.
    return found._replace(readings=(first, *others)) if any(_said(one) != _said(first) for one in others) else found


def first_reading(context: TemplateContext, number: Number) -> ChainReading:
    """The roles of the template as the first of the readings of `chained_template` has them, without the others."""
    classes = _told_apart(context, number)[0] if _has_roles(context) else ""
    if isinstance(classes, str):
        return _reading(context, number)
    return _readings(context, number, classes[:1])[0]


def _has_roles(context: TemplateContext) -> bool:
    return any(isinstance(role.trust, int) or unread_trust(context.template, role) for role in context.template.roles)


def _makes_others(context: TemplateContext) -> bool:
    """Whether a template that makes no roles by default makes some at other values: parameters only choose of those."""
    names = tuple(context.template.holder_defaults())
    opened = context.made_again_at(names) if names else None
    return opened is not None and (_has_roles(opened) or bool(stacks_made_otherwise(context, opened)))


def _told_apart(context: TemplateContext, number: Number) -> tuple[tuple[Assignment, ...] | str, str]:
    """The assignments at which roles are judged, or why these are not known; and a role without a name, if any."""
    classes = _classes(context)
    if isinstance(classes, str):
        return classes, ""
    unnamed = unnamed_role([context.at(one) for one in classes] or [context], number)
    if unnamed and isinstance(more := _classes(context, apart=told_by_names(context)), tuple):
        # What is passed on to a stack, or is the Region, is told apart where names depend on it.
        classes = more
        if not any(name == REGION for one in classes for name, _ in one.values):
            # Of the Regions that no policy names, one is looked at for all.
            unnamed = unnamed_role([context.at(one) for one in classes] or [context], number)
    return classes, unnamed


def readings_in(
    context: TemplateContext, number: Number, account: str, defaults: Mapping[str, str] = {}
) -> tuple[ChainReading, ...]:
    """
    The roles where the template is in an account that it does not say; none where it is not known what they are.

    Args:
        defaults: parameters that have other values, and the defaults of these.

    Raises:
        BudgetReached: it has been read at as many other values as it may be.
    """
    there = context.in_account(account)
    classes, _ = _told_apart(there, number)
    if isinstance(classes, str):
        return ()
    others = _opened(there, defaults, classes) if defaults else ()
    found = tuple(one for other in others for one in _with_stacks(there, other, number))
    return found or _readings(there, number, classes)


def _with_stacks(context: TemplateContext, other: TemplateContext, number: Number) -> Iterator[ChainReading]:
    """
    The roles of the template at other values than its defaults, with those of stacks that it makes there alone.

    Raises:
        BudgetReached: what a stack deploys has been read at as many values as it may be.
    """
    stacks = stacks_made_otherwise(context, other)

    def read(inner: TemplateContext) -> Sequence[ChainReading] | str:
        classes, _ = _told_apart(inner, number)
        if isinstance(classes, str):
            return classes
        defaults = inner.template.holder_defaults()
        opened = _opened(inner, defaults, classes) if defaults else ()
        found = [
            *_readings(inner, number, classes, with_any_name=True),
            *(one for each in opened for one in _readings(each, number, _classes(each), with_any_name=True)),
        ]
        is_anywhere = inner.template.account is None and any(one.nodes or one.attached for one in found)
        return _ANYWHERE if is_anywhere else found

    for reading in _readings(other, number, _classes(other), with_any_name=True):
        yield from with_stacks(reading, stacks, read) if stacks else (reading,)


def _has_guards(reading: ChainReading) -> bool:
    """Whether conditions decide what is said of roles, or what others are given."""
    is_said = any(is_guarded(node) or node.trust.document.guards for node in reading.nodes)
    return is_said or any(one.is_guarded for one in reading.attached)


def _each_decided(context: TemplateContext) -> Iterator[TemplateContext]:
    """The template at each assignment that conditions tell apart; nothing where these are too many."""
    classes = _classes(context, apart={IS_THERE: ()})
    return map(context.at, classes if isinstance(classes, tuple) else ())


def _decided(
    contexts: Iterable[TemplateContext], number: Number, *, with_any_name: bool = False
) -> tuple[ChainReading, ...]:
    """
    The roles at each of some assignments, no roles where the stack is not there; nothing where nobody knows whether it
    is there, or which of them there are.

    Args:
        with_any_name: see `nodes_of`.
    """
    found: list[ChainReading] = []
    for context in contexts:
        is_there = context.deployments.is_there() if context.template.is_optional else True
        if is_there is None:
            return ()
        try:
            is_deployed = is_there and context.deployments.satisfy(()) is not None
        except BudgetReached:
            return ()
        if not is_there:
            found.append(ChainReading(context.assignment, (), (), is_decided=True, file=context.template.name))
        elif is_deployed:
            there = nodes_of(context, number, is_there=True, with_any_name=with_any_name)
            found.append(ChainReading(context.assignment, *there, is_decided=True, file=context.template.name))
    return tuple(found)


def _readings(
    context: TemplateContext, number: Number, classes: tuple[Assignment, ...] | str, *, with_any_name: bool = False
) -> tuple[ChainReading, ...]:
    several = classes if isinstance(classes, tuple) else ()
    there = [context.at(one) for one in several] or [context]
    return tuple(_reading(one, number, with_any_name=with_any_name) for one in there)


def _reading(context: TemplateContext, number: Number, *, with_any_name: bool = False) -> ChainReading:
    nodes, attached = nodes_of(context, number, with_any_name=with_any_name)
    further = context.template.further_roles
    return ChainReading(context.assignment, nodes, attached, further=further, file=context.template.name)


def _classes(context: TemplateContext, apart: Told = None) -> tuple[Assignment, ...] | str:
    """
    The assignments at which the roles are judged together; text for a reason why they are not known.

    Args:
        apart: see `Input.classes`.
    """
    return () if context.assignment is not None else _told(context, apart)


def _told(context: TemplateContext, apart: Told = None) -> tuple[Assignment, ...] | str:
    documents = deciding_documents(context)
    holders = [holder.path for holder in context.template.holders if holder.kind == "role" and holder.path]
    return context.assignments.of([*(document.path for document in documents), *holders], apart=apart)


def _opened(
    context: TemplateContext, defaults: Mapping[str, str], classes: Sequence[Assignment] | str, *, once: bool = False
) -> Iterator[TemplateContext]:
    """
    The template as `other_contexts` has it, and each time at all that a parameter without its default may choose: a row
    of a mapping is the name of a role.

    Raises:
        BudgetReached: it has been read at as many values as it may be.
    """
    for other in other_contexts(context, defaults, classes, once=once):
        base = other.assignment
        chosen = _told(other) if base is not None else ()
        if base is None or not chosen or isinstance(chosen, str):
            yield other
            continue
        for one in chosen:
            given = {**dict(one.values), **dict(base.values)}
            if all(given.get(name) == value for name, value in defaults.items()):
                continue
            left = (name for name in (*base.not_default, *one.not_default) if name not in given)
            both = Assignment(tuple(given.items()), tuple(dict.fromkeys(left)), (*base.named, *one.named))
            context.further.count(both, context.template.reading_steps())
            yield context.at(both, once=once)


def _at_other_values(
    context: TemplateContext, number: Number, readings: Sequence[ChainReading], classes: tuple[Assignment, ...]
) -> Iterator[OtherReadings]:
    """The roles where parameters have other values than their defaults, for those that make a difference to them."""
    defaults = context.template.holder_defaults()
    before = [_said(reading) for reading in readings]

    def there(names: tuple[str, ...], *, once: bool = False) -> Iterator[ChainReading]:
        return _there(context, number, {name: defaults[name] for name in names}, classes, once=once)

    def decided(names: tuple[str, ...]) -> tuple[ChainReading, ...]:
        return _decided_there(context, number, {name: defaults[name] for name in names}, readings)

    @cache
    def same(names: tuple[str, ...]) -> bool:
        if context.template.is_lost_at(names):
            return False
        opened = context.made_again_at(names)
        if opened is not None and context.says_account_by_default(opened.template):
            # It may be in any account there, though the one that stands for these is the default.
            return False
        # One that differs tells, and none of the others is read for it.
        others = map(_said, there(names, once=True))
        return all(one == other for one, other in zip_longest(before, others))

    def said(names: tuple[str, ...]) -> list[object] | None:
        return None if context.template.is_lost_at(names) else [*map(_said, there(names, once=True))]

    try:
        if not defaults or same(tuple(defaults)):
            return
        asked = asked_at_most(context, tuple(defaults))
        deciding = deciding_defaults(tuple(defaults), same, asked)
        deciding = _with_those_beside(context, deciding, tuple(defaults), said, asked)
        # Which of them does it alone is only said where each is asked about.
        alone = [(name,) for name in deciding] if len(deciding) <= asked else []
        different = [names for names in dict.fromkeys((deciding, *alone)) if not same(names)]
        lost = [names for names in different if context.template.is_lost_at(names)]
        known = [names for names in different if names not in lost]
        found = {names: (others, decided(names)) for names in known if (others := tuple(there(names)))}
    except BudgetReached as reached:
        yield OtherReadings(defaults, tuple(readings[:1]), f"{BUDGET}: {reached.name} ({reached.limit})")
    else:
        for names in different:
            given = {name: defaults[name] for name in names}
            if names in found:
                others, apart = found[names]
                yield OtherReadings(given, others, decided=apart)
            elif names in lost:
                yield OtherReadings(given, tuple(readings[:1]), NOT_READ)


def readings_at_others(context: TemplateContext, number: Number, defaults: Mapping[str, str]) -> OtherReadings:
    """
    The roles of a template where some parameters that make a difference to them have other values than their defaults.

    Args:
        defaults: the parameters, and the defaults of these.
    """
    classes, unnamed = _told_apart(context, number) if _has_roles(context) else (_classes(context), "")
    here = _readings(context, number, classes)
    if isinstance(classes, str) or unnamed or context.template.is_lost_at(tuple(defaults)):
        return OtherReadings(defaults, here[:1], NOT_READ)
    try:
        others = tuple(_there(context, number, defaults, classes))
        return OtherReadings(defaults, others, decided=_decided_there(context, number, defaults, here))
    except BudgetReached as reached:
        return OtherReadings(defaults, here[:1], f"{BUDGET}: {reached.name} ({reached.limit})")


def _there(
    context: TemplateContext,
    number: Number,
    defaults: Mapping[str, str],
    classes: tuple[Assignment, ...],
    *,
    once: bool = False,
) -> Iterator[ChainReading]:
    """The roles at other values, one reading after the other."""
    for other in _opened(context, defaults, classes, once=once):
        yield from _with_stacks(context, other, number)


def _decided_there(
    context: TemplateContext, number: Number, defaults: Mapping[str, str], readings: Sequence[ChainReading]
) -> tuple[ChainReading, ...]:
    """
    The roles at other values, at each assignment that conditions tell apart there.

    Args:
        readings: the roles at the defaults.
    """
    has_guards = context.template.is_optional or any(map(_has_guards, readings))
    several = _classes(context, apart={IS_THERE: ()}) if has_guards else ()
    opened = context.made_again_at(tuple(defaults))
    if not several or isinstance(several, str) or (opened and stacks_made_otherwise(context, opened)):
        # What decides whether a stack is there is not decided with what it deploys.
        return ()
    others = _opened(context, defaults, several)
    # What is made again decides its own conditions.
    made = (each for one in others for each in (_each_decided(one) if one.assignment is None else (one,)))
    return _decided(made, number, with_any_name=True)


def _with_those_beside(
    context: TemplateContext,
    deciding: tuple[str, ...],
    names: Sequence[str],
    said: Callable[[tuple[str, ...]], object],
    asked: int,
) -> tuple[str, ...]:
    """
    The names whose defaults decide, with those that do so where the others have none: a role may be there at these
    alone, and be called something else then.

    Args:
        names: all of them.
        said: gives what is said where some have other values; None where nobody knows it.
        asked: as of `deciding_defaults`.
    """
    if context.made_again_at(deciding) is None:
        # What conditions decide by parameters is judged at each of their values in any case.
        return deciding
    while others := tuple(name for name in names if name not in deciding):
        first = said(deciding)
        same = partial(_says_the_same, said, deciding, first)
        if first is None or same(others):
            break
        deciding += deciding_defaults(others, same, asked)
    return deciding


def _says_the_same(
    said: Callable[[tuple[str, ...]], object], known: tuple[str, ...], first: object, names: tuple[str, ...]
) -> bool:
    return said((*known, *names)) == first


def _said(reading: ChainReading) -> object:
    """What a reading says of the roles, without what is made anew for each reading."""
    # One of the names that a role may have stands for them all, and may be the one that it has at the default.
    nodes = [
        (
            (one.arn, one.names_like, one.has_given_name),
            (one.trust.document, one.trust.others, one.own, one.permissions_boundary, one.unknown, one.tags),
        )
        for one in reading.nodes
    ]
    attached = [(one.role, one.arn, one.identity_policy.subject.document, one.open_name) for one in reading.attached]
    return nodes, attached, reading.further
