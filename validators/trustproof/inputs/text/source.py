"""
Bytes of a file or of standard input, as a template's text and content.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from trustproof.errors import InputError, TemplateError, reason
from trustproof.files.read import STDIN, encryption, not_utf8, read_bytes, stream_name
from trustproof.inputs.text import json as json_reader
from trustproof.inputs.text import yaml as yaml_reader
from trustproof.inputs.text.positions import SourceMap, Spot
from trustproof.inputs.text.yaml_positions import scan_yaml
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.model.presentation import Presentation
from trustproof.model.stored_values import StoredValue
from trustproof.model.text import Symbolic


class Map(Protocol):
    """
    From paths of a template to places in what it was made of.
    """

    def key(self, path: Path) -> Position:
        """Where the key (of a list: the item) at a path stands, or the nearest thing around it that is written."""
        ...

    def line(self, number: int, file: str = "") -> str:
        """A line, from 1, of the template's own file or of another one; empty beyond its end."""
        ...


class Maker(Protocol):
    """
    What it takes to make a template again that is no file's content, in this process or another one.
    """

    def make(self) -> tuple[Source, Mapping[str, object]]:
        """
        Its source and its content.

        Raises:
            InputError: what it was made of is gone.
        """
        ...


class Source:
    """
    A text and what it was called.

    Args:
        name: as the user named it.
        text: without a byte order mark.
    """

    #: None where the content is what the text says.
    maker: Maker | None = None
    presentation: Presentation = Presentation()
    #: What has been read at a default: names, and the defaults as they are written. Empty where the content says it.
    defaults: Mapping[str, str] = {}
    #: How many instances of resources and modules its maker makes, for whatever template; none where it has no maker.
    instances: int = 0
    #: The account and the Region that its maker says it goes to, each None where that is not known; None where that is
    #: said otherwise.
    goes_to: tuple[str | None, str | None] | None = None
    #: Whether nobody can deploy it as it is, but only something else that it is a part of: it stands beside nothing.
    needs_caller: bool = False

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._is_json = True
        self._map: SourceMap | None = None

    @property
    def map(self) -> Map:
        """Where the parts of the content stand."""
        return self.lines

    def text_with_names(self, path: Path) -> Symbolic | None:
        """The text at a path with the references of its file as symbols; None where the content says them itself."""
        return None

    def is_given_elsewhere(self, path: Path) -> bool:
        """Whether the text at a path is not written there: an expression makes it, or a variable or module gives it."""
        return False

    def is_closed(self, path: Path) -> bool:
        """Whether the type of a variable decides whether the key is there that a path ends in."""
        return False

    def made_of(self, name: str) -> str:
        """What a value is made of that is only known elsewhere, by its name; empty where the content says all of it."""
        return ""

    def look_up(self, name: str) -> str:
        """What a value is looked up by, without what it is called; empty where nothing looks it up."""
        return ""

    def stored_values(self) -> Mapping[str, StoredValue]:
        """What it puts where others read it, by name; nothing where the content says all of it."""
        return {}

    def read_from(self, name: str) -> Mapping[str, bool]:
        """Under which of these names a value is kept that has a name, each with whether it is the whole of it."""
        return {}

    def may_be_pattern(self, name: str) -> bool:
        """Whether a value that has a name is made of what is written with a wildcard, or of a file that may be any."""
        return False

    def refuses(self, name: str, value: str) -> bool:
        """Whether a parameter is known not to admit a value, beyond what the content says of it."""
        return False

    def admitted_values(self, name: str) -> Sequence[str]:
        """Some values that a parameter is known to admit, beyond what the content says of it; empty where none is."""
        return ()

    def decided_by(self, name: str) -> Sequence[str]:
        """What decides a value that is no parameter, as far as that is known; empty where it is not."""
        return ()

    def doubt_about(self, values: Mapping[str, str]) -> str | None:
        """
        Why it is not known whether parameters can have some values together; empty where they can, None where the
        content alone tells.
        """
        return None

    def names_behind(self, logical_ids: Collection[str], *, of_holders: bool) -> Collection[str]:
        """
        Which of its defaults may decide what resources are, besides those that the content names where it is made
        without them.

        Args:
            logical_ids: of these.
            of_holders: whether whatever says who may do what is among them.
        """
        return ()

    def names_behind_buckets(self) -> Collection[str]:
        """Which of its defaults may decide what stands around buckets, and where that is."""
        return self.defaults

    def without_defaults(self, names: Collection[str]) -> Maker | None:
        """What makes the content where some have other values than their defaults; None where it is the same."""
        return None

    @property
    def lines(self) -> SourceMap:
        """Lines and columns of the text; made when first asked for."""
        if self._map is None:
            self._map = SourceMap(self.text) if self._is_json else SourceMap(self.text, _scan_yaml)
        return self._map

    def load(self) -> object:
        """
        The content: JSON where the text begins like it, else YAML.

        Raises:
            InputError: with line and column: the text is neither, or has a key twice.
        """
        text = self.text.lstrip()
        if not text:
            raise InputError("the file is empty", self.name)
        self._is_json = text[0] in "{["
        if not self._is_json:
            return self._load_yaml()
        try:
            return json_reader.load(self.text, self.name)
        except TemplateError:
            # YAML may begin with a brace too; if it is not YAML either, JSON is what was meant.
            if not self.name.endswith(".json"):
                try:
                    content = self._load_yaml()
                except InputError:
                    pass
                else:
                    self._is_json = False
                    return content
            raise

    def _load_yaml(self) -> object:
        # Half of the templates are JSON, and need no reader for YAML.
        return yaml_reader.load(self.text, self.name)


#: How an archive begins.
_ARCHIVE = b"PK\x03\x04"


def _scan_yaml(text: str) -> Spot:
    import yaml

    try:
        return scan_yaml(text)
    except yaml.YAMLError as error:
        # Of a text in a template: the template itself has been read.
        raise ValueError(str(error)) from None


class EncryptedFile(InputError):
    """A file is encrypted, and the repository is locked."""


def read(name: str) -> Source:
    """
    The source of a path, or of standard input for ``-``.

    Raises:
        InputError: the file cannot be read, or is not UTF-8; as an archive.
    """
    called = stream_name(name)
    try:
        content = read_bytes(name)
    except FileNotFoundError as error:
        raise InputError(f"cannot be read: {reason(error)}", called) from None
    # A codec that takes the byte order mark off is a module of its own.
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(called, _unquoted(content.decode()) if name == STDIN else content.decode())
    except UnicodeDecodeError as error:
        if content.startswith(_ARCHIVE):
            what = "an archive (zip), as a plan file of Terraform is"
            raise InputError(f"{what}: give what terraform show -json writes of that", called) from None
        if encrypted := encryption(content):
            raise EncryptedFile(encrypted, called) from None
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(not_utf8(error), called, line) from None


def _unquoted(text: str) -> str:
    """
    What a JSON string says, where the text is one, and else the text: the AWS CLI prints a template that was uploaded
    as YAML as a string. https://docs.aws.amazon.com/cli/latest/reference/cloudformation/get-template.html
    """
    if not text.lstrip().startswith('"'):
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, str) else text


def read_again(name: str) -> tuple[Source, Mapping[str, object]]:
    """
    The source and the content of a template that has been read before.

    Raises:
        InputError: it is no longer what it was.
    """
    source = read(name)
    data = source.load()
    if not isinstance(data, Mapping):
        raise InputError("has changed while it was checked", name)
    return source, data
