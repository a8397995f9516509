"""Functions of a running operation and of documents: declared here, answered by the host where it can."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.functions.registry import declare

for _family, _signature, _doc, _example in (
    (
        "changes",
        "DiffAdd(): null",
        N_("Selects the added records as the next transformation's input."),
        "DiffAdd()",
    ),
    ("changes", "DiffComplete(): null", N_("Closes the running change-detection session."), "DiffComplete()"),
    (
        "changes",
        "DiffDelete(): null",
        N_("Selects the deleted records as the next transformation's input."),
        "DiffDelete()",
    ),
    (
        "changes",
        "DiffKeyList(k1: string, k?...: string): null",
        N_("Names the key fields that identify a record when comparing."),
        "DiffKeyList('sku', 'store')",
    ),
    (
        "changes",
        "DiffNode(nodeName: string): null",
        N_("Names the repeating node of a hierarchical source to compare."),
        "DiffNode('item')",
    ),
    (
        "changes",
        "DiffUpdate(): null",
        N_("Selects the changed records as the next transformation's input."),
        "DiffUpdate()",
    ),
    (
        "changes",
        "InitializeDiff(diffId: string): null",
        N_("Starts a change-detection session."),
        "InitializeDiff('items')",
    ),
    (
        "changes",
        "OrderedDiffKeyList(k1: string, isAscending1: bool, k?: string, isAscending?...: bool): null",
        N_("Names the key fields and their sort direction for pre-sorted sources."),
        "OrderedDiffKeyList('sku', true)",
    ),
    (
        "changes",
        "ResetDiff(diffId: string, action: number): null",
        N_("Resets or removes the stored state of a change-detection session."),
        "ResetDiff('items', 1)",
    ),
    (
        "changes",
        "SetDiffChunkSize(chunkSize: number): null",
        N_("Sets how many bytes are compared at a time."),
        "SetDiffChunkSize(1000000)",
    ),
    (
        "operation",
        "CancelOperation(operationInstanceGUID: string): null",
        N_("Cancels a queued or running operation instance."),
        "CancelOperation($run)",
    ),
    (
        "operation",
        "CancelOperationChain(message: string): null",
        N_("Cancels the follow-up operations of the current one."),
        "CancelOperationChain('Nothing to do')",
    ),
    (
        "operation",
        "GetLastOperationRunStartTime(operationId: string): date",
        N_("Start time of an operation's latest run."),
        "GetLastOperationRunStartTime('<TAG>Operations/Send orders</TAG>')",
    ),
    (
        "operation",
        "GetOperationQueue(operationTag?: string): array",
        N_("Array of the operations now in the queue."),
        "GetOperationQueue()",
    ),
    (
        "operation",
        "ReRunOperation(runSynchronously?: bool): bool",
        N_("Runs the current operation again; true on success."),
        "ReRunOperation()",
    ),
    (
        "operation",
        "RunOperation(operationId: string, runSynchronously?: bool): bool",
        N_("Runs an operation and reports success."),
        "RunOperation('<TAG>Operations/Send orders</TAG>')",
    ),
    (
        "operation",
        "RunPlugin(pluginId: string): bool",
        N_("Runs a plug-in and reports success."),
        "RunPlugin('<TAG>Plugins/Unzip</TAG>')",
    ),
    (
        "operation",
        "RunScript(scriptId: string, var?...: type): string",
        N_("Result text of another script in the project."),
        "RunScript('<TAG>Scripts/Price of</TAG>', 'A-1', 5)",
    ),
    (
        "operation",
        "WaitForOperation(operationId: string, timeOutSec?: number, pollIntervalSec?: number): null",
        N_("Waits until queued instances of an operation end."),
        "WaitForOperation('<TAG>Operations/Send orders</TAG>', 600)",
    ),
):
    declare(_family, _signature, _doc, _example, pure=False)
