"""
The types of arguments of Terraform's provider: the file is what its generator writes.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
BINDINGS = """
Thing.tfResourceType = "aws_thing";
            name: {
                value: cdktf.stringToHclTerraform(this._name),
                isBlock: false,
                type: "simple",
                storageClassType: "string",
            },
            users: {
                value: cdktf.listMapper(cdktf.stringToHclTerraform, false)(this._users),
                isBlock: false,
                type: "set",
                storageClassType: "stringList",
            },
        inner: {
            value: x,
            isBlock: true,
            type: "set",
            storageClassType: "ThingInnerList",
        },
"""
OTHER = BINDINGS.replace("aws_thing", "aws_other").replace('"set"', '"list"')


def test_the_file_is_what_the_generator_writes() -> None:
    """A name alone where it tells the type, and what each type says where it does not."""
    place = ROOT / "tools" / "terraform_arguments.py"
    spec = importlib.util.spec_from_file_location("terraform_arguments", place)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    head, *rows = tool.table([BINDINGS, OTHER]).splitlines()
    assert rows == [
        "blocks set-of-blocks\tinner",
        "list-of-text\taws_other.users",
        "list-of-text set-of-text\tusers",
        "set-of-text\taws_thing.users",
        "text\tname",
    ]
    # The bindings are too large to be installed for this: the head says which they were.
    assert tool.FILE.read_text(encoding="utf-8").startswith(f"{head}\n")
