"""
What decides whether a stack is there at all: what decides about the resource that makes it.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.model.deployments import IS_THERE

#: How a condition is called of which nobody can say whether it holds: a clause, which is no name of a template's.
NOT_KNOWN = "it is not known whether "


class Presence(NamedTuple):
    """
    The conditions of other stacks under which a stack is there.
    """

    #: Expressions of conditions, all of which hold; their names begin with those of the stacks that have them.
    conditions: tuple[object, ...] = ()
    #: What they refer to.
    linked_values: LinkedValues = LinkedValues()

    def demanded(self) -> LinkedValues:
        """That the stack is there, for what stands in it alone; nothing of what nobody knows."""
        known = [one for one in self.conditions if NOT_KNOWN not in str(one)]
        if not known:
            return LinkedValues()
        return self.linked_values.joined(
            LinkedValues(conditions={IS_THERE: {"Fn::And": known}}, requirements=(IS_THERE,))
        )


#: Of a stack that nothing decides about.
ALWAYS = Presence()
