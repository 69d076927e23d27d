"""
Names at other values than their defaults, in policies of which a property takes what is given for a name.

Who gives a value where a template has no default is taken to give a name, without a wildcard. Of a default somebody has
said that there may be another value, and a proof at it says so where that decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from trustproof.model.document import TRUST, Document
from trustproof.model.regex_language import outcomes
from trustproof.model.substitution import bind_patterns
from trustproof.model.text import LIST, MAY_BE_PATTERN, Symbol, Symbolic


def with_open_names(document: Document, before: Iterable[Document], names: Iterable[str]) -> Document:
    """
    A document in which what has its default no longer may have a wildcard, wherever one would count.

    Args:
        before: what it is at the defaults, and at other values that it is judged at.
        names: the parameters that have others.
    """
    if document.kind != TRUST:
        # Names of tenants and external ids stand in trust policies.
        return document
    known = {symbol.name for one in before for symbol in _symbols(one)}
    opened = tuple(names)

    def marked(symbol: Symbol) -> Symbol | None:
        is_opened = symbol.name not in known or any(_is_in(name, symbol.name) for name in opened)
        if not is_opened or symbol.allowed is not None or (symbol.pattern and _is_free(symbol.pattern)):
            return None
        if symbol.holds == LIST:
            # It stays a list, of which one item may be a pattern.
            return symbol._replace(doubt=f"an item of {symbol.name} may have a wildcard")
        return symbol._replace(holds=MAY_BE_PATTERN)

    return bind_patterns(document, marked)


def _symbols(document: Document) -> Iterator[Symbol]:
    conditions = (one for statement in document.policy.statements for one in statement.conditions)
    operands = (operand for one in conditions for operand in one.operands)
    return (symbol for text in operands if isinstance(text, Symbolic) for symbol in text.symbols)


def _is_in(name: str, symbol: str) -> bool:
    """Whether a name is that of a symbol, or in it, which then is that of an expression, or of a part."""
    # Of a thousand parameters nearly none is in a name, and only for those that are a pattern is compiled.
    return name in symbol and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", symbol) is not None


def _is_free(pattern: str) -> bool:
    """Whether a regular expression matches no text with a wildcard as a whole."""
    # The text ends there in any case; by itself the sign is for the end of a line.
    texts = pattern[:-1] if pattern.endswith("$") and not pattern.endswith("\\$") else pattern
    return outcomes(texts, "[*?]") == {False}
