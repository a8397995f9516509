"""Functions that reach other systems: declared here, answered by the host where it can."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.functions.registry import declare

for _family, _signature, _doc in (
    (
        "cache",
        "ReadCache(name: string, expirationSeconds?: number, scope?: string): type",
        N_("Gives back a value stored earlier in the shared cloud cache, or null when absent or expired."),
    ),
    (
        "cache",
        "WriteCache(name: string, value: type, expirationSeconds?: number, scope?: string): null",
        N_("Stores a value under a name in the shared cloud cache."),
    ),
    (
        "hash",
        "Base64EncodeFile(sourceId: string, filename?: string): string",
        N_("Base64 text of a file read from a source."),
    ),
    (
        "database",
        "CacheLookup(databaseId: string, sql: string): string",
        N_("First field of the first row of a query, remembered for later identical calls."),
    ),
    (
        "database",
        "CallStoredProcedure(databaseId: string, spName: string, resultSet: type, "
        "inputOutputVariable?...: string): type",
        N_("Return value of a database stored procedure; result set and outputs go to named variables."),
    ),
    (
        "database",
        "DBCloseConnection(databaseId: string): null",
        N_("Commits and closes the script's connection to a database."),
    ),
    (
        "database",
        "DBExecute(databaseId: string, sql...: string): array",
        N_("Rows of a query as an array of records, or fills named variables from the first row."),
    ),
    (
        "database",
        "DBLoad(source: string, target: string, mode: number, tablename: string, columnNames: string, "
        "columnKeynames?: string, skipLines?: number, dateFormat?: string, datetimeFormat?: string): null",
        N_("Loads CSV rows from a source into a table (insert, update or both)."),
    ),
    (
        "database",
        "DBLookup(databaseId: string, sql: string): string",
        N_("First field of the first row of a query, as text."),
    ),
    (
        "database",
        "DBLookupAll(databaseId: string, sql: string): array",
        N_("All rows of a query as an array of arrays."),
    ),
    (
        "database",
        "DBRollbackTransaction(databaseId: string): null",
        N_("Rolls back and closes the script's connection to a database."),
    ),
    (
        "database",
        "DBWrite(source: string, target: string, mode: number, tablename: string, columnNames: string, "
        "columnKeynames?: string, skipLines?: number, dateFormat?: string, datetimeFormat?: string): null",
        N_("Another name for DBLoad."),
    ),
    ("database", "SetDBInsert(): null", N_("Makes the current database target row an insert.")),
    ("database", "SetDBUpdate(): null", N_("Makes the current database target row an update.")),
    ("database", "Unmap(): null", N_("Marks a mapped database column as not mapped for this row.")),
    (
        "mail",
        "SendEmail(from: string, to: string, subject: string, message: string, smtpServers?: string, "
        "account?: string, accountPassword?: string, cc?: string, bcc?: string, replyTo?: string, useSSL?: bool): string",
        N_("Sends a mail; returns empty text or an error message."),
    ),
    (
        "mail",
        "SendEmailMessage(emailMessageId: string): string",
        N_("Sends a mail defined in the project; returns empty text or an error message."),
    ),
    (
        "mail",
        "SendSystemEmail(to: string, subject: string, message: string): string",
        N_("Sends a mail through the built-in server; returns empty text or an error message."),
    ),
    (
        "file",
        "ArchiveFile(sourceId: string, targetId: string, deleteSource?: bool): null",
        N_("Copies a file from a source to a target, optionally deleting the original."),
    ),
    (
        "file",
        "DeleteFile(sourceId: string, fileFilter?: string): number",
        N_("Deletes one file of a source; returns how many went."),
    ),
    (
        "file",
        "DeleteFiles(sourceId: string, fileFilter?: string): number",
        N_("Deletes matching files of a source; returns how many went."),
    ),
    (
        "file",
        "DirList(sourceId: string, path?: string, fileFilter?: string): array",
        N_("Array of folder names in a source."),
    ),
    (
        "file",
        "FileList(sourceId: string, path?: string, fileFilter?: string): array",
        N_("Array of file names in a source."),
    ),
    ("file", "FlushAllFiles(targetId?: string): null", N_("Writes every buffered target file out.")),
    (
        "file",
        "FlushFile(targetId: string, filename?: string): null",
        N_("Writes one buffered target file out."),
    ),
    (
        "file",
        "ReadFile(targetId: string, fileFilter?: string): string",
        N_("Contents of a source's file as text."),
    ),
    (
        "file",
        "WriteFile(targetId: string, fileContents: type, filename?: string): null",
        N_("Puts text into a target's file buffer."),
    ),
    (
        "ldap",
        "ArrayToMultipleValues(arr: array): string",
        N_("Marks an array as a multi-valued directory attribute."),
    ),
    (
        "ldap",
        "LDAPAdd(ldapType: string, ldapValue: string): bool",
        N_("Adds an attribute to the pending directory entry; true on success."),
    ),
    (
        "ldap",
        "LDAPConnect(hostname: string, user: string, password: string, mode?: number, port?: number): bool",
        N_("Opens a directory connection; true on success."),
    ),
    (
        "ldap",
        "LDAPDeleteEntry(distinguishedName: string): bool",
        N_("Removes a directory entry; true on success."),
    ),
    (
        "ldap",
        "LDAPExecute(distinguishedName: string): bool",
        N_("Runs the pending directory changes; true on success."),
    ),
    (
        "ldap",
        "LDAPRemove(ldapType: string, ldapValue: string): bool",
        N_("Marks an attribute for removal; true on success."),
    ),
    (
        "ldap",
        "LDAPRename(distinguishedName: string, newRDN: string, newParent?: string, deleteOldRDN?: bool): bool",
        N_("Renames a directory entry; true on success."),
    ),
    (
        "ldap",
        "LDAPReplace(ldapType: string, ldapValue: string): bool",
        N_("Marks an attribute for replacement; true on success."),
    ),
    (
        "ldap",
        "LDAPSearch(path: string, filter: string, detail: number, attribute1: string, "
        "attribute?...: string): string",
        N_("Entries found by a directory search."),
    ),
    (
        "netsuite",
        "NetSuiteGetSelectValue(netSuiteOrg: string, recordType: string, field: string, "
        "sublist?: string): dictionary",
        N_("Dictionary of a field's pick-list values."),
    ),
    ("netsuite", "NetSuiteGetServerTime(netSuiteOrg: string): string", N_("Server date and time text.")),
    ("netsuite", "NetSuiteLogin(netSuiteOrg: string): string", N_("New session id text.")),
    (
        "salesforce",
        "GetSalesforceTimestamp(url: string, sessionId: string, timeZoneId?: string): string",
        N_("Server time text for an existing session."),
    ),
    (
        "salesforce",
        "LoginToSalesforceAndGetTimeStamp(salesforceOrg: string, timeZoneId?: string): string",
        N_("Logs in and gives the server time text."),
    ),
    ("salesforce", "SalesforceLogin(salesforceOrg: string): bool", N_("Logs in; true on success.")),
    (
        "salesforce",
        "SetSalesforceSession(salesforceOrg: string, sessionId: string, serverURL: string): null",
        N_("Supplies session id and server URL to a connection."),
    ),
    (
        "salesforce",
        "SfCacheLookup(salesforceOrg: string, soql: string): string",
        N_("First field of a query's first row, remembered for later identical calls."),
    ),
    (
        "salesforce",
        "SfLookup(salesforceOrg: string, soql: string): string",
        N_("First field of a query's first row."),
    ),
    (
        "salesforce",
        "SfLookupAll(salesforceOrg: string, soql: string): array",
        N_("All rows of a query as an array of arrays."),
    ),
    (
        "salesforce",
        "SfLookupAllToFile(salesforceOrg: string, soql: string, targetId: string): number",
        N_("Writes a query's rows to a CSV target; returns the row count."),
    ),
):
    declare(_family, _signature, _doc, pure=False)
