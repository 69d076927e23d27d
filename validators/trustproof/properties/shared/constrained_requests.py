"""
Constraints on requests, as the evaluator looks at one request.
"""

from __future__ import annotations

from trustproof.engine.dimensions import condition_key
from trustproof.model.request import Request
from trustproof.properties.shared.regions import Constraints
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.strings import StringSet


def meets(constraints: Constraints, request: Request) -> bool:
    """Whether the condition keys of a request are as constraints on such keys ask for them."""
    for dimension, values in constraints:
        given = request.context.get(condition_key(dimension))
        if given is None:
            if not values.absent:
                return False
        elif values.present is None:
            return False
        elif isinstance(given, tuple):
            assert isinstance(values.present, CollectionSet)
            if not all(one in values.present.every for one in given):
                return False
        elif isinstance(values.present, NumberSet):
            if int(given) not in values.present:
                return False
        elif isinstance(values.present, StringSet) and given not in values.present:
            return False
    return True
