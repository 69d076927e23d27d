"""
Writes the pages that are made from the code: ``docs/properties.md``, ``docs/api.md``, the default list in
``docs/configuration.md``, and the variables and outputs in the READMEs of the Terraform modules.

Run it with ``make docs``; a test holds the pages to the code.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import trustproof
from trustproof import testing
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


def api() -> str:
    """The page of the library: everything that `trustproof` exports, from its docstrings."""
    exported = {name: getattr(trustproof, name) for name in trustproof.__all__}
    functions = {name: one for name, one in exported.items() if inspect.isfunction(one)}
    classes = {name: one for name, one in exported.items() if inspect.isclass(one)}
    errors = {name: one for name, one in classes.items() if issubclass(one, Exception)}
    values = {name: one for name, one in classes.items() if name not in errors}
    constants = {name: one for name, one in exported.items() if name not in functions and name not in classes}
    out = [
        "# The library",
        "",
        "What `import trustproof` has, and [`trustproof.testing`](#tests-trustprooftesting);",
        "nothing else is for others.",
        "What is said to a person (errors, messages, reasons, notes) is safe to print where a job runs, whatever a",
        "template holds; data (logical ids, counterexamples, names of files) is what the template says, and",
        "[`printable`](#printable) is for who prints it.",
        "What stands here changes only with a line in the changelog. The package is typed (`py.typed`).",
        "This page is made from the docstrings by `make docs`, and the examples in them are run as tests.",
        "",
    ]
    for title, members in (("Functions", functions), ("Values", values), ("Errors", errors)):
        out += [f"* {title}: {', '.join(f'[`{name}`](#{name.lower()})' for name in members)}"]
    out += [f"* Constants: {', '.join(f'`{name}` = `{value!r}`' for name, value in constants.items())}"]
    for name, function in functions.items():
        out += ["", f"## `{name}`", "", *_fenced(_signature(name, function)), "", *_prose(function)]
    for name, value in values.items():
        out += ["", f"## `{name}`", "", *_prose(value), *_members(value)]
    for name, error in errors.items():
        bases = ", ".join(f"`{base.__name__}`" for base in error.__bases__)
        out += ["", f"## `{name}`", "", f"Is a {bases}.", "", *_prose(error)]
    out += ["", "## Tests: `trustproof.testing`", "", *_prose(testing)]
    for name in testing.__all__:
        function = getattr(testing, name)
        out += ["", f"### `{name}`", "", *_fenced(_signature(name, function)), "", *_prose(function)]
    return "\n".join(out).rstrip() + "\n"


def _signature(name: str, function: Callable[..., object]) -> str:
    """A function as it is called, one argument a line."""
    signature = inspect.signature(function)
    arguments: list[str] = []
    keyword = False
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not keyword:
            keyword = True
            arguments.append("*")
        default = "" if one.default is one.empty else f" = {one.default!r}"
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        keyword = keyword or one.kind is one.VAR_POSITIONAL
        arguments.append(f"{stars}{one.name}: {one.annotation}{default}")
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"{name}(\n{inner}) -> {signature.return_annotation}"


def _fenced(text: str) -> list[str]:
    return ["```python", *text.splitlines(), "```"]


#: The sections of a docstring that list things, to what the page calls them.
_SECTIONS = {"Args:": "Arguments", "Returns:": "Returns", "Raises:": "Errors"}


def _prose(documented: object) -> list[str]:
    """A docstring as Markdown: its sections are lists, and only examples stand as they are written."""
    out: list[str] = []
    kind = ""
    for line in (inspect.getdoc(documented) or "").splitlines():
        if line in _SECTIONS:
            _end(out, kind)
            kind = "list"
            out += [*([""] if out[-1] else []), f"**{_SECTIONS[line]}**", ""]
        elif line.startswith(">>>") and kind != "example":
            _end(out, kind)
            kind = "example"
            out += ["```text", line]
        elif kind == "list" and line.startswith("    "):
            _item(out, line[4:])
        elif kind and line and not out[-1] and not line.startswith((" ", ">>>", "...")):
            _end(out, kind)
            kind = ""
            out.append(line.replace("``", "`"))
        else:
            out.append(line if kind == "example" else line.replace("``", "`"))
    _end(out, kind)
    return out[:-1]


def _end(out: list[str], kind: str) -> None:
    """End what stands there, with an empty line behind it."""
    while out and not out[-1]:
        out.pop()
    if out:
        out += ["```", ""] if kind == "example" else [""]


def _item(out: list[str], line: str) -> None:
    """A line of a section: a name and what is said of it, or more of that."""
    plain = line.strip().replace("``", "`")
    name, colon, rest = plain.partition(": ")
    if line.startswith(" "):
        out[-1] += f" {plain}"
    elif colon and re.fullmatch(r"\w+", name):
        out.append(f"* `{name}`: {rest}")
    else:
        out.append(f"* {plain}")


def _members(documented: type) -> list[str]:
    """The fields of a value with the comments above them, and its methods and properties."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(documented))).body[0]
    assert isinstance(tree, ast.ClassDef)
    lines = textwrap.dedent(inspect.getsource(documented)).splitlines()
    out: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id[0] != "_":
            said = []
            above = node.lineno - 2
            while lines[above].strip().startswith("#:"):
                said.insert(0, lines[above].strip().removeprefix("#:").strip())
                above -= 1
            about = f": {' '.join(said).replace('``', '`')}" if said else ""
            out.append(f"* `{node.target.id}: {ast.unparse(node.annotation)}`{about}")
        elif isinstance(node, ast.FunctionDef) and node.name[0] != "_":
            first = (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`")
            is_property = any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list)
            called = node.name if is_property else f"{node.name}()"
            out.append(f"* `{called}`: {first}")
    return ["", *out] if out else []


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
    (DOCS / "api.md").write_text(api(), encoding="utf-8")
    page = DOCS / "configuration.md"
    page.write_text(configuration(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
