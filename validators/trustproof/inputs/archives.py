"""
What files an archive holds: zip and tar, what gzip, bzip2 and xz have compressed, and archives inside archives.

Nothing is written: members are read one after the other, and only as much of them as a template may have. How much is
unpacked is bounded by the length of the archive, so that many small ones cost no more than a large one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from typing import IO, NamedTuple, cast

from trustproof.errors import TrustproofError

#: The most bytes of a template, of which CloudFormation takes 1 MB:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MOST_OF_A_TEMPLATE = 1024 * 1024
#: How many bytes are unpacked for each one of an archive, and beside those; code and text are packed to about a fifth.
_TIMES, _BESIDE = 40, 64 * 1024
#: How many beside those of gzip, which packs nothing to less than a thousandth: data is packed to a fiftieth.
_BESIDE_GZIP = MOST_OF_A_TEMPLATE + 1024
#: How many bytes of one archive, whatever its length: what functions of Lambda may have.
#: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MOST_UNPACKED = 250 * 1024 * 1024
#: How many members, as many as a zip file without extensions has, and how deep archives are inside each other.
_MOST_MEMBERS, _MOST_DEPTH = 65_535, 4
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
#: How a zip file ends, how long that is, and the comment behind it; what stands before it all may be a program.
_ZIP_END, _END_SIZE, _MOST_OF_A_COMMENT = b"PK\x05\x06", 22, 65_535
_GZIP, _XZ, _BZIP2 = b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"BZh"
#: What stands behind ``BZh`` and a digit; a text may begin like that.
_BZIP2_BLOCK = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
#: How files of 7-Zip, Zstandard, RAR, LZ4 and compress begin, which nothing in Python unpacks.
_OTHER_FORMS = (b"7z\xbc\xaf\x27\x1c", b"\x28\xb5\x2f\xfd", b"Rar!\x1a\x07", b"\x04\x22\x4d\x18", b"\x1f\x9d\x90")
#: The length of the header of a member of a tar file, where in it stands what, and which names of files say it as well.
_HEADER, _USTAR, _TAR_NAMES = 512, slice(257, 262), (".tar",)
#: The kinds of members that are files, and those that say what the next one is called.
_FILES, _NAMES_NEXT = (b"0", b"\0", b"7"), (b"L", b"x", b"g")
#: How many bytes of such a name are read, and of what is left out, at once.
_MOST_OF_A_NAME, _PIECE = 4096, 64 * 1024


class NotUnpacked(TrustproofError):
    """An archive has not been looked into to its end; the message is why."""


class Member(NamedTuple):
    """
    A file in an archive that is not too long for a template.
    """

    #: Its path, behind those of the archives in the archive that it is in.
    name: str
    content: bytes


def is_archive(beginning: bytes, name: str) -> bool:
    """
    Whether a file is an archive, or a compressed file.

    Args:
        beginning: its first 512 bytes.
        name: its path.
    """
    is_packed = _is_compressed(beginning) or beginning.startswith(_OTHER_FORMS)
    return is_packed or _is_zip(beginning) or _is_tar(beginning, name)


def ends_as_zip(file: IO[bytes], size: int) -> bool:
    """Whether a file of some length ends as a zip file does, whatever it begins with: one that unpacks itself."""
    if size < _END_SIZE:
        return False
    file.seek(max(0, size - _END_SIZE - _MOST_OF_A_COMMENT))
    end = file.read(_END_SIZE + _MOST_OF_A_COMMENT)
    at = end.rfind(_ZIP_END)
    return at >= 0 and at + _END_SIZE + int.from_bytes(end[at + _END_SIZE - 2 : at + _END_SIZE], "little") == len(end)


def members(path: str) -> Iterator[Member]:
    """
    The files in an archive, those in archives inside of it included.

    Raises:
        NotUnpacked: there are more, or may be, that nobody can read or that would take too long.
    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            beside = _BESIDE_GZIP if file.read(len(_GZIP)) == _GZIP else _BESIDE
            file.seek(0)
            allowance = _Allowance(min(_MOST_UNPACKED, beside + _TIMES * size))
            yield from _Archive(allowance).files(file, os.path.basename(path), "", 0)
    except _errors():
        raise NotUnpacked("it cannot be unpacked") from None


def _errors() -> tuple[type[Exception], ...]:
    """What the libraries say of archives that are broken, or made to break them."""
    from lzma import LZMAError
    from struct import error as struct_error
    from zipfile import BadZipFile
    from zlib import error as zlib_error

    return (
        *(ArithmeticError, EOFError, LookupError, MemoryError, OSError, RuntimeError, ValueError),
        *(BadZipFile, LZMAError, struct_error, zlib_error),
    )


class _Allowance:
    """
    What may be unpacked of an archive and all that are inside of it.
    """

    def __init__(self, left: int) -> None:
        self._all = self.left = left
        self._members = 0

    def take(self, count: int) -> None:
        """Have unpacked some bytes."""
        self.left -= count
        if self.left < 0:
            raise NotUnpacked(f"it unpacks to more than {self._all} bytes")

    def take_member(self) -> None:
        """Have met a member."""
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise NotUnpacked(f"it has more than {_MOST_MEMBERS} members")


class _Counted:
    """
    A stream whose bytes are counted, also those that are only read to come to the next member.
    """

    def __init__(self, stream: IO[bytes], allowance: _Allowance) -> None:
        self._stream = stream
        self._allowance = allowance

    def read(self, size: int = -1) -> bytes:
        """As that of a file; never more than is allowed."""
        most = self._allowance.left + 1
        found = self._stream.read(most if size < 0 else min(size, most))
        self._allowance.take(len(found))
        return found

    def skip(self, size: int) -> None:
        """Read on without keeping what is read."""
        while size > 0:
            found = self.read(min(size, _PIECE))
            if not found:
                raise EOFError
            size -= len(found)


class _Part:
    """
    A member of a stream, up to its end.
    """

    def __init__(self, stream: _Counted, left: int) -> None:
        self._stream = stream
        self.left = left

    def read(self, size: int = -1) -> bytes:
        """As that of a file."""
        found = self._stream.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(found)
        return found


class _Archive:
    """
    The reading of an archive with all that are inside of it.
    """

    def __init__(self, allowance: _Allowance) -> None:
        self._allowance = allowance

    def files(self, file: IO[bytes], name: str, inside: str, depth: int) -> Iterator[Member]:
        """
        The files of one archive.

        Args:
            name: what the file is called.
            inside: what stands before the names of its members.
            depth: how many archives are around it.
        """
        if depth > _MOST_DEPTH:
            raise NotUnpacked(f"archives are inside each other more than {_MOST_DEPTH} deep")
        beginning = file.read(_HEADER)
        file.seek(0)
        if beginning.startswith(_OTHER_FORMS):
            raise NotUnpacked("its form is none of zip, tar, gzip, bzip2 and xz")
        if _is_zip(beginning):
            yield from self._of_zip(file, inside, depth)
        elif _is_compressed(beginning):
            yield from self._of_compressed(file, os.path.splitext(name)[0], inside, depth)
        elif _is_tar(beginning, name):
            yield from self._of_tar(_Counted(file, self._allowance), inside, depth)
        else:
            yield from self._of_zip(file, inside, depth)

    def _of_compressed(self, file: IO[bytes], name: str, inside: str, depth: int) -> Iterator[Member]:
        with _decompressed(file) as stream:
            is_tar = _is_tar(stream.read(_HEADER), name)
        file.seek(0)
        with _decompressed(file) as stream:
            counted = _Counted(stream, self._allowance)
            yield from self._of_tar(counted, inside, depth) if is_tar else self._member(counted, inside + name, depth)

    def _of_zip(self, file: IO[bytes], inside: str, depth: int) -> Iterator[Member]:
        from zipfile import ZipFile

        with ZipFile(file) as archive:
            for info in archive.infolist():
                self._allowance.take_member()
                if info.is_dir():
                    continue
                if info.flag_bits & 1:
                    raise NotUnpacked("it has encrypted members")
                with archive.open(info) as stream:
                    yield from self._member(_Counted(stream, self._allowance), inside + info.filename, depth)

    def _of_tar(self, stream: _Counted, inside: str, depth: int) -> Iterator[Member]:
        """
        The members of a tar file. The library's reader follows the headers of extensions for as long as they like.

        https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
        """
        long_name = ""
        while header := stream.read(_HEADER):
            # Behind the end there may be another archive.
            if not any(header):
                continue
            size, kind = _tar_size(header), header[156:157]
            self._allowance.take_member()
            if kind in _NAMES_NEXT:
                long_name = _tar_name(stream.read(min(size, _MOST_OF_A_NAME))) or long_name
                stream.skip(size - min(size, _MOST_OF_A_NAME))
            elif kind in _FILES:
                member = _Part(stream, size)
                yield from self._member(member, inside + (long_name or _text(header[:100])), depth)
                stream.skip(member.left)
                long_name = ""
            else:
                stream.skip(size)
                long_name = ""
            stream.skip(-size % _HEADER)

    def _member(self, stream: _Counted | _Part, name: str, depth: int) -> Iterator[Member]:
        content = stream.read(_HEADER)
        if is_archive(content, name):
            content += stream.read()
            yield from self.files(BytesIO(content), name, f"{name}/", depth + 1)
            return
        content += stream.read(MOST_OF_A_TEMPLATE + 1 - len(content))
        if ends_as_zip(BytesIO(content), len(content)):
            yield from self.files(BytesIO(content), name, f"{name}/", depth + 1)
            return
        if len(content) <= MOST_OF_A_TEMPLATE:
            yield Member(name, content)


def _is_zip(beginning: bytes) -> bool:
    return beginning.startswith(_ZIP)


def _is_tar(beginning: bytes, name: str) -> bool:
    return beginning[_USTAR] == b"ustar" or (len(beginning) == _HEADER and name.lower().endswith(_TAR_NAMES))


def _tar_size(header: bytes) -> int:
    """How long the member is that a header is about: octal, or binary with the first bit set."""
    blank = header[:148] + b" " * 8 + header[156:]
    if len(header) != _HEADER or int(_text(header[148:156]) or "x", 8) != sum(blank):
        raise ValueError("no header of a tar file")
    written = header[124:136]
    return int.from_bytes(written[1:], "big") if written[0] & 0x80 else int(_text(written) or "0", 8)


def _tar_name(extension: bytes) -> str:
    """The name of the next member in a header of GNU's, or in one of pax."""
    _, is_pax, rest = extension.partition(b" path=")
    return _text(rest.partition(b"\n")[0] if is_pax else extension)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _is_compressed(beginning: bytes) -> bool:
    return beginning.startswith((_GZIP, _XZ)) or (beginning.startswith(_BZIP2) and beginning[4:10] in _BZIP2_BLOCK)


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    # Most runs meet no archive.
    import bz2
    import gzip
    import lzma

    beginning = file.read(len(_XZ))
    file.seek(0)
    if beginning.startswith(_GZIP):
        return cast("IO[bytes]", gzip.open(file))
    return cast("IO[bytes]", lzma.open(file) if beginning == _XZ else bz2.open(file))
