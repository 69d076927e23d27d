"""
Names that only a deployment says.
"""

from __future__ import annotations

from itertools import product
from math import prod

from trustproof.engine.caller_records import SEPARATOR
from trustproof.model.text import Symbolic
from trustproof.sets.patterns import Pattern, Wildcard, join
from trustproof.sets.strings import StringSet

#: Stands for what is known only at deployment.
_OPEN = Wildcard(SEPARATOR, True, True)
#: So many values of a name are looked at one by one; of more, it is not looked at which there are.
_MAX_VALUES = 64


def may_match(wanted: Pattern, text: Symbolic) -> bool:
    """Whether some value of an ARN or a name that is not known may match a pattern."""
    several: list[tuple[str | Wildcard, ...]]
    several = [(one,) if isinstance(one, str) else one.allowed or (_OPEN,) for one in text.parts]
    if prod(map(len, several)) > _MAX_VALUES:
        several = [(one,) if isinstance(one, str) else (_OPEN,) for one in text.parts]
    wholes = [join(*parts) for parts in product(*several)]
    return (StringSet.of([wanted]) & StringSet.of(wholes)).sample() is not None
