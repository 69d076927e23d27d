"""
Texts in which much is opened and nothing is closed.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.inputs.cloudformation.evaluation.texts import leftovers
from trustproof.inputs.grammar.impossible_arns import read_arn
from trustproof.model.text import Symbol, Symbolic, Text


def _shown(symbol: Symbol) -> Text:
    return f"<{symbol.name}>"


@pytest.mark.parametrize("opened", ["${", "{{resolve:", "$${"])
def test_what_is_never_closed_is_looked_for_once(opened: str) -> None:
    """A megabyte of braces that are never closed is read as it is, in one go."""
    text = opened * (1_000_000 // len(opened))
    assert leftovers.read(text, _shown) == text
    assert not leftovers.is_left_over(text)


def test_what_is_closed_before_is_found() -> None:
    """What follows the last brace is a part of the text, and what stands before it is read as ever."""
    assert leftovers.read("a{{resolve:ssm:x}}b${c}d${e", _shown) == "a<ssm:x>b<${c}>d${e"


def test_what_a_single_brace_leaves_open_is_looked_for_once() -> None:
    """A megabyte of dynamic references before one brace, which closes none of them, is read as it is, in one go."""
    text = "{{resolve:" * 100_000 + "}"
    assert leftovers.read(text, _shown) == text


def test_many_placeholders_are_one() -> None:
    """What looks at each by itself would compare each with each."""
    text = "{{ x }}" * 20_000
    assert leftovers.read(f"a{text}b", lambda symbol: Symbolic((symbol,))).parts[1].name == text  # type: ignore[union-attr]
    for mark in "$([{<#%":
        found = read_arn(f"arn:aws:iam::111122223333:user/{f'{mark}x/' * 20_000}")
        assert isinstance(found, Symbolic)
        assert len(found.symbols) == 1


@given(st.lists(st.sampled_from(["{{resolve:", "${", "}", "}}", "{", "a", "$", ":"]), max_size=14).map("".join))
def test_references_and_variables_are_those_of_the_grammar(text: str) -> None:
    """What is found is what the regular expression finds that says how they are written."""
    written = re.finditer(r"\{\{resolve:([^}]*)\}\}|\$\{([^}]*)\}", text)
    found = [one[1] for one in written if one[1] is not None]
    symbols: list[str] = []

    def note(symbol: Symbol) -> Text:
        if symbol.kind == "dynamic-reference":
            symbols.append(symbol.name)
        return ""

    leftovers.read(text, note)
    assert symbols == found
