"""
Writes the pages that are made from the code: ``docs/properties.md``, and the default list in ``docs/configuration.md``.

Run it with ``make docs``; a test holds the pages to the code.
"""

from __future__ import annotations

from pathlib import Path

from trustproof.properties import registry
from trustproof.properties.page import render_page
from trustproof.properties.shared.sensitive_actions import DEFAULT_ACTIONS

DOCS = Path(__file__).parent
BEGIN = "<!-- default list: made by docs/build.py -->"
END = "<!-- end of the default list -->"


def properties() -> str:
    """The page of the properties."""
    out = [
        "# The properties",
        "",
        "What Trustproof asks of a template.",
        "This page is made from the docstrings of the properties by `make docs`;",
        "`trustproof properties ID` prints one of them.",
        "The examples are run as tests.",
        "",
    ]
    out += [f"* [`{p.ident}`](#{p.ident}): refuted when {p.summary}" for p in registry.PROPERTIES]
    for found in registry.PROPERTIES:
        # One level deeper than on the terminal, where a page stands by itself.
        page = "\n".join("#" + line if line.startswith("#") else line for line in render_page(found).splitlines())
        out += ["", page]
    return "\n".join(out).rstrip() + "\n"


def configuration(text: str) -> str:
    """The page of the configuration, with the default list as it is now."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    listed = "\n".join(["```text", *DEFAULT_ACTIONS, "```"])
    return f"{before}{BEGIN}\n\n{listed}\n\n{END}{after}"


def main() -> None:
    """Write the pages."""
    (DOCS / "properties.md").write_text(properties(), encoding="utf-8")
    page = DOCS / "configuration.md"
    page.write_text(configuration(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
