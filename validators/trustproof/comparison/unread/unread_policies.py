"""
What one side says and nobody can read: of that, nothing is said to be gained or lost.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.comparison.assignments.other_defaults import is_unread_at
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.matching.retained_resources import is_of
from trustproof.comparison.pairs.control_policies import ComparedControls, Place
from trustproof.comparison.revisions.linked_files import is_alike_there, leads_inside
from trustproof.comparison.revisions.links import lead_to_the_same
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate, by_label
from trustproof.comparison.subjects.subjects import OLD, Subject
from trustproof.comparison.surroundings.account_assignments import assigned_to_unknown
from trustproof.comparison.unread.places_of_policies import UnreadPlaces, UnreadTemplate, unread_places
from trustproof.comparison.unread.unknown_accounts import in_another_account
from trustproof.comparison.unread.unread_parts import changed_files, is_written_alike
from trustproof.comparison.unread.unread_places import changed_in
from trustproof.comparison.wording import position, where_control
from trustproof.files.paths import real_path
from trustproof.inputs.reader import IN_UNREAD_FILES, REMOVED, ImpliedAccess, Input
from trustproof.model.document import CONTROL, IDENTITY, TRUST
from trustproof.model.policy import Path
from trustproof.results.difference import GAINED, LOST, Direction, Undecided, Where

_NOT_THE_SAME = "on both sides it is passed over, and it is not the same"


class UnreadPolicies(NamedTuple):
    """
    What is not known of a pair, because nobody can read a part of one side.
    """

    #: The directions of which nothing can be said: what the other side does not give, it may give where it is unread.
    directions: tuple[Direction, ...] = ()
    #: Why; empty where the place that nobody can read is listed by itself.
    reasons: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether there is nothing to be compared with."""
        return GAINED in self.directions and LOST in self.directions


def unread_of(pair: Pair, new: UnreadPlaces, old: UnreadPlaces) -> UnreadPolicies:
    """What is not known of a pair."""
    directions: list[Direction] = []
    reasons: list[str] = []
    for direction, subject, other, there in ((LOST, pair[1], pair[0], new), (GAINED, pair[0], pair[1], old)):
        if subject is None:
            continue
        side = there.side
        if subject.kind == IDENTITY and subject.holder is not None:
            said = {(old if there is new else new).side.on_both_sides(one) for one in subject.unclear}
            unclear = () if other is None else other.unclear
            found = tuple(one for one in unclear if side.on_both_sides(one) not in said)
            reasons += [f"on the {side.called} side: {one}" for one in found]
            is_unread = bool(found) or any(
                _is_of(one.path, path)
                for unread in there.counterparts(subject.label)
                for path in unread.places
                for one in subject.documents
            )
        else:
            is_unread = any(_is_unread_in(unread, subject, other) for unread in there.counterparts(subject.label))
        if is_unread:
            directions.append(direction)
            if other is None or not other.documents:
                # What it denied may be denied all the same, and what is there may be denied.
                return UnreadPolicies((GAINED, LOST), tuple(reasons))
    return UnreadPolicies(tuple(directions), tuple(reasons))


def unread_roles(side: ComparisonSide) -> frozenset[tuple[str, str]]:
    """The roles of a side of which nobody can read a policy, each by its template and logical id."""
    found = {
        (named.label, holder.logical_id)
        for named in side.templates
        for holder in named.template.holders
        if holder.doubts and holder.kind == "role"
    }
    places = ((named.label, _resource(path)) for named in side.templates for path in unread_places(named.template))
    return frozenset((*found, *((label, resource) for label, resource in places if resource is not None)))


def refused_resources(*sides: ComparisonSide) -> frozenset[tuple[str, str]]:
    """The resources with a policy that AWS would refuse, each by its template and logical id."""
    templates = [named for side in sides for named in side.templates]
    places = ((named.label, _resource(path)) for named in templates for path in named.template.refused_at)
    return frozenset((label, resource) for label, resource in places if resource is not None)


def _is_unread_in(unread: UnreadTemplate, subject: Subject, other: Subject | None) -> bool:
    """Whether a template has the policy of a subject, and nobody can read it."""
    logical_id = subject.logical_id if other is None else other.logical_id
    for path in unread.places:
        resource = _resource(path)
        if resource == logical_id:
            # What is read of it stands beside what is not.
            if _is_beside(path, subject.path if other is None else other.path):
                return True
        elif other is None and resource is not None and _may_be_renamed(unread.template, resource, subject):
            return True
    return False


def _is_of(document: Path, path: Path) -> bool:
    """Whether a place that is not read is in a policy, or around it."""
    return bool(document) and _resource(document) == _resource(path) is not None and _is_beside(document, path)


def _is_beside(one: Path, other: Path) -> bool:
    """Whether one of two places in a resource is in the other one."""
    rest, there = _in_resource(one), _in_resource(other)
    return rest[: len(there)] == there[: len(rest)]


def _may_be_renamed(template: Input, resource: str, subject: Subject) -> bool:
    """Whether a resource, of which a policy is not read, may be that of the other side under another logical id."""
    if template.resource_type(resource) != subject.resource_type or template.resource_type(subject.logical_id):
        return False
    if subject.home.resource_type(resource):
        return False
    names = [role.arn for role in template.roles if role.logical_id == resource] if subject.kind == TRUST else []
    return not (subject.name and names and all(isinstance(one, str) and one != subject.name for one in names))


def _resource(path: Path) -> str | None:
    """The logical id of the resource that a path leads into."""
    place = _start(path)
    return str(path[place - 1]) if place else None


def _in_resource(path: Path) -> Path:
    return path[_start(path) :]


def _start(path: Path) -> int:
    """Where in a path the resource begins that it leads into; 0 for a path that leads into none."""
    return path.index("Resources") + 2 if "Resources" in path[:-1] else 0


def unread_parts(
    new: ComparisonSide,
    old: ComparisonSide,
    alike: set[str],
    controls: ComparedControls,
    gained: Collection[Place],
    opened: Sequence[ComparisonSide] = (),
) -> Iterator[Undecided]:
    """
    Parts that may say something about access, which nobody can read and which are not known to be alike.

    Args:
        alike: the templates that are.
        controls: the control policies of both sides.
        gained: those of the old side that denied what is gained.
        opened: both sides at other values of what decides by its default, where they are compared so too.
    """
    elsewhere = by_label(*opened)
    yield from changed_files(new, old)
    yield from in_another_account(new, old)
    known = {label: path for label, path, _ in old.passed_over}
    # A module that is installed there is read, and compared as what it makes.
    read = {file for side in (new, old) for named in side.templates for file in named.template.presentation.files}
    for label, path, reason in new.passed_over:
        if label not in known:
            if not is_alike_there(label, path, old):
                yield Undecided(Where(new.shown(path), "", ""), (f"on the new side it is passed over: {reason}",))
        elif os.path.islink(path):
            if not (new.is_within(real_path(path)) or lead_to_the_same(path, known[label])):
                yield Undecided(Where(new.shown(path), "", ""), (f"{_NOT_THE_SAME}: {reason}",))
        elif (changed := changed_in(path, known[label], read)) is not None:
            why = f"{_NOT_THE_SAME}{f' ({changed})' if changed else ''}: {reason}"
            yield Undecided(Where(new.shown(path), "", ""), (why,))
    there = {label for label, _, _ in new.passed_over}
    for label, path, reason in old.passed_over:
        if label not in there and not leads_inside(path, old) and not is_alike_there(label, path, new):
            yield Undecided(Where(old.shown(path), "", ""), (f"on the old side it is passed over: {reason}",))
    for side, other in ((new, old), (old, new)):
        counterparts = {named.label: named for named in other.templates}
        for label, path, reason in side.skipped:
            if label in counterparts:
                why = f"on the {side.called} side it is no template, and on the {other.called} side it is one: {reason}"
                yield Undecided(Where(side.shown(path), "", ""), (why,))
        given = frozenset(os.path.abspath(named.template.name) for named in side.templates)
        for named in side.templates:
            if named.label not in alike:
                counterpart, read_there = counterparts.get(named.label), elsewhere.get(named.label, ())
                yield from _not_looked_into(side, other, named, counterpart, given, is_first=side is new)
                yield from _unread(side, named, counterpart, read_there, is_first=side is new)
                yield from _controls(side, named, controls, gained)
                yield from assigned_to_unknown(side, named, counterparts.get(named.label))
                yield from _implied(side, named, counterparts.get(named.label), is_first=side is new)


def _unread(
    side: ComparisonSide,
    named: NamedTemplate,
    other: NamedTemplate | None,
    opened: Sequence[Input],
    *,
    is_first: bool,
) -> Iterator[Undecided]:
    template = named.template
    parts: list[tuple[Path, str]] = [((), template.doubt)] if template.doubt else []
    # Files that are not read are compared by themselves.
    parts += [(doubt.path, doubt.reason) for doubt in template.doubts if doubt.path != IN_UNREAD_FILES]
    parts += list(template.unread)
    counterpart = None if other is None else other.template
    for path, reason in parts:
        # What AWS refuses in a policy, it refuses with all of it.
        whole = path[: path.index("Statement")] if "Statement" in path else path
        written = template.written(whole) if path else None
        called = f"on the {side.called} side"
        if opened and _is_compared_there(path, counterpart, opened):
            continue
        if written is not None and other is not None and _is_same(written, whole, template, other.template):
            if reason not in template.presentation.hidden or not is_first:
                continue
            # What is written alike is elsewhere, so nobody knows whether it is.
            called = "on both sides"
        place = Where(side.shown(template.name), "", "", None, template.account, position(side, template, path))
        yield Undecided(place, (f"{called}: {reason}",))


def _is_compared_there(path: Path, other: Input | None, opened: Sequence[Input]) -> bool:
    """
    Whether what nobody can read of one side is compared at other values: where the other side can be read as it is,
    it is not the same at its defaults.
    """
    if _resource(path) is None or any(is_unread_at(one, path) for one in opened):
        return False
    return other is None or is_unread_at(other, path) or other.written(path[:2]) is None


def _is_same(written: object, path: Path, template: Input, other: Input) -> bool:
    """Whether another template has the same at a path, also in what is only known elsewhere."""
    if other.written(path) != written:
        return False
    return template.is_as_written or template.made_of(repr(written)) == other.made_of(repr(written))


def _not_looked_into(
    side: ComparisonSide,
    other_side: ComparisonSide,
    named: NamedTemplate,
    counterpart: NamedTemplate | None,
    given: Collection[str],
    *,
    is_first: bool,
) -> Iterator[Undecided]:
    """
    What has a template of its own that is not given, or is of a kind that nobody looks into; not what both have and
    write alike, and of a resource by which somebody gets in nothing that is said already.

    Args:
        given: the files of the side.
    """
    template, other = named.template, None if counterpart is None else counterpart.template
    said = {one.logical_id for one in (*_gives_other(template, other), *_gives_other(other, template))}
    if not is_first and other is not None:
        there = template.external_templates()
        said |= {one.logical_id for one in other.external_templates() if one.logical_id and one not in there}
    known = () if other is None else (*other.external_templates(), *other.presentation.left_out)
    left_out = () if other is None else other.presentation.left_out
    links = {other_side.label(what): what for what, _ in left_out if os.path.islink(what)}
    found: list[tuple[str, str]] = [
        (what, which)
        for what, which in template.presentation.left_out
        if (what, which) not in known
        and not _leads_to_the_same(what, links.get(side.label(what), ""))
        and not (which.startswith(REMOVED) and _is_declared(what, other))
    ]
    if other is not None and is_first:
        found += _in_other_words(template, other)
    for one in template.external_templates():
        file = os.path.abspath(os.path.join(os.path.dirname(template.name), one.location))
        if one not in known and one.logical_id not in said and not (one.location and file in given):
            found.append((one.what, one.which))
        elif one in known and is_first and other is not None and not is_written_alike(one, template, other):
            # What is elsewhere makes something else of other words.
            found.append((one.what, f"{one.which or 'has its template elsewhere'}, and is not written alike"))
    yield from (_unknown_part(side, template, what, which) for what, which in found)


def _is_declared(address: str, other: Input | None) -> bool:
    """Whether the other side has what an address names: what it loses by that is said of it."""
    resources = None if other is None else other.written(("Resources",))
    return isinstance(resources, Mapping) and any(is_of(str(one), address) for one in resources)


def passed_otherwise(
    new: ComparisonSide, old: ComparisonSide, by_default: Sequence[ComparisonSide]
) -> Iterator[Undecided]:
    """
    What is left out on both sides, and is not passed the same, or is on one side alone, and there at no default.

    Args:
        by_default: both sides at their defaults.
    """
    absent = {what for side in by_default for one in side.templates for what in one.template.presentation.absent}
    there = {named.label: named.template for named in old.templates}
    for named in new.templates:
        for what, which in _in_other_words(named.template, there.get(named.label, named.template)):
            yield _unknown_part(new, named.template, what, which)
    for side, other in ((new, old), (old, new)):
        there = {named.label: named.template for named in other.templates}
        for named in side.templates:
            counterpart = there.get(named.label, named.template).presentation.left_out
            for what, which in named.template.presentation.left_out:
                if what in absent and (what, which) not in counterpart:
                    yield _unknown_part(side, named.template, what, which)


def _in_other_words(template: Input, other: Input) -> list[tuple[str, str]]:
    """What both leave out and do not write alike, each with why it is left out."""
    words, others = template.presentation.left_out_words, other.presentation.left_out_words
    return [
        (what, f"{which}, and is not written alike")
        for what, which in template.presentation.left_out
        if (what, which) in other.presentation.left_out and words.get(what) != others.get(what)
    ]


def _unknown_part(side: ComparisonSide, template: Input, what: str, which: str) -> Undecided:
    place = Where(side.shown(template.name), "", "", None, template.account)
    why = f"which {which}" if which else "whose template is elsewhere"
    # What has an address is called by it, and a file as the user would call it.
    called = side.shown(what) if os.path.lexists(what) else what
    return Undecided(place, (f"on the {side.called} side: {called}, {why}",))


def _leads_to_the_same(link: str, other: str) -> bool:
    """Whether two links that lead out of what was named lead to files that hold the same."""
    return bool(other) and os.path.islink(link) and lead_to_the_same(link, other)


def _implied(
    side: ComparisonSide, named: NamedTemplate, other: NamedTemplate | None, *, is_first: bool
) -> Iterator[Undecided]:
    """What access comes of that nobody reads, where the other side does not have the same; of both sides once."""
    template = named.template
    counterpart = None if other is None else other.template
    said = set() if is_first else {one.said for one in _gives_other(counterpart, template)}
    for one in _gives_other(template, counterpart):
        if one.said not in said:
            type_ = template.presentation.types.get(one.logical_id, template.resource_type(one.logical_id))
            at = position(side, template, one.path)
            place = Where(side.shown(template.name), one.logical_id, type_, None, template.account, at)
            yield Undecided(place, (f"{one.said} is not compared, and the other side does not have the same",))


def _gives_other(template: Input | None, other: Input | None) -> tuple[ImpliedAccess, ...]:
    """The access that nobody reads of one template, which another one does not have."""
    there = () if other is None else other.implied_access
    known, said = {(one.said, one.value) for one in there}, {one.said for one in there}
    return tuple(
        one
        for one in (() if template is None else template.implied_access)
        if (one.said, one.value) not in known and (one.said in said or not one.is_limit)
    )


def _controls(
    side: ComparisonSide, named: NamedTemplate, controls: ComparedControls, gained: Collection[Place]
) -> Iterator[Undecided]:
    """
    Control policies that are not the same on the other side, or not attached to what they are attached to here, where
    it is not known whom that lets in.

    Args:
        gained: those of the old side that denied what is gained.
    """
    for document in named.template.documents:
        place = (named.label, document.path)
        if document.kind != CONTROL or place not in controls.changed:
            continue
        reasons: tuple[str, ...] = (f"what the control policy of the {side.called} side stops is not compared",)
        if place in controls.known:
            reasons = controls.denied_no_more.get(place, ()) if side.called == OLD and place not in gained else ()
        if reasons:
            yield Undecided(where_control(side, named, document), reasons)
