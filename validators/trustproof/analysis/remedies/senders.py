"""
Whom a template itself sends to its roles: users, groups and roles whose policies name them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple, TypeAlias

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.inputs.reader import Input
from trustproof.model.arn import is_account
from trustproof.model.document import Document
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.operators import FOR_ALL_VALUES, parse_operator
from trustproof.model.policy import ALLOW, Condition, Path, Policy, Statement
from trustproof.model.principals import ELSEWHERE, Holder, RoleFacts, Sender
from trustproof.model.text import Symbolic, Text
from trustproof.properties.shared.programs import is_called_a_program, why_a_program
from trustproof.properties.shared.regions import may_name
from trustproof.sets.patterns import like, matches

#: Where a trust policy stands: its logical id, and its path.
Place: TypeAlias = "tuple[str, Path]"
#: Who is sent: the kind, and the logical id.
Key: TypeAlias = "tuple[str, str]"


#: Keys of the role that is assumed: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
_ACCOUNT = "aws:resourceaccount"
_OF_TARGET = ("iam:resourcetag/", "aws:resourcetag/", _ACCOUNT)


#: Keys and values of the tags of a role; None where they are not known.
Tags: TypeAlias = "tuple[tuple[str, Text], ...] | None"


class SenderAccess(NamedTuple):
    """
    What a statement lets its holder assume.
    """

    #: An entry of Resource.
    roles: Text
    #: The conditions on the role that is assumed.
    asked: tuple[Condition, ...]


class Target(NamedTuple):
    """
    A role of the template.
    """

    arn: Text
    tags: Tags


class _Senders(Mapping[Place, tuple[Sender, ...]]):
    """
    By its logical id and the path of its trust policy, whom a template sends to a role: looked for where it is asked.
    In an account that is told apart for one role, it is asked of that one alone.
    """

    def __init__(self, places: Collection[Place], find: Callable[[Place], tuple[Sender, ...]]) -> None:
        self._places = places
        self._find = cache(find)

    def __getitem__(self, place: Place) -> tuple[Sender, ...]:
        if place in self._places and (found := self._find(place)):
            return found
        raise KeyError(place)

    def __iter__(self) -> Iterator[Place]:
        return (place for place in self._places if self._find(place))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __reduce__(self) -> tuple[object, ...]:
        # Another process cannot look for it.
        return dict, (dict(self),)


def senders(
    template: Input, document: Callable[[int], Document], bind: Callable[[Text], Text], made_up: Collection[str]
) -> Mapping[Place, tuple[Sender, ...]]:
    """
    By its logical id and the path of its trust policy, whom the template sends to a role.

    Who may do anything is sent nowhere: what an administrator may do is no plan. A role, a permission set or a program
    with a policy that speaks of assuming, and of every role there is, may be meant, and the sender says so.

    Args:
        document: one of those of the template, with what is known of the deployment.
        bind: gives a text what is known of the deployment.
        made_up: accounts that stand for one that nobody knows, and so for whichever one a policy names.
    """
    may_send = _MAY_SEND.get(lambda: _may_send(template), template.holders, template.documents, template.roles)
    if not may_send:
        # Mostly nobody is, and no role has to be looked at for each account that is told apart.
        return {}
    programs, arns, roles = _DECLARED.get(
        lambda: _declared(template), template.holders, template.documents, template.roles
    )
    holders = [holder for holder, _ in may_send]
    policies = [document(index).policy for _, index in may_send]
    # The same policies are asked for each role, in each account that is told apart for one.
    sent, anywhere, made, may_name_role = _SENT.get(lambda: _sent(holders, policies, programs), may_send, *policies)
    if not sent:
        return {}

    @cache
    def sender(key: Key, to_any: bool, role: str) -> Sender:
        kind, logical_id = key
        if key not in made:
            return Sender(kind, logical_id)
        function, argument, why_not = template.reference_to_arn(logical_id, role)
        called = argument[0] if kind == "role" else logical_id
        arn = arns.get(logical_id, "")
        return Sender(kind, called, why_not, (function, argument), logical_id in programs, to_any, arn)

    @cache
    def everybody(covers: tuple[SenderAccess, ...]) -> dict[Key, Sender]:
        # Who speaks of any role is named in none, so that it is the same for all of them.
        keys = sorted({key for said in covers for key in anywhere[said]})
        return {key: sender(key, True, "") for key in keys}

    def find(place: Place) -> tuple[Sender, ...]:
        named: dict[Key, None] = {}
        covers: dict[SenderAccess, None] = {}
        for role in roles[place]:
            target = Target(bind(role.arn), role.tags)
            for entry in may_name_role(target.arn):
                if means(entry, target.arn, target.tags, made_up):
                    named.update(sent[entry])
            covers.update(dict.fromkeys(_covering(target, anywhere, made_up)))
        by_itself = {key: sender(key, False, place[0]) for key in named}
        return _together(by_itself, everybody(tuple(covers)), place[0])

    return _Senders(roles, find)


def _by_name(entries: Collection[SenderAccess]) -> Callable[[Text], Iterator[SenderAccess]]:
    """Gives the entries that may name the role of an ARN: a wildcard may stand for any, and others say its name."""
    wild = [entry for entry in entries if set(str(entry.roles)) & set("*?")]
    by_name: dict[str, list[SenderAccess]] = {}
    for entry in {*entries} - {*wild}:
        by_name.setdefault(role_name(entry.roles), []).append(entry)
    return lambda arn: chain(wild, by_name.get(role_name(arn), ()))


def _covering(target: Target, anywhere: Iterable[SenderAccess], made_up: Collection[str]) -> Iterator[SenderAccess]:
    """What of all that is said of any role may mean one."""
    return (
        one
        for one in anywhere
        if matches(like(str(one.roles)), _there(one.roles, target.arn, made_up))
        and _admits(one, target.arn, target.tags, made_up)
    )


def _together(named: Mapping[Key, Sender], to_any: Mapping[Key, Sender], role: str) -> tuple[Sender, ...]:
    """Who is sent to a role, sorted: by its name, or else with any other role."""
    if not named:
        return tuple(one for key, one in to_any.items() if key[1] != role)
    others = {key: one for key, one in to_any.items() if key[1] != role and key not in named}
    return tuple(one for _, one in sorted((*named.items(), *others.items()), key=lambda item: item[0]))


def _is_a_group_of_people(holder: Holder) -> bool:
    """Whether somebody that the template only names is a group, and not called one of programs."""
    return holder.kind == "group" and not is_called_a_program(str(holder.name))


class _Declared(NamedTuple):
    """
    What a template has, whoever is sent where.
    """

    #: The logical ids of those that are taken for programs'.
    programs: Collection[str]
    #: Logical ids of roles to their ARNs.
    arns: Mapping[str, Text]
    #: The roles with a trust policy, by where that is.
    roles: Mapping[Place, Sequence[RoleFacts]]


class _Sent(NamedTuple):
    """
    Who is sent where by some policies.
    """

    #: By the entries of Resource that name roles, who is sent there: the same few stand in the policies of many.
    to_roles: Mapping[SenderAccess, Mapping[Key, None]]
    #: What is said of any role, to who says it.
    anywhere: Mapping[SenderAccess, Mapping[Key, None]]
    #: Those that the template makes.
    made: Collection[Key]
    #: Gives the entries that may name the role of an ARN.
    may_name: Callable[[Text], Iterator[SenderAccess]]


#: What stands in a template is the same object wherever it is read for another account.
_MAY_SEND = IdentityMemory[Sequence[tuple[Holder, int]]](2)
_DECLARED = IdentityMemory[_Declared](2)
_SENT = IdentityMemory[_Sent](2)


def _declared(template: Input) -> _Declared:
    roles: dict[Place, list[RoleFacts]] = {}
    for role in template.roles:
        if role.trust is not None:
            one = template.documents[role.trust]
            roles.setdefault((one.logical_id, one.path), []).append(role)
    return _Declared(_programs(template), {one.logical_id: one.arn for one in template.roles}, roles)


def _programs(template: Input) -> Collection[str]:
    return {holder.logical_id for holder in template.holders if why_a_program(holder)}


def _may_send(template: Input) -> Sequence[tuple[Holder, int]]:
    """Who is in the template, with each of the policies that may send it somewhere, whatever is known of an account."""
    if all(role.trust is None for role in template.roles):
        return ()
    documents = template.documents
    return [
        (holder, index)
        for holder, index in _held(template, _programs(template))
        if named_roles(documents[index].policy)
    ]


def _sent(holders: Sequence[Holder], policies: Sequence[Policy], programs: Collection[str]) -> _Sent:
    """Whom the policies of some holders send where, policy by policy."""
    sent: dict[SenderAccess, dict[Key, None]] = {}
    anywhere: dict[SenderAccess, dict[Key, None]] = {}
    made: set[Key] = set()
    for holder, policy in zip(holders, policies, strict=True):
        entries = dict.fromkeys(named_roles(policy))
        if not entries:
            continue
        is_role = holder.kind == "role"
        key = (ELSEWHERE if is_role and not holder.logical_id else holder.kind, holder.logical_id or str(holder.name))
        if holder.logical_id:
            made.add(key)
        for entry in entries:
            sent.setdefault(entry, {})[key] = None
        if holder.logical_id in programs or holder.kind in ("role", "permission set"):
            for said in _any_roles(policy):
                anywhere.setdefault(said, {})[key] = None
    return _Sent(sent, anywhere, made, _by_name(sent))


def _held(template: Input, programs: Collection[str]) -> Iterator[tuple[Holder, int]]:
    """Who is in the template, with each of the policies that say whether it is sent somewhere."""
    groups = {holder.logical_id: holder for holder in template.holders if holder.kind == "group"}
    for holder in template.holders:
        if not holder.logical_id and holder.kind != "role" and not _is_a_group_of_people(holder):
            continue
        yield from ((holder, index) for index in holder.documents)
        if holder.logical_id in programs:
            # A group is of people as a rule, but this member of it is none.
            joined = (groups[one.group] for one in holder.groups if one.group in groups)
            yield from ((holder, index) for group in joined for index in group.documents)


def _any_roles(policy: Policy) -> list[SenderAccess]:
    """What a policy that speaks of assuming says of any role there is: who may do anything does not count."""
    return [
        SenderAccess(resource, _of_target(statement))
        for statement in policy.statements
        if statement.effect == ALLOW
        and any(str(action).lower() in (ASSUME_ROLE.lower(), "sts:*") for action in statement.actions or ())
        for resource in statement.resources or ()
        if str(resource) == "*" or str(resource).endswith(":role/*")
    ]


def named_roles(policy: Policy) -> list[SenderAccess]:
    """The roles that a policy lets its holder assume."""
    return [
        SenderAccess(resource, _of_target(statement))
        for statement in policy.statements
        if statement.effect == ALLOW and may_name(statement, ASSUME_ROLE)
        for resource in statement.resources or ()
    ]


def _of_target(statement: Statement) -> tuple[Condition, ...]:
    """What a statement asks of the role that is assumed."""
    return tuple(one for one in statement.conditions if one.key.lower().startswith(_OF_TARGET))


def role_name(arn: Text) -> str:
    """The path and name of the role that an ARN names, by whichever account it has; the text itself of no role."""
    text = str(arn)
    return text.partition(":role/")[2] or text


def means(sent: SenderAccess, arn: Text, tags: Tags, made_up: Collection[str]) -> bool:
    """
    Whether an entry of Resource names a role, alone or with others of like names, and its conditions admit that.

    Args:
        arn: of the role.
        tags: of the role.
        made_up: accounts that stand for one that nobody knows.
    """
    if isinstance(arn, Symbolic) and set(str(sent.roles)) & set("*?"):
        return False
    return _names(sent.roles, _there(sent.roles, arn, made_up)) and _admits(sent, arn, tags, made_up)


def _there(resource: Text, arn: Text, made_up: Collection[str]) -> str:
    """The ARN of a role where an account is made up: in the account that an entry of Resource says."""
    said, parts = str(resource).split(":"), str(arn).split(":")
    if len(said) == len(parts) == 6 and (parts[4] in made_up or said[4] in made_up or not is_account(parts[4])):
        parts[4] = said[4]
    return ":".join(parts)


def _admits(sent: SenderAccess, arn: Text, tags: Tags, made_up: Collection[str]) -> bool:
    """Whether a role may be what is asked of it: not so where its tags and account are known, and are others."""
    account = str(arn).split(":")[4] if str(arn).count(":") == 5 else ""
    known = account if is_account(account) and account not in made_up else ""
    return not any(_rules_out(condition, known, tags) for condition in sent.asked)


def _rules_out(condition: Condition, account: str, tags: Tags) -> bool:
    operator = parse_operator(condition.operator)
    if operator is None or operator.family != "string" or operator.negated:
        return False
    key = condition.key.lower()
    if key.startswith(_ACCOUNT):
        value: Text | None = account
        if not account:
            return False
    elif tags is None:
        return False
    else:
        value = next((v for k, v in tags if k.lower() == key.partition("/")[2]), None)
    if value is None:
        return not operator.if_exists and operator.quantifier != FOR_ALL_VALUES
    if not all(isinstance(one, str) for one in (value, *condition.operands)):
        return False
    texts = [str(operand) for operand in condition.operands]
    if operator.base == "StringLike":
        return not any(matches(like(text), str(value)) for text in texts)
    if operator.base == "StringEqualsIgnoreCase":
        return str(value).lower() not in (text.lower() for text in texts)
    return value not in texts


def _names(resource: Text, arn: str) -> bool:
    if str(resource) == arn:
        return True
    if not isinstance(resource, str):
        return False
    name = resource.rpartition(":role/")[2]
    return bool(name.strip("*")) and matches(like(resource), arn)
