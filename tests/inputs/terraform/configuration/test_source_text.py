"""
Places in a text: lines and columns in characters, whatever bytes they take.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.inputs.terraform.configuration.syntax import syntax
from trustproof.inputs.terraform.configuration.syntax.expressions import Literal
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.values.place import Extent


@given(
    text=st.text(st.sampled_from("ab \n\rä€😀"), max_size=30), ends=st.tuples(st.integers(0, 30), st.integers(0, 30))
)
def test_places_count_characters(text: str, ends: tuple[int, int]) -> None:
    """Whatever stands before it, a place leads to the characters that the bytes are, up to the end of its line."""
    start, end = sorted(min(one, len(text)) for one in ends)
    before, said = text[:start], text[start:end]
    line, column = before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1
    found = SourceText("main.tf", text.encode()).place(len(before.encode()), len(text[:end].encode()))
    assert (found.file, found.start) == ("main.tf", start)
    assert found.extent == Extent("main.tf", line, column, column + (len(said.partition("\n")[0]) or 1), start, end)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"plain"', "plain"),
        ('""', ""),
        ('"ä €"', "ä €"),
        ('"# // /* no comment"', "# // /* no comment"),
        (r'"a\nb"', "a\nb"),
        (r'"\"quoted\""', '"quoted"'),
        ('"$${name}"', "${name}"),
        ('"%%{ if }"', "%{ if }"),
        ('"5 %"', "5 %"),
        ('"$"', "$"),
    ],
)
def test_texts_are_what_they_mean(written: str, value: str) -> None:
    """With escapes or without, a text with nothing to fill in is a literal."""
    found = syntax.parse_expression(SourceText("main.tf", written.encode()))
    assert isinstance(found, Literal)
    assert found.value == value


@pytest.mark.parametrize("written", ['"a" == "b"', '"${a}"', '"a${b}"', '"%{ if a }b%{ endif }"'])
def test_what_is_to_be_worked_out_is_no_literal(written: str) -> None:
    """What begins and ends with a quotation mark may be more than one text, or have something to fill in."""
    assert not isinstance(syntax.parse_expression(SourceText("main.tf", written.encode())), Literal)
