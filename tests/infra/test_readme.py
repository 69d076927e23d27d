"""
The example in the app's README is a good accounts file.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from infra.accounts import parse_accounts

README = Path(__file__).resolve().parents[2] / "infra" / "README.md"


def test_example_is_accepted() -> None:
    """What the README shows can be copied."""
    (block,) = re.findall(r"^```toml\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    accounts = parse_accounts(tomllib.loads(block), "accounts.toml")
    assert [(account.name, access.role) for account, access in accounts.granted_to("developers")] == [
        ("dev", "OrgDeployer")
    ]
