"""
The examples of the constructs' README, and of the page on migration, run, and what they synthesize passes the gate.
"""

from __future__ import annotations

import re
from pathlib import Path

import aws_cdk as cdk
import pytest

from trustproof_cdk import TrustproofChecks

REPOSITORY = Path(__file__).resolve().parents[2]
README = REPOSITORY / "constructs_lib" / "README.md"
MIGRATION = REPOSITORY / "docs" / "migration.md"
CONFIG = {
    "boundary": {"accounts": ["111122223333", "333344445555"], "organizations": ["o-a1b2c3d4e5"]},
    "third-party": [{"name": "Observability Inc.", "accounts": ["444455556666"]}],
    # One example waives what it refutes.
    "template-waivers": True,
}


def examples(page: Path) -> list[tuple[Path, int, str]]:
    """Page, line and text of each block in Python."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(page, text.count("\n", 0, block.start()) + 1, block[1]) for block in found]


EXAMPLES = [*examples(README), *examples(MIGRATION)]


@pytest.mark.parametrize(
    ("page", "line", "text"), EXAMPLES, ids=[f"{page.stem}-line-{line}" for page, line, _ in EXAMPLES]
)
def test_example(app: cdk.App, page: Path, line: int, text: str) -> None:
    """The example runs as it stands there, given an app and a stack."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    # As many empty lines as stand before the block, so that a traceback names the line of the page.
    program = compile("\n" * line + text, str(page), "exec")
    exec(program, {"__name__": "readme", "app": app, "stack": stack})
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=CONFIG))
    app.synth()


def test_every_construct_has_an_example() -> None:
    """What is exported is explained."""
    import trustproof_cdk

    shown = "\n".join(text for _, _, text in examples(README))
    assert [name for name in trustproof_cdk.__all__ if name not in shown] == []
