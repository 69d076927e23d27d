"""
The requests of who holds an identity policy, with what ``${aws:username}`` is where that is known.
"""

from __future__ import annotations

from trustproof.engine.request_space import RequestSpace
from trustproof.model.query import mentioned_texts
from trustproof.properties.question import Subject

_NAME = "aws:username"


def own_user_name(subject: Subject) -> str:
    """The name of the user who holds a policy; empty where it is not known, and for other holders."""
    holder = subject.holder
    known = holder is not None and holder.kind == "user" and isinstance(holder.arn, str)
    return str(holder.arn).rsplit("/", 1)[-1] if holder is not None and known else ""


def space_of_holder(
    subject: Subject, kind: str, known_keys: tuple[tuple[str, str], ...] = (), *, asks_of_own_user: bool = True
) -> RequestSpace:
    """
    The requests of one kind of caller that a holder may be.

    Args:
        known_keys: see `RequestSpace`.
        asks_of_own_user: whether it matters that a resource is the caller's own user or device, also where no policy
            says ``${aws:username}``.
    """
    name = own_user_name(subject)
    speaks = any("${" + _NAME in mentioned_texts(document.policy, False) for document in subject.documents)
    # Most policies say nothing of it, and are then read once for all users.
    if name and speaks:
        return RequestSpace(kind, "", subject.partition, known_keys=(*known_keys, (_NAME, name)))
    return RequestSpace(kind, "", subject.partition, own_name=speaks or asks_of_own_user, known_keys=known_keys)
