"""
Remedies by the file that a policy stands in: in lists with dashes, where it has them, and with a policy variable
written as one that stays, where Terraform or Fn::Sub fills in the text. Of policies that Terraform reads from a file of
their own, nothing is put into what ``file`` reads, and into what ``templatefile`` reads only what it is handed.

https://developer.hashicorp.com/terraform/language/functions/file
https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from os.path import basename

from trustproof.inputs.source_texts import SourceTexts
from trustproof.model.text import Symbol, Symbolic
from trustproof.results.edit import END, data_source_line
from trustproof.results.hcl_lines import POLICY_VARIABLE
from trustproof.results.result import Remedy, Result

#: How the names of the files end in which Terraform's expressions stand.
_CONFIGURATION = (".tf", ".tofu", ".tf.json", ".tofu.json")
#: What is made of a file by a function that reads more than one policy in it, or changes it.
_READ = re.compile(r"[a-z]\w*\([^\"<{]*\b(template)?file\(")
_OF_TERRAFORM = "aws_"
_EXPRESSION = "expression"
#: How an expression begins in a text, Terraform's or one of Fn::Sub.
_INTERPOLATION = "${"
#: How a directive begins in a text that Terraform fills in, and what it leaves as it is.
_DIRECTIVE, _ESCAPED = "%{", "$${"
#: How ``${`` is written in a text that a template fills in.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
_LITERAL = "${!"
#: How JSON begins in a text in quotes.
_QUOTED = re.compile(r'"\s*[\[{]\s*\\"')
#: So many lines of a file are looked at, for whether Terraform fills in something there.
_MOST_LINES = 1000


def for_texts_of_files(results: Sequence[Result], sources: SourceTexts) -> list[Result]:
    """
    The results, in words where a diff would write an expression of Terraform into what is no configuration, or one of
    CloudFormation into one; and in lists as they are written.
    """
    told = (_in_words(one, sources) if _has_expressions(one) else _out_of_heredocs(one, sources) for one in results)
    return [_quoted(_filled_in(_with_dashes(one, sources), sources), sources) for one in told]


def _quoted(result: Result, sources: SourceTexts) -> Result:
    """A result whose diff has backslashes before quotation marks, where the policy is JSON in a text in quotes."""
    remedy = result.remedy
    if remedy is None or not remedy.edits:
        return result
    position = sources.position(result.template, (*result.path, *result.caret))
    if position is None or not position.in_file:
        return result
    said = sources.line(result.template, position.line, position.file)[position.column - 1 :]
    return result._replace(remedy=remedy._replace(is_quoted=True)) if _QUOTED.match(said) else result


def _filled_in(result: Result, sources: SourceTexts) -> Result:
    """A result whose diff leaves policy variables to IAM, where something fills in the text that they stand in."""
    remedy = result.remedy
    if remedy is None or not any(POLICY_VARIABLE.search(line) for line in remedy.diff):
        return result
    if not result.resource_type.startswith(_OF_TERRAFORM):
        is_sub = any(sources.is_filled_in(result.template, edit.path) for edit in remedy.edits)
        return result._replace(remedy=remedy._replace(literal=_LITERAL)) if is_sub else result
    position = sources.position(result.template, (*result.path, *result.caret))
    file = position.file if position is not None and position.in_file else ""
    if not file:
        return result
    if file.endswith(_CONFIGURATION):
        return result._replace(remedy=remedy._replace(literal=_ESCAPED))
    if file == result.template:
        # A plan or a state has what Terraform has made of the text.
        return result
    lines = [sources.line(result.template, number, file) for number in range(1, _MOST_LINES + 1)]
    if any(_ESCAPED in line for line in lines):
        return result._replace(remedy=remedy._replace(literal=_ESCAPED))
    if any(POLICY_VARIABLE.search(line) for line in lines):
        return result
    if any(_INTERPOLATION in line or _DIRECTIVE in line for line in lines):
        return result._replace(remedy=remedy._replace(literal=_ESCAPED))
    text = f"{remedy.text} (with $${{ for ${{ where templatefile reads {basename(file)}, and not file)"
    return result._replace(remedy=remedy._replace(text=text))


def _with_dashes(result: Result, sources: SourceTexts) -> Result:
    """A result whose diff has a dash before what it adds to a list that has one before each item."""
    remedy = result.remedy
    more = next((one for one in (() if remedy is None else remedy.edits) if one.path[-1] == END), None)
    if remedy is None or more is None:
        return result
    first = sources.position(result.template, (*more.path[:-1], 0))
    if first is None:
        return result
    before = sources.line(result.template, first.line, first.file)[: first.column - 1]
    return result._replace(remedy=remedy._replace(has_dashes=re.fullmatch(r"[ ]*(-[ ]+)+", before) is not None))


def _has_expressions(result: Result) -> bool:
    if result.remedy is None or not result.resource_type.startswith(_OF_TERRAFORM):
        return False
    return any(
        data_source_line(edit) or any(symbol.kind == _EXPRESSION for symbol in _symbols(edit.value))
        for edit in result.remedy.edits
    )


def _symbols(value: object) -> Iterator[Symbol]:
    """What is not known in a value."""
    if isinstance(value, Symbolic):
        yield from value.symbols
    elif isinstance(value, Mapping):
        for found in value.values():
            yield from _symbols(found)
    elif isinstance(value, tuple):
        for found in value:
            yield from _symbols(found)


def _in_words(result: Result, sources: SourceTexts) -> Result:
    assert result.remedy is not None
    position = sources.position(result.template, (*result.path, *result.caret))
    file = position.file if position is not None and position.in_file else ""
    if position is None or not file or file == result.template:
        return result
    if file.endswith(_CONFIGURATION):
        said = sources.line(result.template, position.line, file)[position.column - 1 :]
        # Where the policy stands in that file is not known: it may be a text in YAML.
        if not _READ.match(said):
            return result
        text = f"{result.remedy.text}, in the file that is read there, where nothing of Terraform's has a name"
        return result._replace(remedy=Remedy(text))
    text = (
        f"{result.remedy.text}, by a value that templatefile hands to {basename(file)}: "
        "nothing else of Terraform's has a name there"
    )
    return result._replace(remedy=Remedy(text))


def _out_of_heredocs(result: Result, sources: SourceTexts) -> Result:
    """A result in words where its diff would have Terraform fill in what is for CloudFormation to fill in."""
    remedy = result.remedy
    if remedy is None or not remedy.edits or result.resource_type.startswith(_OF_TERRAFORM):
        return result
    if not any(_INTERPOLATION in line for line in remedy.diff):
        return result
    position = sources.position(result.template, (*result.path, *result.caret))
    if position is None or not position.in_file or not (position.file or result.template).endswith(_CONFIGURATION):
        return result
    text = f"{remedy.text}; in the template that is written there, what is not for Terraform to fill in begins with $$"
    return result._replace(remedy=Remedy(text))
