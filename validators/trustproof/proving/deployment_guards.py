"""
What holds in the deployment in which a request was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.engine.allowance import STATEMENT, spend
from trustproof.engine.domains import Values, not_text, text
from trustproof.engine.region import AllowedPart
from trustproof.engine.search import Box, Literal
from trustproof.engine.statements import guard_literal
from trustproof.model.deployments import Deployments
from trustproof.model.made_names import OF_NOBODY, is_decided_by_macro, is_made
from trustproof.model.policy import Guard
from trustproof.model.text import PARTITION
from trustproof.properties.question import Subject
from trustproof.results.result import IF_SAME_NAME, REPLACES
from trustproof.sets.patterns import exact
from trustproof.sets.strings import StringSet


def guards_of(found: AllowedPart) -> list[Guard]:
    """What must hold in a deployment for the part that was found to exist."""
    out: list[Guard] = []
    for dimension in sorted(found.assignment):
        kind, _, name = dimension.partition(":")
        if kind not in ("condition", "parameter"):
            continue
        value = _text(found.assignment[dimension])
        if kind == "condition":
            out.append(Guard(name, value == "true"))
        elif value is not None:
            out.append(Guard(name, value))
    return out


def by_deployment(values: Mapping[str, str], deployments: Deployments | None, partition: str) -> tuple[str, ...]:
    """
    Why nobody gets in where a deployment is, though the search found somebody; empty where it does not say.

    Args:
        values: of the deployment.
        partition: that of the search.
    """
    there = "" if deployments is None else deployments.partition(values)
    if there not in ("", partition):
        return (f"this part is only deployed to the partition {there}, where it lets in nobody who was found",)
    # What a condition compares was given a value, because none was found of what it is made of.
    made = [name for name in values if is_made(name)]
    return tuple(f"no parameters were found with which {name} is {values[name]}" for name in made)


def deployed_values(guards: Sequence[Guard], deployments: Deployments | None, partition: str) -> dict[str, str] | None:
    """
    Values of a deployment in which guards hold; None where there is none.

    Args:
        deployments: None where no template is deployed.
        partition: the one that is asked about, where the guards can hold there; the empty string for any.
    """
    if replaced_by_each_other(guards):
        return None
    if not guards or deployments is None:
        return {}
    values = deployments.satisfy(guards)
    if values and partition and deployments.partition(values) not in ("", partition):
        there = deployments.satisfy((*guards, Guard(PARTITION, partition)))
        return values if there is None else there
    return values


def replaced_by_each_other(guards: Sequence[Guard]) -> tuple[Guard, ...]:
    """
    Two of some guards by which each of two policies of one name has replaced the other, though one of them is the last;
    none where there are no such two.
    """
    replacing = {one.name: one for one in guards if one.name.endswith(IF_SAME_NAME) and one.value is True}
    for name, one in replacing.items():
        later, _, earlier = name.removesuffix(IF_SAME_NAME).partition(REPLACES)
        other = replacing.get(f"{earlier}{REPLACES}{later}{IF_SAME_NAME}")
        if other is not None:
            return one, other
    return ()


def beside_statement(subject: Subject, index: int, deployments: Deployments | None) -> tuple[Subject, int] | None:
    """
    The subject without what no deployment has together with a statement, and its place; None where it is all.

    Args:
        index: of the statement in its policy.
    """
    statements = subject.policy.statements
    own, known = statements[index].guards, dict[tuple[Guard, ...], bool]()
    for guards in dict.fromkeys(one.guards for one in statements):
        spend(STATEMENT)
        together = tuple(dict.fromkeys((*own, *guards)))
        known[guards] = deployed_values(together, deployments, subject.partition) is not None
    if all(known.values()) or not known[own]:
        return None
    document = subject.document
    kept = tuple(one for one in statements if known[one.guards])
    beside = subject._replace(document=document._replace(policy=document.policy._replace(statements=kept)))
    return beside, sum(known[one.guards] for one in statements[:index])


def made_by_macros(values: Mapping[str, str]) -> tuple[str, ...]:
    """What is said of conditions, or of comparisons in them, of which nobody here knows how they come out."""
    names = filter(is_decided_by_macro, values)
    return tuple(
        f"CloudFormation refuses the condition, or does not know it: {name.removesuffix(OF_NOBODY)}"
        if name.endswith(OF_NOBODY)
        else f"what a macro makes of the condition is not known here: {name}"
        for name in names
    )


def excluded(guards: Sequence[Guard], deployments: Deployments | None) -> Box:
    """
    What no deployment has: some guards together or, where one of them is a parameter with a value that is not among
    those that it may have, all such values at once.

    Args:
        deployments: None where it is not known that none has the guards.
    """
    if both := replaced_by_each_other(guards):
        return Box(tuple(map(guard_literal, both)), "of two policies of one name, the last replaces the other")
    for name, value in guards:
        if isinstance(value, str) and deployments is not None and value not in (listed := deployments.listed(name)):
            found = not_listed(name, listed)
            if found is not None:
                return found
    return Box(tuple(map(guard_literal, guards)), "conditions of the template exclude each other")


def not_listed(name: str, listed: Sequence[str]) -> Box | None:
    """
    The deployments in which a parameter is none of the values that it may have; None where these are not known.
    """
    if not listed:
        return None
    dimension = guard_literal(Guard(name, "")).dimension
    patterns = [exact(value) for value in listed]
    label = f"{name} is none of its values"
    return Box((Literal(dimension, not_text(*patterns), text(*patterns), label),), label)


def outside_mappings(subject: Subject, guards: Sequence[Guard]) -> Box | None:
    """
    The deployments in which a parameter is none of the values at which its statements were read, where a request was
    found in one of these; None where it was not. A mapping has no row for such a value as a rule, so that
    CloudFormation refuses the template; whether it does is not decided here.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html

    Args:
        guards: what holds where the request was found.
    """
    read: dict[str, dict[str, None]] = {}
    for document in subject.documents:
        for guard in (guard for statement in document.policy.statements for guard in statement.guards):
            if isinstance(guard.value, str):
                read.setdefault(guard.name, {})[guard.value] = None
    for name, value in guards:
        values = read.get(name, {})
        if isinstance(value, str) and values and value not in values:
            label = f"{name} may be another value than {' or '.join(values)}: list them in its AllowedValues"
            return Box(tuple(_not(guard_literal(Guard(name, other))) for other in values), label)
    return None


def _text(values: Values) -> str | None:
    return values.present.sample(("true", "false")) if isinstance(values.present, StringSet) else None


def _not(literal: Literal) -> Literal:
    return Literal(literal.dimension, literal.no, literal.yes, f"not: {literal.label}")
