"""Functions of a running operation and of documents: declared here, answered by the host where it can."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.functions.registry import declare

for _family, _signature, _doc in (
    ("array", "GetSourceAttrNames(n: node): array", N_("Array of a source node's attribute names.")),
    ("array", "GetSourceElementNames(n: node): array", N_("Array of the names of a node's simple children.")),
    (
        "array",
        "GetSourceInstanceArray(n: node): array",
        N_("Array of a node's attribute values, labelled by name."),
    ),
    (
        "array",
        "GetSourceInstanceElementArray(n: node): array",
        N_("Array of a node's child values, labelled by name."),
    ),
    (
        "array",
        "GetSourceInstanceMap(n: node): dictionary",
        N_("Dictionary from attribute name to value for a node."),
    ),
    (
        "array",
        "GetSourceInstanceElementMap(n: node): dictionary",
        N_("Dictionary from child name to value for a node."),
    ),
    ("changes", "DiffAdd(): null", N_("Selects the added records as the next transformation's input.")),
    ("changes", "DiffComplete(): null", N_("Closes the running change-detection session.")),
    ("changes", "DiffDelete(): null", N_("Selects the deleted records as the next transformation's input.")),
    (
        "changes",
        "DiffKeyList(k1: string, k?...: string): null",
        N_("Names the key fields that identify a record when comparing."),
    ),
    (
        "changes",
        "DiffNode(nodeName: string): null",
        N_("Names the repeating node of a hierarchical source to compare."),
    ),
    ("changes", "DiffUpdate(): null", N_("Selects the changed records as the next transformation's input.")),
    ("changes", "InitializeDiff(diffId: string): null", N_("Starts a change-detection session.")),
    (
        "changes",
        "OrderedDiffKeyList(k1: string, isAscending1: bool, k?: string, isAscending?...: bool): null",
        N_("Names the key fields and their sort direction for pre-sorted sources."),
    ),
    (
        "changes",
        "ResetDiff(diffId: string, action: number): null",
        N_("Resets or removes the stored state of a change-detection session."),
    ),
    (
        "changes",
        "SetDiffChunkSize(chunkSize: number): null",
        N_("Sets how many bytes are compared at a time."),
    ),
    ("environment", "GetAgentGroupID(): number", N_("Numeric id of the running agent's group.")),
    ("environment", "GetAgentGroupName(): string", N_("Name of the running agent's group.")),
    ("environment", "GetAgentID(): number", N_("Numeric id of the running agent.")),
    ("environment", "GetAgentName(): string", N_("Name of the running agent.")),
    ("environment", "GetAgentVersionID(): number", N_("Numeric id of the agent's version.")),
    ("environment", "GetAgentVersionName(): string", N_("Name of the agent's version.")),
    ("environment", "GetEnvironmentID(): number", N_("Numeric id of the environment.")),
    ("environment", "GetEnvironmentName(): string", N_("Name of the environment.")),
    ("environment", "GetOrganizationID(): number", N_("Numeric id of the organisation.")),
    ("environment", "GetOrganizationName(): string", N_("Name of the organisation.")),
    (
        "operation",
        "CancelOperation(operationInstanceGUID: string): null",
        N_("Cancels a queued or running operation instance."),
    ),
    (
        "operation",
        "CancelOperationChain(message: string): null",
        N_("Cancels the follow-up operations of the current one."),
    ),
    ("operation", "GetChunkDataElement(name: string): type", N_("Value of a chunk-scoped variable.")),
    ("operation", "GetHostByIP(ipAddress: string): string", N_("Host name for an IP address.")),
    ("operation", "GetInputString(arg: node): string", N_("Source text of a value before conversion.")),
    (
        "operation",
        "GetLastOperationRunStartTime(operationId: string): date",
        N_("Start time of an operation's latest run."),
    ),
    (
        "operation",
        "GetOperationQueue(operationTag?: string): array",
        N_("Array of the operations now in the queue."),
    ),
    (
        "operation",
        "ReRunOperation(runSynchronously?: bool): bool",
        N_("Runs the current operation again; true on success."),
    ),
    (
        "operation",
        "RunOperation(operationId: string, runSynchronously?: bool): bool",
        N_("Runs an operation and reports success."),
    ),
    ("operation", "RunPlugin(pluginId: string): bool", N_("Runs a plug-in and reports success.")),
    (
        "operation",
        "RunScript(scriptId: string, var?...: type): string",
        N_("Result text of another script in the project."),
    ),
    (
        "operation",
        "SetChunkDataElement(name: string, value: type): type",
        N_("Sets a chunk-scoped variable and returns the value."),
    ),
    (
        "operation",
        "WaitForOperation(operationId: string, timeOutSec?: number, pollIntervalSec?: number): null",
        N_("Waits until queued instances of an operation end."),
    ),
    (
        "text",
        "Validate(op: string, arg: string, ignoreCase?: bool): bool",
        N_("True when a value passes a named text check."),
    ),
    (
        "xml",
        "Attribute(attributeName: string, attributeValue: string): string",
        N_("XML attribute for use in CreateNode."),
    ),
    (
        "xml",
        "CreateNode(namespace: string, nodeName: string, attributeSubelement?...: type): string",
        N_("XML text of a new element."),
    ),
    ("xml", "GetNodeName(path: type): string", N_("Name of an XML node.")),
    ("xml", "GetNodeValue(path: type): string", N_("Text value of an XML node.")),
    ("xml", "GetXMLString(path: string, qualified?: bool): string", N_("XML text of a source node.")),
    ("xml", "IsNil(path: string): bool", N_("True when the node is marked nil.")),
    (
        "xml",
        "RunXSLT(xslt: string, xml1: string, xml?...: string): array",
        N_("Result of a style sheet applied to XML inputs."),
    ),
    (
        "xml",
        "SelectNodeFromXMLAny(nodeName: string, anyNodes: type): type",
        N_("First node of a given name in an Any list."),
    ),
    (
        "xml",
        "SelectNodes(node: type, xPathQuery: string, xPathArg?...: string): array",
        N_("Nodes found by an XPath query."),
    ),
    (
        "xml",
        "SelectNodesFromXMLAny(xPathQuery: string, anyNodes: type, xPathArg?...: string): array",
        N_("Nodes of an Any list found by an XPath query."),
    ),
    (
        "xml",
        "SelectSingleNode(node: type, xPathQuery: string, xPathArg?...: string): array",
        N_("First node found by an XPath query."),
    ),
):
    declare(_family, _signature, _doc, pure=False)
