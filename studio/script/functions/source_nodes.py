"""Functions that look at a source node: what its attributes and simple children are called and hold."""

from __future__ import annotations

from studio.base.i18n import N_, _
from studio.script.errors import RunError
from studio.script.functions.registry import function
from studio.script.host import Host, SourceNode
from studio.script.tree import Value

NO_NODE = N_("The argument is not the path of a source node.")


def _node(function_name: str, value: Value | SourceNode) -> SourceNode | None:
    if value is None or isinstance(value, SourceNode):
        return value
    raise RunError(_("{function} needs the path of a source node.").format(function=function_name))


@function(
    "array",
    "GetSourceAttrNames(n: node): array",
    N_("The names of a source node's attributes, in their order."),
    "GetSourceAttrNames([lines/line])",
    "{'sku'}",
    fails=NO_NODE,
    host=True,
)
def _attribute_names(_host: Host, value: Value | SourceNode) -> Value:
    node = _node("GetSourceAttrNames", value)
    return [name for name, _value in node.attributes] if node else []


@function(
    "array",
    "GetSourceElementNames(n: node): array",
    N_("The names of a source node's children that hold only a value, in their order."),
    "GetSourceElementNames([lines/line])",
    "{'qty', 'price'}",
    fails=NO_NODE,
    host=True,
)
def _element_names(_host: Host, value: Value | SourceNode) -> Value:
    node = _node("GetSourceElementNames", value)
    return [name for name, _value in node.elements] if node else []


@function(
    "array",
    "GetSourceInstanceArray(n: node): array",
    N_("The values of a source node's attributes, in their order."),
    "GetSourceInstanceArray([lines/line])",
    "{'A-1'}",
    fails=NO_NODE,
    host=True,
)
def _attribute_values(_host: Host, value: Value | SourceNode) -> Value:
    node = _node("GetSourceInstanceArray", value)
    return [each for _name, each in node.attributes] if node else []


@function(
    "array",
    "GetSourceInstanceElementArray(n: node): array",
    N_("The values of a source node's children that hold only a value, in their order."),
    "GetSourceInstanceElementArray([lines/line])",
    "{'2', '3.00'}",
    fails=NO_NODE,
    host=True,
)
def _element_values(_host: Host, value: Value | SourceNode) -> Value:
    node = _node("GetSourceInstanceElementArray", value)
    return [each for _name, each in node.elements] if node else []


@function(
    "array",
    "GetSourceInstanceMap(n: node): dictionary",
    N_("A dictionary of a source node's attributes: name and value."),
    "GetSourceInstanceMap([lines/line])",
    "[sku=>'A-1']",
    fails=NO_NODE,
    host=True,
)
def _attribute_map(_host: Host, value: Value | SourceNode) -> Value:
    node = _node("GetSourceInstanceMap", value)
    return dict(node.attributes) if node else {}


@function(
    "array",
    "GetSourceInstanceElementMap(n: node): dictionary",
    N_(
        "A dictionary of a source node's children that hold only a value; of several with one name, the last."
    ),
    "GetSourceInstanceElementMap([lines/line])",
    "[qty=>'2', price=>'3.00']",
    fails=NO_NODE,
    host=True,
)
def _element_map(_host: Host, value: Value | SourceNode) -> Value:
    node = _node("GetSourceInstanceElementMap", value)
    return dict(node.elements) if node else {}


@function(
    "operation",
    "GetInputString(arg: node): string",
    N_("The text of a source field as the document has it; empty for anything else."),
    "GetInputString([price])",
    "'9.50'",
    host=True,
)
def _input_string(_host: Host, value: Value | SourceNode) -> Value:
    return (value.text or "") if isinstance(value, SourceNode) else ""
