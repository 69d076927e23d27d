"""
What tells on which resource a policy is put that is a resource of its own, wherever the template goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.inputs.reader import Input
from trustproof.model.document import Document
from trustproof.model.names import is_nothing_but_a_policy
from trustproof.model.text import Symbolic, Text, concat


def places_told(template: Input, document: Document, arns: Sequence[Text]) -> Sequence[Text]:
    """
    What tells on which resources a policy is put that is one of its own: their ARNs, and whatever gives the parts of
    these that nobody knows; or all that names one. Nothing for a policy that is a part of the resource.

    Args:
        arns: as far as they are known; ``*`` where they are not.
    """
    path = ("Resources", document.logical_id)
    other, put_on = template.other_resource(path), template.put_on(path)
    if other is not None and other.named is not None:
        return (f"{other.named!r} {origin_of(template, repr(other.named))}",)
    if put_on is None:
        return arns if is_nothing_but_a_policy(document.resource_type) else ()
    return tuple(_told(template, document.logical_id, arn, put_on) for arn in arns)


def _told(template: Input, logical_id: str, arn: Text, put_on: object) -> Text:
    symbols = arn.symbols if isinstance(arn, Symbolic) else ()
    # A policy may have nothing but its own name for what it is put on.
    if put_on and (arn == "*" or any(f"{one.name}.".startswith(f"{logical_id}.") for one in symbols)):
        return f"{put_on!r} {origin_of(template, repr(put_on))}"
    origin = origin_of(template, " ".join(one.name for one in symbols))
    origin = "\n".join(filter(None, (origin, _decided_by(template, put_on))))
    return concat([arn, f" {origin}"]) if origin else arn


def _decided_by(template: Input, put_on: object) -> str:
    """What decides on which of several resources a policy is put, and the defaults that it is deployed with."""
    said = template.chosen_by(put_on)
    return "\n".join(filter(None, (*said, origin_of(template, " ".join(said)))))


def origin_of(template: Input, text: str) -> str:
    """
    What the values are made of that a text names: what they are looked up by, and the defaults of parameters; empty
    where their names say all.
    """
    names = dict.fromkeys(re.findall(r"[\w.]+", text))
    defaults = {name: template.written(("Parameters", name, "Default")) for name in names}
    said = (f"{name}: {value!r}" for name, value in defaults.items() if value is not None)
    return "\n".join(filter(None, (template.made_of(text), *said)))
