"""
Names that AWS gives at deployment, as policies of several templates write them: what one template calls by its logical
id, another that takes it from there calls by the name of that template as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from trustproof.comparison.matching.retained_resources import GIVEN_NAMES
from trustproof.comparison.subjects.subjects import Subject
from trustproof.engine.domains import Values, text
from trustproof.model.document import TRUST
from trustproof.model.policy import Policy
from trustproof.model.query import open_texts
from trustproof.model.substitution import bind_document, bind_statement, bind_text
from trustproof.model.text import REGION, SECRET_ENDING, Symbol, Symbolic, Text
from trustproof.sets.patterns import exact

#: What AWS puts at the end of the ARN of a secret: nobody knows it before.
_ENDING = "xxxxxx"


def names_of(resource: Subject) -> dict[str, str]:
    """
    A name for a resource that AWS gives one when it makes it, or the end of the ARN of a secret, and a Region for it
    where nobody says in which one it is, by what stands for them: whatever they are, policies that refer to the
    resource are about it. Empty where its ARN is known, or more of it is not.
    """
    if not isinstance(resource.arn, Symbolic):
        return {}
    symbols = {one.name: one for one in resource.arn.symbols}
    if any(one.holds not in (*GIVEN_NAMES, SECRET_ENDING) and one.name != REGION for one in symbols.values()):
        return {}
    known = next((one.resource_arn for one in resource.documents if isinstance(one.resource_arn, str)), None)
    if known is None:
        return {name: _sample(one, resource) for name, one in symbols.items()}
    # Its own policy is compared by one name, in one Region, on both sides.
    return read_off(resource.arn, known)


def _sample(symbol: Symbol, resource: Subject) -> str:
    # Six characters, so that `secret:app-??????` is about the secret.
    return _ENDING if symbol.holds == SECRET_ENDING else resource.deployments.sample(symbol) or f"example-{symbol.name}"


def read_off(arn: Text, written: str, before: str = "") -> dict[str, str]:
    """
    What stands for the unknown parts of an ARN where it is written out; empty where it is another one.

    Args:
        before: how what is inside of it is set apart, which may follow; empty where nothing is inside.
    """
    if not isinstance(arn, Symbolic):
        return {}
    places = [*dict.fromkeys(one.name for one in arn.symbols)]
    seen: set[str] = set()
    form = ""
    for part in arn.parts:
        if isinstance(part, str):
            form += re.escape(part)
        elif part.name in seen:
            form += f"(?P=_{places.index(part.name)})"
        else:
            seen.add(part.name)
            kind = "[^:]+" if part.name == REGION else f"[^{re.escape(before)}]+" if before else ".+"
            form += f"(?P<_{places.index(part.name)}>{kind})"
    found = re.fullmatch(f"{form}(?:{re.escape(before)}.*)?" if before else form, written)
    return {} if found is None else {name: found[f"_{place}"] for place, name in enumerate(places)}


def called(subject: Subject, names: Mapping[str, str]) -> Subject:
    """The same where what some names stand for is called so."""
    if not names:
        return subject
    limit = subject.permissions_boundary
    return subject._replace(
        arn=bind_text(subject.arn, names),
        documents=tuple(bind_document(document, names) for document in subject.documents),
        permissions_boundary=None if limit is None else bind_document(limit, names),
    )


def of_own_role(resource: Subject) -> tuple[tuple[str, Values], ...]:
    """That a request is for the role whose trust policy it is: what others deny may be about another one."""
    arn = resource.documents[0].resource_arn if resource.kind == TRUST and resource.documents else ""
    return (("resource", text(exact(arn))),) if isinstance(arn, str) and arn.startswith("arn:") else ()


def bound(policy: Policy, values: Mapping[str, str]) -> Policy:
    """A policy with some values."""
    return policy._replace(statements=tuple(bind_statement(one, values) for one in policy.statements))


def names_across(names: Mapping[str, str], owner: Subject, reader: Subject) -> dict[str, str]:
    """
    Names by what stands for them in the policies of somebody else.

    Args:
        names: by what stands for them in those of the owner.

    Returns:
        Without the names that the reader has no way to write; the Region is the same everywhere.
    """
    if owner.label == reader.label and bool(owner.parts) == bool(reader.parts):
        return {**names}
    own, there = ("" if one.parts else one.linked_as for one in (owner, reader))
    out: dict[str, str] = {}
    for name, value in names.items():
        if name == REGION:
            out[name] = value
        elif owner.parts or own:
            # What is taken from another template is called by its name already.
            everywhere = name if owner.parts or "/" in name.partition("[")[0] else f"{own}/{name}"
            out[everywhere.removeprefix(f"{there}/") if there else everywhere] = value
    return out


def told_apart(names: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """Names of which none is also one of some others: what two templates call alike is not one thing."""
    there = {value for name, value in others.items() if names.get(name) != value}
    return {name: f"{value}2" if value in there and name != REGION else value for name, value in names.items()}


def names_given(reader: Subject, policies: Iterable[Policy], others: Mapping[str, str]) -> dict[str, str]:
    """
    Names for all that AWS gives one, and that some policies of somebody refer to: each thing has its own, which is none
    of some others.
    """
    found: dict[str, str] = {}
    for policy in policies:
        for statement in policy.statements:
            for symbol in (one for written, _ in open_texts(statement) for one in written.symbols):
                if symbol.holds in (*GIVEN_NAMES, SECRET_ENDING) and symbol.name not in found:
                    name = {symbol.name: _sample(symbol, reader)}
                    found |= name if symbol.holds == SECRET_ENDING else told_apart(name, {**others, **found})
    return found
