"""
Writes ``validators/trustproof/inputs/terraform/data/argument_types.tsv``: the types of the arguments of the provider
hashicorp/aws, as the bindings say that the CDK for Terraform generates from its schema.

    python tools/terraform_arguments.py           fetches the bindings with pip, and writes the file
    python tools/terraform_arguments.py --check   compares, writes nothing, and exits with 1 where the file differs

The bindings are 60 MB, of which nothing else is needed: they are no development dependency, and are fetched for this.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "validators" / "trustproof" / "inputs" / "terraform" / "data" / "argument_types.tsv"
PACKAGE, VERSION, PROVIDER = "cdktf-cdktf-provider-aws", "21.22.1", "6.25"
HEAD = (
    f"# types of its schema\targuments of the provider hashicorp/aws, version {PROVIDER}, from {PACKAGE} {VERSION} of"
    " 2025-12-10, by their names wherever they stand; TYPE.NAME: of one type of resources or data sources, where the"
    " name alone does not tell"
)

_TYPE = re.compile(r'tfResourceType = "(\w+)"')
#: How the bindings say of an argument what it is in the schema.
_ARGUMENT = re.compile(
    r'^(\s+)(\w+): \{\n\s+value: .*\n\s+isBlock: (true|false),\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)"', re.M
)
#: How far an argument is indented that stands in no block.
_OUTSIDE = 12
_COLLECTION = re.compile(r"(string|boolean|number)(?:List|Map)")
_WORDS = {"string": "text", "boolean": "truth", "number": "number"}
_SCALARS = frozenset(("text", "truth", "number", "any"))
#: Times that an operation may take: nobody reads them back.
_NOT_READ = "timeouts"


def kind(is_block: bool, type_: str, stored: str) -> str:
    """The type of an argument in the words of the file."""
    if is_block:
        return "set-of-blocks" if type_ == "set" else "blocks"
    if type_ == "simple":
        return _WORDS.get(stored, "any")
    found = _COLLECTION.fullmatch(stored)
    return "any" if found is None else f"{type_}-of-{_WORDS[found[1]]}"


def table(bindings: Iterable[str]) -> str:
    """The file, of the sources of the bindings, one for each type of resources or data sources."""
    anywhere: dict[str, set[str]] = defaultdict(set)
    outside: dict[str, set[str]] = defaultdict(set)
    for text in bindings:
        type_ = _TYPE.search(text)
        if type_ is None:
            continue
        for indent, name, is_block, collection, stored in _ARGUMENT.findall(text):
            found = kind(is_block == "true", collection, stored)
            anywhere[name].add(found)
            if len(indent) == _OUTSIDE:
                outside[f"{type_[1]}.{name}"].add(found)
    rows = {name: kinds for name, kinds in anywhere.items() if name != _NOT_READ}
    rows |= {name: kinds for name, kinds in outside.items() if _tells_more(kinds, anywhere[name.partition(".")[2]])}
    by_kinds: dict[str, list[str]] = defaultdict(list)
    for name, kinds in rows.items():
        by_kinds[" ".join(sorted(kinds))].append(name)
    lines = [f"{kinds}\t{' '.join(sorted(names))}" for kinds, names in sorted(by_kinds.items())]
    return "\n".join((HEAD, *lines, ""))


def _tells_more(here: set[str], anywhere: set[str]) -> bool:
    """Whether a type tells of an argument what its name alone leaves open: which scalar it is, or which collection."""
    parts = [(here & _SCALARS, anywhere & _SCALARS), (here - _SCALARS, anywhere - _SCALARS)]
    return any(len(all_) > 1 and bool(some) and some != all_ for some, all_ in parts)


def _bindings() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        subprocess.run([*fetch, f"{PACKAGE}=={VERSION}"], check=True)  # noqa: S603
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            (name,) = (one for one in packed.namelist() if one.endswith(".jsii.tgz"))
            with packed.open(name) as stream, tarfile.open(fileobj=stream) as archive:
                for member in archive:
                    parts = member.name.split("/")
                    if parts[-1] == "index.js" and len(parts) == 4 and "provider" not in parts:
                        source = archive.extractfile(member)
                        assert source is not None
                        yield source.read().decode()


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the types of arguments of Terraform's provider for AWS.")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    arguments = parser.parse_args()
    found = table(_bindings())
    if arguments.check:
        return int(FILE.read_text(encoding="utf-8") != found)
    FILE.write_text(found, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
