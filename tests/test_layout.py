"""
The shape of the repository: who may import whom, what reaches an installation, what no file may name.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
TRUSTPROOF = REPOSITORY / "validators" / "trustproof"
CONSTRUCTS = REPOSITORY / "constructs_lib" / "trustproof_cdk"
INFRA = REPOSITORY / "infra"

#: The parts of `trustproof`, from the top down; a part may import those below it, and not its siblings.
LAYERS = (
    {"cli"},
    {"access", "scaffold"},
    {"report"},
    {"_library", "_load_config"},
    {"_check"},
    {"_linked"},
    {"_jobs"},
    {"_joined"},
    {"_template_check"},
    {"_chains", "_deployments", "_forked", "_homes", "_identity", "_links"},
    {"_hops"},
    {"_steps"},
    {"_sessions"},
    {"_nodes"},
    {"_answers"},
    {"_proofs", "_remedied"},
    {"_prove"},
    {"_certify"},
    {"_bindings", "_variables"},
    {"properties"},
    {"engine"},
    {"config", "sets", "spec", "templates"},
    {"_verdict"},
    {"model"},
    {"errors"},
    {"_typing"},
    {"_lazy", "_records"},
)
LEVELS = {part: level for level, parts in enumerate(reversed(LAYERS)) for part in parts}

#: Modules that are one part with a neighbour.
SAME_PART = {"_config_reader": "config", "_toml": "config", "_parameters": "cli", "_arguments": "cli"}

#: Arrows that point down and are forbidden all the same.
FORBIDDEN = {
    # The judge and the parties owe each other nothing.
    ("engine", "spec"),
    # Questions and answers are about policies, wherever they were read.
    ("engine", "templates"),
    ("properties", "templates"),
    ("_prove", "templates"),
    # A report shows what was found, and finds nothing.
    ("report", "engine"),
    ("report", "spec"),
    ("report", "templates"),
}

#: The standard library, and the one dependency of the validator.
VALIDATOR_MAY_IMPORT = {*sys.stdlib_module_names, "trustproof", "yaml"}


def imports(folder: Path) -> Iterator[tuple[Path, int, str]]:
    """Yield file, line and full name of everything that the modules of a folder import."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((file, node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{place(file, node.lineno)}: relative import"
                module = str(node.module)
                # `from trustproof import model` imports a part, `from trustproof.model import keys` a module of one.
                yield from ((file, node.lineno, f"{module}.{alias.name}") for alias in node.names)


def place(file: Path, line: int) -> str:
    return f"{file.relative_to(REPOSITORY)}:{line}"


def none(findings: Iterable[str]) -> None:
    """Fail with a list of places, one a line."""
    found = list(findings)
    assert not found, "\n".join(found)


def part(module: str) -> str | None:
    """The part of `trustproof` that a dotted name below it belongs to; None for the public surface."""
    name = module.split(".")[1] if "." in module else ""
    name = SAME_PART.get(name, name)
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
    assert parts - {"__init__", "__main__", "__pycache__"} <= LEVELS.keys() | SAME_PART.keys()


def test_arrows_point_down() -> None:
    """Inside `trustproof` a module imports only what is below it."""
    none(upward_arrows())


def test_the_validator_imports_the_standard_library_and_yaml() -> None:
    """The validator runs where neither the CDK nor boto3 exists."""
    foreign = (
        f"{place(file, line)}: imports {name}"
        for file, line, name in imports(TRUSTPROOF)
        if name.split(".")[0] not in VALIDATOR_MAY_IMPORT
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
    assert "trustproof = trustproof.cli:program" in wheel.read(entry_points).decode()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())


def project_files() -> list[Path]:
    """The files of the project: in the index, or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return [REPOSITORY / name for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]


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
