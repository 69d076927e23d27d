"""
Answers that hang on tags which a call is not documented to pass.

`aws:RequestTag/…` and `aws:TagKeys` are in a request where it passes tags. The reference lists them for actions that
take some, and leaves out others: what is let in only by such a tag of an action without them may be let in or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TypeAlias

from trustproof.aws.condition_keys import lookup
from trustproof.aws.examples import EXAMPLE_ACTIONS
from trustproof.aws.request_tags import REQUEST_TAG, is_of_passed_tags, listed_with
from trustproof.engine.axioms import only_in
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.operands import Variable, split_variables
from trustproof.engine.region import ClosedRegion, Region
from trustproof.model.document import TRUST
from trustproof.model.policy import Statement
from trustproof.model.query import texts
from trustproof.model.text import Text
from trustproof.properties.question import Refutation, Subject
from trustproof.proving.answers import Undecided
from trustproof.results.unknown_kinds import UNDOCUMENTED
from trustproof.sets.patterns import like, matches
from trustproof.sets.strings import StringSet
from trustproof.spec.decision import call_of
from trustproof.spec.tags import undocumented_tags

#: Begins what is said of such a request.
NOT_LISTED = "it is not documented whether a request for "

#: Among so many actions is searched.
_MOST = 128
#: So many elements are remembered, each with the actions that it names of those that the reference lists with a key.
_KEPT = 1_024
#: Actions that read well in a counterexample, lower-cased.
_EXAMPLES = frozenset(map(str.lower, EXAMPLE_ACTIONS))

_Answer: TypeAlias = "ClosedRegion | Refutation | Undecided"


class PassedTags:
    """
    The condition keys of passed tags that some policies look at; none of a trust policy, whose calls are documented to
    pass tags.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        #: By the place of a statement and the key, the actions that it may name and that are listed with the key.
        self._named: dict[int, dict[str, tuple[str, ...]]] = {}

    @cached_property
    def _keys(self) -> dict[str, str]:
        """Lower-cased key to how it is written."""
        if self._subject.document.kind == TRUST:
            return {}
        statements = (s for document in self._subject.documents for s in document.policy.statements)
        keys = dict.fromkeys(key for statement in statements for key in _looked_at(statement))
        return {key.lower(): key for key in keys if is_of_passed_tags(key.lower())}

    def answer(self, index: int, region: Region, search: Callable[[Region], _Answer]) -> _Answer:
        """
        The answer about a region: first without tags that are not documented, and with them where nothing is found.

        Args:
            index: of the Allow statement that is asked about.
            search: answers about a region.
        """
        space, statement = region.space, self._subject.policy.statements[index]
        keys = sorted(self._keys)
        if not keys:
            return search(region)
        if index not in self._named:
            self._named[index] = {key: _named(key, statement.actions) for key in keys}
        named = self._named[index]
        boxes = [only_in(key_dimension(key), _listed(named[key], region), space) for key in keys]
        answer = search(region._replace(without=(*region.without, *boxes)))
        if isinstance(answer, ClosedRegion):
            answer = search(region)
        if isinstance(answer, Refutation) and (odd := undocumented_tags(call_of(answer.request))):
            action = answer.request.action
            return Undecided(tuple(_reason(action, self._keys.get(key, key)) for key in odd), UNDOCUMENTED)
        return answer


def _looked_at(statement: Statement) -> Iterator[str]:
    yield from (condition.key for condition in statement.conditions)
    for text, _ in texts(statement):
        if "${" in (written := str(text)):
            yield from (part.key for part in split_variables(written) if isinstance(part, Variable))


def _listed(named: Sequence[str], region: Region) -> Sequence[str]:
    """
    Of some actions, those that a region is about.

    A search among too many costs more than it gives: of these, some do, and what is let in by another one alone is
    found where all requests are looked at.
    """
    asked = [values.present for dimension, values in region.constraints if dimension == "action"]
    found = [action for action in named if all(isinstance(one, StringSet) and action in one for one in asked)]
    if len(found) <= _MOST:
        return found
    return [action for action in found if action in _EXAMPLES] or found[:_MOST]


@lru_cache(maxsize=_KEPT)
def _named(key: str, actions: tuple[Text, ...] | None) -> tuple[str, ...]:
    """
    The actions that the reference lists with a key, and that a statement may name in its Action element.

    A template is read at many values, and most of its statements name the same actions at all of them.
    """
    entries = actions or ()
    if actions is None or not all(isinstance(entry, str) for entry in entries):
        return listed_with(key)
    patterns = [like(str(entry).lower()) for entry in entries]
    return tuple(action for action in listed_with(key) if any(matches(one, action) for one in patterns))


def _reason(action: str, key: str) -> str:
    name = lookup(key).name
    why = f"{NOT_LISTED}{action} carries {name}: the Service Authorization Reference lists it for other actions"
    if not key.lower().startswith(REQUEST_TAG):
        return f"{why}; whether tags are passed with this one, its own manual says"
    return f"{why}; where the tag of the resource is meant, test aws:ResourceTag/{name.partition('/')[2]}"
