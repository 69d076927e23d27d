"""
Writes the pages that are made from the code: ``docs/properties.md``, the default list in ``docs/configuration.md``, and
the variables and outputs in the READMEs of the Terraform modules.

Run it with ``make docs``; a test holds the pages to the code.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from trustproof.properties import registry
from trustproof.properties.page import render_page
from trustproof.properties.shared.sensitive_actions import DEFAULT_ACTIONS

DOCS = Path(__file__).parent
MODULES = DOCS.parent / "modules"
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


#: Where the READMEs of modules have what is made of their files.
MADE = "<!-- what follows is made from the module by docs/build.py -->"


class Declared(NamedTuple):
    """
    A variable or an output of a module.
    """

    name: str
    description: str
    #: Of a variable, as it is written.
    type: str
    #: Of a variable, as it is written; None where one has to be given.
    default: str | None


def declared(file: Path, kind: str) -> list[Declared]:
    """The variables or outputs of a file, which is formatted as `terraform fmt` formats it."""
    found = []
    for block in re.finditer(
        rf'^{kind} "(\w+)" {{\n(.*?)^}}$', file.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        arguments = dict(
            re.findall(r"^  (\w+) += (.*?)(?=^  \w+ +=|^\n|^  \w+ {|\Z)", block[2], re.MULTILINE | re.DOTALL)
        )
        text = arguments["description"].strip()[1:-1].replace("$${", "${")
        type_ = " ".join(arguments.get("type", "").split())
        default = arguments["default"].strip() if "default" in arguments else None
        found.append(Declared(block[1], text, type_, default))
    return found


def readme(module: Path, text: str) -> str:
    """The README of a module, with its variables and outputs as they are now."""
    out = ["| variable | type | default | |", "|---|---|---|---|"]
    for one in declared(module / "variables.tf", "variable"):
        default = "*required*" if one.default is None else f"`{one.default}`"
        out.append(f"| `{one.name}` | `{one.type}` | {default} | {_cell(one.description)} |")
    out += ["", "| output | |", "|---|---|"]
    out += [f"| `{one.name}` | {_cell(one.description)} |" for one in declared(module / "outputs.tf", "output")]
    return f"{text.partition(MADE)[0]}{MADE}\n\n" + "\n".join(out) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"(\$\{[^}]*\})", r"`\1`", text).replace("|", "\\|").replace("*", "\\*")


def main() -> None:
    """Write the pages."""
    for page in sorted(MODULES.glob("*/README.md")):
        page.write_text(readme(page.parent, page.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "properties.md").write_text(properties(), encoding="utf-8")
    page = DOCS / "configuration.md"
    page.write_text(configuration(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
