"""Our reading of service descriptions beside zeep's: same operations, same messages, same element paths."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import WeftError
from studio.schema.model import Kind, Node, Schema
from studio.schema.read import read_schema
from tests.schema.peers import offline_client, our_paths, zeep_elements, zeep_paths

# Where zeep opens what we refuse, each for its reason: the file is not well-formed, and we say where.
_NOT_XML = {
    "aws-and-bad-variants/unparsableWsdls/helloService.wsdl": "an element is closed by another's end tag",
    "aws-and-bad-variants/unparsableWsdls/missing-xmlns.wsdl": "no namespace for wsdl: zeep finds no operation",
    "node-soap-tests/wsdl/attachments.wsdl": "no namespace for xmime: zeep finds no operation",
    "node-soap-tests/wsdl/connection/econnrefused.wsdl": "no namespace for xsd: zeep finds no operation",
    "node-soap-tests/wsdl/default_namespace_soap12.wsdl": "no namespace for soap: zeep finds no operation",
    "node-soap-tests/wsdl/ws-policy.wsdl": "no namespace for wsu",
    "node-soap-tests/wsdl/wsdl_with_attributes.wsdl": "no namespace for s: zeep finds no operation",
}
# Where a message is read otherwise on purpose: end of the file's name, operation or *, and why.
_OTHERWISE = {
    ("attachments/mime.wsdl", "*"): "zeep does not look for soap:body inside multipartRelated",
    ("MyBoardPack.wsdl", "*"): "zeep drops what a type inherits from a base that refers back to it",
    ("dataset/DataService.wsdl", "*"): "zeep has no place for the xs:schema .NET sends with a data set",
    ("dime-doc.wsdl", "*"): "zeep loses the attribute of a restricted simple content",
    ("typeref/order.wsdl", "order"): "a type named without its prefix: zeep guesses, we mark it and say so",
    (
        "incrementService.wsdl",
        "process",
    ): "an RPC part with an element: zeep shows the element, we the part's name",
    (
        "soapheader_rpc.wsdl",
        "testInOutHeader",
    ): "zeep does not follow the parts named by soap:body",
    ("hello_world_soap_action_rpc.wsdl", "*"): "RPC parts with elements: as incrementService",
    ("header_rpc_lit_2203_in.wsdl", "inHeader"): "zeep gives RPC without body parts no wrapper",
    ("header_rpc_lit_2203_out.wsdl", "outHeader"): "zeep gives RPC without body parts no wrapper",
    ("zeep-tests/wsdl_files/http.wsdl", "GetLastTradePrice"): "zeep shows the part's name, we its element",
}


def _files(base: Path) -> list[Path]:
    return sorted((base / "corpora" / "wsdl").rglob("*.wsdl"))


def _excuse(file: Path, operation: str) -> bool:
    return any(str(file).endswith(end) and name in ("*", operation) for end, name in _OTHERWISE)


def test_what_zeep_opens_opens_here_with_the_same_operations_messages_and_paths(
    shared: Path, share: Callable[[int], int]
) -> None:
    files = _files(shared)
    assert len(files) > 600
    step = max(1, len(files) // share(2 * len(files)))
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for file in files[::step]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                client = offline_client(file)
            except Exception:
                counts["not opened by zeep"] += 1
                continue
            counts["opened"] += 1
            if str(file).endswith(tuple(_NOT_XML)):
                continue
            schema = read_schema(file)
            wrong += _differences(file, client, schema, counts)
    assert not wrong, "\n".join(wrong[:40])
    assert counts["paths"] > 200 * counts["opened"] / 10
    assert counts["bodies"] > counts["opened"]


def _differences(file: Path, client: Any, schema: Schema, counts: Counter[str]) -> Iterator[str]:
    ours: dict[tuple[str, str], list[Node]] = {}
    for node in schema.roots:
        ours.setdefault((node.facts.get("portType", ""), node.name), []).append(node)
    for binding in client.wsdl.bindings.values():
        for name, operation in binding._operations.items():
            mine = ours.get((binding.port_type.name.localname, name), [])
            if not mine:
                yield f"{file}: no operation {name}"
            elif len(mine) == 1 and mine[0].facts.get("binding") == binding.name.localname:
                counts["operations"] += 1
                for said in _compare(mine[0], operation, counts):
                    if not _excuse(file, name):
                        yield f"{file}: {name} {said}"


def _compare(node: Node, operation: Any, counts: Counter[str]) -> Iterator[str]:
    messages = {message.name: message for message in node.type.children if not message.prefix}
    for word in ("input", "output"):
        theirs = getattr(operation, word, None)
        message = messages.get(word)
        if message is None or not hasattr(theirs, "body") or _beyond_zeep(message):
            continue
        ours = [child for child in _flat(message) if child.facts.get("soap") != "header"]
        parts = _parts(theirs)
        if not parts and all(not child.type.children for child in ours):
            continue  # zeep gives messages without parts no body
        if [_key(child, theirs) for child in ours] != [_their_key(part, theirs) for part in parts]:
            yield f"{word}: {[c.name for c in ours]} instead of {[p.qname.localname for p in parts]}"
            continue
        counts["bodies"] += 1
        for child, part in zip(ours, parts, strict=True):
            mine = our_paths(child, 4)
            # The text of an element with attributes is an element without a namespace to zeep.
            other = {path for path in zeep_paths(part.type, 4) if "/|_value_1" not in path}
            counts["paths"] += len(mine)
            if mine != other and max(len(mine), len(other)) < 3000:
                yield f"{word}: {child.name}: only here {sorted(mine - other)[:3]}, only there {sorted(other - mine)[:3]}"
        heads = sorted(child.name for child in _flat(message) if child.facts.get("soap") == "header")
        header = getattr(theirs, "header", None)
        if header is not None and heads != sorted(one.qname.localname for one in zeep_elements(header.type)):
            yield f"{word}: other headers than {heads}"


def _beyond_zeep(message: Node) -> bool:
    """What zeep leaves out: bodies beside attachments, and the element of an XML answer over HTTP."""
    return "attachments" in message.facts or message.facts.get("content", "").startswith("text/xml")


def _flat(node: Node) -> Iterator[Node]:
    for child in node.type.children:
        if child.kind is Kind.CHOICE:
            yield from _flat(child)
        else:
            yield child


def _parts(message: Any) -> list[Any]:
    if message.body is None:
        return []
    if getattr(message, "_is_body_wrapped", False) or type(message).__name__ in (
        "UrlEncoded",
        "UrlReplacement",
        "MimeContent",
    ):
        return list(zeep_elements(message.body.type))
    return [message.body]


def _key(node: Node, message: Any) -> tuple[str, ...]:
    # zeep names the answer of RPC after the message and gives a wrapper whose binding says no namespace none.
    kind = type(message).__name__
    return (
        ()
        if kind == "RpcMessage"
        else (node.namespace, node.name)
        if kind == "DocumentMessage"
        else (node.name,)
    )


def _their_key(part: Any, message: Any) -> tuple[str, ...]:
    kind = type(message).__name__
    name = part.qname
    if kind == "RpcMessage":
        return ()
    return (name.namespace or "", name.localname) if kind == "DocumentMessage" else (name.localname,)


@pytest.mark.parametrize("end", sorted(_NOT_XML))
def test_broken_files_zeep_opens_are_told_with_their_line(shared: Path, end: str) -> None:
    with pytest.raises(WeftError) as caught:
        read_schema(shared / "corpora" / "wsdl" / end)
    assert caught.value.line
    assert caught.value.next_step
