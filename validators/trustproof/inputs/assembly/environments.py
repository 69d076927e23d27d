"""
Where an assembly says that its stacks go, next to what is given of that.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.errors import InputError
from trustproof.inputs.assembly.cdk_assembly import StackArtifact
from trustproof.inputs.assembly.stack_reader import StackReader
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.nested_stacks.composition import Share
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import PassedOver
from trustproof.model.presentation import Presentation


def read_stack(stack: StackArtifact, settings: Settings, share: Share) -> Iterator[Template | InputError | PassedOver]:
    """The templates of a stack, which say what was given of where they go and does not count."""
    pairs = (("account", stack.account, settings.account), ("Region", stack.region, settings.region))
    overruled = tuple(
        f"{stack.file}: the assembly says the {noun} of the stack, {said}: {given}, which was given, does not count"
        for noun, said, given in pairs
        if said and given and said != given
    )
    for found in StackReader(stack, settings, share).templates():
        if overruled and isinstance(found, Template) and found.name == stack.file:
            found.presentation = found.presentation.joined(Presentation(notes=overruled))
        yield found
