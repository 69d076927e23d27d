"""
Roles, users and groups that are there on both sides, in another path or under another name: their ARNs are not the
same.

Their names are unique in an account, whatever their paths are:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.wording import where
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.policy import Path
from trustproof.model.substitution import bind_text, with_texts
from trustproof.model.text import Text
from trustproof.proving.sides import same
from trustproof.results.difference import Move, Undecided, resource_of

_KINDS = ("role", "user", "group")
_PROPERTIES = "Properties"


def without_path(subject: Subject) -> str:
    """The ARN of a role, user or group without its path, in lower case as names are alike; empty for anything else."""
    kind, start, name = _parts(subject)
    return _key(start, name) if kind else ""


def name_and_start(subject: Subject) -> tuple[str, str]:
    """The name of a role, user or group, and how its ARN begins; each empty for anything else."""
    _, start, name = _parts(subject)
    return name, start


def names_of(subjects: Iterable[Subject]) -> set[str]:
    """The ARNs without paths of all roles, users and groups of the templates, also of those without a policy."""
    contexts = {id(one.context): one.context for one in subjects}
    holders = [(one, it) for it in contexts.values() for one in it.template.holders]
    found = [_parts_of(one.kind, bind_text(one.arn, it.assumed)) for one, it in holders]
    return {_key(start, name) for kind, start, name in (*found, *map(_parts, subjects)) if kind}


def _key(start: str, name: str) -> str:
    return f"{start}/{name}".lower()


def old_arns(pairs: Iterable[tuple[Subject | None, Subject | None]]) -> dict[str, str]:
    """The ARNs of what has moved, to those that it has on the old side."""
    return {new.name: old.name for new, old in pairs if new is not None and old is not None and _has_moved(new, old)}


def _has_moved(new: Subject, old: Subject) -> bool:
    """Whether the two of a pair are a role, user or group with two ARNs."""
    return bool(without_path(new) and without_path(old)) and new.name != old.name


def as_before(new: Subject, old: Subject, renamed: Mapping[str, str]) -> Subject:
    """
    The new side of a pair; with the ARNs that the old side has of what has moved, if that is the whole difference.

    A policy that follows a role by `Fn::GetAtt` says of the same role what it said.

    Args:
        renamed: logical ids and ARNs of the new side to those that the same resources have on the old side.
    """
    if not any(name.startswith("arn:") for name in renamed) or same(new.side(old, renamed), old.side(new, renamed)):
        return new
    followed = new._replace(
        documents=tuple(_renamed(one, renamed) for one in new.documents),
        permissions_boundary=None if new.permissions_boundary is None else _renamed(new.permissions_boundary, renamed),
    )
    return followed if same(followed.side(old, renamed), old.side(followed, renamed)) else new


def _renamed(document: Document, arns: Mapping[str, str]) -> Document:
    def called(text: Text) -> Text:
        return arns.get(text, text) if isinstance(text, str) else text

    statements = tuple(with_texts(one, called) for one in document.policy.statements)
    return document._replace(policy=document.policy._replace(statements=statements))


def moves(
    pairs: Iterable[tuple[Subject | None, Subject | None]],
    side: Callable[[Subject], ComparisonSide],
    changed: Collection[tuple[str, str]],
) -> Iterator[Move]:
    """
    What is in another path than it was, or has another name, once each, in the order of the new side.

    Args:
        pairs: new and old; None where the other side has nothing like it.
        side: gives the side of a subject.
        changed: what gives something on one side only, or may: each by the label of its template and its logical id.
    """
    said: set[object] = set()
    for new, old in pairs:
        if new is None or old is None or not _has_moved(new, old):
            continue
        kind, _, name = _parts(new)
        key = (new.label, new.logical_id, old.name, new.name)
        if key not in said:
            said.add(key)
            is_renamed = name.lower() != name_and_start(old)[0].lower()
            said_by = f"{kind.capitalize()}Name" if is_renamed else "Path"
            places = [where(side(one), one, _place(one, said_by)) for one in (old, new)]
            is_changed = any((one.label, one.logical_id) in changed for one in (old, new))
            yield Move(kind, name, old.name, new.name, places[0], places[1], means_the_same=not is_changed)


def with_doubts(found: Iterable[Move], undecided: Sequence[Undecided]) -> Iterator[Move]:
    """The same; what is not decided about one, or about its whole template, may be said by its policies."""
    of_resources = {resource_of(one.where) for one in undecided}
    of_templates = {one.where.template for one in undecided if not one.where.logical_id}
    for one in found:
        places = (one.old, one.new)
        is_open = any(resource_of(it) in of_resources or it.template in of_templates for it in places)
        yield one._replace(means_the_same=False) if is_open else one


def _place(subject: Subject, said_by: str) -> Path:
    """Where a template says what differs, or declares what does not say it."""
    path = subject.path
    resource = path[: path.index(_PROPERTIES)] if _PROPERTIES in path else path
    said = (*resource, _PROPERTIES, said_by)
    return resource if subject.context.template.written(said) is None else said


def _parts(subject: Subject) -> tuple[str, str, str]:
    """What a subject is, how its ARN begins, and its name; each empty where it has no name or no path."""
    holder = subject.holder
    kind = "role" if subject.kind == TRUST else holder.kind if subject.kind == IDENTITY and holder else ""
    return _parts_of(kind, subject.name)


def _parts_of(kind: str, arn: Text) -> tuple[str, str, str]:
    start, _, name = arn.partition("/") if isinstance(arn, str) else ("", "", "")
    if kind not in _KINDS or not name or not start.endswith(f":{kind}"):
        return "", "", ""
    return kind, start, name.rpartition("/")[2]
