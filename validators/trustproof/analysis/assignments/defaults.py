"""
Which defaults of parameters a proof rests on: what is proved at a default, and may not be at another value, says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from trustproof.analysis.assignments.other_values import STEPS_OF_AN_INSTANCE, other_contexts, steps_to_make
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.deployments import Assignment
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
#: So many characters of what is read again take as long as a step.
_CHARACTERS_OF_A_STEP = 4
#: How many steps it may cost to read a template for each of its policies at other values than those defaults which that
#: one was judged at.
_MAX_STEPS_FOR_EACH = 2_000_000

#: So many defaults are named by a proof that rests on more than that.
_MOST_NAMED = 200

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
    documents = max(len(context.template.documents), 1)
    # What a default decides is read in all its forms.
    steps = opened.reading_steps() + steps_to_make(len(names), context.template.instances_made_again())
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
        steps += STEPS_OF_AN_INSTANCE * instances + len(template.text) // _CHARACTERS_OF_A_STEP
    return len(context.template.documents) * steps <= _MAX_STEPS_FOR_EACH


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
    if asked < 1:
        return tuple(names)
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
    deciding = {*alone}
    others = tuple(name for name in names if name not in deciding)
    if others and left > 0 and not holds_without(others):
        deciding.update(deciding_defaults(others, holds_without, left - 1))
    return tuple(name for name in names if name in deciding)


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
    places_compared: Sequence[TemplateContext] = (),
) -> list[Result]:
    """
    Results of one property, where proofs that rest on defaults of parameters say so.

    Args:
        defaults: those that may make a difference.
        classes: the assignments at which the template is judged in any case.
        judge: gives what the property finds of a template.
        places_compared: the template in the accounts and organizations that its policies are compared with, where what
            is possible in one of them is wrong.
    """
    places = {one.path for one in found if one.verdict == PROVED}
    if context.assignment is not None or not defaults or not places:
        return found
    told = {(one.path, one.logical_id) for one in found}
    holds = _Judged(context, defaults, classes, judge, places_compared, places, told).holds
    # What holds without any default is not asked about again.
    places -= {place for place in places if holds(place, tuple(defaults))}
    results: list[Result] = []
    every = _shortened(defaults)
    asked = asked_at_most(context, tuple(defaults)) if places else 0
    for one in found:
        if one.verdict == PROVED and one.path in places:
            names = {*deciding_defaults(tuple(defaults), partial(holds, one.path), asked)}
            # There may be as many defaults as proofs, which share what they name.
            some = defaults if len(names) == len(defaults) else {n: text for n, text in defaults.items() if n in names}
            one = with_defaults(one, every if some is defaults else _shortened(some))
        results.append(one)
    return results


def _shortened(defaults: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """
    Defaults that a proof rests on, as it says them: of more than a template may have parameters, the first, and how
    many others. Where nobody can tell which of thousands matter, each of thousands of proofs would name them all.
    """
    if len(defaults) <= _MOST_NAMED:
        return tuple(defaults.items())
    return *islice(defaults.items(), _MOST_NAMED), (f"{len(defaults) - _MOST_NAMED:,} others", "")


class _Judged:
    """
    What one property finds at other values than defaults, each time asked once.

    Args:
        places: where it was proved, which are fewer once it is known what holds without any default.
        told: where something was found, and of which resource.
    """

    def __init__(
        self,
        context: TemplateContext,
        defaults: Mapping[str, str],
        classes: Sequence[Assignment] | str,
        judge: Judge,
        places_compared: Sequence[TemplateContext],
        places: Collection[Path],
        told: Collection[tuple[Path, str]],
    ) -> None:
        self._context = context
        self._defaults = defaults
        self._classes = classes
        self._judge = judge
        self._places_compared = places_compared
        self._places = places
        self._told = told
        self._found: dict[tuple[str, ...], dict[Path, list[Result]]] = {}
        self._is_spent = False

    def holds(self, path: Path, names: tuple[str, ...]) -> bool:
        """Whether what was proved somewhere is so whatever some parameters are."""
        if names not in self._found:
            try:
                self._found[names] = {} if self._is_spent else self._at(names)
            except BudgetReached:
                # What nobody has looked at may be otherwise.
                self._found[names], self._is_spent = {}, True
        found = self._found[names]
        return path in found and all(one.verdict == PROVED for one in found[path])

    def _at(self, names: tuple[str, ...]) -> dict[Path, list[Result]]:
        by_place: dict[Path, list[Result]] = {}
        if self._context.template.is_lost_at(names):
            return by_place
        differing: list[TemplateContext] = []
        for place_compared, other in self._contexts(names):
            moved = _moved(self._context, other, self._places)
            results = self._judge(other, {path for at in moved.values() for path in at})
            if any(one.verdict != PROVED for one in results):
                differing.append(place_compared)
            for place, there in _by_place(self._context, other, moved, results).items():
                by_place.setdefault(place, []).extend(there)
            for path, logical_id in self._told:
                if new := [*_new_of(logical_id, results, self._told, moved)]:
                    by_place.setdefault(path, []).extend(new)
        if len(names) == len(self._defaults):
            # Where it holds whatever all of them are, it does so whatever some of them are.
            self._places_compared = [place for place in self._places_compared if place in differing]
        return by_place

    def _contexts(self, names: tuple[str, ...]) -> Iterator[tuple[TemplateContext, TemplateContext]]:
        """The template in each account and organization, and there at other values."""
        some = {name: self._defaults[name] for name in names}
        for one in other_contexts(self._context, some, self._classes):
            yield from ((self._context, there) for there in self._context.wherever(one))
        for place in self._places_compared:
            yield from ((place, there) for there in other_contexts(place, some, self._classes))


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
