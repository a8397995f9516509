"""XML in scripts: nodes are XML text, attributes and pieces of text are plain text. Nothing outside a text is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.base.i18n import N_, _
from studio.base.lazily import Lazily
from studio.base.patterns import pattern
from studio.script.errors import LimitReached, RunError
from studio.script.functions.arguments import text, wrong_kind
from studio.script.functions.registry import function
from studio.script.host import Host, SourceNode
from studio.script.tree import Value
from studio.script.values import check_text_size, text_of, truth_of

if TYPE_CHECKING:
    import html

    from lxml import etree

    from studio.script.functions import xml_paths, xml_query
else:
    xml_query = Lazily("studio.script.functions.xml_query")
    xml_paths = Lazily("studio.script.functions.xml_paths")
    etree = Lazily("lxml.etree")
    html = Lazily("html")

LARGEST = 2_000_000
"""Most characters of an XML text that functions look into."""
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_DECLARATION = pattern(r"\s*(?:\ufeff)?<\?xml[^>]*\?>")
_PIECE = pattern(r"<\?attribute (\S+?)=(\"[^\"]*\")\?>\Z")
_NAME = pattern(r"(?:[^\W\d][\w.\-]*:)?[^\W\d][\w.\-]*\Z")
NOT_XML = N_("The text is not well-formed XML, or declares entities.")
BAD_QUERY = N_("The XML or the path cannot be read, or a prefix has no namespace.")


def _roots(function_name: str, value: Value | SourceNode) -> list[Any]:
    """The outermost elements of a node, an XML text or an array of XML texts."""
    if isinstance(value, SourceNode):
        return [_parsed(function_name, value.xml())]
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [root for entry in value for root in _roots(function_name, entry)]
    if not isinstance(value, str):
        raise wrong_kind(function_name, _("XML"), value)
    try:
        return [_parsed(function_name, value)]
    except RunError:
        wrapped = _parsed(function_name, f"<all>{_DECLARATION.sub('', value)}</all>")
        children = [child for child in wrapped if isinstance(child.tag, str)]
        if not children and value.strip():
            raise
        return children


def _parsed(function_name: str, given: str) -> Any:
    if len(given) > LARGEST:
        raise LimitReached(
            _("{function} looks into XML of {n} characters at most.").format(
                function=function_name, n=LARGEST
            )
        )
    if "<!DOCTYPE" in given or "<!ENTITY" in given:
        raise RunError(_("XML in a script must not declare a document type or entities."))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(_DECLARATION.sub("", given, count=1).encode("utf-8"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise RunError(_("The text is not XML: {reason}.").format(reason=error)) from error


def _first(function_name: str, value: Value | SourceNode) -> Any:
    roots = _roots(function_name, value)
    if not roots:
        raise wrong_kind(function_name, _("XML"), None)
    return roots[0]


def _written(element: Any) -> str:
    return str(etree.tostring(element, encoding="unicode", with_tail=False))


def _result(here: Any) -> str:
    return xml_paths.text_at(here) if isinstance(here, (xml_paths.Leaf, xml_paths.Top)) else _written(here)


@function(
    "xml",
    "Attribute(attributeName: string, attributeValue: string): string",
    N_("An attribute to give to CreateNode."),
    "CreateNode('', 'line', Attribute('sku', 'A-1'), 'two')",
    "'<line sku=\"A-1\">two</line>'",
    fails=N_("The name cannot be an attribute's name."),
)
def _attribute(name: Value, value: Value) -> str:
    shown = _name(name)
    escaped = (
        text(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
    check_text_size(len(escaped))
    return f'<?attribute {shown}="{escaped}"?>'


def _name(value: Value) -> str:
    name = text(value)
    if _NAME.match(name) is None or name.lower().startswith("xmlns"):
        raise RunError(_("{name} cannot be a name in XML.").format(name=name[:80] or "''"))
    return name


@function(
    "xml",
    "CreateNode(namespace: string, nodeName: string, attributeSubelement?...: type): string",
    N_(
        "The XML text of a new element. Further arguments are its attributes, made by Attribute, its elements as XML text, "
        "and its values; special characters in values are escaped."
    ),
    "CreateNode('', 'line', CreateNode('', 'qty', 2), CreateNode('', 'note', 'a < b'))",
    "'<line><qty>2</qty><note>a &lt; b</note></line>'",
    fails=N_("The name cannot be an element's name, or a value holds characters that XML does not allow."),
)
def _create(namespace: Value, name: Value, *parts: Value) -> str:
    space, shown = text(namespace), _name(name)
    check_text_size(sum(len(text(part)) for part in parts))
    prefix, _colon, local = shown.rpartition(":")
    spaces: Any = {prefix or None: space} if space else None
    try:
        tag = f"{{{space}}}{local}" if space else local
        element = etree.Element(tag, nsmap=spaces)
        for part in parts:
            _add(element, part)
    except ValueError as error:
        raise RunError(_("The element cannot be made: {reason}.").format(reason=error)) from error
    made = _written(element)
    check_text_size(len(made))
    return made


def _add(element: Any, part: Value) -> None:
    if isinstance(part, list):
        for entry in part:
            _add(element, entry)
        return
    given = text(part)
    attribute = _PIECE.match(given)
    if attribute is not None:
        name = attribute[1]
        element.set(name.rpartition(":")[2], html.unescape(attribute[2][1:-1]))
        return
    try:
        roots = _roots("CreateNode", given) if given.startswith("<") and given.endswith(">") else []
    except RunError:
        roots = []
    if roots:
        element.extend(roots)
        return
    if len(element):
        element[-1].tail = (element[-1].tail or "") + given
    else:
        element.text = (element.text or "") + given


@function(
    "xml",
    "GetNodeName(path: node|type): string",
    N_("The name of a source node, or of the outermost element of an XML text, without its prefix."),
    "GetNodeName('<line><qty>2</qty></line>')",
    "'line'",
    fails=NOT_XML,
    host=True,
)
def _node_name(_host: Host, node: Value | SourceNode) -> Value:
    if node is None:
        return None
    return (
        node.name.removeprefix("@")
        if isinstance(node, SourceNode)
        else xml_paths.name_at(_first("GetNodeName", node))
    )


@function(
    "xml",
    "GetNodeValue(path: node|type): string",
    N_("The text of a source node, or everything written in the outermost element of an XML text."),
    "GetNodeValue('<qty>2</qty>')",
    "'2'",
    fails=NOT_XML,
    host=True,
)
def _node_value(_host: Host, node: Value | SourceNode) -> Value:
    if node is None:
        return None
    given = node.xml() if isinstance(node, SourceNode) else node
    if isinstance(given, str) and not given.lstrip().startswith("<"):
        return given
    return xml_paths.text_at(_first("GetNodeValue", node))


@function(
    "xml",
    "GetXMLString(path: node|string, qualified?: bool): string",
    N_("The XML text of a source node with everything below it; null where there is none."),
    "GetXMLString([note])",
    "'<note/>'",
    fails=NOT_XML,
    host=True,
)
def _xml_string(_host: Host, node: Value | SourceNode, qualified: Value = True) -> Value:
    if node is None:
        return None
    if isinstance(node, SourceNode) and node.name.startswith("@"):
        return node.text
    root = _first("GetXMLString", node)
    if not truth_of(qualified):
        for each in root.iter():
            if isinstance(each.tag, str):
                each.tag = etree.QName(each).localname
        etree.cleanup_namespaces(root)
    written = _written(root)
    check_text_size(len(written))
    return written


@function(
    "xml",
    "IsNil(path: node|string): bool",
    N_("Whether a node is marked as having no value (xsi:nil)."),
    "IsNil([note])",
    "false",
    fails=NOT_XML,
    host=True,
)
def _is_nil(_host: Host, node: Value | SourceNode) -> bool:
    if isinstance(node, SourceNode):
        return node.nil
    return node is not None and _first("IsNil", node).get(_NIL, "").strip() in ("true", "1")


def _spaces(arguments: tuple[Value, ...]) -> dict[str, str]:
    spaces = {}
    for argument in arguments:
        prefix, equals, space = text(argument).removeprefix("xmlns:").partition("=")
        if not equals or not prefix.strip():
            raise RunError(
                _("{text} does not give a prefix its namespace.").format(text=text(argument)[:80]),
                next_step=_("Write prefix=namespace, such as p=urn:orders."),
            )
        spaces[prefix.strip()] = space.strip().strip("'\"")
    return spaces


def _selected(
    host: Host, roots: list[Any], query: Value, arguments: tuple[Value, ...], within: bool
) -> list[Value]:
    """What a query finds; `within` begins below the one root, and above it where that finds nothing."""
    parsed = xml_query.parse_query(text(query).strip())
    search = xml_paths.Search(xml_paths.Top(tuple(roots)), _spaces(arguments), host.tick)
    found = search.find(parsed, roots[0]) if within and roots else []
    if not found:
        found = search.find(parsed, search.top)
    size, values = 0, []
    for here in found:
        values.append(_result(here))
        size += len(values[-1])
        check_text_size(size)
    return list(values)


@function(
    "xml",
    "SelectNodes(node: node|type, xPathQuery: string, xPathArg?...: string): array",
    N_(
        "The nodes found by a path, as an array: elements as XML text, attributes and text() as text. "
        "The path begins below the node, or at it."
    ),
    "SelectNodes([lines], 'line/@sku')",
    "{'A-1', 'B-7'}",
    fails=BAD_QUERY,
    host=True,
)
def _select_nodes(host: Host, node: Value | SourceNode, query: Value, *arguments: Value) -> Value:
    return _selected(host, _roots("SelectNodes", node), query, arguments, True)


@function(
    "xml",
    "SelectSingleNode(node: node|type, xPathQuery: string, xPathArg?...: string): type",
    N_("The first node found by a path; null where there is none. See SelectNodes."),
    "SelectSingleNode([lines], 'line[qty > 2]/price')",
    "'<price>0.70</price>'",
    fails=BAD_QUERY,
    host=True,
)
def _select_single(host: Host, node: Value | SourceNode, query: Value, *arguments: Value) -> Value:
    found = _selected(host, _roots("SelectSingleNode", node), query, arguments, True)
    return found[0] if found else None


@function(
    "xml",
    "SelectNodesFromXMLAny(xPathQuery: string, anyNodes: node|type, xPathArg?...: string): array",
    N_("The nodes found by a path among several XML nodes, as an array. See SelectNodes."),
    "SelectNodesFromXMLAny('b', {'<a>1</a>', '<b>2</b>'})",
    "{'<b>2</b>'}",
    fails=BAD_QUERY,
    host=True,
)
def _select_any(host: Host, query: Value, nodes: Value | SourceNode, *arguments: Value) -> Value:
    return _selected(host, _roots("SelectNodesFromXMLAny", nodes), query, arguments, False)


@function(
    "xml",
    "SelectNodeFromXMLAny(nodeName: string, anyNodes: node|type): type",
    N_("The first of several XML nodes that has a name; null where there is none."),
    "SelectNodeFromXMLAny('b', {'<a>1</a>', '<b>2</b>'})",
    "'<b>2</b>'",
    fails=NOT_XML,
    host=True,
)
def _select_named(_host: Host, name: Value, nodes: Value | SourceNode) -> Value:
    wanted = text_of(name)
    roots = _roots("SelectNodeFromXMLAny", nodes)
    return next((_written(root) for root in roots if xml_paths.name_at(root) == wanted), None)
