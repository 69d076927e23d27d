"""
Users and roles that are given by their ARN, and that the app or stage makes: where both sides are named, as over
accounts, each knows the other by its ARN only.
"""

from __future__ import annotations

import re

from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments import known_texts
from trustproof_cdk._names import order, unique

#: An ARN, also one whose partition is known only in a deployment: its account, or what stands for it as in `text_of`,
#: what it is of, path and name.
WRITTEN = re.compile(r"arn:.*:iam::([0-9]{12}|\$\{of [^}]*\}):(user|role)(/(?:[^$]*/)?)([^$/]+)")
#: The account of the stack in which an ARN stands, where only a deployment knows that.
_OWN = re.compile(r"(?<=:iam::)\$\{Token\[AWS\.AccountId\.[0-9]+\]\}(?=:)")
#: What stands for it.
_OF = "${of "


def text_of(entity: object, scope: IConstruct) -> str | None:
    """
    The ARN of a user or role that is given by it, or imported, as far as it is known by now; None for one that the app
    makes. In the place of an account that only a deployment knows stands whose it is, as in ``${of Stack}``: two stacks
    may have two.

    Args:
        entity: a user or role, or an ARN.
        scope: what is given it: in its stack the functions in an ARN have their meaning.
    """
    if isinstance(entity, str):
        return _text(entity, entity.scope if isinstance(entity, known_texts.TextOf) else scope)
    if order.created(entity) is not None:
        return None
    arn = next((getattr(entity, one) for one in ("role_arn", "user_arn") if hasattr(entity, one)), None)
    return None if arn is None else _text(arn, scope)


def _text(arn: str, scope: IConstruct) -> str:
    return _OWN.sub(lambda _: own_account(scope), known_texts.text(arn, scope))


def own_account(scope: IConstruct) -> str:
    """What stands for the account of a construct in these texts, where only a deployment knows it."""
    return f"{_OF}{unique.account_key(scope)}}}"


def account_of(written: re.Match[str]) -> str:
    """The account of an ARN, as it is in `unique.Named`."""
    return written[1].removeprefix(_OF).removesuffix("}")


def is_arn(text: str) -> bool:
    """Whether a text is the ARN of a user or role that is known but for its partition."""
    return WRITTEN.fullmatch(text) is not None


def may_be_arn(entity: object, scope: IConstruct) -> bool:
    """
    Whether a user or role is given by an ARN that is known but for its partition, or that may be when everything is
    there, or imported by such a one.
    """
    text = text_of(entity, scope)
    return text is not None and (is_arn(text) or known_texts.is_open(text))


def resource_of(entity: object, found: unique.Named, scope: IConstruct) -> iam.CfnRole | iam.CfnUser | None:
    """
    The user or role that an ARN is of.

    Args:
        entity: an ARN, or what is imported by one; anything else is nobody.
        found: who has which name in the app or stage.
        scope: as of `text_of`.

    Returns:
        None where the app makes nobody of that name and path, or two of whom conditions leave one.
    """
    text = text_of(entity, scope)
    written = None if text is None else WRITTEN.fullmatch(text)
    if written is None:
        return None
    _, kind, path, name = written.groups()
    having = found.get((account_of(written), kind, name.lower()), ())
    if len(having) != 1 or having[0].path_and_name != f"{path}{name}":
        return None
    made = having[0].resource
    return made if isinstance(made, (iam.CfnRole, iam.CfnUser)) else None
