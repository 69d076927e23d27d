"""
Runs about a megabyte of HCL that asks much of its parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_ROLE = 'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Statement = [] })\n}\n'


def _configuration(folder: Path, text: str) -> Sequence[str]:
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(_ROLE + text, encoding="utf-8")
    return ["."]


def blanks_behind_a_number(folder: Path) -> Sequence[str]:
    """A configuration that ends with blanks, of which the parser looks through all that follow at each."""
    return _configuration(folder, "y = 1e5\n" + "\n" * 999_000)


def blanks_between_comments(folder: Path) -> Sequence[str]:
    """A configuration with as many blanks in a row as may be."""
    return _configuration(folder, "y = (\n" + ("\n" * 990 + "/**/") * 1_000)


def errors_in_hcl(folder: Path) -> Sequence[str]:
    """A configuration in which something is wrong at each word."""
    return _configuration(folder, "y = (\n" + ' "a" ' * 199_000)


def files_of_errors_in_hcl(folder: Path) -> Sequence[str]:
    """Configurations of some kilobytes in which something is wrong at each word."""
    for number in range(66):
        _configuration(folder / f"{number}", "y = (\n" + ' "a" ' * 2_980)
    return ["."]


def files_of_commas(folder: Path) -> Sequence[str]:
    """Configurations of some kilobytes with a call of nothing but commas, at each of which the parser begins anew."""
    for number in range(66):
        _configuration(folder / f"{number}", f"y = f({', ' * 7_400}\n")
    return ["."]


def short_files_of_commas(folder: Path) -> Sequence[str]:
    """The same in as many as there are where each is short."""
    for number in range(980):
        _configuration(folder / f"{number}", f"y = f({', ' * 440}\n")
    return ["."]


def dense_hcl(folder: Path) -> Sequence[str]:
    """A configuration of as many values as are read."""
    return _configuration(folder, f"y = [{'1,' * 370_000}1]\n#{'x' * 250_000}\n")
