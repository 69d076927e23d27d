"""
Who may give itself every permission, as questions.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustproof.aws.partitions import all_partitions
from trustproof.engine.caller_records import NAME_ONE, NAME_RUN, SEPARATOR
from trustproof.engine.domains import Values, not_text, text
from trustproof.engine.request_space import OWN_NAME
from trustproof.model.document import Document
from trustproof.model.names import example_name
from trustproof.model.policy import ALLOW
from trustproof.model.principals import Holder
from trustproof.model.query import texts
from trustproof.model.text import ACCOUNT_ID, GENERATED_NAME, PARTITION, Symbol, Symbolic, Text
from trustproof.properties.question import Question, Subject
from trustproof.properties.shared.given_boundaries import given_boundaries
from trustproof.properties.shared.permission_changes import (
    ATTACHED,
    FREES,
    MEMBER,
    UNBINDING,
    Target,
    asking,
    identity_policies,
)
from trustproof.properties.shared.regions import may_allow, may_deny, may_name, own_arn
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, join, like

#: What a question is about: the holder's own permissions, a new holder of permissions, every group.
ITSELF, MAKES, JOINS = "itself", "makes", "joins"
#: The same, where no template says it: of a name, of the members of a group, of the groups of a user, and of a group.
NAMED, IN_GROUP, JOINS_ONE = "named", "in-group", "joins-one"
#: Managed policies of the holder, and any managed policy of the account, of which the holder has some; and one that may
#: be the holder's.
REWRITES, REWRITES_ANY, REWRITES_ONE = "rewrites", "rewrites-any", "rewrites-one"
#: Of the holder, or of what it makes or enters: a managed policy of the account, whose text is not its own to write.
ATTACHES_ONE = "attaches-one"

#: Kind of what has permissions to the actions that give it some.
GIVING = {kind: (f"iam:attach{kind}policy", f"iam:put{kind}policy") for kind in ("role", "user", "group")}
_JOINING = "iam:addusertogroup"
#: Makes another text of a managed policy the one that counts: ``SetAsDefault`` is a part of the call.
REWRITING = "iam:createpolicyversion"
#: By which a managed policy says what its holder would have it say.
_WRITING = ("iam:createpolicy", REWRITING)
MANAGED = "AWS::IAM::ManagedPolicy"
#: Kind of what has permissions to the actions that make one of whoever sends them: all of a row are needed. The trust
#: policy of a new role may name whoever made it, and then no identity policy has to let that one in:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
_MAKING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("role", ("iam:createrole",)),
    ("user", ("iam:createuser", "iam:createaccesskey")),
    ("user", ("iam:createuser", "iam:createloginprofile")),
)
#: The kinds of holder whose permissions the requests of a holder have.
_SHARED = {"role": ("role",), "user": ("user", "group"), "group": ("user", "group"), "permission set": ()}

#: A user or group of whom a policy says nothing by name.
_ANYBODY = "example"


def escalating_actions(holder: Holder | None) -> tuple[str, ...]:
    """
    The actions, lower-cased, that may give a holder every permission, alone or with others.

    None is about a permission set itself, whose roles IAM lets nobody change:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-service-role
    """
    if holder is None:
        return ()
    kinds = dict.fromkeys((*_SHARED[holder.kind], *(kind for kind, _ in _MAKING)))
    giving = (action for kind in kinds for action in GIVING[kind])
    return (*giving, *_joining(holder), REWRITING)


def own_permissions(subject: Subject, index: int) -> Iterator[Question]:
    """
    Whether the holder of a policy may make an administrator of itself.

    Args:
        index: of the Allow statement that is asked about.
    """
    assert subject.holder is not None
    actions = [action for action in escalating_actions(subject.holder) if may_allow(subject.policy, action)]
    for kind in _SHARED[subject.holder.kind]:
        for target in targets(subject, kind, index):
            for action in actions:
                if action in GIVING[kind]:
                    yield from _grants(subject, action, target)
    if _JOINING in actions:
        yield asking(subject, _JOINING, Target(JOINS, text(exact(_arn(subject, "group", _ANYBODY)))))
    for kind, needed in _made_with(subject):
        for action in actions:
            if action in GIVING[kind]:
                yield from _made(subject, action, kind, needed)
    if _JOINING in actions:
        yield asking(subject, _JOINING, Target(JOINS_ONE, everything_of(subject, "group")))
    if REWRITING in actions:
        yield from _rewriting(subject)
    yield from _freed(subject, actions, index)


def _rewriting(subject: Subject) -> Iterator[Question]:
    """Whether the holder may give its own managed policies another text; what is certain first."""
    own = [one for one in identity_policies(subject) if one.resource_type == MANAGED and not one.is_foreign]
    for policy in own:
        if arn := known_arn(subject, policy):
            yield asking(subject, REWRITING, Target(REWRITES, text(exact(arn))))
    if own:
        # Which of them a Deny leaves out, and whether those are the holder's, no document says of itself.
        denied = any(may_deny(document.policy, REWRITING) for document in subject.documents)
        if not denied:
            yield asking(subject, REWRITING, Target(REWRITES_ANY, text(exact(_arn(subject, "policy", _ANYBODY)))))
        yield asking(subject, REWRITING, Target(REWRITES_ONE, managed_policies(subject)))


def managed_policies(subject: Subject) -> Values:
    """The managed policies that may be the holder's: of a permission set in whatever account it is assigned."""
    assert subject.holder is not None
    everywhere = Wildcard(":", True, True) if subject.holder.kind == "permission set" else subject.account
    return everything_of(subject, "policy", everywhere)


def known_arn(subject: Subject, policy: Document) -> str:
    """The ARN of a managed policy, with a name that it may get where a deployment makes it; empty where not known."""
    arn = policy.policy_arn
    if isinstance(arn, Symbolic):
        # What a parameter says may be the name of any policy.
        made = [one for one in arn.symbols if one.holds == GENERATED_NAME or one.name in (PARTITION, ACCOUNT_ID)]
        arn = arn.bind({symbol.name: _example(subject, symbol) for symbol in made})
    return arn if isinstance(arn, str) and arn != "*" else ""


def _joining(holder: Holder) -> tuple[str, ...]:
    return (_JOINING,) if holder.kind in ("user", "group") else ()


def targets(subject: Subject, kind: str, index: int) -> Iterator[Target]:
    """What of a kind gives its permissions to the holder; what is certain first."""
    holder = subject.holder
    assert holder is not None
    if kind == holder.kind:
        if isinstance(holder.arn, str):
            yield Target(ITSELF, text(exact(holder.arn)))
            return
        # One name of all that it may get: who sends the request is who gets the permissions.
        values = {symbol.name: _example(subject, symbol) for symbol in holder.arn.symbols}
        arn = holder.arn.bind({name: value for name, value in values.items() if value})
        if isinstance(arn, str):
            callers = None if kind == "group" else text(join(arn, SEPARATOR, ANY_RUN))
            yield Target(ITSELF, text(exact(arn)), callers)
        yield Target(NAMED, text(own_arn(holder)))
    elif holder.kind == "user":
        named = [membership.group for membership in holder.groups]
        head = join("arn:", Wildcard(":", True, True), f":iam::{subject.account}:group/")
        if named:
            groups = (join(head, *path, name) for name in named for path in ((), (Wildcard(":", True, True), "/")))
            yield Target(ITSELF, text(*groups))
        # It may be put into more of them.
        yield Target(IN_GROUP, everything_of(subject, kind))
    else:
        # Who the members are, no template says for good. A policy for all users is also for each of them.
        for about, arns in ((ITSELF, (_arn(subject, kind, _ANYBODY),)), (MEMBER, _written_users(subject, index))):
            for arn in arns:
                # What a policy says by ${aws:username} is then known.
                user = arn.rsplit("/", 1)[-1]
                yield Target(about, text(exact(arn)), text(join(arn, SEPARATOR, ANY_RUN)), user=user)
        # A user and who asks are of one partition, so each partition is asked about by itself.
        for partition in (subject.partition,) if subject.partition else sorted(all_partitions()):
            users = f"arn:{partition}:iam::{subject.account}:user/"
            own = text(join(users, OWN_NAME), join(users, ANY_RUN, "/", OWN_NAME))
            yield Target(MEMBER, own, own_name=True, partition=partition)


def _example(subject: Subject, symbol: Symbol) -> str:
    """A value that a part of an ARN may have; the empty string where none is known."""
    if symbol.holds == GENERATED_NAME:
        return example_name(symbol.name.rpartition("/")[2])
    if symbol.allowed:
        return symbol.allowed[0]
    if symbol.name == PARTITION:
        return subject.partition or "aws"
    if symbol.name == ACCOUNT_ID:
        return subject.account
    return "" if symbol.pattern else _ANYBODY


def _written_users(subject: Subject, index: int) -> Iterable[str]:
    """The users that a statement names, each with something in the place of wildcards."""
    for resource in subject.policy.statements[index].resources or ():
        if isinstance(resource, str) and f":iam::{subject.account}:user/" in resource and "$" not in resource:
            yield resource.replace("*", _ANYBODY).replace("?", "x")


def may_do(subject: Subject, action: str) -> bool:
    """Whether some policy of the holder may allow an action."""
    return any(may_allow(document.policy, action) for document in identity_policies(subject))


def _made_with(subject: Subject) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What may be made, and groups that may be entered, as far as some policy allows what else is needed for that."""
    assert subject.holder is not None
    joining = tuple(("group", (action,)) for action in _joining(subject.holder))
    for kind, needed in (*_MAKING, *joining):
        if all(may_do(subject, one) for one in needed):
            yield kind, needed


def _made(
    subject: Subject, action: str, kind: str, needed: tuple[str, ...], target: Target | None = None
) -> Iterator[Question]:
    """Whether something of a kind can be made, or entered, and be given every permission."""
    target = target or Target(MAKES, everything_of(subject, kind))
    elsewhere = [document for document in subject.others if any(may_allow(document.policy, one) for one in needed)]
    if all(may_allow(subject.policy, one) for one in needed):
        yield from _grants(subject, action, target, needed)
    if elsewhere:
        resources = target.resources
        for one in needed:
            resources = resources & _named_for(subject, one)
        yield from _grants(subject, action, target._replace(resources=resources), needed, within=False)


def _grants(
    subject: Subject, action: str, target: Target, needed: tuple[str, ...] = (), *, within: bool = True
) -> Iterator[Question]:
    """
    Whether a target can be given every permission: by AdministratorAccess, which stands for every managed policy where
    nothing tells these apart, and else also by the policies that come to the same.
    """
    yield asking(subject, action, target, needed, within=within)
    if not action.startswith("iam:attach") or not _tells_policies_apart(subject):
        return
    full = text(exact(f"arn:{subject.partition or 'aws'}:iam::aws:policy/IAMFullAccess"))
    yield asking(subject, action, target._replace(some_of=((ATTACHED, full),)), needed, within=within)
    # A permission set is in any account; AWS's own policies are in none.
    own = managed_policies(subject) & not_text(join("arn:", Wildcard(":", True, True), ":iam::aws:", ANY_RUN))
    for writing in _WRITING:
        if may_do(subject, writing):
            written = ((ATTACHED, own & _named_for(subject, writing)),)
            writes = target._replace(some_of=written, written_by=(writing,))
            yield asking(subject, action, writes, needed, within=within)
    one = target._replace(about=ATTACHES_ONE, some_of=((ATTACHED, own),))
    yield asking(subject, action, one, needed, within=within)


def _tells_policies_apart(subject: Subject) -> bool:
    """Whether something that decides about the holder looks at the managed policy that is attached."""
    statements = (statement for document in subject.documents for statement in document.policy.statements)
    return any(
        any(condition.key.lower() == ATTACHED for condition in statement.conditions)
        or any(ATTACHED in str(written).lower() for written, _ in texts(statement))
        for statement in statements
    )


def _named_for(subject: Subject, action: str) -> Values:
    """What the policies of a holder may allow an action on, as far as that is written out."""
    named: list[Text] = []
    for document in identity_policies(subject):
        for statement in document.policy.statements:
            if statement.effect == ALLOW and may_name(statement, action):
                named += statement.resources or ("*",)
    if any(not isinstance(one, str) or "${" in one for one in named):
        return text((ANY_RUN,))
    return text(*(like(str(one)) for one in named))


def _freed(subject: Subject, actions: Sequence[str], index: int) -> Iterator[Question]:
    """
    Whether what is given every permission below a permissions boundary can be rid of that.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
    """
    if not given_boundaries(identity_policies(subject)):
        return
    for kind, (removes, puts) in UNBINDING.items():
        if not may_do(subject, removes):
            continue
        made = [needed for one, needed in _made_with(subject) if one == kind]
        wholes: list[tuple[tuple[str, ...], Target | None]] = [((*needed, removes), None) for needed in made]
        for own in targets(subject, kind, index) if kind == subject.holder.kind else ():  # type: ignore[union-attr]
            if own.about == ITSELF and (subject.permissions_boundary is not None or may_do(subject, puts)):
                bounds = () if subject.permissions_boundary is not None else (puts,)
                wholes.append(((*bounds, removes), own._replace(about=FREES)))
        for needed, target in wholes:
            for action in actions:
                if action in GIVING[kind]:
                    target = target or Target(FREES, everything_of(subject, kind))
                    yield from _made(subject, action, kind, needed, target)


def _arn(subject: Subject, kind: str, name: str) -> str:
    return f"arn:{subject.partition or 'aws'}:iam::{subject.account}:{kind}/{name}"


def everything_of(subject: Subject, kind: str, *accounts: str | Wildcard) -> Values:
    """Everything of a kind in some accounts, by default in that of the holder."""
    partition = subject.partition or Wildcard(":", True, True)
    heads = [join("arn:", partition, ":iam::", one, f":{kind}/") for one in accounts or (subject.account,)]
    paths: tuple[Pattern, ...] = ((), (Wildcard(":", True, True), "/"))
    return text(*(join(head, *path, NAME_ONE, NAME_RUN) for head in heads for path in paths))
