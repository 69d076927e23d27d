"""
Archives and notebooks in a directory: named where a template is in them, or may be.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from pathlib import Path

import pytest

from trustproof import check
from trustproof.inputs import archives
from trustproof.inputs.template_detection import look

HOLE = json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {}}}}).encode()
YAML_HOLE = b"Resources:\n  R:\n    Type: AWS::IAM::Role\n"
_RANDOM = random.Random(0)
CODE = b"const x = 'AWS::IAM::Role';\nmodule.exports = {Resources: x};\n"


def _zip(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def _tar(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:", format=form) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _said(tmp_path: Path, content: bytes, name: str = "x.bin") -> str | None:
    (tmp_path / name).write_bytes(content)
    return look(str(tmp_path / name))


def test_blank_lines_are_looked_through_once(tmp_path: Path) -> None:
    """A megabyte of them would take hours otherwise."""
    assert _said(tmp_path, b"AWS::IAM::Role Resources" + b"\n" * (1 << 20)) is None


LONG = "a" * 120 + "/t.json"
HELD = [
    *(
        ("x.bin", _zip(("index.js", CODE), (name, content)), name)
        for name, content in (("t", HOLE), ("t.yml", YAML_HOLE))
    ),
    ("x.bin", _tar(("index.js", CODE), ("t", HOLE)), "t"),
    ("x.bin", _tar((LONG, HOLE)), LONG),
    ("x.bin", _tar((LONG, HOLE), form=tarfile.GNU_FORMAT), LONG),
    ("x.bin", _tar(("a", CODE)) + _tar(("b", YAML_HOLE)), "b"),
    *(("x.tar.gz", pack(_tar(("t", HOLE))), "t") for pack in (gzip.compress, bz2.compress, lzma.compress)),
    *(("t.gz", pack(HOLE), "t") for pack in (gzip.compress, bz2.compress, lzma.compress)),
    ("x.exe", b"MZ" + bytes(4000) + _zip(("t", HOLE)), "t"),
    ("x.sh", b"#!/bin/sh\nexit 0\n" + _zip(("t", HOLE))[:-2] + b"\x05\0about", "t"),
    ("x.bin", _tar(("in.run", b"#!/bin/sh\n" + _zip(("t", HOLE)))), "in.run/t"),
    ("x.bin", _zip(("in.tgz", gzip.compress(_tar(("t", HOLE))))), "in.tgz/t"),
    ("x.bin", _zip(("t", HOLE.decode().encode("utf-16"))), "t"),
    ("x.bin", _zip(("t.yaml", b"{x: 1, Resources: {R: {Type: 'AWS::IAM::Role'}}}")), "t.yaml"),
    ("x.bin", _zip(("t.yaml", b"{% if x %}\nResources:\n  R: {Type: AWS::IAM::Role}\n")), "t.yaml"),
    ("x.bin", _zip(("t.json", HOLE.replace(b"AWS", b"\\u0041WS").replace(b"Res", b"\\u0052es"))), "t.json"),
]


@pytest.mark.parametrize("begins", [b"7z\xbc\xaf\x27\x1c", b"\x28\xb5\x2f\xfd", b"Rar!\x1a\x07\1", b"\x1f\x9d\x90"])
def test_an_archive_of_another_form_is_named(tmp_path: Path, begins: bytes) -> None:
    """Nobody looks into it, also where it is in a zip file."""
    why = "it is an archive, and its form is none of zip, tar, gzip, bzip2 and xz"
    assert _said(tmp_path, begins + bytes(600)) == why
    assert _said(tmp_path, _zip(("a", begins + bytes(600)))) == why


def test_a_saved_plan_is_named(tmp_path: Path) -> None:
    """Terraform writes a zip file, and only Terraform reads what is in it."""
    plan = _zip(("tfplan", b"\n\1"), ("tfconfig/m-/main.tf", b"resource {}"))
    assert str(_said(tmp_path, plan, "tfplan")).startswith("it is a saved plan of Terraform")
    assert _said(tmp_path, _zip(("main.tf", b"resource {}")), "code") is None


@pytest.mark.parametrize(("name", "content", "member"), HELD, ids=map(str, range(len(HELD))))
def test_an_archive_is_named_for_a_template_in_it(tmp_path: Path, name: str, content: bytes, member: str) -> None:
    """Whatever the archive and the member are called, and however often it is packed."""
    assert _said(tmp_path, content, name) == f"it is an archive, and {member} in it looks like a template"


@pytest.mark.parametrize(
    "content",
    [
        _zip(("index.js", CODE), ("readme.md", b"Of AWS::IAM::Role\n\n    Resources:\n")),
        _tar(("index.js", CODE), ("big", _RANDOM.randbytes(3_000_000))),
        gzip.compress(CODE),
        _zip(("in.zip", _zip(("policy.json", b'{"Statement": [{"Effect": "Allow"}]}')))),
        _zip(),
        _tar(),
        gzip.compress(b"\0" * 30_000_000),
        gzip.compress(b'{"InstanceType": "m5.large", "Cores": 2}, ' * 20_000),
        _zip(("t.json", b" " * 2_000_000 + _RANDOM.randbytes(200_000))),
        b"BZh is how a text may begin",
    ],
    ids=["zip", "tar", "gzip", "nested", "empty zip", "empty tar", "zeros", "data", "longer than a template", "text"],
)
def test_an_archive_of_code_is_no_finding(tmp_path: Path, content: bytes) -> None:
    """Assets of functions are archives, and nobody is to exclude each of them."""
    assert _said(tmp_path, content) is None


def _nested(depth: int) -> bytes:
    content = HOLE
    for number in range(depth):
        content = _zip(("a.zip" if number else "t", content))
    return content


def _encrypted() -> bytes:
    content = bytearray(_zip(("t", HOLE)))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _header(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (_nested(6), "archives are inside each other more than 4 deep"),
        (_encrypted(), "it has encrypted members"),
        (_zip(*((str(number), b"x" * 1_000_000) for number in range(3))), "it unpacks to more than "),
        (gzip.compress(_tar(("x", b"\0" * 3_000_000), ("t", HOLE))), "it unpacks to more than "),
        (_zip(("t", HOLE))[:-30], "it cannot be unpacked"),
        (gzip.compress(HOLE)[:-9], "it cannot be unpacked"),
        (_tar(("t", _RANDOM.randbytes(2_000_000)))[:1_500_000], "it cannot be unpacked"),
        (_header(tarfile.XHDTYPE, 8 << 30), "it cannot be unpacked"),
        (_header(tarfile.XHDTYPE, 800_000) + b"1" * 700_000, "it cannot be unpacked"),
        (_header(tarfile.GNUTYPE_SPARSE, 512) + b"x" * 512 + b"y" * 512, "it cannot be unpacked"),
    ],
    ids=["deep", "encrypted", "bomb", "tar bomb", "cut zip", "cut gzip", "cut tar", "endless", "digits", "sparse"],
)
def test_an_archive_that_is_not_read_to_its_end_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    """Nobody knows what is in it."""
    said = _said(tmp_path, content)
    assert said is not None
    assert said.startswith(f"it is an archive, and {why}")


def test_the_number_of_members_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million empty members are not looked at one by one."""
    monkeypatch.setattr(archives, "_MOST_MEMBERS", 500)
    assert _said(tmp_path, _header(tarfile.REGTYPE, 0) * 500) is None
    assert _said(tmp_path, _header(tarfile.REGTYPE, 0) * 501) == "it is an archive, and it has more than 500 members"


def test_the_name_of_a_member_is_shortened(tmp_path: Path) -> None:
    """A name is whatever somebody wrote; its end says most."""
    said = _said(tmp_path, _zip(("\x1b[2J" + "a" * 9_000 + ".json", HOLE)))
    assert said == f"it is an archive, and …{'a' * 195}.json in it looks like a template"


@pytest.mark.parametrize(
    ("cells", "held"),
    [
        ([{"source": [line + "\n" for line in YAML_HOLE.decode().splitlines()]}], "a template in a text"),
        ([{"source": ["%%writefile t.json\n", HOLE.decode()]}], "a template in a text"),
        ([{"source": ['{"Statement": [{"Effect": ', '"Allow"}]}']}], "a policy in a text"),
        ([{"source": ["print('AWS::IAM::Role')"]}, "x", {"source": 1}], ""),
    ],
)
def test_a_notebook_is_named_for_a_template_in_a_cell(tmp_path: Path, cells: list[object], held: str) -> None:
    """The lines of a cell are the items of a list, and say what they say together."""
    (tmp_path / "b.json").write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
    (tmp_path / "x.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    found = [reason.partition(",")[0] for _, reason in check([str(tmp_path)]).passed_over]
    assert found == ([f"it holds {held}"] if held else [])


@pytest.mark.parametrize("end", [', "nbformat": 5}', ""])
def test_a_broken_notebook_is_named(tmp_path: Path, end: str) -> None:
    """Jupyter reads some that have a key twice."""
    (tmp_path / "b.json").write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
    cells = json.dumps({"nbformat": 4, "cells": [{"source": [YAML_HOLE.decode()]}]})
    (tmp_path / "x.ipynb").write_text(cells.removesuffix("}") + end)
    ((path, reason),) = check([str(tmp_path)]).passed_over
    assert path == str(tmp_path / "x.ipynb")
    assert reason.startswith("it looks like a notebook with resources of AWS's, and ")
