"""
Which defaults of parameters a proof rests on: what is proved at a default, and may not be at another value, says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.deployments import Assignment
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.results.result import PROVED, Result, with_defaults
from trustproof.sets.search import BudgetReached

#: How often something is judged once more to tell which of its defaults it rests on.
MAX_ASKED = 64
#: The same of a template that is read again for each question: so many documents are read for all that is asked about
#: it, if each of its own asks that often.
_MAX_READ = 6_400
#: And so many steps are made for it, of those in which templates are read.
_MAX_STEPS = 1_500_000
#: So many of them take about as long as it takes to make one instance of a resource or module.
_STEPS_OF_AN_INSTANCE = 60
#: So many does it cost to open a default, beyond as many as a template of CloudFormation may have.
_STEPS_OF_A_DEFAULT, _FEW_DEFAULTS = 20, 200

#: So many characters of what is read again take as long as a step.
_CHARACTERS_OF_A_STEP = 4
#: How many steps it may cost to read a template for each of its policies at other values than those defaults which that
#: one was judged at.
_MAX_STEPS_FOR_EACH = 2_000_000

#: Gives what is found at some places of a template that is judged at other values than it is written with; what is
#: elsewhere may be left out.
Judge = Callable[[TemplateContext, Collection[Path]], "list[Result]"]


def asked_at_most(context: TemplateContext, names: tuple[str, ...]) -> int:
    """
    How often something of a template is judged once more to tell which of some names decide: less often where all of a
    large configuration has to be read again for it, or what its defaults decide makes it long.
    """
    opened = context.template.at_other_values(names)
    if opened is None:
        return MAX_ASKED
    documents = max(len(context.documents), 1)
    # What a default decides is read in all its forms.
    steps = opened.reading_steps() + _steps_to_make(len(names), context.template.instances_made_again())
    return min(MAX_ASKED, _MAX_READ // documents**2, _MAX_STEPS // (documents * max(steps, 1)))


def is_read_for_each(context: TemplateContext) -> bool:
    """
    Whether a template may be read once more for each of its policies, at other values of what that one was judged at.

    That only makes results milder. It is the same for all of its policies, whichever of them is judged first, and in
    whichever process.
    """
    template = context.template
    steps = template.reading_steps()
    if instances := template.instances_made_again():
        steps += _STEPS_OF_AN_INSTANCE * instances + len(template.text) // _CHARACTERS_OF_A_STEP
    return len(context.documents) * steps <= _MAX_STEPS_FOR_EACH


def deciding_defaults(
    names: Sequence[str], holds_without: Callable[[tuple[str, ...]], bool], asked: int = MAX_ASKED
) -> tuple[str, ...]:
    """
    Those of some names whose defaults make something hold: at other values of them, it may not.

    Args:
        names: without whose defaults, taken together, it does not hold.
        holds_without: whether it holds whatever some of them are.
        asked: how often that is asked at most, see `asked_at_most`.

    Returns:
        All that decide alone, with the fewest that decide together where these have their defaults; where none does
        alone, the fewest of all that do, as far as that was tried.
    """
    left = asked
    alone: list[str] = []
    together: tuple[str, ...] = tuple(names)
    waiting = [tuple(names)]
    while waiting and left > 1:
        some = waiting.pop()
        if len(some) == 1:
            alone += some
            continue
        half = len(some) // 2
        parts = [part for part in (some[half:], some[:half]) if not holds_without(part)]
        left -= 2
        waiting += parts
        together = some if not parts else together
    # What there was no time for may decide, each of it.
    alone += [name for some in waiting for name in some]
    if not alone:
        return _fewest(together, holds_without, left)
    others = tuple(name for name in names if name not in alone)
    if others and left > 0 and not holds_without(others):
        alone += deciding_defaults(others, holds_without, left - 1)
    return tuple(name for name in names if name in alone)


def _fewest(names: tuple[str, ...], holds_without: Callable[[tuple[str, ...]], bool], left: int) -> tuple[str, ...]:
    """
    The fewest of some names that decide together what these do: without the first ones, as many as can be left out.

    Args:
        left: how often it is asked at most.
    """
    kept: tuple[str, ...] = ()
    while names and left > 0:
        if kept:
            left -= 1
            if not holds_without(kept):
                return kept
        # Without as many of the first ones something decides, and without so many nothing does.
        some, too_many = 0, len(names)
        while too_many - some > 1 and left > 0:
            middle = (some + too_many) // 2
            left -= 1
            if holds_without((*kept, *names[middle:])):
                too_many = middle
            else:
                some = middle
        if too_many - some > 1:
            names = names[some:]
            break
        kept, names = (*kept, names[some]), names[too_many:]
    return (*kept, *names)


def say_defaults(
    context: TemplateContext,
    found: list[Result],
    defaults: Mapping[str, str],
    classes: Sequence[Assignment] | str,
    judge: Judge,
) -> list[Result]:
    """
    Results of one property, where proofs that rest on defaults of parameters say so.

    Args:
        defaults: those that may make a difference.
        classes: the assignments at which the template is judged in any case.
        judge: gives what the property finds of a template.
    """
    places = {one.path for one in found if one.verdict == PROVED}
    told = {(one.path, one.logical_id) for one in found}
    if context.assignment is not None or not defaults or not places:
        return found
    judged: dict[tuple[str, ...], dict[Path, list[Result]]] = {}
    is_spent = False

    def judge_at(names: tuple[str, ...]) -> dict[Path, list[Result]]:
        by_place: dict[Path, list[Result]] = {}
        if context.template.is_lost_at(names):
            return by_place
        opened = other_contexts(context, {name: defaults[name] for name in names}, classes)
        for other in (one for each in opened for one in context.wherever(each)):
            moved = _moved(context, other, places)
            results = judge(other, {path for at in moved.values() for path in at})
            for place, there in _by_place(context, other, moved, results).items():
                by_place.setdefault(place, []).extend(there)
            for path, logical_id in told:
                if new := [*_new_of(logical_id, results, told, moved)]:
                    by_place.setdefault(path, []).extend(new)
        return by_place

    def holds(path: Path, names: tuple[str, ...]) -> bool:
        nonlocal is_spent
        if names not in judged:
            try:
                judged[names] = {} if is_spent else judge_at(names)
            except BudgetReached:
                # What nobody has looked at may be otherwise.
                judged[names], is_spent = {}, True
        return path in judged[names] and all(one.verdict == PROVED for one in judged[names][path])

    # What holds without any default is not asked about again.
    places -= {place for place in places if holds(place, tuple(defaults))}
    results: list[Result] = []
    for one in found:
        if one.verdict == PROVED and one.path in places:
            asked = asked_at_most(context, tuple(defaults))
            names = deciding_defaults(tuple(defaults), partial(holds, one.path), asked)
            one = with_defaults(one, ((name, defaults[name]) for name in names))
        results.append(one)
    return results


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
    for one in (classes if isinstance(classes, tuple) else ()) or (Assignment((), (), ()),):
        given = dict(one.values)
        # One of a default that is given stays for the others, which may only matter beside it.
        if not defaults.keys() <= given.keys() or all(given[name] != value for name, value in defaults.items()):
            others = (*one.not_default, *(name for name in names if name not in given))
            assignment = one._replace(not_default=tuple(dict.fromkeys(others)))
            if assignment != one:
                context.further.count(assignment, context.template.reading_steps())
            yield context.at(assignment, once=once)


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


def _steps_to_make(opened: int, instances: int) -> int:
    """How much work it is to make a template at other values than so many defaults, before it is read."""
    return _STEPS_OF_AN_INSTANCE * instances + _STEPS_OF_A_DEFAULT * max(opened - _FEW_DEFAULTS, 0)


def _steps_of(opened: TemplateContext, names: int, instances: int) -> int:
    """The same with the work to read it at each of its own assignments."""
    classes = opened.assignments.of_holders(opened.template.holders, opened.documents)
    readings = 1 + (len(classes) if isinstance(classes, tuple) else 0)
    return _steps_to_make(names, instances) + opened.template.reading_steps() * readings


def _moved(context: TemplateContext, other: TemplateContext, places: Collection[Path]) -> dict[Path, Collection[Path]]:
    """Where at other values that stands which proofs are about, by their places."""
    documents = {document.path: document for document in context.documents}
    there = {document.path for document in other.documents}
    out: dict[Path, Collection[Path]] = {}
    for place in places:
        document = documents.get(place)
        moved = other.template.numbers_of(document) if document is not None and place not in there else ()
        out[place] = {other.documents[number].path for number in moved} or {place}
    return out


def _by_place(
    context: TemplateContext,
    other: TemplateContext,
    places: Mapping[Path, Collection[Path]],
    results: Sequence[Result],
) -> dict[Path, list[Result]]:
    """
    What is found at other values, by the place of the proof that it is about; without those that nobody judged.

    Args:
        places: of the proofs, and where that stands at these values which they are about.
    """
    documents = {document.path for document in context.documents}
    there = {document.path for document in other.documents}
    unread = [path for path, _ in other.template.unread]
    by_place: dict[Path, list[Result]] = {}
    for result in results:
        for length in range(len(result.path) + 1):
            by_place.setdefault(result.path[:length], []).append(result)
    out: dict[Path, list[Result]] = {}
    for place, at in places.items():
        about = [result for path in at for result in by_place.get(path, ())]
        is_gone = place in documents and not there.intersection(at)
        if about or (is_gone and not any(_is_near(path, place) for path in unread)):
            out[place] = about
    return out


def _new_of(
    logical_id: str,
    results: Sequence[Result],
    told: Collection[tuple[Path, str]],
    places: Mapping[Path, Collection[Path]],
) -> Iterator[Result]:
    """
    What is not proved of a resource at other values and stands elsewhere than all that was found of it: what it has
    besides is another policy there.

    Args:
        told: where something was found, and of which resource.
        places: as of `_by_place`.
    """
    found = [one for one in results if one.logical_id == logical_id and one.verdict != PROVED]
    if not found:
        # Nearly always, and there are as many places as policies, for each of which this is asked.
        return
    paths = [*(path for path, of in told if of == logical_id), *(path for at in places.values() for path in at)]
    yield from (one for one in found if not any(one.path[: len(path)] == path for path in paths))


def _is_near(path: Path, place: Path) -> bool:
    """Whether one of two paths leads into the other one, or to the same resource."""
    return path[: len(place)] == place or place[: len(path)] == path or path[:2] == place[:2]
