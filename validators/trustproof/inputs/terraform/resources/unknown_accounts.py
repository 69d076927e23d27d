"""
Whom and what provider configurations are about of which nobody knows whether they are for one account.

A raw state has the names of provider configurations alone: one that differs in its Region is as good as one that is
for another account, where nothing that was made with it says its account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.inputs.cloudformation.values.catalogue import ATTACHMENT
from trustproof.inputs.terraform.accounts.providers import Home, Homes
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.snapshots.assignments import assignments, texts_of
from trustproof.inputs.terraform.snapshots.holders import HOLDERS
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.model.policy import ALLOW

#: Kinds of holders, to the property of an attachment that names them.
_NAMED = {"user": "Users", "role": "Roles", "group": "Groups"}


def homes_of_one_account(made: Lowering) -> tuple[Home, ...]:
    """The other places that may be in the account of a template, or not: nobody knows."""
    if made.snapshot.has_credentials:
        return ()
    here = made.home
    return tuple(one for one in made.homes.homes if one != here and None in (one.account, here.account))


def leave_open(made: Lowering, instances: Iterable[Instance]) -> None:
    """
    Give a policy that nobody knows to whoever has something here and in a place that may be in the same account: what
    it has there may deny what it is allowed here, or allow more.

    Args:
        instances: of the place of the template.
    """
    others = homes_of_one_account(made)
    if not others:
        return
    here: dict[tuple[str, str], Instance] = {}
    for instance in instances:
        for found in _holders(instance):
            if _is_holder(instance) or ALLOW in str(made.resources.get(instance.address)):
                here.setdefault(found, instance)
    for home in others:
        there = [one for one in made.snapshot.instances if made.homes.of(one.provider) == home]
        for kind, name in dict.fromkeys(found for one in there for found in _holders(one)):
            if (one := here.get((kind, name))) is None:
                continue
            own = made.having(f"aws_iam_{kind}", "name", name)
            given = {"Ref": f"what {kind} {name} has by the provider {home.providers[0]}: {_option(made.home, home)}"}
            properties = {"PolicyArns": [given], _NAMED[kind]: [{"Ref": own[0].address} if own else name]}
            made.add(one, ATTACHMENT, properties, f"{one.address}#{kind} {name} by {home.providers[0]}")


def may_be_here(made: Lowering, type_: str) -> Iterator[tuple[Instance, str]]:
    """The resources of a type of places that may be in the same account, each with the option that says whether."""
    for home in homes_of_one_account(made):
        for one in made.snapshot.instances:
            if one.type == type_ and not one.is_data and made.homes.of(one.provider) == home:
                yield one, _option(made.home, home)


def doubt_about_account(snapshot: Snapshot, homes: Homes) -> str:
    """
    Why nothing can be proved of what holders have: what leaves a holder nothing but what it names may be in the account
    of another place; empty where nothing is.
    """
    for one in () if snapshot.has_credentials else snapshot.instances:
        home = homes.of(one.provider)
        for other in homes.homes if one.type.endswith("_exclusive") else ():
            if other != home and None in (other.account, home.account):
                return f"it is not known which account {one.address} is about: {_option(other, home)}"
    return ""


def _option(here: Home, home: Home) -> str:
    """The option that says whether two places are in one account, in words."""
    provider = (home if home.account is None else here).providers[0]
    return f"--provider-account {provider}=... says which account that is for"


def _holders(instance: Instance) -> Iterator[tuple[str, str]]:
    """The kinds and names of whoever is made or is given something."""
    if _is_holder(instance):
        kind = instance.type.removeprefix("aws_iam_")
        yield from ((kind, name) for name in texts_of(instance, HOLDERS[instance.type]))
    for given in assignments(instance):
        if given.kind in _NAMED and given.holder is not None:
            yield given.kind, given.holder


def _is_holder(instance: Instance) -> bool:
    """Whether an instance is a user, role or group."""
    return instance.type.removeprefix("aws_iam_") in _NAMED and not instance.is_data
