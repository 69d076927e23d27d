"""
Tags of a user, role or resource that are not what they were, where policies elsewhere look at them.

A policy that says the same may let in somebody else since its caller has another tag.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.comparison.gains import CALLERS, OpenQuestion, StatementGain, are_written, deciding_policies, scene_of
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.subjects.subjects import Subject
from trustproof.engine.allowance import spend
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.policy import Policy, Statement
from trustproof.model.principals import Holder
from trustproof.model.query import texts
from trustproof.model.request import Request
from trustproof.model.substitution import bind_text
from trustproof.properties.shared.regions import held_by
from trustproof.proving.excess import excess
from trustproof.proving.sides import Side, allows
from trustproof.results.difference import GAINED, LOST
from trustproof.spec.conditions import evaluate

_OF_CALLERS, _OF_RESOURCES = "aws:principaltag/", "aws:resourcetag/"
#: Units of an allowance to read both sides of a pair for one tag.
_ASKED = 400
#: A template, by what both sides call it, with what is made of it.
Labelled = tuple[str, TemplateContext]


class LookedAt:
    """
    The condition keys that policies look at, read once for all tags.
    """

    def __init__(self, subjects: Iterable[Subject]) -> None:
        statements = [
            one for subject in subjects for document in subject.all_documents for one in document.policy.statements
        ]
        self._keys = {condition.key.lower() for one in statements for condition in one.conditions}
        written = (str(text).lower() for one in statements for text, _ in texts(one))
        self._variables = [text for text in written if "${" in text]

    def tags_of_callers(self, keys: Collection[str]) -> list[str]:
        """Those of some tags of users and roles that policies look at."""
        return self._tags(_OF_CALLERS, keys)

    def tags_of_resources(self, keys: Collection[str]) -> list[str]:
        """Those of some tags of resources that policies look at."""
        return self._tags(_OF_RESOURCES, keys)

    def _tags(self, start: str, keys: Collection[str]) -> list[str]:
        if any("${" + start in text for text in self._variables):
            return [key for key in keys if self._has(start + key)]
        own = (one.removeprefix(start) for one in self._keys if one.startswith(start))
        return [one for one in own if one in keys]

    def _has(self, name: str) -> bool:
        """Whether policies look at a condition key, lower-cased, or at one that begins so in a variable."""
        return name in self._keys or any("${" + name in text for text in self._variables)


class TagChange(NamedTuple):
    """
    A tag of a user or role that is another one, or is there on one side only.
    """

    holder: Holder
    #: Of its template.
    label: str
    #: Lower-cased.
    key: str
    before: str | None
    after: str | None

    @property
    def why(self) -> str:
        """The change, in words."""
        was, now = ("not known to be there" if one is None else f'"{one}"' for one in (self.before, self.after))
        return (
            f"the tag {self.key} of {self.holder.kind} {self.holder.logical_id or self.holder.name} was {was}, is {now}"
        )


def retagged_holders(new: Iterable[Labelled], old: Iterable[Labelled]) -> list[TagChange]:
    """The users and roles of both sides whose tags differ, as far as they are known."""
    before = _holders(old)
    out: list[TagChange] = []
    for name, (label, holder) in _holders(new).items():
        was, now = _with_values(before[name][1] if name in before else holder), _with_values(holder)
        keys = [key for key in {**now, **was} if was.get(key) != now.get(key)]
        out += [TagChange(holder, label, key, was.get(key), now.get(key)) for key in keys]
    return out


def _with_values(holder: Holder) -> dict[str, str]:
    """The tags that have a value: the key of one without it is absent, as where there is no tag."""
    return {key: value for key, value in holder.tags if value}


def _holders(templates: Iterable[Labelled]) -> dict[object, tuple[str, Holder]]:
    out: dict[object, tuple[str, Holder]] = {}
    for label, context in templates:
        for holder in context.template.holders:
            if holder.kind in ("user", "role") and holder.path:
                arn = bind_text(holder.arn, context.assumed)
                name = arn if isinstance(arn, str) else (label, holder.logical_id)
                out.setdefault(name, (label, holder._replace(arn=arn)))
    return out


def by_tags(pair: Pair, tag: TagChange, renamed: Mapping[str, str]) -> Iterator[StatementGain | OpenQuestion]:
    """
    What a user or role with another tag is let in to by a policy of a role or resource, and is no more.

    Args:
        renamed: logical ids of the new side to those that the same resources have on the old side.
    """
    new, old = pair
    if new is None or old is None or new.kind == IDENTITY:
        return
    own = (new.label, new.logical_id) == (tag.label, tag.holder.logical_id)
    if new.kind == TRUST and tag.holder.kind == "role" and own:
        # By becoming itself, a role gains nothing.
        return
    is_open = False
    spend(_ASKED)
    for direction, first, other, values in (
        (GAINED, new, old, (tag.after, tag.before)),
        (LOST, old, new, (tag.before, tag.after)),
    ):
        sides = (first.side(other, renamed), other.side(first, renamed))
        if not any(_looks_at(_OF_CALLERS + tag.key, deciding_policies(side)) for side in sides):
            continue
        told = [_told(side, _OF_CALLERS + tag.key, value) for side, value in zip(sides, values, strict=True)]
        if told[0] is None or told[1] is None:
            is_open = True
            continue
        scene = scene_of(first)
        whose = held_by(first.asked._replace(holder=tag.holder))
        scene = scene._replace(callers=CALLERS[tag.holder.kind], constraints=(*scene.constraints, *whose))
        for found in excess(told[0], told[1], scene, in_pieces=are_written(first)):
            if None in values:
                # What is not known to be there may be there all the same.
                is_open = True
                continue
            shown = found.where(_by_the_tag(sides, tag.key, values))
            if shown.requests:
                yield StatementGain(direction, first, shown, deciding_policies(sides[0]), {}, (tag.why,))
            is_open = is_open or bool(found.doubts)
    if is_open:
        yield OpenQuestion(new, (f"{tag.why}, and {new.called} looks at it",))


def by_own_tags(new: Subject, old: Subject, renamed: Mapping[str, str]) -> Iterator[StatementGain | OpenQuestion]:
    """
    What the policies of a user or role give it with other tags, and what one of a role or resource gives with its own.

    Args:
        renamed: logical ids of the new side to those that the same resources have on the old side.
    """
    after, before = _own(new), _own(old)
    sides = (new.side(old, renamed), old.side(new, renamed))
    policies = [policy for side in sides for policy in deciding_policies(side)]
    changed = [key for key in {**after, **before} if after.get(key) != before.get(key) and _looks_at(key, policies)]
    if not changed:
        return
    now, was = ({key: side[key] for key in changed if key in side} for side in (after, before))
    told = _all_told(sides, changed, (now, was))
    is_open = told is None or not len(now) == len(was) == len(changed)
    if told is not None and not is_open:
        for direction, first, other, values, policies_of in (
            (GAINED, told[0], told[1], (now, was), sides),
            (LOST, told[1], told[0], (was, now), sides[::-1]),
        ):
            subject = new if direction == GAINED else old
            scene = scene_of(subject)
            scene = scene._replace(known_keys=tuple(one for one in scene.known_keys if one[0] not in changed))
            for found in excess(first, other, scene, in_pieces=are_written(subject)):
                shown = found.where(_with_own((policies_of[0], policies_of[1]), values))
                if shown.requests:
                    why = ", ".join(f'{key} was "{was[key]}", is "{now[key]}"' for key in changed)
                    yield StatementGain(
                        direction, subject, shown, deciding_policies(policies_of[0]), {}, (f"of its own tags, {why}",)
                    )
                is_open = is_open or bool(found.doubts)
    if is_open:
        yield OpenQuestion(new, ("its tags are not what they were, and its policies look at tags",))


def _own(subject: Subject) -> dict[str, str]:
    """The condition keys of the tags of what has the policies, or of what they stand on, as far as they are known."""
    if subject.holder is not None:
        return {_OF_CALLERS + key: value for key, value in _with_values(subject.holder).items()}
    trusts = (document for document in subject.documents if document.kind == TRUST)
    return {_OF_RESOURCES + key: value for document in trusts for key, value in document.resource_tags}


def _all_told(
    sides: tuple[Side, Side], keys: Iterable[str], values: tuple[Mapping[str, str], Mapping[str, str]]
) -> tuple[Side, Side] | None:
    """Both sides where keys have the values of each; None where one cannot be said without them."""
    out: list[Side] = []
    for side, known in zip(sides, values, strict=True):
        told: Side | None = side
        for key in keys:
            told = None if told is None else _told(told, key, known.get(key))
        if told is None:
            return None
        out.append(told)
    return out[0], out[1]


def _with_own(
    sides: tuple[Side, Side], values: tuple[Mapping[str, str], Mapping[str, str]]
) -> Callable[[Request], Request | None]:
    """A request with the tags, where it is by these that one side allows it and the other one does not; else None."""

    def told(request: Request) -> Request | None:
        mine, theirs = (request._replace(context={**request.context, **one}) for one in values)
        try:
            # What the policies say otherwise is compared by itself.
            is_so = allows(sides[0], mine) and not allows(sides[1], theirs) and allows(sides[1], mine)
        except ValueError:
            # Something is known only when it is deployed.
            return None
        return mine if is_so else None

    return told


def _by_the_tag(
    sides: tuple[Side, Side], key: str, values: tuple[str | None, str | None]
) -> Callable[[Request], Request | None]:
    """A request with the tag, where it is allowed by it and is not by the other side with the other one; else None."""

    def told(request: Request) -> Request | None:
        mine, theirs = (
            request._replace(context={**request.context, _OF_CALLERS + key: str(value)}) for value in values
        )
        try:
            is_so = allows(sides[0], mine) and not allows(sides[0], theirs) and not allows(sides[1], theirs)
        except ValueError:
            # Something is known only when it is deployed.
            return None
        return mine if is_so else None

    return told


def _looks_at(name: str, policies: Iterable[Policy]) -> bool:
    return any(_mentions(statement, name) for policy in policies for statement in policy.statements)


def _mentions(statement: Statement, name: str) -> bool:
    if any(condition.key.lower() == name for condition in statement.conditions):
        return True
    return any("${" + name in str(text).lower() for text, _ in texts(statement))


def _told(side: Side, name: str, value: str | None) -> Side | None:
    """The side where a key has a value, or is absent; None where it cannot be said without it."""
    policies = [_policy_told(policy, name, value) for policy in deciding_policies(side)]
    known = [policy for policy in policies if policy is not None]
    if len(known) != len(policies):
        return None
    limit = None if side.permissions_boundary is None else known.pop()
    return Side(tuple(known), limit)


def _policy_told(policy: Policy, name: str, value: str | None) -> Policy | None:
    statements: list[Statement] = []
    context = {} if value is None else {name: value}
    for statement in policy.statements:
        if not _mentions(statement, name):
            statements.append(statement)
            continue
        if any("${" + name in str(text).lower() for text, _ in texts(statement)):
            return None
        mine = [one for one in statement.conditions if one.key.lower() == name]
        if not all(isinstance(text, str) and "${" not in text for one in mine for text in one.operands):
            return None
        if all(evaluate(one, context, variables=policy.has_variables).matched for one in mine):
            others = tuple(one for one in statement.conditions if one.key.lower() != name)
            statements.append(statement._replace(conditions=others))
    return policy._replace(statements=tuple(statements))


# -- tags of resources


def resources_retagged(new: Sequence[Labelled], old: Sequence[Labelled]) -> dict[str, str]:
    """Keys of tags of resources that are not what they were, lower-cased, to the first resource that has one."""
    before = dict(old)
    out: dict[str, str] = {}
    for label, context in new:
        if (other := before.get(label)) is None:
            continue
        sides = [_written_tags(one) for one in (other, context)]
        for logical_id in sides[0].keys() & sides[1].keys():
            was, now = (one[logical_id] for one in sides)
            for key in sorted(key for key in {**was, **now} if was.get(key) != now.get(key)):
                out[key] = min(out.get(key, logical_id), logical_id)
    return out


def _written_tags(context: TemplateContext) -> dict[str, dict[str, str]]:
    resources = context.template.written(("Resources",))
    out: dict[str, dict[str, str]] = {}
    for logical_id, resource in resources.items() if isinstance(resources, Mapping) else ():
        properties = resource.get("Properties") if isinstance(resource, Mapping) else None
        tags = properties.get("Tags") if isinstance(properties, Mapping) else None
        if isinstance(tags, Mapping):
            out[str(logical_id)] = {str(key).lower(): str(value) for key, value in tags.items()}
        else:
            pairs = [one for one in tags if isinstance(one, Mapping)] if isinstance(tags, list) else []
            out[str(logical_id)] = {str(one.get("Key")).lower(): str(one.get("Value")) for one in pairs}
    return out


def by_tags_of_resources(pair: Pair, keys: Mapping[str, str], looked_at: LookedAt) -> Iterator[OpenQuestion]:
    """
    Why it is not known who is let in by a policy that looks at the tags of resources.

    Args:
        looked_at: what the policies of both look at.
    """
    subject = pair[0]
    if subject is None or subject.kind == TRUST:
        # Of a role, the tags are known to its own policy.
        return
    policies = [document.policy for document in subject.all_documents]
    for key in sorted(looked_at.tags_of_resources(keys)):
        if _looks_at(_OF_RESOURCES + key, policies):
            yield OpenQuestion(
                subject, (f"the tag {key} of {keys[key]} is not what it was, and {subject.called} looks at it",)
            )
