"""
Which comparisons with policy variables hold wherever others do.
"""

from __future__ import annotations

import pytest

from trustproof.engine.wider_comparisons import is_wider

USER, TEAM, TEAM_OR = "${aws:username}", "${aws:principaltag/team}", "${aws:principaltag/team, 'x'}"


@pytest.mark.parametrize(
    ("operator", "operands", "wide_operator", "wide_operands", "expected"),
    [
        ("StringEquals", [USER], "StringEquals", [USER], True),
        ("StringEquals", [USER], "StringEquals", [TEAM], False),
        ("StringEquals", [USER], "StringEquals", [USER, TEAM], True),
        ("StringEquals", [USER, TEAM], "StringEquals", [USER], False),
        ("StringEquals", [USER], "StringLike", [f"{USER}*"], True),
        ("StringLike", [f"{USER}*"], "StringEquals", [USER], False),
        ("StringLike", [f"a{USER}*"], "StringLike", [f"*{USER}*"], True),
        # A value may be empty, or longer than one character, and its wildcards are characters.
        ("StringEquals", [USER], "StringLike", ["?*"], False),
        ("StringEquals", [USER], "StringLike", ["?"], False),
        ("StringEquals", [USER], "StringLike", ["*"], True),
        ("StringEquals", [USER * 2], "StringLike", [f"{USER}*"], True),
        ("StringEquals", [f"a{USER}"], "StringLike", [f"?{USER}"], True),
        ("StringEquals", ["${*}"], "StringEquals", ["*"], True),
        ("StringEquals", ["a"], "StringLike", ["${*}"], False),
        # A default is used where the key is absent, and a variable without one then matches nothing.
        ("StringEquals", [TEAM], "StringEquals", [TEAM_OR], True),
        ("StringEquals", [TEAM_OR], "StringEquals", [TEAM], False),
        ("StringEquals", [TEAM_OR], "StringEquals", [TEAM.replace("}", ", 'y'}")], False),
        ("StringEquals", [TEAM_OR], "StringLike", [f"{TEAM_OR}*"], True),
        ("StringEquals", [USER], "StringEqualsIgnoreCase", [USER], True),
        ("StringEqualsIgnoreCase", [USER], "StringEquals", [USER], False),
        ("ArnLike", [f"arn:aws:iam::1:user/{USER}"], "ArnLike", [f"arn:aws:iam::1:user/{USER}", "*"], True),
        ("ArnLike", [f"arn:aws:iam::1:user/{USER}"], "ArnLike", ["arn:aws:iam::1:*"], False),
        ("StringEquals", [USER], "ArnLike", [USER], False),
        ("StringEquals", ["\U000f0000"], "StringEquals", [USER], False),
        ("StringEquals", ["".join(f"${{a:{n}}}" for n in range(70))], "StringLike", ["*"], False),
    ],
)
def test_is_wider(
    operator: str, operands: list[str], wide_operator: str, wide_operands: list[str], expected: bool
) -> None:
    """True is never wrong; False is also said of what is not known."""
    assert is_wider(wide_operator, wide_operands, operator, operands) is expected
