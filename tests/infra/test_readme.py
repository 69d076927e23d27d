"""
The example in the app's README is a good accounts file, and has every key.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from infra.access import LEVELS
from infra.accounts import parse_accounts
from infra.schema import ACCOUNTS
from tests.cdk.federated import METADATA

DENY = '"Effect": "Deny", "Action": "sts:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}'
POLICY = f'{{"Version": "2012-10-17", "Statement": [{{{DENY}}}]}}'
README = Path(__file__).resolve().parents[2] / "infra" / "README.md"


def example() -> tuple[str, dict[str, Any]]:
    """The accounts file in the README, as text and as values."""
    (block,) = re.findall(r"^```toml\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return block, tomllib.loads(block)


def test_example_is_accepted(tmp_path: Path) -> None:
    """What the README shows can be copied."""
    (tmp_path / "staff.xml").write_text(METADATA, encoding="utf-8")
    (tmp_path / "contractors.xml").write_text(METADATA, encoding="utf-8")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "no-users.json").write_text(POLICY, encoding="utf-8")
    of_resources = POLICY.replace('"Effect"', '"Principal": "*", "Effect"')
    (tmp_path / "policies" / "ours-only.json").write_text(of_resources, encoding="utf-8")
    accounts = parse_accounts(example()[1], tmp_path / "accounts.toml")
    assert [(account.name, level.name) for account, level in accounts.reach(accounts.groups[0].grants)] == [
        ("hub", "read"),
        ("audit", "read"),
        ("ci", "read"),
        ("dev", "read"),
        ("dev", "deploy"),
        ("root", "read"),
    ]


def test_example_has_every_key() -> None:
    """Each key of the schema is shown, and each level is explained."""
    text, _ = example()

    def keys(schema: dict[str, Any]) -> set[str]:
        entry = schema.get("additionalProperties")
        found = keys(entry) if isinstance(entry, dict) else set()
        for key, inner in schema.get("properties", {}).items():
            found |= {key} | keys(inner)
        return found

    levels = {level.name for level in LEVELS}
    missing = [
        key
        for key in sorted(keys(ACCOUNTS.schema()) - levels)
        if not re.search(rf"(^|[\[{{ ]|\[organization\.){key}\b", text, re.M)
    ]
    assert missing == []
    assert [name for name in sorted(levels) if f"| `{name}` |" not in README.read_text(encoding="utf-8")] == []
