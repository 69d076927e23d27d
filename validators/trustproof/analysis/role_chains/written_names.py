"""
Names of roles that policies write out, which may be those that AWS will generate or has generated.

A role without a name of its own is called otherwise here than in its account, and whoever names it there copies the
name. So it is with a role whose name is given at deployment: one name stands here for all that it may be called.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator, Mapping
from functools import lru_cache

from trustproof.analysis.role_chains.roles import Node
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.model.names import generated_name
from trustproof.model.policy import ALLOW, Policy
from trustproof.model.query import texts
from trustproof.model.substitution import bind_text
from trustproof.model.text import STACK_NAME, Symbol, Symbolic, Text
from trustproof.properties.shared.regions import may_name
from trustproof.sets.patterns import like, matches

_ROLE = re.compile(r"arn:[^:]*:(?:iam::(\d{12}|\*):role|sts::(\d{12}|\*):assumed-role)/([^$]*)")
#: What stands for other texts in a name.
_WILD = re.compile(r"[*?]")
#: A regular expression of what a deployment gives.
_ANY = ".*"


def names_like(arn: Text, values: Mapping[str, str], names: Mapping[str, str], given: Container[str] = ()) -> str:
    """
    A regular expression of the names that a role may have; empty where its name is known.

    Args:
        arn: of the role.
        values: what stands for whatever is not known of it.
        names: those of these that AWS generates, and the one of its stack.
        given: those of these that a deployment gives, each of which may be anything.
    """
    # Each of a thousand roles has a name among the values, and few are in one ARN.
    own = {symbol.name for symbol in arn.symbols} if isinstance(arn, Symbolic) else set()
    known = {
        name: values[name]
        for name in own & values.keys()
        if name not in given and (name not in names or name == STACK_NAME)
    }
    text = bind_text(arn, known)
    if not isinstance(text, Symbolic):
        return ""
    stack = names[STACK_NAME]

    def name_of(symbol: Symbol) -> str:
        return _text_given(symbol) if symbol.name in given else generated_name(stack, symbol.name)

    parts = [re.escape(part) if isinstance(part, str) else name_of(part) for part in text.parts]
    found = "".join(parts).rpartition("/")[2]
    # What is given may be the path as well, with the slash before the name.
    return f"{_ANY}{found.rpartition(_ANY)[2]}" if ":role" in found else found


def _text_given(symbol: Symbol) -> str:
    """A regular expression of what a deployment may give: a row of a mapping is one of a few texts."""
    texts_ = symbol.allowed or ()
    # One with a slash in it is a path, or a part of the name as well.
    is_told = bool(texts_) and not any("/" in text for text in texts_)
    return f"(?:{'|'.join(map(re.escape, texts_))})" if is_told else _ANY


def written_name(source: Node, target: Node, known: Container[str]) -> str:
    """
    What is not known where one of two roles is named by an ARN that it may have: a clause; empty where neither is.

    Args:
        known: the ARNs of all roles.
    """
    found = ""
    if source.names_like or source.is_anywhere:
        found = _may_mean(source, target.trust.policy, known)
    if not found and (target.names_like or target.is_anywhere):
        found = next(filter(None, (_may_mean(target, one.policy, known) for one in source.documents)), "")
    return found


def _may_mean(role: Node, policy: Policy, known: Container[str]) -> str:
    return (_given(role, policy) if role.has_given_name else "") or _meant(role, _written(policy), known)


def _given(role: Node, policy: Policy) -> str:
    """What of a policy may be the name of a role that is given at deployment, and is not the one that stands for it."""
    own = role.arn.partition(":role/")[2]
    for arn, account, name in _written(policy, with_denials=True):
        if account not in {role.account, "*"}:
            continue
        is_pattern = _WILD.search(name) is not None
        # What matches the name that stands for all others was asked about with it.
        is_asked = matches(like(name), own) if is_pattern else arn.endswith(f"/{own}") or name == own
        may_be = is_pattern or re.fullmatch(role.names_like, name) is not None
        if may_be and not is_asked:
            return f"{arn} may be {role.trust.document.logical_id}, whose name is given at deployment"
    return ""


def _meant(role: Node, written: Collection[tuple[str, str, str]], known: Container[str]) -> str:
    called = role.trust.document.logical_id
    for arn, account, name in written:
        if account == "*":
            continue
        is_like = name == role.name or (bool(role.names_like) and re.fullmatch(role.names_like, name) is not None)
        if _WILD.search(name):
            # In its own account it was asked whether a pattern is one of it.
            is_like = account != role.account and matches(like(name), role.arn.partition(":role/")[2])
        if account == role.account and is_like and name != role.name:
            return f"{arn} may be {called}, whose name is generated"
        if account != role.account and is_like and role.is_anywhere and arn not in known:
            return f"{arn} may be {called}, whose account is not known"
    return ""


@lru_cache(maxsize=4096)
def _written(policy: Policy, *, with_denials: bool = False) -> tuple[tuple[str, str, str], ...]:
    """
    The roles that the Allow statements of a policy name: what is written, account and name, or path and name where
    something stands there for other texts.

    Args:
        with_denials: whether those that Deny statements name are wanted too, as whoever is spared.
    """
    return tuple(dict.fromkeys(_roles(policy, with_denials=with_denials)))


def _roles(policy: Policy, *, with_denials: bool) -> Iterator[tuple[str, str, str]]:
    for statement in policy.statements:
        # A role that a policy only looks at, or passes on, is none that its holder assumes.
        assumes = (with_denials or statement.effect == ALLOW) and may_name(statement, ASSUME_ROLE)
        for text, _ in texts(statement) if assumes else ():
            found = _ROLE.match(text) if isinstance(text, str) else None
            if found is not None:
                by_role, by_session, rest = found.groups()
                name = rest.partition("/")[0] if by_session else rest if _WILD.search(rest) else rest.rpartition("/")[2]
                yield str(text), by_role or by_session, name
