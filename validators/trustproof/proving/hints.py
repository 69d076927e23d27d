"""
What to say on the command line so that something is known which decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from trustproof.model.made_names import parameter_in_list
from trustproof.model.text import REGION, Symbol, Symbolic, Text
from trustproof.properties.question import Finding, Subject
from trustproof.proving.instantiate import unknowns
from trustproof.results.result import NOT_DECLARED

_OPEN = "is not known before deployment"
#: What can be typed as it is. Other names are expressions of Terraform.
_PLAIN = re.compile(r"[\w.:-]+")
#: The variables of a configuration of Terraform, in an expression, and what an expression for a list ends with.
_VARIABLE, _LIST = re.compile(r"(?<![\w.])var\.[A-Za-z_][\w-]*"), " (a list)"
#: An expression that goes through a variable.
_FOR = re.compile(r"\[for (?:(?P<key>\w+), )?(?P<item>\w+) in var\.[\w-]+ : (?P<body>.*)", re.DOTALL)
#: An expression of a module that is called: what it calls a variable is none of the root module.
_OF_MODULE = re.compile(r"(?<![\w.])(?:module\.[\w-]+(?:\[[^\]]*\])?\.)+(?:[\w:]*\(|[\[{!])")
#: What a data source of Terraform has read, of a module too, in an expression.
_DATA = re.compile(r"(?<![\w.])(?:module\.[\w.-]+(?:\[[^\]]*\])?\.)?data\.[a-z0-9]+_\w+\.[\w.-]+(?:\[[^\]]*\][\w.-]*)*")
#: What a configuration or a module of it calls a value of its own.
_LOCAL = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*local\.[A-Za-z_][\w-]*")
#: How the reason begins that it is not known which statements there are, that a policy is not known, and what a
#: module's part of it has.
_STATEMENT, _POLICY, _MODULE = "the statement is the value of ", "the policy is the value of ", "module."
#: How the reason begins that it is not known what an element of a statement is, but for what no variable decides.
_ELEMENT = re.compile(r"(?:(?:Not)?(?:Principal|Action|Resource)|Condition|Effect): (?:it is )?the value of ")
_NO_VALUE_HELPS = ("its function is not read", "is not declared")
#: A value that each instance of a resource has of its own, and how a note begins that says over what these go.
_EACH, _OVER = re.compile(r"each\.(?:key|value) of ([\w-]+\.[\w-]+)"), ": for_each is "
#: What reads nothing: its values are made of what the configuration says.
_FILLED_IN = "data.template_file."
#: What says in which Region a template is deployed, in a reason and on the command line.
_REGION = (REGION, "--region REGION")
#: What stands for the account of a provider of Terraform, in a reason.
_OF_PROVIDER = re.compile("<account of the provider ([^<>]+)>")
#: What a remedy calls a vendor, as the configuration does.
_THIRD_PARTY = "[[third-party]]"


def with_hints(reasons: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Reasons, and what to do about them; that a value is not known is said once of it."""
    said = [reason for reason in reasons if not any(reason == f"the value of {name} {_OPEN}" for name in known)]
    region = [f"say the Region: {_REGION[1]}"] if any(f"<{_REGION[0]}>" in reason for reason in reasons) else []
    owners = dict.fromkeys(name for reason in reasons for name in _OF_PROVIDER.findall(reason))
    accounts = (f"say its account: {'--account ID' if n == 'aws' else f'--provider-account {n}=ID'}" for n in owners)
    return (*said, *known.values(), *_hints_of_statements(said, known), *accounts, *region)


def _hints_of_statements(reasons: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """How to say what the variables will be of the root module that decide which statements there are."""
    # What a module calls so is a variable of its own.
    open_ = [reason for reason in reasons if _is_of_statement(reason) and _MODULE not in reason]
    names = dict.fromkeys(name for reason in open_ for name in _VARIABLE.findall(reason))
    left = [name for name in names if not any(name in hint for hint in known.values())]
    return [_values_of(left)] if left else []


def _is_of_statement(reason: str) -> bool:
    is_of_element = _ELEMENT.match(reason) is not None and not any(one in reason for one in _NO_VALUE_HELPS)
    return reason.startswith(_STATEMENT) or is_of_element


def _values_of(variables: Sequence[str]) -> str:
    given = " ".join(f"--parameter '{name}=VALUE'" for name in variables)
    return f"give the value of {' and '.join(variables)}: {given}, or --var-file FILE"


def hints_of_policy(reason: str, notes: Sequence[str] = ()) -> list[str]:
    """
    How to say what a policy will be of which a reason says that it is a value of Terraform's.

    Args:
        notes: of the template, which say over what the instances of a resource go.
    """
    if not reason.startswith(_POLICY):
        return []
    each = _EACH.search(reason)
    # Several that go over the same have one note.
    over = [note.partition(_OVER) for note in notes]
    of_it = [what for called, _, what in over if each is not None and each[1] in re.split(", | and ", called)]
    said = " ".join((reason, *of_it))
    variables = [] if _MODULE in said else [*dict.fromkeys(_VARIABLE.findall(said))]
    if variables:
        return [_values_of(variables)]
    read = _DATA.search(reason)
    return [] if read is None or _FILLED_IN in read[0] else [_read_by_terraform(read[0])]


def hints(subject: Subject) -> dict[str, str]:
    """By its name, how to say what a parameter will be."""
    parameters = {u.symbol.name: u.symbol for u in unknowns(subject) if _is_given(u.symbol)}
    # Before the name of another stack's parameter is the name of the stack.
    return {name: _hint(symbol) for name, symbol in sorted(parameters.items(), key=lambda item: item[0])}


def hints_of_text(value: Text) -> list[str]:
    """How to say what the parameters of a text will be."""
    symbols = value.symbols if isinstance(value, Symbolic) else ()
    return list(dict.fromkeys(_hint(symbol) for symbol in symbols if _is_given(symbol)))


def names_of_nothing(subject: Subject) -> dict[str, str]:
    """By its name, that nothing in the template declares what it refers to: no value on the command line helps."""
    found = {unknown.symbol.name: unknown.symbol for unknown in unknowns(subject)}
    return {
        name: f"{name} is a name {NOT_DECLARED}"
        for name, symbol in sorted(found.items())
        if symbol.is_name_of_nothing and not symbol.doubt
    }


def hints_of_data(subject: Subject) -> dict[str, str]:
    """
    By its name, where to find what Terraform has read, or made of that, and what another stack exports: nobody gives
    these on the command line.
    """
    found = names_of_nothing(subject)
    symbols = {unknown.symbol.name: unknown.symbol for unknown in unknowns(subject)}
    for name in sorted(symbols):
        if symbols[name].kind == "import" and (export := name.partition(" ")[2]):
            found[name] = f"the template that exports {export}, given as a file besides, says its value"
        elif (read := _DATA.search(name)) is not None:
            said = _read_by_terraform(read[0])
            found.update({} if said in found.values() else {name: said})
        elif _LOCAL.fullmatch(name):
            found[name] = f"the value of {name} is in a plan: check what terraform show -json writes of it"
    return found


def _read_by_terraform(data: str) -> str:
    return f"Terraform reads {data}: check what terraform show -json writes of a plan or state"


def _is_given(symbol: Symbol) -> bool:
    """Whether a value is what the command line gives, or an expression of that."""
    # What is shown as a text refers to something that is not there.
    made = symbol.kind == "intrinsic" and not symbol.name.startswith('"')
    return symbol.kind == "parameter" or (made and bool(_variables(symbol.name) or parameter_in_list(symbol.name)))


def _variables(name: str) -> list[str]:
    """The variables of the root module that an expression of it refers to."""
    return [] if _OF_MODULE.search(name) else list(dict.fromkeys(_VARIABLE.findall(name)))


def givable(names: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Of some names, what the command line calls those that it can give a value."""
    short = {name: name.rpartition("/")[2] for name in names if name in known}
    return [given for name, given in short.items() if f"--parameter {given}=" in known[name]]


def _hint(symbol: Symbol) -> str:
    name = symbol.name
    short = name.rpartition("/")[2]
    if symbol.is_looked_up:
        # What the command line and a parent give of it is its name in the Parameter Store.
        return f"give the value of {short} in the Parameter Store: --parameter {short}.ResolvedValue=VALUE"
    if symbol.kind == "intrinsic" and (referred := parameter_in_list(name)):
        return f"give the value of {referred}: --parameter {referred}=VALUE"
    if _PLAIN.fullmatch(short):
        # A stack may be called by the path of its file, which nobody looks for before the name of a parameter.
        shown = short if "/" in name.rpartition("/")[0] else name
        return f"give the value of {shown}: --parameter {short}=VALUE"
    if variables := _variables(name):
        value = '["VALUE"]' if name == f"{variables[0]}{_LIST}" else _gone_through(name)
        given = " ".join(f"--parameter '{one}={value}'" for one in variables)
        return f"give the value of {' and '.join(variables)}: {given}, or --var-file FILE"
    return f"the value of {name} is in a plan: check what terraform show -json writes of it"


def _gone_through(name: str) -> str:
    """
    How a value looks of which an expression makes a list, item by item: a list of texts or of objects, or a map.

    Args:
        name: the expression; of one that is made of several, and in another way, the value is whatever it is.
    """
    found = _FOR.match(name)
    if found is None or len(_variables(name)) != 1:
        return "VALUE"
    attributes = dict.fromkeys(re.findall(rf"(?<![\w.\"]){found['item']}\.([A-Za-z_][\w-]*)", found["body"]))
    item = "{" + ", ".join(f'"{one}": "VALUE"' for one in attributes) + "}" if attributes else '"VALUE"'
    return f'{{"KEY": {item}}}' if found["key"] else f"[{item}]"


def by_whoever_deploys(finding: Finding, names: Sequence[str]) -> Finding:
    """The finding about callers of an account that parameters give: a vendor's is no account of one's own."""
    if not names or finding.remedy is None:
        return finding
    text = finding.remedy.text
    given = f"--parameter {names[0]}=VALUE"
    # What a third party is, is said once.
    said = _THIRD_PARTY in text
    text += f"; check with it, by {given}" if said else f"; a vendor's account, given by {given}, is a {_THIRD_PARTY}"
    why = (*finding.why, f"whose account it is depends on {names[0]}, which whoever deploys it gives")
    return finding._replace(why=why, remedy=finding.remedy._replace(text=text))
