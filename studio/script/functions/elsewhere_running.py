"""Functions of a running operation and of documents: declared here, answered by the host where it can."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.functions.registry import declare

for _family, _signature, _doc in (
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
        "xml",
        "RunXSLT(xslt: string, xml1: string, xml?...: string): array",
        N_("Result of a style sheet applied to XML inputs."),
    ),
):
    declare(_family, _signature, _doc, pure=False)
