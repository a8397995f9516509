"""Functions that reach other systems: declared here, answered by the host where it can."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.functions.registry import declare

for _family, _signature, _doc, _example in (
    (
        "cache",
        "ReadCache(name: string, expirationSeconds?: number, scope?: string): type",
        N_("Gives back a value stored earlier in the shared cloud cache, or null when absent or expired."),
        "ReadCache('rates', 3600)",
    ),
    (
        "cache",
        "WriteCache(name: string, value: type, expirationSeconds?: number, scope?: string): null",
        N_("Stores a value under a name in the shared cloud cache."),
        "WriteCache('rates', $rates, 3600)",
    ),
    (
        "hash",
        "Base64EncodeFile(sourceId: string, filename?: string): string",
        N_("Base64 text of a file read from a source."),
        "Base64EncodeFile('<TAG>Sources/Invoices</TAG>', 'invoice.pdf')",
    ),
    (
        "database",
        "CacheLookup(databaseId: string, sql: string): string",
        N_("First field of the first row of a query, remembered for later identical calls."),
        "CacheLookup('<TAG>Databases/Stock</TAG>', \"SELECT name FROM items WHERE sku = '\" + SQLEscape($sku) + \"'\")",
    ),
    (
        "database",
        "CallStoredProcedure(databaseId: string, spName: string, resultSet: type, "
        "inputOutputVariable?...: string): type",
        N_("Return value of a database stored procedure; result set and outputs go to named variables."),
        "CallStoredProcedure('<TAG>Databases/Stock</TAG>', 'reserve', $rows, 'A-1', 5)",
    ),
    (
        "database",
        "DBCloseConnection(databaseId: string): null",
        N_("Commits and closes the script's connection to a database."),
        "DBCloseConnection('<TAG>Databases/Stock</TAG>')",
    ),
    (
        "database",
        "DBExecute(databaseId: string, sql...: string): array",
        N_("Rows of a query as an array of records, or fills named variables from the first row."),
        "rows = DBExecute('<TAG>Databases/Stock</TAG>', 'SELECT sku, qty FROM items')",
    ),
    (
        "database",
        "DBLoad(source: string, target: string, mode: number, tablename: string, columnNames: string, "
        "columnKeynames?: string, skipLines?: number, dateFormat?: string, datetimeFormat?: string): null",
        N_("Loads CSV rows from a source into a table (insert, update or both)."),
        "DBLoad('<TAG>Sources/Items</TAG>', '<TAG>Databases/Stock</TAG>', 1, 'items', 'sku,qty')",
    ),
    (
        "database",
        "DBLookup(databaseId: string, sql: string): string",
        N_("First field of the first row of a query, as text."),
        "DBLookup('<TAG>Databases/Stock</TAG>', 'SELECT COUNT(*) FROM items')",
    ),
    (
        "database",
        "DBLookupAll(databaseId: string, sql: string): array",
        N_("All rows of a query as an array of arrays."),
        "DBLookupAll('<TAG>Databases/Stock</TAG>', 'SELECT sku, qty FROM items')",
    ),
    (
        "database",
        "DBRollbackTransaction(databaseId: string): null",
        N_("Rolls back and closes the script's connection to a database."),
        "DBRollbackTransaction('<TAG>Databases/Stock</TAG>')",
    ),
    (
        "database",
        "DBWrite(source: string, target: string, mode: number, tablename: string, columnNames: string, "
        "columnKeynames?: string, skipLines?: number, dateFormat?: string, datetimeFormat?: string): null",
        N_("Another name for DBLoad."),
        "DBWrite('<TAG>Sources/Items</TAG>', '<TAG>Databases/Stock</TAG>', 1, 'items', 'sku,qty')",
    ),
    (
        "database",
        "SetDBInsert(): null",
        N_("Makes the current database target row an insert."),
        "If(IsNull([@id]), SetDBInsert())",
    ),
    (
        "database",
        "SetDBUpdate(): null",
        N_("Makes the current database target row an update."),
        "If([status] == 'changed', SetDBUpdate())",
    ),
    (
        "database",
        "Unmap(): null",
        N_("Marks a mapped database column as not mapped for this row."),
        "If(IsNull([note]), Unmap(), [note])",
    ),
    (
        "mail",
        "SendEmail(from: string, to: string, subject: string, message: string, smtpServers?: string, "
        "account?: string, accountPassword?: string, cc?: string, bcc?: string, replyTo?: string, useSSL?: bool): string",
        N_("Sends a mail; returns empty text or an error message."),
        "SendEmail('shop@example.com', 'ada@example.com', 'Your order', 'It is on its way.')",
    ),
    (
        "mail",
        "SendEmailMessage(emailMessageId: string): string",
        N_("Sends a mail defined in the project; returns empty text or an error message."),
        "SendEmailMessage('<TAG>Email Messages/Order sent</TAG>')",
    ),
    (
        "mail",
        "SendSystemEmail(to: string, subject: string, message: string): string",
        N_("Sends a mail through the built-in server; returns empty text or an error message."),
        "SendSystemEmail('ada@example.com', 'Stock', 'A-1 is running out.')",
    ),
    (
        "file",
        "ArchiveFile(sourceId: string, targetId: string, deleteSource?: bool): null",
        N_("Copies a file from a source to a target, optionally deleting the original."),
        "ArchiveFile('<TAG>Sources/Orders</TAG>', '<TAG>Targets/Done</TAG>', true)",
    ),
    (
        "file",
        "DeleteFile(sourceId: string, fileFilter?: string): number",
        N_("Deletes one file of a source; returns how many went."),
        "DeleteFile('<TAG>Sources/Orders</TAG>', 'order.xml')",
    ),
    (
        "file",
        "DeleteFiles(sourceId: string, fileFilter?: string): number",
        N_("Deletes matching files of a source; returns how many went."),
        "DeleteFiles('<TAG>Sources/Orders</TAG>', '*.tmp')",
    ),
    (
        "file",
        "DirList(sourceId: string, path?: string, fileFilter?: string): array",
        N_("Array of folder names in a source."),
        "DirList('<TAG>Sources/Orders</TAG>')",
    ),
    (
        "file",
        "FileList(sourceId: string, path?: string, fileFilter?: string): array",
        N_("Array of file names in a source."),
        "FileList('<TAG>Sources/Orders</TAG>', '', '*.xml')",
    ),
    (
        "file",
        "FlushAllFiles(targetId?: string): null",
        N_("Writes every buffered target file out."),
        "FlushAllFiles()",
    ),
    (
        "file",
        "FlushFile(targetId: string, filename?: string): null",
        N_("Writes one buffered target file out."),
        "FlushFile('<TAG>Targets/Log</TAG>')",
    ),
    (
        "file",
        "ReadFile(targetId: string, fileFilter?: string): string",
        N_("Contents of a source's file as text."),
        "ReadFile('<TAG>Sources/Orders</TAG>', 'order.xml')",
    ),
    (
        "file",
        "WriteFile(targetId: string, fileContents: type, filename?: string): null",
        N_("Puts text into a target's file buffer."),
        "WriteFile('<TAG>Targets/Log</TAG>', 'All orders are sent.')",
    ),
    (
        "ldap",
        "ArrayToMultipleValues(arr: array): string",
        N_("Marks an array as a multi-valued directory attribute."),
        "ArrayToMultipleValues({'Ada', 'Grace'})",
    ),
    (
        "ldap",
        "LDAPAdd(ldapType: string, ldapValue: string): bool",
        N_("Adds an attribute to the pending directory entry; true on success."),
        "LDAPAdd('mail', 'ada@example.com')",
    ),
    (
        "ldap",
        "LDAPConnect(hostname: string, user: string, password: string, mode?: number, port?: number): bool",
        N_("Opens a directory connection; true on success."),
        "LDAPConnect('directory.example.com', 'cn=reader', $password)",
    ),
    (
        "ldap",
        "LDAPDeleteEntry(distinguishedName: string): bool",
        N_("Removes a directory entry; true on success."),
        "LDAPDeleteEntry('cn=Ada,dc=example,dc=com')",
    ),
    (
        "ldap",
        "LDAPExecute(distinguishedName: string): bool",
        N_("Runs the pending directory changes; true on success."),
        "LDAPExecute('cn=Ada,dc=example,dc=com')",
    ),
    (
        "ldap",
        "LDAPRemove(ldapType: string, ldapValue: string): bool",
        N_("Marks an attribute for removal; true on success."),
        "LDAPRemove('mail', 'ada@example.com')",
    ),
    (
        "ldap",
        "LDAPRename(distinguishedName: string, newRDN: string, newParent?: string, deleteOldRDN?: bool): bool",
        N_("Renames a directory entry; true on success."),
        "LDAPRename('cn=Ada,dc=example,dc=com', 'cn=Ada L')",
    ),
    (
        "ldap",
        "LDAPReplace(ldapType: string, ldapValue: string): bool",
        N_("Marks an attribute for replacement; true on success."),
        "LDAPReplace('mail', 'ada@example.com')",
    ),
    (
        "ldap",
        "LDAPSearch(path: string, filter: string, detail: number, attribute1: string, "
        "attribute?...: string): string",
        N_("Entries found by a directory search."),
        "LDAPSearch('dc=example,dc=com', '(mail=ada@example.com)', 2, 'cn')",
    ),
    (
        "netsuite",
        "NetSuiteGetSelectValue(netSuiteOrg: string, recordType: string, field: string, "
        "sublist?: string): dictionary",
        N_("Dictionary of a field's pick-list values."),
        "NetSuiteGetSelectValue('<TAG>NetSuite Endpoints/Shop</TAG>', 'customer', 'terms')",
    ),
    (
        "netsuite",
        "NetSuiteGetServerTime(netSuiteOrg: string): string",
        N_("Server date and time text."),
        "NetSuiteGetServerTime('<TAG>NetSuite Endpoints/Shop</TAG>')",
    ),
    (
        "netsuite",
        "NetSuiteLogin(netSuiteOrg: string): string",
        N_("New session id text."),
        "NetSuiteLogin('<TAG>NetSuite Endpoints/Shop</TAG>')",
    ),
    (
        "salesforce",
        "GetSalesforceTimestamp(url: string, sessionId: string, timeZoneId?: string): string",
        N_("Server time text for an existing session."),
        "GetSalesforceTimestamp($url, $session, 'America/Sao_Paulo')",
    ),
    (
        "salesforce",
        "LoginToSalesforceAndGetTimeStamp(salesforceOrg: string, timeZoneId?: string): string",
        N_("Logs in and gives the server time text."),
        "LoginToSalesforceAndGetTimeStamp('<TAG>Salesforce Orgs/Sales</TAG>')",
    ),
    (
        "salesforce",
        "SalesforceLogin(salesforceOrg: string): bool",
        N_("Logs in; true on success."),
        "If(!SalesforceLogin('<TAG>Salesforce Orgs/Sales</TAG>'), RaiseError(GetLastError()))",
    ),
    (
        "salesforce",
        "SetSalesforceSession(salesforceOrg: string, sessionId: string, serverURL: string): null",
        N_("Supplies session id and server URL to a connection."),
        "SetSalesforceSession('<TAG>Salesforce Orgs/Sales</TAG>', $session, $url)",
    ),
    (
        "salesforce",
        "SfCacheLookup(salesforceOrg: string, soql: string): string",
        N_("First field of a query's first row, remembered for later identical calls."),
        "SfCacheLookup('<TAG>Salesforce Orgs/Sales</TAG>', \"SELECT Id FROM Account WHERE Name = 'Ada'\")",
    ),
    (
        "salesforce",
        "SfLookup(salesforceOrg: string, soql: string): string",
        N_("First field of a query's first row."),
        "SfLookup('<TAG>Salesforce Orgs/Sales</TAG>', \"SELECT Id FROM Account WHERE Name = 'Ada'\")",
    ),
    (
        "salesforce",
        "SfLookupAll(salesforceOrg: string, soql: string): array",
        N_("All rows of a query as an array of arrays."),
        "SfLookupAll('<TAG>Salesforce Orgs/Sales</TAG>', 'SELECT Id, Name FROM Account')",
    ),
    (
        "salesforce",
        "SfLookupAllToFile(salesforceOrg: string, soql: string, targetId: string): number",
        N_("Writes a query's rows to a CSV target; returns the row count."),
        "SfLookupAllToFile('<TAG>Salesforce Orgs/Sales</TAG>', 'SELECT Id FROM Account', '<TAG>Targets/Ids</TAG>')",
    ),
):
    declare(_family, _signature, _doc, _example, pure=False)
