"""
What an argument of the command line may be: an account, a Region, a day, a number of processes.
"""

from __future__ import annotations

import argparse
import re
from datetime import date

from trustproof.aws.partitions import is_region
from trustproof.model.arn import is_account

#: Nothing that ends a comment of HTML, which a report in Markdown begins with.
_CATEGORY = re.compile(r"(?!.*--)[A-Za-z0-9_.,:/@+=~-]{1,100}")


def account(text: str) -> str:
    """An account id from the command line."""
    if is_account(text):
        return text
    raise argparse.ArgumentTypeError(f'must be 12 digits, got "{text}"')


def region(text: str) -> str:
    """A Region from the command line."""
    if is_region(text):
        return text
    raise argparse.ArgumentTypeError(f'must be the name of a Region, as eu-west-1, got "{text}"')


def day(text: str) -> date:
    """A day from the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'must be a day such as 2027-01-31, got "{text}"') from None


def jobs(text: str) -> int:
    """A number of processes from the command line."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: 1 or more")
    return int(text)


def category(text: str) -> str:
    """The name of one of several reports about one commit, from the command line."""
    if _CATEGORY.fullmatch(text):
        return text
    raise argparse.ArgumentTypeError(
        f"must be at most 100 letters, digits and _ . , : / @ + = ~ -, without two hyphens together, got {text!r}"
    )
