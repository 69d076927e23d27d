"""
The names of roles of a template, as chains follow them: as they are, or one for all that something may be called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.role_chains.deciding_documents import deciding_documents
from trustproof.aws.partitions import all_partitions, regions_in
from trustproof.inputs.reader import Number
from trustproof.model.deployments import Told
from trustproof.model.query import texts
from trustproof.model.substitution import bind_text
from trustproof.model.text import ACCOUNT_ID, REGION, Symbol, Symbolic, Text
from trustproof.proving.hints import hints_of_text

#: What says on the command line what a pseudo parameter is.
_SAID_BY = {ACCOUNT_ID: "--account ID", REGION: "--region REGION"}


def names_in_chains(context: TemplateContext, number: Number) -> dict[str, str]:
    """
    What stands for names: of the stack and what is generated, of other stacks, and any for what nobody knows.

    Args:
        number: of the template, among those of the run.
    """
    values = _known_names(context, number)
    return {**values, **_samples(context, values)}


def samples_in_chains(context: TemplateContext, number: Number) -> dict[str, str]:
    """The values among these that stand for all that a parameter or pseudo parameter may be."""
    values = _known_names(context, number)
    kinds = {symbol.name: symbol.kind for _, symbol in _open_symbols(context, values)}
    return {name: value for name, value in _samples(context, values).items() if "parameter" in kinds.get(name, "")}


def given_names(context: TemplateContext, number: Number) -> frozenset[str]:
    """What the names of roles depend on and nobody knows before deployment, as `Symbol.name` has it."""
    return frozenset(symbol.name for _, symbol in _open_symbols(context, _known_names(context, number)))


def unnamed_role(contexts: Iterable[TemplateContext], number: Number) -> str:
    """
    Why chains are only followed for one of many names: a clause; empty where the names of all roles are known at all
    assignments at which a template is read.
    """
    for context in contexts:
        for logical_id, symbol in _open_symbols(context, _known_names(context, number)):
            is_own = symbol.name == logical_id
            depends = "it cannot be read" if is_own else f"it depends on {symbol.name}{_said_by(symbol)}"
            return f"the name of the role {logical_id} is not known before deployment: {depends}"
    return ""


def _said_by(symbol: Symbol) -> str:
    """What of the command line says what a symbol is, as a clause; empty where nothing does."""
    given = _SAID_BY.get(symbol.name) or next(iter(hints_of_text(Symbolic((symbol,)))), "").partition(": ")[2]
    return f", which {given} says" if given.startswith("--") else ""


def told_by_names(context: TemplateContext) -> Told:
    """What assignments have to tell apart where names are open: the Regions that policies name."""
    written = " ".join(
        str(text)
        for document in deciding_documents(context)
        for statement in document.policy.statements
        for text, _ in texts(statement)
    )
    regions = (region for partition in sorted(all_partitions()) for region in regions_in(partition))
    return {REGION: tuple(region for region in regions if region in written)}


def _known_names(context: TemplateContext, number: Number) -> dict[str, str]:
    template = context.template
    return {**context.assumed, **template.names_in_chains(number), **template.linked_names()}


def _samples(context: TemplateContext, values: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, symbol in _open_symbols(context, values):
        found.setdefault(symbol.name, context.deployments.sample(symbol) or f"example-{len(values) + len(found)}")
    return found


def _open_symbols(context: TemplateContext, values: dict[str, str]) -> Iterator[tuple[str, Symbol]]:
    """What the names of roles depend on and nobody knows, each with the logical id of the role."""
    for role in context.template.roles:
        for symbol in _open(bind_text(role.arn, values)):
            yield role.logical_id, symbol


def _open(text: Text) -> tuple[Symbol, ...]:
    return text.symbols if isinstance(text, Symbolic) else ()
