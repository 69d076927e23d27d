"""
Paths in a document.
"""

from __future__ import annotations

from trustproof.output.json_pointer import pointer


def test_a_pointer_can_be_taken_apart_again() -> None:
    """Slashes and tildes in keys are escaped as in a JSON pointer."""
    assert pointer(("Resources", "A", 0, "aws:PrincipalTag/team~1")) == "Resources/A/0/aws:PrincipalTag~1team~01"
