"""
Places in a text: lines and columns in characters, whatever bytes they take.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.errors import InputError
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


@pytest.mark.parametrize(
    "text",
    [
        # The end of a heredoc may have around it what Go calls white space.
        "<<EOT\nEOT\u00a0\n",
        "<<EOT\n\u0085EOT\n",
        "<<EOT\nEOT\u3000\n",
        # Its name at the beginning of a line is no end, nor does an escape begin something.
        "<<EOT\nEOT$${\nEOT\n",
        "<<EOT\n$$${\nEOT\n",
        # A directive ends in its own text.
        '"%{ if true }"\n',
    ],
)
def test_no_block_is_text_for_the_parser_alone(text: str) -> None:
    """What Terraform has behind the end of a text is not taken for a part of it, up to the end of the next one."""
    role, last = 'resource "aws_iam_role" "r" {}\n', "<<EOT\nEOT\n" if text.startswith("<<") else '"%{ endif }"\n'
    content = f"locals {{\n  a = {text}}}\n{role}locals {{\n  b = {last}}}\n"
    try:
        blocks = [block.type for block in syntax.parse(SourceText("main.tf", content.encode())).blocks()]
    except InputError as error:
        assert str(error).startswith("main.tf:")  # noqa: PT017 (either is right)
    else:
        assert blocks == ["locals", "resource", "locals"]


@pytest.mark.parametrize(
    "text",
    [
        '"a # b // c /* d"',
        '"\\"" # "',
        '"$${" /* } " */',
        '"$$${a}"',
        '"%%{ if a }"',
        '"${"a"}${b["c"]}"',
        '"%{ if a ~}b%{~ endif }"',
        "<<-EOT\n    a EOT\n  ${b} $ %\n  EOT",
        "<<EOT\n${<<EOT\na\nEOT\n}\nEOT",
        "<<EOT\r\na\r\nEOT\r",
    ],
)
def test_texts_end_for_the_parser_where_they_do_for_terraform(text: str) -> None:
    """What people write is read."""
    content = f"locals {{\n  a = {text}\n}}\nlocals {{}}\n"
    assert len([*syntax.parse(SourceText("main.tf", content.encode())).blocks()]) == 2


@pytest.mark.parametrize("text", ['"${}"', '"a${ }b"', "<<EOT\n${~ ~}\nEOT"])
def test_what_is_to_be_filled_in_is_written(text: str) -> None:
    """Terraform refuses what is empty; as text it may stand there."""
    with pytest.raises(InputError, match="nothing is written that is to be filled in"):
        syntax.parse(SourceText("main.tf", f"locals {{\n  a = {text}\n}}\n".encode()))
    syntax.parse(SourceText("main.tf", b'locals {\n  a = "$${} $$${}"\n}\n'))
