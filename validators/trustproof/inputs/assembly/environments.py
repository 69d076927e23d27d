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
    """The templates of a stack, which say what of that given does not count, and which values they are judged at."""
    pairs = (("account", stack.account, settings.account), ("Region", stack.region, settings.region))
    notes = tuple(
        f"{stack.file}: the assembly says the {noun} of the stack, {said}: {given}, which was given, does not count"
        for noun, said, given in pairs
        if said and given and said != given
    )
    if given := ", ".join(
        f"{name}={value}" for name, value in stack.parameters.items() if name not in settings.parameters
    ):
        notes = (*notes, f"{stack.file}: judged at the values that the assembly gives the stack: {given}")
    for found in StackReader(stack, settings, share).templates():
        if notes and isinstance(found, Template) and found.name == stack.file:
            found.presentation = found.presentation.joined(Presentation(notes=notes))
        yield found
