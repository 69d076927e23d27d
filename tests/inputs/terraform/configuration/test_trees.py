"""
Texts in HCL that ask much of the parser: each is read, or refused where it asks for too much.
"""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_hcl", reason="the extra `terraform` is not installed")

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.syntax import trees
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.configuration.syntax.syntax import parse

ROLE = 'resource "aws_iam_role" "r" {\n  name = "x"\n}\n'
#: A text that is long, and no piece of which is short.
LONG = f"{ROLE}{'# nothing' * 2_000}\n"
MEGABYTE = 1_000_000
MODULES = sorted((Path(__file__).resolve().parents[4] / "modules").rglob("*.tf"))


def refused(text: str) -> str:
    """What is said of a text that is refused."""
    with pytest.raises(InputError) as error:
        parse(SourceText("main.tf", text.encode()))
    return str(error.value)


def parts(content: bytes) -> list[tuple[str, int, int]]:
    """What the parser makes of a text, each with where it stands; the text itself but for its end."""
    root = trees.tree(content)
    found, left = [(root.type, root.start_byte, 0)], [*root.children]
    while left:
        one = left.pop()
        found.append((one.type, one.start_byte, one.end_byte))
        left += one.children
    return found


@pytest.mark.parametrize("blank", ["\n", " ", "\t", "\r\n"])
def test_blanks_at_the_end_cost_nothing(blank: str) -> None:
    """Also behind a number that the parser has to be told of: each blank was looked through once more for each."""
    body = parse(SourceText("main.tf", f"{ROLE}y = 1e5\n{blank * (MEGABYTE // len(blank))}".encode()))
    assert body.argument("y") is not None


@pytest.mark.parametrize("blank", ["\n", " ", "\t"])
def test_blanks_in_a_row_have_a_bound(blank: str) -> None:
    """Where something follows them; and who reaches it learns of the budget and the line."""
    many = blank * trees.MAX_BLANKS
    assert parse(SourceText("main.tf", f"{ROLE}y = ({many}1)\n".encode())).argument("y") is not None
    assert refused(f"{ROLE}y = ({blank}{many}1)\n").startswith("main.tf:4:6: budget reached: blanks in a row (1000)")


@pytest.mark.parametrize("before", ["", LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("y = (1 2)\n", "not HCL: "),
        ("y = [1 2]\n", "not HCL: "),
        ("y = )\n", "not HCL: "),
        ('y = "a\n', 'not HCL: expected a closing "'),
        ("a {\n", "not HCL: "),
        ("}\n", "not HCL: "),
    ],
)
def test_an_error_is_said_where_it_stands(before: str, wrong: str, said: str) -> None:
    """However much stands before it, and however much is wrong behind."""
    line = (ROLE + before).count("\n") + 1
    for behind in ("", "z = 1\n" * 3_000):
        file, at, _, message = refused(ROLE + before + wrong + behind).split(":", 3)
        assert message.strip().startswith(said)
        # An unclosed block may be said to begin at the first of all.
        assert (file, int(at) if wrong != "a {\n" else line) == ("main.tf", line)


@pytest.mark.parametrize("wrong", [' "a" ', '  "', ' "%{', "\n}"])
@pytest.mark.parametrize("start", ["y = (\n", 'x = "a"\n'])
def test_a_megabyte_of_errors_is_refused(start: str, wrong: str) -> None:
    """At the first of them: to go on behind each costs what has been skipped before it."""
    assert refused(ROLE + start + wrong * (MEGABYTE // len(wrong)))


@pytest.mark.parametrize("unit", ["-", "1,", "[],", " " * 50 + "# x\n"])
def test_what_is_kept_of_a_text_has_a_bound(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, signs and blanks, of each of which the parser keeps some hundred bytes."""
    monkeypatch.setattr(trees, "MAX_TOKENS", 15_000)
    said = refused(f"{ROLE}y = [{unit * (30_000 // len(unit))}1]\n")
    assert "budget reached: steps of the parser of HCL (15000 words, signs and blanks)" in said


def test_steps_have_a_bound() -> None:
    """Where a text is a list, each of its blanks costs all blanks behind it."""
    said = refused(f"{ROLE}y = [{(' ' * 900 + '/**/') * 50}1]\n")
    assert "budget reached: steps of the parser of HCL (25 for each byte)" in said


@pytest.mark.parametrize("file", MODULES, ids=lambda file: "/".join(file.parts[-2:]))
def test_texts_are_read_alike_whether_long_or_short(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The eye on the parser changes nothing of what it finds."""
    content = file.read_bytes()
    short = parts(content)
    assert parts(content + b"\n" * 5) == short
    monkeypatch.setattr(trees, "_SHORT", 0)
    assert parts(content) == short


def test_pieces_are_read_as_the_whole_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is wrong in any of them: also behind blocks that seem to end in a text or in a comment."""
    within = "x = <<-EOT\n{\n}\nEOT\n/*\n}\n*/\ny = 1e5\n"
    content = "\n".join([*(file.read_text(encoding="utf-8") for file in MODULES), within]).encode()
    found = parts(content)
    monkeypatch.setattr(trees, "_is_whole", lambda _content: False)
    assert parts(content) == found


@pytest.mark.parametrize("wrong", [", ", '"a" '])
def test_what_is_wrong_in_a_file_of_some_kilobytes_ends_it(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory may have hundreds of them: what is read without an eye on the parser is short."""
    whole: list[int] = []
    plain = trees._parser()

    class Counted:
        """The parser, with what it is given to read without an eye on it."""

        def parse(self, content: object, **arguments: object) -> object:
            if isinstance(content, bytes):
                whole.append(len(content))
            return plain.parse(content, **arguments)  # type: ignore[call-overload]

        def __setattr__(self, name: str, value: object) -> None:
            setattr(plain, name, value)

        def __delattr__(self, name: str) -> None:
            delattr(plain, name)

        def reset(self) -> None:
            plain.reset()

    monkeypatch.setattr(trees, "_parser", Counted)
    assert refused(f"{ROLE}y = f({wrong * (15_000 // len(wrong))}\n")
    assert whole
    assert sum(whole) < 4_000
