"""
Blocks and expressions from the nodes of a tree.

The tree is only trusted for what is inside what. Texts are taken by their offsets, because blanks at the edges of their
pieces are in no node; and operators and conditionals are put together here, because the grammar reads
``a ? b : c ? d : e`` from the wrong end.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.syntax import block_depth, plain_texts, text_parts
from trustproof.inputs.terraform.configuration.syntax.blocks import Argument, Block, Body
from trustproof.inputs.terraform.configuration.syntax.collected_steps import CollectedSteps
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Call,
    Expression,
    For,
    ListOf,
    Literal,
    Name,
    NotRead,
    ObjectOf,
    Step,
    Traversal,
)
from trustproof.inputs.terraform.configuration.syntax.numerals import number
from trustproof.inputs.terraform.configuration.syntax.operators import Operand, Token, put_together
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText, span
from trustproof.inputs.terraform.configuration.syntax.text_parts import Piece
from trustproof.inputs.terraform.values.place import Place
from trustproof.results.result import BUDGET

if TYPE_CHECKING:
    from tree_sitter import Node

#: How many expressions may stand inside each other.
MAX_NESTING = 100
_TOO_DEEP = f"{BUDGET}: expressions inside each other ({MAX_NESTING})"
_OPERATORS = frozenset("* / % + - > >= < <= == != && || ! ? :".split())
_WRAPPERS = ("operation", "binary_operation", "unary_operation", "conditional")
_STEPS = frozenset(("get_attr", "index", "splat"))
_TERMS = frozenset(("collection_value", "for_expr", "function_call", "literal_value", "template_expr", "variable_expr"))


class NodeReader:
    """
    Makes blocks and expressions of the nodes of one text.

    Args:
        source: the text.
        fixed: the place of everything in it, where it stands inside another file.
        unfinished: whether the last line has an end that is not its own.
    """

    def __init__(self, source: SourceText, fixed: Place | None = None, *, unfinished: bool = False) -> None:
        self._source = source
        self._fixed = fixed
        self._unfinished = unfinished
        self._depth = 0
        self._blocks = 0
        #: Around an expression, the loops whose items are called ``resource``.
        self._loops_over_resource = 0

    def place(self, node: Node) -> Place:
        """Where a node stands."""
        if self._fixed is not None:
            return self._fixed
        return self._source.place(node.start_byte, node.end_byte)

    def _written(self, node: Node) -> str:
        return self._source.content[node.start_byte : node.end_byte].decode()

    # -- blocks

    def body(self, node: Node | None) -> Body:
        """The arguments and blocks of a body; of an empty one there is no node."""
        arguments: dict[str, Argument] = {}
        blocks: list[Block] = []
        for child in node.children if node is not None else ():
            kind = child.type
            if kind == "block":
                blocks.append(self._block(child))
            elif kind == "attribute":
                made = self._argument(child.children)
                if made.name in arguments:
                    message = f"the argument {made.name} stands twice in one block"
                    raise InputError(message, *made.place.extent[:3])
                arguments[made.name] = made
        return Body(arguments, blocks)

    def _argument(self, nodes: Sequence[Node]) -> Argument:
        return Argument(self._written(nodes[0]), self.place(nodes[0]), self.expression(nodes[-1]))

    def _block(self, node: Node) -> Block:
        labels: list[str] = []
        body: Node | None = None
        for child in node.children:
            part = child.type
            if part == "identifier":
                labels.append(self._written(child))
            elif part == "string_lit":
                labels.append(self._label(child))
            elif part == "body":
                body = child
        kind, *labels = labels
        place = self.place(node)
        if self._blocks >= block_depth.AT_ONCE:
            if (deep := block_depth.too_deep(body)) is not None:
                message = f"{BUDGET}: blocks inside each other ({block_depth.MAX_BLOCKS})"
                raise InputError(message, *self.place(deep).extent[:3])
            return Block(kind, tuple(labels), place, lambda: self.body(body))
        self._blocks += 1
        made = self.body(body)
        self._blocks -= 1
        return Block(kind, tuple(labels), place, made)

    def _label(self, node: Node) -> str:
        plain = plain_texts.literal(self._source, node.start_byte, node.end_byte, self._fixed)
        found = plain or self._quoted(node, self.place(node))
        return str(found.value) if isinstance(found, Literal) else self._written(node)

    # -- expressions

    def expression(self, node: Node) -> Expression:
        """The expression of a node ``expression``."""
        if self._depth >= MAX_NESTING:
            return NotRead(_TOO_DEEP, self.place(node))
        plain = plain_texts.literal(self._source, node.start_byte, node.end_byte, self._fixed)
        if plain is not None:
            return plain
        self._depth += 1
        try:
            children = node.children
            kind = children[0].type
            if kind in _TERMS:
                # Most expressions are one term.
                if len(children) == 1:
                    return self._term(children[0])
                if all(child.type in _STEPS for child in children[1:]):
                    return self._stepped(children)
            return put_together(self._tokens(node), MAX_NESTING, _TOO_DEEP)
        finally:
            self._depth -= 1

    def _stepped(self, nodes: Sequence[Node]) -> Expression:
        """A term and steps into it."""
        first, *others = nodes
        start, end = first.start_byte, others[-1].end_byte
        place = self._fixed or self._source.place(start, end)
        steps = CollectedSteps(MAX_NESTING)
        for child in others:
            self._add(steps, child)
        of = Name(self._written(first), place) if first.type == "variable_expr" else self._term(first)
        return self._traversal(of, steps, place)

    def _traversal(self, of: Expression, collected: CollectedSteps, place: Place) -> Expression:
        """Steps into a term: ``resource.aws_iam_role.a`` is ``aws_iam_role.a``, as a type has an underscore."""
        if collected.is_too_deep:
            return NotRead(_TOO_DEEP, place)
        steps = collected.together()
        is_prefixed = isinstance(of, Name) and of.name == "resource" and not self._loops_over_resource
        if is_prefixed and len(steps) > 1 and "_" in steps[0].name and steps[1].name:
            return Traversal(Name(steps[0].name, place), steps[1:], place)
        return Traversal(of, steps, place)

    def _tokens(self, node: Node) -> Iterator[Token]:
        """Operands and operators, in the order in which they are written."""
        waiting = [node]
        operand: Operand | None = None
        while waiting:
            found = waiting.pop()
            kind = found.type
            if kind == "comment":
                continue
            if kind in _STEPS:
                assert operand is not None
                self._add(operand.steps, found)
                operand.end = found
                continue
            if kind == "(":
                # The expression and the parenthesis behind it are left out of what waits.
                inner = waiting.pop()
                while inner.type == "comment":
                    inner = waiting.pop()
                operand = Operand(self.expression(inner), found, CollectedSteps(MAX_NESTING))
            elif kind == ")":
                assert operand is not None
                operand.end = found
                continue
            elif kind in _WRAPPERS or kind == "expression":
                waiting += reversed(found.children)
                continue
            elif kind in _OPERATORS:
                if operand is not None:
                    yield self._operand(operand)
                    operand = None
                yield Token(kind, self.place(found))
                continue
            else:
                operand = Operand(self._term(found), found, CollectedSteps(MAX_NESTING))
            operand.end = operand.end or found
        if operand is not None:
            yield self._operand(operand)

    def _operand(self, operand: Operand) -> Token:
        place = operand.of.place
        if operand.end is not operand.start:
            place = self._fixed or span(self.place(operand.start), self.place(operand.end))
        if not operand.steps:
            operand.of.place = place
            return Token("", place, operand.of)
        return Token("", place, self._traversal(operand.of, operand.steps, place))

    def _term(self, node: Node) -> Expression:
        kind = node.type
        place = self.place(node)
        if kind == "variable_expr":
            return Name(self._written(node), place)
        if kind == "literal_value":
            return self._literal(node.children[0], place)
        if kind in ("template_expr", "collection_value", "for_expr"):
            return self._compound(node.children[0], place)
        if kind == "function_call":
            return self._call(node, place)
        return NotRead(f"what is written there is not understood ({kind})", place)

    def _literal(self, node: Node, place: Place) -> Expression:
        kind = node.type
        if kind == "string_lit":
            return self._quoted(node, place)
        text = self._written(node)
        if kind == "numeric_lit":
            return Literal(number(text), place) if number(text) is not None else NotRead(f"{text} is no number", place)
        return Literal({"true": True, "false": False}.get(text), place)

    def _compound(self, node: Node, place: Place) -> Expression:
        kind = node.type
        if kind == "tuple":
            return ListOf(tuple([self.expression(child) for child in _expressions(node)]), place)
        if kind == "object":
            return ObjectOf(tuple(self._entries(node)), place)
        if kind == "quoted_template":
            return self._quoted(node, place)
        if kind == "heredoc_template":
            return self._heredoc(node)
        return self._for(node, place)

    def _entries(self, node: Node) -> Iterator[tuple[Expression, Expression]]:
        for child in node.children:
            if child.type == "object_elem":
                plain = plain_texts.entry(self._source, child.start_byte, child.end_byte, self._fixed)
                if plain is not None and self._depth < MAX_NESTING:
                    yield plain
                    continue
                parts = child.children
                yield self._key(parts[0]), self.expression(parts[-1])

    def _key(self, node: Node) -> Expression:
        found = self.expression(node)
        # A bare name is a text; in parentheses it is what it names.
        if isinstance(found, Name) and node.children[0].type == "variable_expr":
            return Literal(found.name, found.place)
        return found

    def _call(self, node: Node, place: Place) -> Expression:
        arguments: tuple[Expression, ...] = ()
        expands = False
        for child in node.children:
            if child.type == "function_arguments":
                arguments = tuple(self.expression(inner) for inner in _expressions(child))
                expands = any(inner.type == "ellipsis" for inner in child.children)
        return Call(self._written(node.children[0]), arguments, expands, place)

    def _for(self, node: Node, place: Place) -> Expression:
        node = node.children[0] if node.type == "for_expr" else node
        names: list[str] = []
        over: Expression = NotRead("it is not written what is gone through", place)
        results: list[Expression] = []
        condition: Expression | None = None
        groups = False
        for child in node.children:
            if child.type == "for_intro":
                names = [self._written(inner) for inner in child.children if inner.type == "identifier"]
                over = self.expression(next(_expressions(child)))
                self._loops_over_resource += "resource" in names
            elif child.type == "for_cond":
                condition = self.expression(next(_expressions(child)))
            elif child.type == "expression":
                results.append(self.expression(child))
            elif child.type == "ellipsis":
                groups = True
        self._loops_over_resource -= "resource" in names
        key = names[0] if len(names) > 1 else None
        is_object = node.type == "for_object_expr"
        return For(key, names[-1], over, results[0] if is_object else None, results[-1], groups, condition, place)

    def _add(self, steps: CollectedSteps, node: Node) -> None:
        """Add the steps of a node, unless there are too many before it: what is not read is not kept."""
        if steps.is_too_deep:
            return
        if node.type == "get_attr":
            steps.add([Step(self._written(node.children[-1]))])
            return
        inner = node.children[0]
        if inner.type == "new_index":
            steps.add([Step(key=self.expression(next(_expressions(inner))))])
        elif inner.type == "legacy_index":
            place = self.place(inner)
            steps.add(Step(key=Literal(number(part), place)) for part in self._written(inner).split(".")[1:])
        else:
            self._add_splat(steps, inner)

    def _add_splat(self, steps: CollectedSteps, inner: Node) -> None:
        is_full = inner.type == "full_splat"
        each, rest = CollectedSteps(MAX_NESTING), CollectedSteps(MAX_NESTING)
        for child in inner.children:
            if child.type in _STEPS:
                # Behind `.*` an index in brackets is one into the list.
                is_behind = not is_full and child.children[0].type == "new_index"
                self._add(rest if rest or is_behind else each, child)
        if each.is_too_deep or rest.is_too_deep:
            steps.is_too_deep = True
            return
        steps.add([Step(each=each.together(), has_all_behind=is_full), *rest.together()])

    # -- texts

    def _quoted(self, node: Node, place: Place) -> Expression:
        children = node.children
        start, end = children[0].end_byte, children[-1].start_byte
        # Most texts have nothing to fill in.
        if len(children) == 2 or all(child.type == "template_literal" for child in children[1:-1]):
            return Literal(text_parts.unescape(self._source.content[start:end].decode(), quoted=True), place)
        return text_parts.template(self._pieces(node, start, end, place), place, quoted=True)

    def _heredoc(self, node: Node) -> Expression:
        place = self.place(node)
        content = self._source.content
        marks = [child for child in node.children if child.type == "heredoc_identifier"]
        start = content.index(b"\n", marks[0].end_byte) + 1
        end = content.rfind(b"\n", 0, marks[-1].start_byte) + (0 if self._unfinished else 1)
        flush = node.children[0].end_byte - node.children[0].start_byte == len("<<-")
        pieces = self._pieces(node, start, max(start, end), place)
        return text_parts.template(pieces, place, quoted=False, flush=flush)

    def _pieces(self, node: Node, start: int, end: int, place: Place) -> list[Piece]:
        found: list[Piece] = []
        at = start
        waiting = list(reversed(node.children))
        while waiting:
            child = waiting.pop()
            if child.type in ("template_directive", "template_if", "template_for"):
                waiting += reversed(child.children)
                continue
            piece = self._piece(child)
            if piece is None or self._is_escaped(child, piece):
                continue
            if piece.expression is None and piece.kind in text_parts.WITH_EXPRESSIONS:
                raise InputError("not HCL: nothing is written that is to be filled in", *piece.place.extent[:3])
            if child.start_byte > at:
                found.append(Piece(text_parts.TEXT, place, self._source.content[at : child.start_byte].decode()))
            found.append(piece)
            at = child.end_byte
        if end > at:
            found.append(Piece(text_parts.TEXT, place, self._source.content[at:end].decode()))
        return found

    def _is_escaped(self, node: Node, piece: Piece) -> bool:
        """Whether what seems to be filled in is text: of ``$$${`` the last three characters are the escape."""
        start = node.start_byte
        sign = b"$" if piece.kind == text_parts.FILL else b"%"
        return start > 0 and self._source.content[start - 1 : start] == sign

    def _piece(self, node: Node) -> Piece | None:
        kind = text_parts.KINDS.get(node.type)
        if kind is None:
            return None
        markers = [index for index, child in enumerate(node.children) if child.type == "strip_marker"]
        names = [self._written(child) for child in node.children if child.type == "identifier"]
        inner = next(_expressions(node), None)
        return Piece(
            kind,
            self.place(node),
            expression=self.expression(inner) if inner is not None else None,
            key=names[0] if len(names) > 1 else None,
            value=names[-1] if names else "",
            strips_left=1 in markers,
            strips_right=len(node.children) - 2 in markers,
        )


def _expressions(node: Node) -> Iterator[Node]:
    return (child for child in node.children if child.type == "expression")
