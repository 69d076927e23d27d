"""
The pages that are made from the code say what the code says, and their examples hold.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

import trustproof
from trustproof.properties import registry
from trustproof.properties.page import HEADINGS, sections

DOCS = Path(__file__).parent.parent / "docs"
#: The validator, from the root of the repository.
PACKAGE = "validators/trustproof"
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


def test_api_page_is_made_from_the_library(build: ModuleType) -> None:
    """`make docs` would change nothing in docs/api.md, and everything that is exported has a docstring."""
    assert (DOCS / "api.md").read_text(encoding="utf-8") == build.api()
    exported = [getattr(trustproof, name) for name in trustproof.__all__]
    assert [one for one in exported if not isinstance(one, str) and not one.__doc__] == []


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


def drawn() -> set[tuple[str, str]]:
    """The arrows of the picture in docs/one-policy.md."""
    text = (DOCS / "one-policy.md").read_text(encoding="utf-8")
    picture = text.partition("```mermaid\n")[2].partition("```")[0]
    return set(re.findall(r"^ +(\w+) --> (\w+)$", picture, re.MULTILINE))


def imported() -> set[tuple[str, str]]:
    """The parts of `trustproof` that import each other."""
    package = DOCS.parent / "validators" / "trustproof"
    found = set()
    for file in package.rglob("*.py"):
        here = file.relative_to(package).with_suffix("").parts[0]
        for name in re.findall(r"^ *(?:from|import) trustproof\.(\w+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            if here != name and not here.startswith("_"):
                found.add((here, name))
    return found


def test_the_picture_of_the_rooms_is_that_of_the_imports() -> None:
    """Every arrow is an import, and every import between parts follows arrows."""
    arrows, there = drawn(), imported()
    assert arrows
    assert arrows - there == set()
    reached = set(arrows)
    while more := {(a, d) for a, b in reached for c, d in arrows if b == c} - reached:
        reached |= more
    assert there - reached == set()


def test_the_walk_names_files_that_exist() -> None:
    """docs/one-policy.md leads to modules and folders of the validator."""
    package = DOCS.parent / PACKAGE
    text = (DOCS / "one-policy.md").read_text(encoding="utf-8").partition("1. **The command.**")[2]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", text)
    roots = (package, package / "inputs")
    assert len(named) > 20
    assert [name for name in named if not any((root / name).exists() for root in roots)] == []


def test_the_contribution_guide_names_files_that_exist() -> None:
    """CONTRIBUTING.md names folders and files of the repository, from its root or from that of the validator."""
    root = DOCS.parent
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)+(?:\.py)?/?)`", text))
    assert len(named) > 20
    assert [name for name in sorted(named) if not any((one / name).exists() for one in (root, root / PACKAGE))] == []
