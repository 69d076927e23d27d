"""
The pages that are made from the code say what the code says, and their examples hold.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

import trustproof
from trustproof.properties import registry
from trustproof.properties._page import HEADINGS, sections

DOCS = Path(__file__).parent.parent / "docs"
IDENTS = [found.ident for found in registry.PROPERTIES]


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """The script that writes the pages."""
    spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_properties_page_is_made_from_the_properties(build: ModuleType) -> None:
    """`make docs` would change nothing in docs/properties.md."""
    assert (DOCS / "properties.md").read_text(encoding="utf-8") == build.properties()


def test_default_list_is_the_one_in_the_code(build: ModuleType) -> None:
    """`make docs` would change nothing in docs/configuration.md."""
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert text == build.configuration(text)


@pytest.mark.parametrize("ident", IDENTS)
def test_every_property_has_every_heading(ident: str) -> None:
    """Each property is documented under all headings."""
    found = sections(registry.find(ident))
    assert found[""]
    assert [heading for heading in HEADINGS if not found.get(heading)] == []


@pytest.mark.parametrize("ident", IDENTS)
@pytest.mark.parametrize(("heading", "verdict"), [("Refuted by", "refuted"), ("Proved for", "proved")])
def test_examples_have_the_verdict_of_their_heading(ident: str, heading: str, verdict: str, tmp_path: Path) -> None:
    """The example under "Refuted by" is refuted, and the one under "Proved for" is proved."""
    example = json.loads(sections(registry.find(ident))[heading])
    config = {
        "third-party": [{"name": "vendor", "accounts": ["444455556666"]}],
        "properties": {"deployers-declared": {"administrators": []}},
    }
    if "Resources" in example:
        file = tmp_path / "template.json"
        file.write_text(json.dumps(example), encoding="utf-8")
        report = trustproof.check([str(file)], account="111122223333", config=config, properties=[ident])
        verdicts = {result.verdict for result in report.results}
        assert verdicts == ({"proved"} if verdict == "proved" else {"refuted"} | (verdicts & {"proved"}))
    else:
        assert trustproof.prove(example, ident, account="111122223333", config=config).verdict == verdict
