"""
The shape of the repository: who may import whom, what reaches an installation, what no file may name.
"""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

import trustproof

REPOSITORY = Path(__file__).resolve().parent.parent
TRUSTPROOF = REPOSITORY / "validators" / "trustproof"
CONSTRUCTS = REPOSITORY / "constructs_lib" / "trustproof_cdk"
INFRA = REPOSITORY / "infra"
#: The files beside the packages of `trustproof`.
ROOT_FILES = {"__init__.py", "__main__.py", "api.py", "errors.py", "py.typed"}
#: The files at the top of the repository, where everybody looks first: what somebody has tried out is none of them.
TOP_FILES = {
    *(".editorconfig", ".git-blame-ignore-revs", ".gitignore", ".pre-commit-hooks.yaml", "action.yml", "mkdocs.yml"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"),
    *("Makefile", "app.py", "cdk.json", "pyproject.toml", "requirements.txt", "trustproof.toml"),
}
#: The public names, of which a program loads what it asks for.
SURFACE = TRUSTPROOF / "__init__.py"

#: The parts of `trustproof`, from the top down; a part may import those below it, and not its siblings.
LAYERS = (
    {"cli", "testing"},
    {"access", "comparison", "integrations", "scaffold"},
    {"live"},
    {"api", "output", "sandbox"},
    {"analysis"},
    {"proving"},
    {"properties"},
    {"inputs", "config", "engine", "spec"},
    {"results", "aws"},
    {"model", "sets"},
    {"files"},
    {"errors"},
    {"escaping"},
)
LEVELS = {part: level for level, parts in enumerate(reversed(LAYERS)) for part in parts}

#: Arrows that point down and are forbidden all the same.
FORBIDDEN = {
    # The judge and the parties owe each other nothing.
    ("engine", "spec"),
    # Questions and answers are about policies, wherever they were read.
    ("properties", "inputs"),
    ("proving", "inputs"),
    # A report shows what was found, and finds nothing.
    ("output", "analysis"),
    ("output", "engine"),
    ("output", "inputs"),
    ("output", "proving"),
    ("output", "spec"),
}

#: Inside `inputs`, from the top down: whoever reads files knows CloudFormation, and the grammar of policies does not.
INPUT_LAYERS = (
    {"source_texts"},
    {"discovery"},
    {"assembly", "documents"},
    {"nested_stacks", "terraform"},
    {"cloudformation"},
    {"linking"},
    {"out_of_reach", "reader"},
    {"arguments", "grammar", "input_deployments", "reads_again", "settings", "walk", "written_input"},
    {"hcl_files", "submodules", "template_detection"},
    {"archives", "text"},
)
#: Inside `inputs.cloudformation`, from the top down.
CLOUDFORMATION_LAYERS = (
    {"reader"},
    {"linking"},
    {"template"},
    {"written_template"},
    {"deployments", "resources"},
    {"sam"},
    {"evaluation"},
    {"other_values", "parameters", "placement"},
    # A second reading owes the first one nothing.
    {"plain", "values"},
)
#: The parts that judge policies wherever they were read, and those that show what was found: none of them may know the
#: language of an input.
KNOW_NO_LANGUAGE = ("access", "analysis", "cli", "comparison", "engine", "output", "properties", "proving", "spec")
#: What knows one, inside `inputs`; the grammar of policies is asked by those only.
LANGUAGES = ("assembly", "cloudformation", "grammar", "terraform")
#: A function of CloudFormation, or one of its pseudo parameters, in a text.
INTRINSIC = re.compile(
    r"Fn::|(?<![\w.])!(?:Base64|FindInMap|GetAtt|If|ImportValue|Join|Ref|Select|Split|Sub|Transform)\b"
    r"|^(?:GetAtt|Ref|Transform)$|\bRef\"|AWS::(?:AccountId|NoValue|Partition|Region|StackId|StackName|URLSuffix)"
)

#: No module is longer, in lines besides those that import.
MAX_LINES = 400

#: The standard library, and the dependencies of the validator.
VALIDATOR_MAY_IMPORT = {*sys.stdlib_module_names, "trustproof", "pathspec", "yaml"}
#: What parses `.tf` files, where one is met: the only modules that know the parser.
PARSER = {
    f"inputs/terraform/configuration/syntax/{name}.py"
    for name in ("block_depth", "nodes", "scanned_texts", "syntax", "trees")
}
PARSER_MAY_IMPORT = {"tree_sitter", "tree_sitter_hcl"}
#: What draws on a terminal, where there is one: the only modules that know rich.
DRAWS = {f"output/terminal/{name}.py" for name in ("bars", "drawing", "report", "tables", "trees")}
#: Parts that are extras, and what those bring besides.
EXTRAS_MAY_IMPORT = {
    "integrations": {"cfnlint", "shtab"},
    "live": {"boto3", "botocore"},
    "sandbox": set("boto3 botocore cryptography joserfc lxml moto policy_sentry pyotp signxml werkzeug".split()),
}
#: Where extras are entered: nothing of them may be loaded, or needed, before one of their commands is run.
EXTRAS_DOORS = {
    *("cli/completion.py", "cli/profiles.py", "cli/pull.py", "cli/sandbox.py", "cli/verify.py"),
    "inputs/terraform/reader.py",
    "output/terminal/__init__.py",
    "sandbox/__init__.py",
}
#: Where the modules are entered that only an option asks for: ``--reproduce`` and ``--certify``.
OPTIONS_DOORS = {"cli/check.py", "inputs/cloudformation/plain/second_reading.py"}


#: Tables that name modules, which are imported when they are chosen: what stands in them is imported like the rest.
#: The commands are not among them: one of them prints all.
REGISTRIES = {
    "__init__.py": ("MODULES", "trustproof"),
    "inputs/discovery/inputs.py": ("READERS", "trustproof.inputs"),
    "output/formats.py": ("FORMATS", "trustproof.output"),
}


class Import(NamedTuple):
    """
    An import, or a name in a table of modules.
    """

    line: int
    #: The full name of everything that it imports.
    names: tuple[str, ...]
    #: The module of `from … import …`, and the statement as it is written; empty otherwise.
    module: str = ""
    text: str = ""
    #: Whether it is a statement of the module itself.
    at_top: bool = False
    #: Whether it stands in a function, or under an `if`.
    is_hidden: bool = False


@functools.cache
def imports_of(file: Path) -> tuple[Import, ...]:
    """What a module imports: parsing all of them takes a second or two, and a dozen tests ask for it."""
    registry, package = REGISTRIES.get(str(file.relative_to(TRUSTPROOF)), ("", "")) if is_ours(file) else ("", "")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found: list[Import] = []
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        parent, hidden = waiting.pop()
        hidden = hidden or isinstance(parent, (ast.FunctionDef, ast.If))
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.Import):
                found.append(Import(node.lineno, tuple(alias.name for alias in node.names)))
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{place(file, node.lineno)}: relative import"
                module = str(node.module)
                # `from trustproof import model` imports a part, `from trustproof.model import keys` a module of one.
                names = tuple(f"{module}.{alias.name}" for alias in node.names)
                found.append(Import(node.lineno, names, module, ast.unparse(node), parent is tree, hidden))
            elif isinstance(node, ast.stmt):
                waiting.append((node, hidden))
                if (
                    registry
                    and isinstance(node, ast.Assign)
                    and [ast.unparse(one) for one in node.targets] == [registry]
                ):
                    names = tuple(f"{package}.{name}" for name in ast.literal_eval(node.value))
                    found.append(Import(node.lineno, names))
            elif isinstance(node, (ast.excepthandler, ast.match_case)):
                # The only parts of statements that have statements and are none.
                waiting.append((node, hidden))
    return tuple(found)


def is_ours(file: Path) -> bool:
    """Whether a file is one of `trustproof`."""
    return file.is_relative_to(TRUSTPROOF)


def imports(folder: Path) -> Iterator[tuple[Path, int, str]]:
    """Yield file, line and full name of everything that the modules of a folder import."""
    for file in sorted(folder.rglob("*.py")):
        for one in imports_of(file):
            yield from ((file, one.line, name) for name in one.names)


def place(file: Path, line: int) -> str:
    return f"{file.relative_to(REPOSITORY)}:{line}"


def none(findings: Iterable[str]) -> None:
    """Fail with a list of places, one a line."""
    found = list(findings)
    assert not found, "\n".join(found)


def part(module: str) -> str | None:
    """The part of `trustproof` that a dotted name below it belongs to; None for the public surface."""
    name = module.split(".")[1] if "." in module else ""
    return name if name in LEVELS else None


def upward_arrows() -> Iterator[str]:
    for file, line, name in imports(TRUSTPROOF):
        here = part(".".join(file.relative_to(TRUSTPROOF.parent).with_suffix("").parts))
        # The package's own front doors (`__init__`, `__main__`) stand above everything.
        if here is None or name.split(".")[0] != "trustproof":
            continue
        there = part(name)
        if there is None:
            yield f"{place(file, line)}: imports {name}, which is not in LAYERS"
        elif there != here and (LEVELS[there] >= LEVELS[here] or (here, there) in FORBIDDEN):
            yield f"{place(file, line)}: {here} imports {name}"


def test_every_part_has_a_layer() -> None:
    """A new part of `trustproof` is given its place among the others."""
    parts = {path.stem for path in TRUSTPROOF.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert parts - {"__init__", "__main__", "__pycache__"} == LEVELS.keys()


def test_the_root_has_packages() -> None:
    """Beside its doors and its errors, `trustproof` is packages: what a file is about is said by where it stands."""
    assert {path.name for path in TRUSTPROOF.iterdir() if path.is_file()} == ROOT_FILES


def test_arrows_point_down() -> None:
    """Inside `trustproof` a module imports only what is below it."""
    none(upward_arrows())


def name_of(file: Path) -> str:
    """The dotted name of a module."""
    root = TRUSTPROOF if is_ours(file) else CONSTRUCTS
    steps = file.relative_to(root.parent).with_suffix("").parts
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


def modules(package: Path = TRUSTPROOF) -> dict[str, set[str]]:
    """Every module of a package to those of it that it imports anywhere, in functions and for types only too."""
    names = {name_of(file) for file in package.rglob("*.py")}
    found: dict[str, set[str]] = {name: set() for name in names}
    for file, _, imported in imports(package):
        # What is imported is a module, or something in one.
        there = imported if imported in names else imported.rpartition(".")[0]
        if there in names and there != name_of(file):
            found[name_of(file)].add(there)
    return found


def circles(arrows: dict[str, set[str]]) -> Iterator[str]:
    """Every module that can be reached from itself, with the next one on the way back."""
    reached: dict[str, set[str]] = {}
    for start in arrows:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = arrows[waiting.pop()] - seen
            seen |= new
            waiting += new
        reached[start] = seen
    for start, seen in reached.items():
        for there in sorted(arrows[start]):
            if start in seen and start in reached[there] | {there}:
                yield f"{start} imports {there}, and that leads back"


@pytest.mark.parametrize("package", [TRUSTPROOF, CONSTRUCTS], ids=lambda folder: folder.name)
def test_no_two_modules_import_each_other(package: Path) -> None:
    """No import leads back to where it started, counting those in functions and those for types."""
    none(circles(modules(package)))


def test_a_circle_would_be_found() -> None:
    """The test of the circles sees one that goes over three modules."""
    assert list(circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == [
        "a imports b, and that leads back",
        "b imports c, and that leads back",
        "c imports a, and that leads back",
    ]


def beside_each_other(arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    """Each package and module to those beside it, in the same package, that it or something in it imports."""
    found: dict[str, set[str]] = {}
    for module, targets in arrows.items():
        here = module.split(".")
        for there in (target.split(".") for target in targets):
            depth = next((at for at, (one, other) in enumerate(zip(here, there, strict=False)) if one != other), None)
            if depth is not None:
                found.setdefault(".".join(here[: depth + 1]), set()).add(".".join(there[: depth + 1]))
    return found | {name: set() for targets in found.values() for name in targets if name not in found}


def test_no_two_packages_import_each_other() -> None:
    """What lies in one package has an order: of two packages in it, one at most knows the other."""
    none(circles(beside_each_other(modules())))


def test_a_circle_of_packages_would_be_found() -> None:
    """The test of packages sees a circle that no two modules make."""
    arrows = {"t.a.low": set[str](), "t.a.high": {"t.b.one"}, "t.b.one": {"t.a.low"}}
    assert set(circles(beside_each_other(arrows))) == {
        "t.a imports t.b, and that leads back",
        "t.b imports t.a, and that leads back",
    }


@pytest.mark.parametrize(
    ("package", "layers"),
    [("trustproof.inputs", INPUT_LAYERS), ("trustproof.inputs.cloudformation", CLOUDFORMATION_LAYERS)],
)
def test_inputs_are_layered(package: str, layers: tuple[set[str], ...]) -> None:
    """Text is below the grammar of policies, that below CloudFormation, and that below whoever finds files."""
    levels = {name: level for level, names in enumerate(reversed(layers)) for name in names}
    depth = package.count(".") + 1

    def within(module: str) -> str | None:
        steps = module.split(".")
        return steps[depth] if module.startswith(f"{package}.") and len(steps) > depth else None

    found = modules()
    assert {name for module in found if (name := within(module))} == levels.keys()
    none(
        f"{module} imports {there}"
        for module, targets in found.items()
        for there in sorted(targets)
        if (here := within(module)) and (below := within(there)) and here != below and levels[below] >= levels[here]
    )


def test_judges_do_not_know_the_languages_of_inputs() -> None:
    """Whoever judges policies asks the protocols of `inputs`, and no one language; so does who shows what is found."""
    none(
        f"{module} imports {there}"
        for module, targets in modules().items()
        if part(module) in KNOW_NO_LANGUAGE
        for there in sorted(targets)
        if there.startswith(tuple(f"trustproof.inputs.{language}" for language in LANGUAGES))
    )


def functions_named_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string of a module, but docstrings, that names a function of CloudFormation."""
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = list(ast.walk(tree))
    documentation = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, described) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes:
        text = node.value if isinstance(node, ast.Constant) and id(node) not in documentation else None
        if isinstance(node, ast.Constant) and isinstance(text, str) and INTRINSIC.search(text):
            yield node.lineno, text


def test_judges_name_no_functions_of_cloudformation() -> None:
    """
    Readers resolve functions: above them, nobody looks for one by its name, and pseudo parameters are those of `model`.

    What `model` has is the vocabulary for all inputs, whatever they are written in: the types of resources
    (``AWS::IAM::Role``, to which Terraform's are lowered), the names of pseudo parameters, sections in paths, and in
    `path_steps` and `made_names` the steps and names that functions leave in what is read. The lines of remedies are
    written by `results`: for CloudFormation in `edit`, for Terraform in `hcl_lines`.
    """
    none(
        f"{place(file, line)}: {text!r}"
        for folder in KNOW_NO_LANGUAGE
        for file in sorted((TRUSTPROOF / folder).rglob("*.py"))
        for line, text in functions_named_in(ast.parse(file.read_text(encoding="utf-8")))
    )


def test_a_function_would_be_found() -> None:
    """The test of the functions sees one in a comparison and in a part of a text, and none in a docstring."""
    source = '''"""Resolves ``Fn::Sub``."""
if name in ("Ref", "Reference") or f"Fn::{name}" == "AWS::IAM::Role":
    account = "<AWS::AccountId>"
'''
    assert sorted(functions_named_in(ast.parse(source))) == [(2, "Fn::"), (2, "Ref"), (3, "<AWS::AccountId>")]


def test_registries_are_read() -> None:
    """The modules that tables name are counted as imported by those that have the tables."""
    found = {name for _, _, name in imports(TRUSTPROOF)}
    for file, (registry, package) in REGISTRIES.items():
        module = import_module(".".join((TRUSTPROOF.name, *Path(file).with_suffix("").parts)).removesuffix(".__init__"))
        assert {f"{package}.{name}" for name in getattr(module, registry)} <= found


def test_public_names_are_found() -> None:
    """What type checkers are told of the public names is what a program gets."""
    (told,) = (node for node in ast.parse(SURFACE.read_text(encoding="utf-8")).body if isinstance(node, ast.If))
    declared = {
        alias.name: str(node.module) for node in told.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert set(trustproof.__all__) == declared.keys()
    for name, module in declared.items():
        assert getattr(trustproof, name) is getattr(import_module(module), name)
    assert {f"trustproof.{module}" for module in trustproof.MODULES} == set(declared.values())


def test_imports_stand_at_the_top() -> None:
    """An import in a function hides an arrow; only extras, what options ask for, and what is heavy, are loaded late."""
    late = (
        f"{place(file, one.line)}: {one.text}"
        for file in sorted(TRUSTPROOF.rglob("*.py"))
        if part(name_of(file)) != "properties"
        and str(file.relative_to(TRUSTPROOF)) not in EXTRAS_DOORS | OPTIONS_DOORS
        and file != SURFACE
        for one in imports_of(file)
        if one.is_hidden and one.module.startswith("trustproof")
    )
    none(late)


def test_extras_are_entered_late() -> None:
    """Whoever has not installed an extra can run all commands that do not need it."""
    early = (
        f"{place(file, one.line)}: {one.text}"
        for file in sorted(TRUSTPROOF.rglob("*.py"))
        if part(name_of(file)) not in EXTRAS_MAY_IMPORT or str(file.relative_to(TRUSTPROOF)) in EXTRAS_DOORS
        for one in imports_of(file)
        if one.at_top and any(one.module.startswith(f"trustproof.{extra}") for extra in EXTRAS_MAY_IMPORT)
    )
    none(early)


def test_what_draws_is_entered_late() -> None:
    """Whoever has not installed rich, or has no terminal, loads none of the modules that draw with it."""
    drawing = {f"trustproof.{name.removesuffix('.py').replace('/', '.')}" for name in DRAWS}
    none(
        f"{place(file, one.line)}: {one.text}"
        for file in sorted(TRUSTPROOF.rglob("*.py"))
        if str(file.relative_to(TRUSTPROOF)) not in DRAWS
        for one in imports_of(file)
        if one.at_top and {one.module, *one.names} & drawing
    )


def test_moto_has_one_door() -> None:
    """What is internal to moto is named in `sandbox/moto`, and has a test."""
    none(
        f"{place(file, line)}: imports {name}"
        for file, line, name in imports(TRUSTPROOF)
        if name.split(".")[0] == "moto" and file.parent != TRUSTPROOF / "sandbox" / "moto"
    )


def lines_besides_imports(file: Path) -> int:
    """How long a module is, but for what it imports: that grows with the names of packages."""
    text = file.read_text(encoding="utf-8")
    statements = ast.parse(text).body
    imported = (one for one in statements if isinstance(one, (ast.Import, ast.ImportFrom)))
    return len(text.splitlines()) - sum((one.end_lineno or one.lineno) - one.lineno + 1 for one in imported)


def test_no_module_is_long() -> None:
    """A module is something that can be read at once."""
    long = {
        str(file.relative_to(TRUSTPROOF))
        for file in TRUSTPROOF.rglob("*.py")
        if lines_besides_imports(file) > MAX_LINES
    }
    assert not long


def test_no_private_name_is_imported_across_packages() -> None:
    """A name with an underscore is the business of its own package."""
    none(
        f"{place(file, line)}: imports {name}"
        for file, line, name in imports(TRUSTPROOF)
        if name.startswith("trustproof.")
        and any(step.startswith("_") and not step.endswith("__") for step in name.split("."))
        and name.split(".")[:-2] != name_of(file).split(".")[:-1]
    )


def test_the_validator_imports_the_standard_library_and_yaml() -> None:
    """The validator runs where neither the CDK nor boto3 exists."""
    foreign = (
        f"{place(file, line)}: imports {name}"
        for file, line, name in imports(TRUSTPROOF)
        if name.split(".")[0] not in VALIDATOR_MAY_IMPORT | EXTRAS_MAY_IMPORT.get(part(name_of(file)) or "", set())
        and not (str(file.relative_to(TRUSTPROOF)) in PARSER and name.split(".")[0] in PARSER_MAY_IMPORT)
        and not (str(file.relative_to(TRUSTPROOF)) in DRAWS and name.split(".")[0] == "rich")
    )
    none(foreign)


@pytest.mark.parametrize("folder", [CONSTRUCTS, INFRA], ids=["trustproof_cdk", "infra"])
def test_only_the_public_surface_is_imported_from_outside(folder: Path) -> None:
    """The constructs and the app know `trustproof` by what it exports, and not by its insides."""
    insides = (
        f"{place(file, line)}: imports {name}"
        for file, line, name in imports(folder)
        if name.split(".")[0] == "trustproof" and part(name) is not None
    )
    none(insides)


def test_what_says_that_a_budget_was_reached_is_written_once() -> None:
    """Readers say it with `BUDGET`, which is looked for where they are quoted: other words were a milder unknown."""
    others = (file for file in TRUSTPROOF.rglob("*.py") if file.parent.name != "results")
    none(f"{place(file, 1)}: budget reached" for file in others if "budget reached" in file.read_text(encoding="utf-8"))


def test_the_constructs_do_not_know_the_app() -> None:
    """A construct library that imported the app could not be installed without it."""
    none(place(file, line) for file, line, name in imports(CONSTRUCTS) if name.split(".")[0] == "infra")


@pytest.mark.parametrize("root", ["constructs_lib", "validators"])
def test_source_roots_are_not_packages(root: str) -> None:
    """A stray `__init__.py` would shadow the `validators` that others have installed."""
    assert (REPOSITORY / root).is_dir()
    assert not (REPOSITORY / root / "__init__.py").exists()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    """The wheel, built from the working tree without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    with ZipFile(file) as archive:
        yield archive


def test_the_wheel_has_two_packages(wheel: ZipFile) -> None:
    """Nothing but our two names reaches an installation."""
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"trustproof", "trustproof_cdk"}


def test_the_wheel_is_typed(wheel: ZipFile) -> None:
    """Type checkers believe the annotations of an installed package only beside a `py.typed`."""
    assert {"trustproof/py.typed", "trustproof_cdk/py.typed"} <= set(wheel.namelist())


def test_the_wheel_holds_every_module(wheel: ZipFile) -> None:
    """A pattern in an ignore file that is too wide would drop modules from the wheel in silence."""
    written = {
        str(file.relative_to(package.parent)) for package in (TRUSTPROOF, CONSTRUCTS) for file in package.rglob("*.py")
    }
    assert written - set(wheel.namelist()) == set()


def test_the_wheel_holds_the_app(wheel: ZipFile) -> None:
    """`trustproof new` writes it from an installation too; nothing that Python or an editor leaves goes with it."""
    app = "trustproof/scaffold/app/"
    there = {name.removeprefix(app) for name in wheel.namelist() if name.startswith(app)}
    written = {f"infra/{file.relative_to(INFRA)}" for file in INFRA.rglob("*") if file.suffix in (".py", ".md")}
    assert written | {"app.py", "cdk.json"} <= there
    assert not [name for name in there if "__pycache__" in name or name.endswith(".pyc")]


def test_the_wheel_brings_the_licence_and_the_command(wheel: ZipFile) -> None:
    """An installation has the text of the licence and the program `trustproof`."""
    (entry_points,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    assert "trustproof = trustproof.cli.main:program" in wheel.read(entry_points).decode()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())


def project_files() -> list[Path]:
    """The files of the project: in the index, or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return [REPOSITORY / name for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]


@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="not a git checkout")
def test_the_top_has_what_a_project_has() -> None:
    """A template that was written to try something came into the project with the change that it was about."""
    assert {file.name for file in project_files() if file.parent == REPOSITORY} <= TOP_FILES


#: Places that exist on one machine only, and hosts that a mirror may replace. Written so as not to find themselves.
UNWELCOME = re.compile(
    r"(?<![\w.-])/(?:work|root|home)/[a-z]|/tmp/[a-z]|[/.]pypi[.]org|pythonhosted[.]|registry[.]npmjs|deb[.]debian"
)


@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="not a git checkout")
def test_no_file_names_a_machine_path_or_a_registry_host() -> None:
    """The project works wherever it is cloned to, with whatever mirror its packages come from."""
    findings = (
        f"{place(file, number)}: {match[0]}"
        for file in project_files()
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if (match := UNWELCOME.search(line))
    )
    none(findings)
