"""
Which variables of the root module the blocks of a configuration are made of, by what is written in them.

What a value is called that nobody knows need not say it: ``local.on`` may be made of any variable, the instances of a
block are as many as a list has items, and a loop has names of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from trustproof.inputs.terraform.configuration.modules.modules import Loader, Module, ResourceName
from trustproof.inputs.terraform.configuration.modules.static_references import directory_called
from trustproof.inputs.terraform.configuration.syntax.blocks import Block, Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Step
from trustproof.inputs.terraform.configuration.values.expression_names import mentions, names_in
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import steps, without_keys

#: Resources that say who may do what, of whom and for whom: what one of them is made of is asked of all.
_OF_IAM = ("aws_iam_", "awscc_iam_")
#: What says how many instances there are of a block.
_HOW_MANY = ("count", "for_each")
#: What makes stacks of a StackSet, and says what they are passed; and what has a template, which may be one of IAM.
_STACK_SET = "cloudformation_stack_set"
_STACKS = ("cloudformation_stack_set_instance", "cloudformation_stack_instances")
_WITH_TEMPLATE = ("cloudformation_stack", _STACK_SET)
#: What is in the names of the arguments that an identifier of a resource is made of, such as its ARN.
_IDENTIFYING = ("name", "prefix", "bucket", "identifier", "path", "fifo", "region", "provider")
#: What keeps the world out of buckets, in the names of types without their provider, and how those of buckets begin.
_BLOCK, _S3 = "public_access_block", "s3_"
#: Of more modules, as often as they are called, nobody asks which variables it is: twenty that each call the next one
#: twice would be a million.
_MAX_CALLED = 10_000
#: A whole block, a whole call, and all locals or variables.
_WHOLE = ""
_Path = tuple[str, ...]


class _Item(NamedTuple):
    """
    Something that refers to others.
    """

    #: The names of the calls that lead to its module, the outermost first.
    path: _Path
    #: ``var``, ``local``, ``output``, ``module``, ``provider``, or the type of a resource with ``data.`` before it.
    kind: str
    name: str
    attribute: str = _WHOLE


class VariablesBehind:
    """
    Follows what is written in blocks to the variables of the root module.

    Args:
        loader: of modules.
        root: the root module.
    """

    def __init__(self, loader: Loader, root: Module) -> None:
        self._loader = loader
        self._root = root
        self._installed = loader.files.installed(root.directory)
        self._modules: dict[_Path, Module | None] = {(): root}
        self._found: dict[_Item, tuple[_Item, ...]] = {}
        #: The variables behind what stands at an address, and behind what may be around resources of some types.
        self._at: dict[str, frozenset[str]] = {}
        self._around: dict[tuple[frozenset[str], bool], frozenset[str]] = {}

    def of(self, addresses: Iterable[str], *, with_iam: bool) -> Collection[str]:
        """
        The variables of the root module, without ``var.``, that may decide what some resources are.

        Args:
            addresses: of these, with keys or without, and whatever stands behind an address.
            with_iam: whether all resources of IAM are among them.
        """
        found: set[str] = set()
        kinds: set[str] = set()
        for one in {*map(without_keys, addresses)}:
            if one not in self._at:
                self._at[one] = self._variables(self._blocks_at(one))
            found |= self._at[one]
            kinds |= {item.kind for item in self._blocks_at(one)}
        # What may be around many policies is followed once.
        around = (frozenset(kinds), with_iam)
        if around not in self._around:
            beside = self._resources((), lambda type_: _is_around(type_, kinds, with_iam=with_iam))
            self._around[around] = self._variables(beside)
        return found | self._around[around]

    def of_expression(self, path: tuple[str, ...], expression: Expression) -> Collection[str]:
        """
        The same of an expression, but for what only narrows which values a variable has.

        Args:
            path: the names of the calls that lead to the module that it stands in.
        """
        return self._variables(_named_in(path, expression), narrowed=False)

    @cached_property
    def of_buckets(self) -> Collection[str]:
        """The same of all buckets and what stands around them, wherever that is made."""
        buckets = [*self._resources((), _is_of_buckets)]
        return self._variables([*buckets, *(_Item(path, "provider", _WHOLE) for path in self._modules)])

    def _variables(self, items: Iterable[_Item], *, narrowed: bool = True) -> frozenset[str]:
        """
        The variables of the root module that items refer to, or what these refer to.

        Args:
            narrowed: whether those are among them that the validations of others look at.
        """
        waiting = [*items]
        seen = {*waiting}
        while waiting:
            item = waiting.pop()
            is_narrowed_only = item.kind == "var" and not item.path
            for one in self._behind(item) if narrowed or not is_narrowed_only else ():
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
        named = frozenset(one.name for one in seen if one.kind == "var" and not one.path)
        return frozenset(self._root.variables) if _WHOLE in named else named

    def _blocks_at(self, address: str) -> Iterator[_Item]:
        """The block that an address leads to; any variable where it leads to none."""
        path: _Path = ()
        left = steps(address.partition("#")[0])
        while len(left) > 2 and left[0] == "module":
            path, left = (*path, left[1]), left[2:]
        module = self._module(path)
        if module is None or len(left) < 2 or ResourceName(False, left[0], left[1]) not in module.resources:
            yield _Item((), "var", _WHOLE)
        else:
            yield _Item(path, left[0], left[1])

    def _resources(self, path: _Path, is_asked: Callable[[str], bool]) -> Iterator[_Item]:
        """The resources of some types in a module and in those that it calls."""
        module = self._module(path)
        if len(self._modules) > _MAX_CALLED:
            yield _Item((), "var", _WHOLE)
        elif module is not None:
            for one in module.resources:
                if not one.is_data and is_asked(one.type):
                    yield _Item(path, one.type, one.name)
            for call in module.calls:
                yield from self._resources((*path, call), is_asked)

    def _module(self, path: _Path) -> Module | None:
        """The module that calls lead to; None where it is not at hand."""
        if path not in self._modules:
            caller = self._module(path[:-1])
            block = caller.calls.get(path[-1]) if caller is not None else None
            directory = directory_called(self._installed, caller, path, block) if caller is not None and block else None
            found = self._loader.load(directory) if directory is not None else None
            # Terraform refuses what calls itself.
            is_circle = any(found is self._modules[path[:end]] for end in range(len(path)))
            self._modules[path] = None if is_circle else found
        return self._modules[path]

    def _behind(self, item: _Item) -> tuple[_Item, ...]:
        if item not in self._found:
            self._found[item] = tuple(dict.fromkeys(self._read(item)))
        return self._found[item]

    def _read(self, item: _Item) -> Iterator[_Item]:
        """What an item refers to."""
        path, kind, name, attribute = item
        module = self._module(path)
        if module is None:
            return
        if path:
            # Whatever stands in a module is there as often as it is called.
            yield _Item(path[:-1], "module", path[-1], _HOW_MANY[0])
        if kind == "var":
            yield from self._of_variable(path, module, name)
        elif kind == "local":
            for one in module.locals.values() if name == _WHOLE else (module.locals.get(name),):
                if one is not None:
                    yield from _named_in(path, one.expression)
        elif kind == "module":
            yield from self._of_call(path, module, name, attribute)
        elif kind == "provider":
            for block in module.providers.values():
                yield from _in_body(path, block.body)
        elif kind == "output":
            if name in module.outputs:
                yield from _in_body(path, module.outputs[name].body)
        else:
            found = module.resources.get(ResourceName(kind.startswith("data."), kind.removeprefix("data."), name))
            if found is not None:
                yield from _of_resource(path, found, kind, attribute)

    def _of_variable(self, path: _Path, module: Module, name: str) -> Iterator[_Item]:
        if not path:
            # What is refused beside it narrows what it may be.
            yield from self._validated_beside.get(name, ())
            return
        caller = self._module(path[:-1])
        call = caller.calls[path[-1]] if caller is not None else None
        for given, argument in call.body.arguments.items() if call is not None else ():
            if name in (given, _WHOLE):
                yield from _named_in(path[:-1], argument.expression)
        declared = module.variables.get(name)
        if declared is not None:
            yield from _in_body(path, declared.body)

    @cached_property
    def _validated_beside(self) -> Mapping[str, Sequence[_Item]]:
        """What the validations of the root module that look at a variable refer to, by its name."""
        found: dict[str, list[_Item]] = {}
        for block in self._root.variables.values():
            for validation in block.body.blocks("validation"):
                inside = [*_in_body((), validation.body)]
                for name in {one.name for one in inside if one.kind == "var"}:
                    found.setdefault(name, []).extend(inside)
        return found

    def _of_call(self, path: _Path, module: Module, name: str, attribute: str) -> Iterator[_Item]:
        block = module.calls.get(name)
        if block is None:
            return
        if attribute in _HOW_MANY:
            yield from _how_many(path, block)
            return
        inner = (*path, name)
        called = self._module(inner)
        if called is None:
            yield from _in_body(path, block.body)
        elif attribute == _WHOLE:
            yield from (_Item(inner, "output", one) for one in called.outputs)
        else:
            yield _Item(inner, "output", attribute)


def _is_around(type_: str, kinds: Collection[str], *, with_iam: bool) -> bool:
    """
    Whether resources of a type may say something of those of others without being named by these: what a policy is put
    on by its name, and what keeps the world out of a bucket.
    """
    if type_.startswith(_OF_IAM):
        return with_iam
    own = type_.partition("_")[2]
    if with_iam and own in _WITH_TEMPLATE:
        return True
    others = [kind.partition("_")[2] for kind in kinds if not kind.startswith(_OF_IAM)]
    if own in _STACKS:
        return _STACK_SET in others or with_iam
    return any(one.startswith(f"{own}_") or (_BLOCK in own and one.startswith(_S3)) for one in others)


def _is_of_buckets(type_: str) -> bool:
    own = type_.partition("_")[2]
    return own.startswith(_S3) or _BLOCK in own


def _of_resource(path: _Path, block: Block, kind: str, attribute: str) -> Iterator[_Item]:
    """What a resource or data source refers to, or what one of its attributes is made of."""
    body = block.body
    yield from _how_many(path, block)
    if kind.removeprefix("data.").startswith(OF_AWS):
        # Which account and which Region it is in.
        yield from (_Item(path[:end], "provider", _WHOLE) for end in range(len(path) + 1))
    is_computed = attribute not in body.arguments and not any(True for _ in body.blocks(attribute or "-"))
    if attribute != _WHOLE and not is_computed:
        if attribute in body.arguments:
            yield from _named_in(path, body.arguments[attribute].expression)
        for one in body.blocks(attribute):
            yield from _in_body(path, one.body)
    elif attribute != _WHOLE and kind.startswith(OF_AWS) and not kind.startswith(_OF_IAM):
        for name, argument in body.arguments.items():
            if any(part in name for part in _IDENTIFYING):
                yield from _named_in(path, argument.expression)
    else:
        yield from _in_body(path, body)


def _how_many(path: _Path, block: Block) -> Iterator[_Item]:
    for name in _HOW_MANY:
        if (argument := block.body.argument(name)) is not None:
            yield from _named_in(path, argument.expression)
    for lifecycle in block.body.blocks("lifecycle"):
        yield from _in_body(path, lifecycle.body)


def _in_body(path: _Path, body: Body) -> Iterator[_Item]:
    """What all arguments of a body refer to, and those of the blocks in it."""
    for argument in body.arguments.values():
        yield from _named_in(path, argument.expression)
    for block in body.blocks():
        yield from _in_body(path, block.body)
    for name in body.either:
        for block in body.blocks(name):
            yield from _in_body(path, block.body)


def _named_in(path: _Path, expression: Expression) -> Iterator[_Item]:
    """What an expression refers to."""
    if mentions(expression).has_not_read:
        yield _Item((), "var", _WHOLE)
    for name, behind in names_in(expression):
        first = behind[0].name if behind else ""
        if name in ("var", "local"):
            yield _Item(path, name, first)
        elif name == "module":
            yield _Item(path, name, first, _attribute(behind[1:]))
        elif name == "data":
            second = behind[1].name if len(behind) > 1 else ""
            yield _Item(path, f"data.{first}", second)
        elif first:
            yield _Item(path, name, first, _attribute(behind[1:]))
        for key in _keys(behind):
            yield from _named_in(path, key)


def _attribute(behind: tuple[Step, ...]) -> str:
    """The attribute behind a block, or behind one or all of its instances; all of them where none is written."""
    rest = behind[1:] if behind and not behind[0].name else behind
    if behind and behind[0].each is not None:
        rest = (*behind[0].each, *rest)
    return rest[0].name if rest else _WHOLE


def _keys(behind: Iterable[Step]) -> Iterator[Expression]:
    for step in behind:
        if step.key is not None:
            yield step.key
        yield from _keys(step.each or ())
