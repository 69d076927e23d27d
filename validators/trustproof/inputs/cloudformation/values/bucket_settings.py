"""
What templates say next to each other of the settings against public policies: of one bucket by its name, or of all that
an account has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from math import prod
from typing import NamedTuple

from trustproof.model.policy import Guard
from trustproof.model.text import ACCOUNT_ID, PARTITION, REGION, Symbolic, Text

#: A setting keeps others out in any case; none does; that is not known; or the template says nothing of settings.
ON, OFF, OPEN, SILENT = "on", "off", "open", "silent"
#: Instead of the name of a bucket, for all buckets of the account.
ALL_BUCKETS = ""
#: How the keys of buckets begin whose name is an expression: no name of a bucket has a space in it.
_EXPRESSION = "named by "
#: What is the same in two templates of one account and Region.
OF_PLACE = (ACCOUNT_ID, PARTITION, REGION)
#: At so many values of parameters it is asked what a bucket is called.
MAX_READINGS = 64


class BucketSettings(NamedTuple):
    """
    What stands around a bucket.
    """

    #: Its name, `ALL_BUCKETS`, or the key of an expression.
    bucket: str
    #: `ON`, `OFF`, `OPEN` or `SILENT`.
    state: str
    #: The setting, in words, where one is on; where that is open, why.
    said: str = ""
    #: The setting that keeps others out whenever it was switched on, in words; empty where it is not on in any case.
    restricting: str = ""
    #: The parameters at whose defaults it is so, with these; each is called with its template (``On of s3.yaml``).
    at: tuple[tuple[str, str], ...] = ()

    def around(self, *, was_there: bool) -> BucketSettings:
        """
        What it is to a policy.

        Args:
            was_there: whether the policy, or what stands around it, may have been there before the other one: only what
                is put after it is refused by ``BlockPublicPolicy``.
        """
        if self.state != ON or not was_there:
            return self
        if self.restricting:
            return self._replace(said=self.restricting)
        reason = f"{self.said} was on before the policy was put, which it refuses only then"
        return self._replace(state=OPEN, said=reason)


def together(found: Iterable[BucketSettings]) -> BucketSettings | None:
    """What several templates say of one bucket; None where nobody has anything to say."""
    by_state: dict[str, BucketSettings] = {}
    for one in found:
        by_state.setdefault(one.state, one)
    if OPEN in by_state:
        return by_state[OPEN]
    if ON in by_state and OFF in by_state:
        return by_state[ON]._replace(state=OPEN, said=f"{by_state[ON].said} is on, which another one switches off")
    return by_state.get(ON) or by_state.get(OFF) or by_state.get(SILENT)


def is_name(bucket: str) -> bool:
    """Whether a key is the name of one bucket."""
    return bucket != ALL_BUCKETS and not bucket.startswith(_EXPRESSION)


def key_of(expression: str, name: Text) -> str:
    """
    The key of a bucket that templates write in the same way.

    Args:
        expression: its name, as far as it is known before deployment.
        name: the same at values of parameters.
    """
    return f"{_EXPRESSION}{expression}: {name}"


def keys_of(expression: str, name: Text) -> list[tuple[str, tuple[Guard, ...]]]:
    """
    The keys of a bucket at each of the ``AllowedValues`` that its name is made of, with the values.

    Args:
        expression: its name, as far as it is known before deployment.
        name: the same at what is given to some of the parameters.
    """
    symbols = name.symbols if isinstance(name, Symbolic) else ()
    listed = {one.name: one.allowed for one in symbols if one.allowed}
    if prod(map(len, listed.values())) > MAX_READINGS:
        return []
    readings = [dict(zip(listed, values, strict=True)) for values in product(*listed.values())]
    return [
        (
            key_of(expression, name.bind(at) if isinstance(name, Symbolic) else name),
            tuple(Guard(parameter, value) for parameter, value in at.items()),
        )
        for at in readings
    ]


def symbols_in(expression: str) -> list[str]:
    """The parameters that a name is made of; no name of a bucket has an angle bracket in it."""
    return [*dict.fromkeys(re.findall("<([^<>]*)>", expression))]
