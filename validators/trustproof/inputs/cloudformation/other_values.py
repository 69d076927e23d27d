"""
Templates where parameters have other values than their defaults, which proofs may rest on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.values.catalogue import BUCKET_POLICY, STANDS_ON, STANDS_ON_ARN, is_about_holders
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.cloudformation.values.given_defaults import EMPTY, VAR_FILE, NamesInTexts, given_as, named_in
from trustproof.inputs.cloudformation.values.intrinsics import UNREAD
from trustproof.inputs.grammar.malformed_policies import (
    LIST_OF_TEXTS,
    MalformedPolicy,
    WithoutPrincipal,
    WithoutResource,
)
from trustproof.inputs.text.source import Source
from trustproof.model.document import CONTROL, RESOURCE, TRUST, Document
from trustproof.model.policy import Path
from trustproof.model.principals import RoleFacts, SessionFacts
from trustproof.model.query import looks_at_resource_tags
from trustproof.model.text import Text

#: What tells the instances of one block apart in an address.
_KEY = re.compile(r"\[[^\]]*\]")
#: How many parameters a reason names.
_NAMED = 3
#: So many instances are made again at most to find which default makes a policy that AWS refuses.
_READ_AGAIN = 15_000
#: So many empty defaults are tried where nothing shows the names of what decides.
_TRIED = 8
#: So many values, one behind another, are looked for that each hide what the next one is made of.
_MOST_HIDDEN = 4
#: After so many statements that are about nothing, no template is read again for others.
_MOST_EMPTY = 8
#: Readings at other values are kept with so many characters together, which take some 100 MiB; of a few they all are.
_KEPT, _FEW_KEPT = 1_000_000, 4
#: The properties by which somebody else than a policy keeps the world out.
_SETTINGS = ("BlockPublicPolicy", "PublicAccessBlockConfiguration", "VpcConfiguration")


class _Readable(Protocol):
    """What is to be known of a template for this."""

    source: Source
    environment: Any
    _others: Any
    _written: Any
    _holder_defaults: Mapping[str, str] | None
    _conditions: Mapping[str, str] | None
    _numbers: dict[Path, list[int]] | None

    @property
    def text(self) -> str: ...
    @property
    def account(self) -> str | None: ...
    @property
    def partition(self) -> str: ...
    @property
    def partition_known(self) -> bool: ...
    @property
    def data(self) -> Mapping[str, object]: ...
    @property
    def origin(self) -> Any: ...
    @property
    def documents(self) -> tuple[Document, ...]: ...
    @property
    def roles(self) -> tuple[RoleFacts, ...]: ...
    @property
    def sessions(self) -> tuple[SessionFacts, ...]: ...
    @property
    def unread(self) -> tuple[tuple[Path, str], ...]: ...
    def defaults_in(self, path: Path, *, beside: object = None) -> dict[str, str]: ...
    def documents_at(self, logical_id: str, path: Path) -> tuple[Document, ...]: ...
    def at_other_values(self: _T, names: tuple[str, ...]) -> _T | None: ...
    def given_values(self) -> Mapping[str, Text]: ...
    def _defaults_of_holders(self) -> Mapping[str, str]: ...
    def readings_kept(self) -> int: ...
    def deployed(self, deployment: Deployment) -> Any: ...
    def read_contents(self) -> Any: ...
    def contents_of(self, emptied: Mapping[Path, str]) -> Any: ...
    def refused(
        self, malformed: tuple[MalformedPolicy, ...], *, is_last: bool
    ) -> tuple[list[MalformedPolicy], list[tuple[Path, str]], Mapping[Path, str]]: ...
    def _located(self, message: str, path: Path) -> InputError: ...


_T = TypeVar("_T", bound=_Readable)


class OtherValues:
    """
    Reads a template again where some of its parameters may have any value but their defaults.
    """

    _others: dict[tuple[str, ...], Any] | None = None
    #: Each property asks for them, and finding them may take several readings.
    _holder_defaults: Mapping[str, str] | None = None
    #: Which of the documents stand at a path: each of another reading asks.
    _numbers: dict[Path, list[int]] | None = None
    #: How its conditions are written, by their names as JSON: each resource may name them.
    _conditions: Mapping[str, str] | None = None

    def defaults_of(self: _Readable, document: Document) -> Mapping[str, str]:
        """The parameters at whose defaults a document was read, and the defaults: each may make no difference."""
        looks_at_tags = looks_at_resource_tags(document.policy)
        tagged = _tagged(self, document) if looks_at_tags else []
        beside = [*(self.environment.properties(one) for one in tagged), *_stands_on(self, document)]
        found = self.defaults_in(document.path, beside=beside)
        chosen, prefix = self.source.defaults, self.origin.prefix
        if prefix and chosen:
            opened = self.at_other_values(tuple(chosen)) if document.kind == CONTROL else None
            # Nobody asks about a control policy what it rests on: whatever is named is said.
            is_same = opened is not None and _alike(opened, self, document, with_tags=looks_at_tags)
            return found if is_same else {**found, **_behind_container(self)}
        opened = self.at_other_values(tuple(chosen)) if chosen and not found else None
        if opened is None or _alike(opened, self, document, with_tags=looks_at_tags):
            return found
        about = (document.logical_id, *tagged)
        named = _named_behind(self, opened, chosen, about)
        named = {*named, *self.source.names_behind(about, of_holders=False)} if named else ()
        # A long expression is not written out in its name.
        return {name: value for name, value in chosen.items() if name in named or not named}

    def parameter_defaults(self: _Readable) -> Mapping[str, str]:
        """The parameters that have a default, which they were read at, and the defaults."""
        return {**self.defaults_in(()), **self.source.defaults}

    def given_values(self: _Readable) -> Mapping[str, Text]:
        """What its parameters are given from outside, by the user or by the template that it is nested in."""
        return {**self.origin.deployment.bindings, **self.environment.pinned}

    def by_itself(self: _T) -> tuple[Mapping[str, Text], _T]:
        """The same values, and the same template where nobody gives them."""
        values = self.given_values()
        return values, self.deployed(self.origin.deployment.alone()) if values else self

    def holder_defaults(self: _Readable) -> Mapping[str, str]:
        """The same for all that is said of users, groups, roles and sessions."""
        if self._holder_defaults is None:
            self._holder_defaults = self._defaults_of_holders()
        return self._holder_defaults

    def _defaults_of_holders(self: _Readable) -> Mapping[str, str]:
        types = ((name, str(resource.get("Type"))) for name, resource in self.environment.resources.items())
        about = [name for name, type_ in types if is_about_holders(type_)]
        about += [one.logical_id for one in self.roles] + [one.logical_id for one in self.sessions]
        chosen, prefix = self.source.defaults, self.origin.prefix
        if chosen and not prefix:
            opened = self.at_other_values(tuple(chosen))
            if opened is None or any(_hides(opened, self, one, chosen) for one in about):
                return dict(chosen)
            named = {
                *_named_behind(self, opened, chosen, tuple(dict.fromkeys(about))),
                *self.source.names_behind(about, of_holders=True),
            }
            return {name: value for name, value in chosen.items() if name in named}
        found: dict[str, str] = {}
        for name in dict.fromkeys(about):
            if name in self.environment.resources:
                found.update(self.defaults_in(self.environment.path(name)))
        return {**dict(sorted(found.items())), **(_behind_container(self) if chosen else {})}

    def at_other_values(self: _T, names: tuple[str, ...]) -> _T | None:
        """
        The same template, made again where some names have other values than their defaults; None where these are
        parameters of its own, and where it cannot be made so.
        """
        if self._others is None:
            self._others = {}
        if names not in self._others:
            if len(self._others) >= self.readings_kept():
                del self._others[next(iter(self._others))]
            maker = self.source.without_defaults(names)
            try:
                self._others[names] = None if maker is None else self.origin.made_by(maker).open()
            except InputError:
                self._others[names] = None
        found: _T | None = self._others[names]
        return found

    def is_lost_at(self: _Readable, names: Collection[str]) -> bool:
        """Whether nobody can tell what it is where some names have other values than their defaults."""
        return any(name in self.source.defaults for name in names) and self.at_other_values(tuple(names)) is None

    def read_as_deployable(
        self: _Readable, malformed: Sequence[MalformedPolicy]
    ) -> tuple[Any, list[MalformedPolicy], list[tuple[Path, str]]]:
        """
        What its resources say, and what of it is refused: see `refused`.

        Args:
            malformed: what is known to be refused beside that.
        """
        emptied: dict[Path, str] = {}
        while True:
            found = self.contents_of(emptied)
            # A policy is read up to what is wrong in it.
            is_last = len(emptied) >= _MOST_EMPTY
            wrong, left, empty = self.refused((*malformed, *found.malformed), is_last=is_last)
            if not empty:
                return found, wrong, left
            emptied.update(empty)

    def refused(
        self: _Readable, malformed: tuple[MalformedPolicy, ...], *, is_last: bool
    ) -> tuple[list[MalformedPolicy], list[tuple[Path, str]], Mapping[Path, str]]:
        """
        What AWS would refuse in any case; what it would refuse only where something has its default, or where what
        nobody has read is as it seems, with why; and the statements with an empty list where something has its default,
        of whose policies the others can be read: why nothing is known of whom they let in, and the empty text where
        they are about nothing.

        A module whose default makes a policy that AWS refuses, as an empty list of resources does, is one that has to
        be given a value.

        Args:
            is_last: whether nothing is read again for such statements.
        """
        found, unread = self._written.reach.refused(malformed)
        wrong: list[MalformedPolicy] = []
        for error in found:
            resource = self.environment.resources.get(error.path[1]) if len(error.path) > 1 else None
            if self.source.instances and resource is not None and "Condition" in resource:
                # Whoever calls a module says whether it is there, and may leave it out for good.
                unread.append((error.path, f"{error.message}, and it is not known whether the policy is there at all"))
            elif self.source.instances and error.in_some_cases:
                # What gives one of two elements leaves out the other one.
                unread.append((error.path, f"{error.message}, in some of the cases that are open before deployment"))
            else:
                wrong.append(error)
        chosen = self.source.defaults if wrong and not self.origin.prefix else {}
        opened = self.at_other_values(tuple(chosen)) if chosen else None
        left: list[MalformedPolicy] = []
        empty: dict[Path, str] = {}
        tried: set[str] = set()
        names, order = NamesInTexts(chosen), {name: number for number, name in enumerate(chosen)}
        for error in wrong:
            at = self._located(error.message, error.path)
            if opened is None or len(error.path) < 2 or _is_refused(opened, at):
                left.append(error)
                continue
            if isinstance(error, WithoutResource) and not is_last:
                empty[error.path] = ""
                continue
            text = " ".join(_texts(opened, str(error.path[1])))
            named = sorted(names.of(text), key=order.__getitem__)[:_NAMED]
            # One alone is it; of too many to be read at each of them, all are named.
            tried.update(named if len(named) > 1 else ())
            is_read = len(named) > 1 and len(tried) * self.source.instances <= _READ_AGAIN
            alone = [name for name in named if not is_read or not _is_refused(self.at_other_values((name,)), at)]
            if not alone and named and not _is_refused(self.at_other_values(tuple(named)), at):
                alone = named
            if not alone:
                # A loop of a template file has no names of variables; what makes it empty is one that is.
                others = [name for name in chosen if name not in named and chosen[name] in EMPTY][:_TRIED]
                tried.update(others)
                others = others if len(tried) * self.source.instances <= _READ_AGAIN else []
                alone = [name for name in others if not _is_refused(self.at_other_values((name,)), at)][:_NAMED]
            # What is made of several variables may have a name of its own.
            which = " and ".join(f"{name} ({chosen[name]})" for name in alone) or "its variables"
            # What makes a whole policy, or its statements, is no list of texts.
            is_text = isinstance(error, (WithoutPrincipal, WithoutResource)) or error.message.endswith(LIST_OF_TEXTS)
            given = " ".join(given_as(name.removeprefix("var."), chosen[name], is_text=is_text) for name in alone)
            given = VAR_FILE if VAR_FILE in given else given
            why = f"{error.message}, at the default of {which}: give a value with {given or '--parameter'}"
            if isinstance(error, WithoutPrincipal) and not is_last:
                # Its path goes on to the kind of its principals.
                empty[error.path[:-2]] = why
            else:
                unread.append((error.path, why))
        return left, unread, empty

    def readings_kept(self: _Readable) -> int:
        """How many of the readings at other values are kept at a time: each has all that it says once more."""
        return max(_KEPT // max(len(self.text), 1), _FEW_KEPT)

    def instances_made_again(self: _Readable) -> int:
        """How many instances of resources and modules are made to read it at other values; none of a template."""
        return self.source.instances

    def numbers_of(self: _Readable, document: Document) -> tuple[int, ...]:
        """Which of its documents stand where one of another reading does; empty where something there is not read."""
        if self._numbers is None:
            self._numbers = {}
            for number, one in enumerate(self.documents):
                self._numbers.setdefault(one.path, []).append(number)
        places = {document.path} & self._numbers.keys()
        if not places:
            # Nobody knows the keys of what there is several times of.
            block = _without_keys(document.path)
            places = {path for path in self._numbers if _without_keys(path) == block}
        unread = [at for at, _ in self.unread]
        if any(at[: len(place)] == place or at == place[: len(at)] for place in places for at in unread):
            return ()
        return tuple(sorted(number for path in places for number in self._numbers[path]))


def _tagged(readable: _Readable, document: Document) -> list[str]:
    """The logical ids of what has the tags that a policy looks at, or may have them."""
    if document.kind == TRUST or not document.resource_tags:
        return [document.logical_id]
    return [name for name in readable.environment.resources if "Tags" in readable.environment.properties(name)]


def _stands_on(readable: _Readable, document: Document) -> Iterator[object]:
    """What says what a policy is put on: what it says of other resources is about nothing, and of others' accounts."""
    resource = readable.environment.resources.get(document.logical_id)
    properties = {} if resource is None else readable.environment.properties(document.logical_id)
    if document.kind == CONTROL:
        yield [properties.get("Type"), properties.get("TargetIds")]
    elif document.kind == RESOURCE and resource is not None:
        yield {"Ref": document.logical_id}
        yield resource.get(STANDS_ON_ARN)
        yield properties.get(STANDS_ON.get(str(resource.get("Type")), "Bucket"))
        yield from _settings(readable, document, properties)


def _settings(readable: _Readable, document: Document, properties: Mapping[str, object]) -> Iterator[object]:
    """What says whether a public policy has an effect: settings of its own, and of the buckets that it is given."""
    yield from (properties.get(name) for name in _SETTINGS)
    if document.resource_type == BUCKET_POLICY:
        for logical_id, resource in {**readable.environment.linked_resources, **readable.environment.resources}.items():
            if resource.get("Type") == "AWS::S3::Bucket":
                bucket = readable.environment.properties(logical_id)
                made_by = readable.environment.collections_of(logical_id)
                yield [{"Ref": logical_id}, *(bucket.get(name) for name in _SETTINGS), *made_by]


def _alike(one: _Readable, other: _Readable, document: Document, *, with_tags: bool) -> bool:
    """Whether a document is the same in two readings, with the tags of what it stands on, or whatever these are."""
    if _place(one) != _place(other):
        # What is written with an account is in its own there, and somebody else's elsewhere.
        return False
    first, second = (
        [found if with_tags else found._replace(resource_tags=()) for found in documents]
        for documents in (side.documents_at(document.logical_id, document.path) for side in (one, other))
    )
    return first == second


def _behind_container(readable: _Readable) -> Mapping[str, str]:
    """The defaults that what a template stands inside of is made of, its text and what it is passed."""
    behind = {*readable.source.names_behind((str(readable.origin.prefix[1]),), of_holders=False)}
    return {name: value for name, value in readable.source.defaults.items() if name in behind}


def _place(readable: _Readable) -> tuple[str | None, str, bool]:
    """What is known of where a template goes, as far as that decides whom its policies are about."""
    return readable.account, readable.partition, readable.partition_known


def _hides(opened: _Readable, readable: _Readable, logical_id: str, chosen: Collection[str]) -> bool:
    """Whether the tags of a holder are others without the defaults, and name none of these: a local does."""
    without, given = (
        one.environment.properties(logical_id).get("Tags") if logical_id in one.environment.resources else None
        for one in (opened, readable)
    )
    return without is not None and without != given and not named_in(json.dumps(without), chosen)


def _is_refused(opened: _Readable | None, at: InputError) -> bool:
    """Whether AWS would refuse, where other values are given, what stands at a place; so it is where nobody knows."""
    errors = () if opened is None else opened.read_contents().errors
    return opened is None or any((one.file, one.line, one.column) == (at.file, at.line, at.column) for one in errors)


def _named_behind(
    readable: _Readable, opened: Any, chosen: Collection[str], logical_ids: Sequence[str]
) -> Collection[str]:
    """
    Those of some names that stand in what resources are made of, and in what is behind values that are not read.

    Args:
        opened: the template without the defaults of all of them.
    """
    named: set[str] = set()
    left = tuple(chosen)
    for _ in range(_MOST_HIDDEN):
        text = " ".join(text for one in logical_ids for text in _texts(opened, one))
        there = named_in(text, left)
        named |= there
        left = tuple(name for name in left if name not in there)
        if not there or not left or UNREAD not in text:
            return named
        # What is not read says why, and not what else it is made of, such as a template in a file of unknown name. At
        # the defaults of what it named it is read.
        opened = readable.at_other_values(left)
        if opened is None:
            break
    return {*named, *left}


def _without_keys(path: Path) -> Path:
    return tuple(_KEY.sub("", step) if isinstance(step, str) else step for step in path)


def _texts(readable: _Readable, logical_id: str) -> Iterator[str]:
    """What a resource is made of, and the conditions that it names, and those that these name."""
    resources, conditions = readable.data.get("Resources"), readable.data.get("Conditions")
    if readable._conditions is None:
        several = conditions.items() if isinstance(conditions, Mapping) else ()
        readable._conditions = {json.dumps(str(name)): json.dumps(value) for name, value in several}
    left = dict(readable._conditions)
    waiting = [json.dumps(resources.get(logical_id) if isinstance(resources, Mapping) else None)]
    while waiting:
        text = waiting.pop()
        yield text
        named = [name for name in left if name in text]
        waiting += [left.pop(name) for name in named]
