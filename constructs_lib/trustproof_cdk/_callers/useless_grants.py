"""
Grants that nobody gets anything by: the role that is granted is of this app, and its trust policy is against it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-cross-account-resource-access.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, known_texts, references, regions
from trustproof_cdk._names import objects, order, unique
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._synthesis.promises import promise
from trustproof_cdk._trust import known_trust
from trustproof_cdk._trust.trust import ASSUME_ROLE, Trusting, TrustStatement

#: The keys that say that somebody has used MFA, in lower case; sessions of roles have neither.
_MFA = ("aws:multifactorauthpresent", "aws:multifactorauthage")
#: Operators that let pass a request without the key, by how they end and begin.
_IF_EXISTS, _FOR_ALL = "IfExists", "ForAllValues:"
_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?([0-9]{12})(?::root)?")
#: An ARN, also one whose partition, or own account, is known only in a deployment: the account, and what is there.
_NAMED = re.compile(r"arn:.*:iam::([0-9]{12}|\$\{Token\[AWS\.AccountId\.[0-9]+\]\}):((?:user|role)/[^$]+)")
#: Why nobody gets in, in words.
_DOES_NOT = "does not let it in by its trust policy"
_NO_MFA, _NOT_NAMED = "demands MFA, which no session of a role has", "lets it in by its trust policy"
#: Kind, path and name that no user and no role has.
_NOBODY = "nobody/"
_ATTRIBUTES = {"users": "user_arn", "roles": "role_arn", "groups": "group_arn"}
#: A name that CloudFormation makes: of a stack, a logical id, both perhaps cut short, and a random text.
_GENERATED = re.compile(r"(.+)-[A-Za-z0-9]+-[A-Za-z0-9]{8,}")


class _Granted(NamedTuple):
    """
    A grant to somebody without a name, whom roles let in that trust the name if an Aspect gives it.
    """

    #: In the stack of the grant.
    scope: Construct
    roles: Sequence[Trusting]
    kind: str
    holder: Any
    own: str
    #: What is said where none of the roles lets the holder in after all, before why; empty where somebody else says it.
    said: str = ""


#: By app or stage.
_GRANTED: WeakKeyDictionary[cdk.Stage, list[_Granted]] = WeakKeyDictionary()


def refuse_who_gets_nowhere(
    scope: Construct, holders: objects.Holders, targets: Iterable[object], argument: str
) -> None:
    """
    Refuse a grant to somebody whom no role that is granted lets in, as far as that is known.

    Only roles of the constructs here say whom they trust; where another one is granted too, nobody is refused. Whoever
    has no name yet is looked at again in the synthesis.

    Args:
        scope: in the stack of the grant.
        holders: who is granted the roles.
        targets: the roles.
        argument: that has them, as the caller wrote it.

    Raises:
        ValueError: with the holder, and why.
    """
    asked = list(targets)
    roles = [role for role in asked if isinstance(role, Trusting)]
    if not roles or len(roles) < len(asked):
        return
    own = stacks.account_of(stacks.stack_of(scope))
    for kind, holder in each_of(holders):
        if said := nowhere(roles, kind, holder, own, argument):
            raise ValueError(said)
        granted = _Granted(scope, roles, kind, holder, own)
        _look_again(granted)
        _hold_to_name(granted)


def each_of(holders: objects.Holders) -> Iterator[tuple[str, Any]]:
    """The kind of each holder, and the holder."""
    for kind in _ATTRIBUTES:
        yield from ((kind, holder) for holder in holders[kind] or ())  # type: ignore[literal-required]


def nowhere(roles: Iterable[Trusting], kind: str, holder: Any, own: str, argument: str) -> str:
    """What is wrong with granting somebody roles, in words; empty where one of them may let the holder in."""
    why = why_nowhere(roles, kind, holder, own)
    return f"{kind} cannot have {stacks.path_of(holder)}, which gets into none of {argument}: {why}" if why else ""


def why_nowhere(roles: Iterable[Trusting], kind: str, holder: Any, own: str) -> str:
    """Why somebody gets into none of some roles, in words; empty where one of them may let the holder in."""
    why = _why_not(roles, kind, holder, _ATTRIBUTES[kind], own)
    return f"{'each of them' if why is _NO_MFA else 'none of them'} {why}" if why else ""


def _look_again(granted: _Granted) -> None:
    """
    Fail the synthesis if somebody is let in by a name only, and nobody has given it by then; of a role that is granted
    by its own methods, also if principals or names that are known only then are those of others.
    """
    if not _why_not_named(granted) and not (granted.said and is_known_later(granted.roles, granted.holder)):
        return
    stage = unique.check_beside_names(granted.scope, _check)
    if stage is not None:
        _GRANTED.setdefault(stage, []).append(granted)


def _check(stage: cdk.Stage, _walked: walk.Walked) -> list[str]:
    found = []
    for one in _GRANTED[stage]:
        why = _why_not(one.roles, one.kind, one.holder, _ATTRIBUTES[one.kind], one.own)
        if why:
            found += [f"{one.said}{why if why is _NO_MFA else _DOES_NOT}"] if one.said else []
            continue
        made = order.created(one.holder)
        if made is None or not (why := _why_not_named(one)):
            continue
        which = " and ".join(role.node.path for role in one.roles if isinstance(role, iam.Role))
        argument = "user_name" if isinstance(made, iam.CfnUser) else "role_name"
        reason = (
            f"it {why}"
            if why is _NO_MFA
            else "CloudFormation makes its name, and the trust policy names others; trust the "
            f"{one.kind.removesuffix('s')} itself, or give it the {argument} that is trusted (in its constructor, or "
            f"as {argument} of its node.default_child; an override is not seen here)"
        )
        found.append(f"{made.node.path} gets nothing by being granted {which}: {reason}")
    return found


def _hold_to_name(granted: _Granted) -> None:
    """Have the plugin see an override that gives somebody another name than the one by which the roles let it in."""
    made = order.created(granted.holder)
    if not isinstance(made, (iam.CfnUser, iam.CfnRole)) or not _why_not_called(granted, _NOBODY):
        return
    property_name = "UserName" if isinstance(made, iam.CfnUser) else "RoleName"

    def said(properties: Mapping[str, Any]) -> str:
        written, path = properties.get(property_name), properties.get("Path", "/")
        if not isinstance(written, str) or not isinstance(path, str):
            return ""
        called = f"{granted.kind.removesuffix('s')}{path}{written}"
        if called == _called(granted.holder, _ATTRIBUTES[granted.kind]) or not _why_not_called(granted, called):
            return ""
        which = " and ".join(role.node.path for role in granted.roles if isinstance(role, iam.Role))
        return (
            f"{made.node.path} is called {called.partition('/')[2]!r} by an override, and {which}, which it is "
            "granted, lets in others by their names: trust it itself, or give it its name in its constructor"
        )

    promise(stacks.stack_of(made), lambda: made, said)


def _why_not_called(granted: _Granted, called: str) -> str:
    """As `_why_not`, of somebody of another name and path."""
    _, roles, kind, holder, own, _ = granted
    return _why_not(roles, kind, holder, _ATTRIBUTES[kind], own, called=called)


def _why_not_named(granted: _Granted) -> str:
    """As `_why_not`, of somebody whose name is what it is now, if it has one."""
    _, roles, kind, holder, own, _ = granted
    return _why_not(roles, kind, holder, _ATTRIBUTES[kind], own, is_final=True)


def _why_not(
    roles: Iterable[Trusting],
    kind: str,
    holder: Any,
    attribute: str,
    own: str,
    *,
    is_final: bool = False,
    called: str | None = None,
) -> str:
    """What is against all roles letting somebody in, in words; empty where one may. See `_is` for the arguments."""
    statements = [one for role in roles for one in known_trust.statements_of(role) if ASSUME_ROLE in one.actions]
    named = [one for one in statements if _names(one, kind, holder, attribute, own, is_final=is_final, called=called)]
    if any(kind != "roles" or not _demands_mfa(one) for one in named):
        return ""
    return _NO_MFA if named else _NOT_NAMED


def refuse_grantee(role: iam.Role, grantee: object) -> None:
    """
    Refuse to grant a role to a user, role or group of the app whom it does not let in.

    Args:
        role: that is granted.
        grantee: others pass; see `principal_of`.

    Raises:
        ValueError: with the grantee, and why: also a user or group of another account that is imported, for a namesake
            of which the CDK would write a policy.
    """
    made = order.created(grantee)
    if made is None:
        _refuse_namesake(role, grantee)
        _refuse_imported(role, grantee)
    if made is None or not isinstance(role, Trusting):
        return
    own = stacks.account_of(stacks.stack_of(made))
    for kind, attribute in _ATTRIBUTES.items():
        why = _why_not([role], kind, grantee, attribute, own) if hasattr(grantee, attribute) else ""
        if why:
            said = why if why is _NO_MFA else _DOES_NOT
            raise ValueError(f"{role.node.path} cannot be granted to {made.node.path}, since it {said}")
        if hasattr(grantee, attribute):
            said = f"{stacks.path_of(role)} cannot be granted to {stacks.path_of(made)}, since it "
            granted = _Granted(role, [role], kind, grantee, own, said)
            _look_again(granted)
            _hold_to_name(granted)


def _refuse_imported(role: iam.Role, grantee: Any) -> None:
    """No policy that is written elsewhere lets a role into one that demands MFA either."""
    attribute = _ATTRIBUTES["roles"]
    if not isinstance(role, Trusting) or not hasattr(grantee, attribute) or not hasattr(grantee, "node"):
        return
    theirs = objects.account_of(grantee, attribute) or stacks.account_of(stacks.stack_of(grantee))
    # Which role is meant may be known in the second synthesis only; what it is, is known.
    if _why_not([role], "roles", grantee, attribute, theirs) is _NO_MFA:
        raise ValueError(f"{role.node.path} cannot be granted to {grantee.node.path}, since it {_NO_MFA}")


def principal_of(grantee: Any) -> Any:
    """The user, role or group that is granted something with a grantee: the role of a function or an instance, say."""
    if any(hasattr(grantee, attribute) for attribute in _ATTRIBUTES.values()):
        return grantee
    return getattr(grantee, "grant_principal", grantee)


def _refuse_namesake(role: iam.Role, grantee: Any) -> None:
    for attribute in ("user_arn", "group_arn"):
        if not hasattr(grantee, attribute):
            continue
        theirs, own = objects.account_of(grantee, attribute), stacks.account_of(stacks.stack_of(role))
        if theirs is not None and not arguments.is_token(own) and theirs != own:
            raise ValueError(
                f"{role.node.path} cannot be granted to {grantee.node.path} of account {theirs} from a stack of {own}, "
                "where the CDK would write a policy for whoever has that name: use AssumeRoleGrant in a stack of its "
                "account"
            )


def warn_of_grant_in_vain(role: iam.Role, grantee: object, actions: Sequence[str], *, is_dropped: bool = False) -> None:
    """
    Warn of a grant that the CDK has dropped without a word: of a role that takes no policies from here, like
    `without_policy_updates()` and what is imported with ``mutable=False`` or from another account, and of a principal
    that is an ARN and nothing else.

    A role that the trust policy itself names needs no other policy within the account.

    Args:
        role: that was granted.
        grantee: to whom; others than roles and ARNs pass.
        actions: that it needs.
        is_dropped: whether the CDK says itself that it has added nothing.
    """
    own = stacks.account_of(stacks.stack_of(role))
    principals = [
        value
        for one in (role.trust_statements if isinstance(role, Trusting) else ())
        for value in one.principals.get("AWS", ())
    ]
    if is_dropped and isinstance(grantee, iam.ArnPrincipal):
        whose = grantee.arn
        is_named = whose in principals and objects.account_of(whose, "role_arn") in (None, own)
    elif _takes_no_policies(grantee):
        whose, is_named = _path_of(grantee), _names_in_account(principals, grantee, own)
    else:
        return
    if is_named:
        return
    called = _called(role, _ATTRIBUTES["roles"])
    arn = f"arn:{regions.partition_of(role)}:iam::{own}:{called}"
    known = called is not None and regions.partition_of(role) is not None and not arguments.is_token(own)
    shown = {"Effect": "Allow", "Action": [*actions], "Resource": arn if known else f"(the ARN of {role.node.path})"}
    cdk.Annotations.of(role).add_warning_v2(
        f"trustproof:not-granted-{whose}",
        f"{whose} takes no policies from here, so that it does not get in by this grant: add {json.dumps(shown)} where "
        "its policies are written",
    )


def _path_of(grantee: Any) -> str:
    resource = order.created(grantee)
    around = None if resource is None else resource.node.scope
    return str(grantee.node.path if around is None else around.node.path)


def _names_in_account(principals: Sequence[str], role: Any, own: str) -> bool:
    """Whether a role of the account is named itself."""
    return objects.account_of(role.role_arn, "role_arn") in (None, own) and any(
        _ACCOUNT.fullmatch(value) is None and value != "*" and _is(value, "roles", role, _ATTRIBUTES["roles"], own)
        for value in principals
    )


def _takes_no_policies(grantee: Any) -> bool:
    """Whether a role has not got the policy that the CDK says it has added."""
    if not hasattr(grantee, "role_arn") or not hasattr(grantee, "node"):
        return False
    resource = order.created(grantee)
    if resource is None:
        return grantee.node.try_find_child("Policy") is None
    around = stacks.node_of(resource).scope
    return around is not None and stacks.path_of(around) != stacks.path_of(grantee)


def needs_no_grant(role: Trusting, scope: IConstruct) -> bool:
    """
    Whether a role names everybody whom it lets in, and all of them are of the account of a grant and its own: within an
    account, what the trust policy allows whom it names needs no other policy.

    Args:
        role: that is granted.
        scope: the grant, or in its stack.
    """
    if not isinstance(role, Construct):
        return False
    ours, theirs = stacks.stack_of(scope), stacks.stack_of(role)
    own = stacks.account_of(ours)
    if stacks.is_of_each_account(theirs) or (
        theirs is not ours and not (own.isdigit() and own == stacks.account_of(theirs))
    ):
        return False
    statements = [one for one in known_trust.statements_of(role) if ASSUME_ROLE in one.actions]
    return bool(statements) and all(
        one.principals.keys() == {"AWS"} and all(_is_named_in(value, own) for value in one.principals["AWS"])
        for one in statements
    )


def _is_named_in(value: str, own: str) -> bool:
    """Whether a principal is a user or role of an account, and not all of it."""
    made, named = references.referred_to(value), _NAMED.fullmatch(value)
    if isinstance(made, (iam.CfnUser, iam.CfnRole)):
        return stacks.account_of(stacks.stack_of(made)) == own
    return named is not None and named[1] == own


def may_let_in(roles: Iterable[Trusting], user_name: str, own: str, user: iam.CfnUser | None = None) -> bool:
    """
    Whether one of some roles may let in a user of whom only the name is known.

    Args:
        roles: that are asked for.
        user_name: in lower case; empty for one whom nobody names.
        own: the account of the user.
        user: the user, where it is a resource of the app by itself.
    """
    return any(
        _is_called(value, user_name, own) or (user is not None and references.referred_to(value) is user)
        for role in roles
        for one in known_trust.statements_of(role)
        if ASSUME_ROLE in one.actions
        for value in one.principals.get("AWS", ())
    )


def _is_called(value: str, user_name: str, own: str) -> bool:
    """As `_is`, of a user of whom only the name is known."""
    account, named = _ACCOUNT.fullmatch(value), _NAMED.fullmatch(value)
    if account is None and named is None:
        # Whoever is of the app is known by more than a name, and of others only a deployment knows who it is.
        return not isinstance(references.referred_to(value), (iam.CfnUser, iam.CfnRole))
    written = account or named
    is_of_account = written is not None and (written[1] == own or any(map(arguments.is_token, (own, written[1]))))
    if named is None:
        return is_of_account
    return is_of_account and named[2].startswith("user/") and named[2].rpartition("/")[2].lower() == user_name


def names_user(statement: TrustStatement, user: object, own: str) -> bool:
    """
    Whether a statement may speak of a user.

    Args:
        own: the account of the user.
    """
    return _names(statement, "users", user, _ATTRIBUTES["users"], own)


def _names(
    statement: TrustStatement,
    kind: str,
    holder: Any,
    attribute: str,
    own: str,
    *,
    is_final: bool = False,
    called: str | None = None,
) -> bool:
    """Whether a statement may speak of somebody of an account, or of all of it."""
    values = statement.principals.get("AWS", ())
    return any(_is(value, kind, holder, attribute, own, is_final=is_final, called=called) for value in values)


def _is(
    value: str,
    kind: str,
    holder: Any,
    attribute: str,
    own: str,
    *,
    is_final: bool = False,
    called: str | None = None,
) -> bool:
    """
    Whether a principal may be somebody.

    Args:
        value: the principal.
        kind: of the holder.
        holder: of whom it is asked.
        attribute: where the holder has its ARN.
        own: the account of the holder.
        is_final: whether a name that is not there yet comes no more.
        called: kind, path and name that an override gives the holder; None where it is what the app says.
    """
    account = _ACCOUNT.fullmatch(value)
    if account is not None:
        return arguments.is_token(own) or account[1] == own
    if value == "*":
        return True
    made = references.referred_to(value)
    if isinstance(made, (iam.CfnUser, iam.CfnRole)):
        mine = order.created(holder)
        return (
            isinstance(made, iam.CfnUser)
            if kind == "groups"
            else mine is None or stacks.path_of(made) == stacks.path_of(mine)
        )
    named = _NAMED.fullmatch(value)
    if named is None:
        # Only a deployment knows who it is.
        return True
    if not arguments.is_token(own) and not arguments.is_token(named[1]) and named[1] != own:
        return False
    if kind == "groups":
        return named[2].startswith("user/")
    called = _called(holder, attribute) if called is None else called
    if called is None and is_final:
        return _may_be_made(holder, named[2])
    return called is None or called == named[2]


def _may_be_made(holder: Any, written: str) -> bool:
    """Whether a user or role whose name is not known may have a name in an ARN: CloudFormation makes few."""
    made = order.created(holder)
    stack = None if made is None else cdk.Stack.of(made)
    if stack is None or stack.resolve(_name_of(made)) is not None:
        return True
    kind, _, rest = written.partition("/")
    found = _GENERATED.fullmatch(rest.rpartition("/")[2])
    path = stack.resolve(getattr(made, "path", None)) or "/"
    if found is None or (isinstance(path, str) and f"{kind}{path}{found[0]}" != written):
        return False
    return arguments.is_token(stack.stack_name) or stack.stack_name.startswith(found[1])


def is_known_later(roles: Iterable[Trusting], holder: Any) -> bool:
    """Whether more may be known when everything is there: of whom roles trust, or of the name of somebody."""
    made = order.created(holder)
    names = (None,) if isinstance(made, iam.CfnGroup) or made is None else (_name_of(made), getattr(made, "path", None))
    return known_trust.is_open(roles) or any(map(known_texts.is_open, names))


def _name_of(made: Any) -> Any:
    return made.user_name if isinstance(made, iam.CfnUser) else getattr(made, "role_name", None)


def _called(holder: Any, attribute: str) -> str | None:
    """What a user or role is called in its ARN, with its path; None where only a deployment knows it."""
    made = order.created(holder)
    if made is None:
        arn = objects.arn_of(holder, attribute)
        found = _NAMED.fullmatch(known_texts.text(arn, holder) if isinstance(holder, Construct) else arn)
        return None if found is None else found[2]
    stack = stacks.stack_of(made)
    written: Any = known_texts.evaluated(stack.resolve([_name_of(made), getattr(made, "path", None) or "/"]), stack)
    if len(written) != 2 or not all(isinstance(one, str) for one in written):
        return None
    return f"{attribute.removesuffix('_arn')}{written[1]}{written[0]}"


def _demands_mfa(statement: TrustStatement) -> bool:
    return any(
        str(key).lower() in _MFA and not operator.endswith(_IF_EXISTS) and not operator.startswith(_FOR_ALL)
        for operator, keys in statement.conditions.items()
        for key in keys
        if operator != "Null"
    )
