"""
Names that are made for users and roles at deployment, filled in: what refers to one of these means whoever has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.substitution import bind_text
from trustproof.model.text import GENERATED_NAME, RESOURCE_NAME, Symbolic
from trustproof.properties.shared.regions import held_by
from trustproof.proving.sides import Scene

#: Kinds of holder that are one caller.
_CALLERS = ("user", "role")
#: What stands for a name that is made at deployment; among several templates that of a role stands for any resource's.
_MADE = (GENERATED_NAME, RESOURCE_NAME)


def names_of_callers(subjects: Iterable[Subject]) -> dict[str, str]:
    """A name for each user and role that is given one when it is made, by what stands for it."""
    return {
        symbol.name: name
        for one in subjects
        if one.holder is not None and one.holder.kind in _CALLERS and isinstance(one.holder.arn, Symbolic)
        for symbol in one.holder.arn.symbols
        if symbol.holds in _MADE and (name := one.deployments.sample(symbol._replace(holds=GENERATED_NAME)))
    }


def called_by_own_name(scene: Scene, holding: Subject, values: Mapping[str, str]) -> Scene:
    """Where the policies of a user or role stand whose ARN some values make known: nobody else is the caller then."""
    holder = holding.holder
    if holder is None or holder.kind not in _CALLERS or not isinstance(holder.arn, Symbolic):
        return scene
    arn = bind_text(holder.arn, values)
    if not isinstance(arn, str):
        return scene
    own = held_by(holding.asked._replace(holder=holder._replace(arn=arn)))
    return scene._replace(constraints=(*scene.constraints, *own))
