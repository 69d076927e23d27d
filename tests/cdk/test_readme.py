"""
The examples of the constructs' README run, and what they synthesize passes the gate.
"""

from __future__ import annotations

import re
from pathlib import Path

import aws_cdk as cdk
import pytest

from trustproof_cdk import TrustproofChecks

README = Path(__file__).resolve().parents[2] / "constructs_lib" / "README.md"
CONFIG = {
    "boundary": {"accounts": ["111122223333", "333344445555"]},
    "third-party": [{"name": "Observability Inc.", "accounts": ["444455556666"]}],
}


def examples() -> list[tuple[int, str]]:
    """Line and text of each block in Python."""
    text = README.read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, block.start()) + 1, block[1]) for block in found]


@pytest.mark.parametrize(("line", "text"), examples(), ids=[f"line-{line}" for line, _ in examples()])
def test_example(app: cdk.App, line: int, text: str) -> None:
    """The example runs as it stands there, given an app and a stack."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    # As many empty lines as stand before the block, so that a traceback names the line of the README.
    program = compile("\n" * line + text, str(README), "exec")
    exec(program, {"__name__": "readme", "app": app, "stack": stack})
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=CONFIG))
    app.synth()


def test_every_construct_has_an_example() -> None:
    """What is exported is explained."""
    import trustproof_cdk

    shown = "\n".join(text for _, text in examples())
    assert [name for name in trustproof_cdk.__all__ if name not in shown] == ["mfa_conditions"]
