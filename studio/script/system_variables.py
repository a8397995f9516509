"""The variables that begin with `$jitterbit.`: what they tell a script, and what they set."""

from __future__ import annotations

from studio.base.i18n import N_, _
from studio.base.records import dataclass

PREFIX = "jitterbit."


@dataclass(frozen=True)
class SystemVariable:
    """A system variable; `name` is without `$`, and ends with `*` where any name may follow.

    `type` is string, number, bool or array. One with `setting` is there to be set, another tells something. `works`
    says that it means something in this program; the others are known, kept and given back.
    """

    name: str
    type: str
    setting: bool
    doc: str
    works: bool

    @property
    def family(self) -> bool:
        """It stands for all variables whose names begin with its own."""
        return self.name.endswith("*")

    @property
    def explanation(self) -> str:
        """What it is, in the user's language."""
        return _(self.doc)


_DOCS = {
    "api.request.body": N_("The body of the request that called the API."),
    "api.request.body*": N_("The body of the request that called the API, part by part."),
    "api.request.enum.body": N_("The names of the parts of the request's body."),
    "api.request.enum.headers": N_("The names of the request's headers."),
    "api.request.enum.mvparameters": N_("The names of the request's parameters that have several values."),
    "api.request.enum.parameters": N_("The names of the request's parameters."),
    "api.request.headers*": N_("A header of the request, by its name."),
    "api.request.headers.fulluri": N_("The whole address of the request."),
    "api.request.method": N_("The method of the request, such as GET."),
    "api.request.mvparameters*": N_("The values of a request's parameter, by its name."),
    "api.request.parameters*": N_("A parameter of the request, by its name."),
    "api.response": N_("What the API answers."),
    "api.response.blank_error_response": N_("Whether the answer stays empty when the operation fails."),
    "api.response.headers*": N_("A header of the answer, by its name."),
    "api.response.status_code": N_("The status of the answer, such as 200."),
    "md5.hash.use.file.mode.string.only": N_("Whether MD5 takes text as a file's bytes."),
    "netsuite.async": N_("Whether NetSuite calls do not wait for their end."),
    "networking.http.query*": N_("A parameter added to the address of HTTP calls."),
    "networking.http.request.header*": N_("A header added to HTTP calls, by its name."),
    "networking.http.request.method": N_("The method of HTTP calls."),
    "networking.http.response.content_type": N_("The content type of a hosted endpoint's answer."),
    "networking.http.response.header*": N_("A header of a hosted endpoint's answer, by its name."),
    "networking.http.response.status_code": N_("The status of a hosted endpoint's answer."),
    "networking.peer.ip": N_("The address of the computer that called."),
    "operation.chunking.warn_on_error": N_("Whether a failed chunk is a warning and the next ones run."),
    "operation.error": N_("The error of the operation."),
    "operation.guid": N_("The id of this run of the operation."),
    "operation.info": N_("The information that the operation logged."),
    "operation.last_error": N_("The latest error; GetLastError gives it too."),
    "operation.log_level": N_("How much is logged."),
    "operation.name": N_("The name of the operation; in a chain, of the first one."),
    "operation.previous.error": N_("The error of the operation that ran before in the chain."),
    "operation.previous.success": N_("Whether the operation before in the chain succeeded."),
    "operation.warning": N_("The warnings of the operation."),
    "operation.write_history": N_("Whether the run is kept in the history."),
    "scripting.db.auto_commit": N_("Whether every statement of database functions is committed at once."),
    "scripting.db.max_rows": N_("The most rows that database functions give."),
    "scripting.db.rows_affected": N_("How many rows the latest statement changed."),
    "scripting.db.transaction": N_("Whether database functions work in one transaction."),
    "scripting.hex.enable_unicode_support": N_(
        "Whether HexToString and StringToHex take one byte per character."
    ),
    "scripting.ldap.include_dn_in_results": N_("Whether LDAPSearch gives distinguished names too."),
    "scripting.ldap.max_search_results": N_("The most entries that LDAPSearch gives."),
    "scripting.ldap.return_null_if_no_results": N_("Whether LDAPSearch gives null when it finds nothing."),
    "scripting.ldap.scope": N_("How deep LDAPSearch looks."),
    "scripting.ldap.use_paged_search": N_("Whether LDAPSearch asks for one page after the other."),
    "scripting.nesting.max": N_("How deep scripts may run one another."),
    "scripting.while.max_iterations": N_("The most turns of one While; 50,000 unless set."),
    "sfdc.auto_fieldsToNull": N_("Whether empty values clear Salesforce fields."),
    "sfdc.dbsource.sfheader": N_("Whether rows of a database source have Salesforce names as their header."),
    "sfdc.failure_record_count": N_("How many records Salesforce refused."),
    "sfdc.query.record_count": N_("How many records the Salesforce query gave."),
    "sfdc.success_record_count": N_("How many records Salesforce took."),
    "source.db.character_encoding": N_("The encoding of text from a database."),
    "source.db.preserve_char_whitespace": N_("Whether blanks at the end of fixed-length columns are kept."),
    "source.db.schema_name_delimiter": N_("The character around schema names of a source database."),
    "source.db.trim": N_("Whether blanks around text from a database are taken away."),
    "source.file_limit": N_("The most files read from a source."),
    "source.file_share.file_list_limit": N_("The most file names taken from a shared folder."),
    "source.filename": N_("The name of the file being read."),
    "source.filenames": N_("The names of all files read."),
    "source.ftp.encode_url": N_("Whether special characters of an FTP address are encoded when reading."),
    "source.ftp.return_code": N_("The server's answer to reading from FTP."),
    "source.ftp.transfer_timeout": N_("How many seconds reading from FTP may take."),
    "source.http.max_redirs": N_("The most redirections followed when reading from HTTP."),
    "source.http.response": N_("The body of the latest answer to reading from HTTP."),
    "source.http.response.header*": N_("A header of the latest answer to reading from HTTP, by its name."),
    "source.http.ssl_cert_id": N_("The certificate used for reading from HTTP."),
    "source.http.status_code": N_("The status of the latest answer to reading from HTTP."),
    "source.http.transfer_timeout": N_("How many seconds reading from HTTP may take."),
    "source.locator": N_("The folder or address that is read from."),
    "source.locators": N_("The folders or addresses of all files read."),
    "source.preserve_char_whitespace": N_("Whether blanks at the end of a source's text are kept."),
    "source.sftp.ssh_key_id": N_("The SSH key used for reading from SFTP."),
    "source.size": N_("The size of the file being read, in bytes."),
    "source.sizes": N_("The sizes of all files read, in bytes."),
    "source.text.character_encoding": N_("The encoding of the text that is read."),
    "source.text.csv_nullable": N_("Whether empty columns of a text file are null."),
    "target.chunk_node_name": N_("The node of the target that chunks are cut at."),
    "target.chunk_size": N_("How many records one chunk of the target holds."),
    "target.chunking_uncombined": N_("Whether every chunk of the target stays a file of its own."),
    "target.db.character_encoding": N_("The encoding of text for a database."),
    "target.db.commit_chunks": N_("Whether every chunk written to a database is committed by itself."),
    "target.db.include_null_in_sql_statement": N_("Whether SQL statements name columns that are null."),
    "target.db.no_data_action": N_("What to do when there is nothing to write to the database."),
    "target.db.pre_target_sql": N_("A statement to run before anything is written to the database."),
    "target.db.schema_name_delimiter": N_("The character around schema names of a target database."),
    "target.db.transaction": N_("Whether everything written to a database is one transaction."),
    "target.file_count": N_("How many files were written."),
    "target.file_share.create_directories": N_("Whether missing folders are made in a shared folder."),
    "target.ftp.encode_url": N_("Whether special characters of an FTP address are encoded when writing."),
    "target.ftp.return_code": N_("The server's answer to writing to FTP."),
    "target.ftp.transfer_timeout": N_("How many seconds writing to FTP may take."),
    "target.http.form_data": N_("Whether what is sent over HTTP is a form."),
    "target.http.form_data.ContentType": N_("The content type of the form's file."),
    "target.http.form_data.filename": N_("The name of the form's file."),
    "target.http.form_data.name": N_("The name of the form's field."),
    "target.http.max_redirs": N_("The most redirections followed when sending over HTTP."),
    "target.http.remove_trailing_linebreaks": N_(
        "Whether line ends at the end of what is sent are taken away."
    ),
    "target.http.response.header*": N_("A header of the latest answer to sending over HTTP, by its name."),
    "target.http.ssl_cert_id": N_("The certificate used for sending over HTTP."),
    "target.http.status_code": N_("The status of the latest answer to sending over HTTP."),
    "target.http.transfer_timeout": N_("How many seconds sending over HTTP may take."),
    "target.json.array_to_object": N_("Whether a JSON array of one entry is written as an object."),
    "target.sftp.ssh_key_id": N_("The SSH key used for writing to SFTP."),
    "target.text.character_encoding": N_("The encoding of the text that is written."),
    "target.wave.json": N_("The description of the data sent to Salesforce analytics."),
    "target.xml.include_empty_xml": N_("Whether empty elements are written."),
    "target.xml.include_null_xml": N_("Whether elements without a value are written."),
    "target.xml.nsprefix": N_("The prefix of the target's namespace."),
    "target.xml.num_for_bool": N_("Whether true and false are written as 1 and 0."),
    "target.xml.prettify": N_("Whether XML is written with line breaks and indents."),
    "text.qualifier_required": N_("Whether every column of a text file is written in quotes."),
    "transformation.auto_streaming": N_("Whether large sources are read piece by piece."),
    "transformation.chunk_number": N_("The number of the chunk at hand."),
    "transformation.chunking": N_("Whether the transformation works in chunks."),
    "transformation.disable_normalization": N_("Whether the structures are used as they are."),
    "transformation.jbxmlparser": N_("Whether the other XML parser is used."),
    "transformation.name": N_("The name of the transformation."),
    "transformation.source.check_null_characters": N_(
        "Whether null characters of the source are looked for."
    ),
    "transformation.source.thread_number": N_("The number of the thread at hand."),
    "transformation.timing_on": N_("Whether the time of every mapping is measured."),
    "transformation.total_chunks": N_("How many chunks there are."),
    "transformation.total_threads": N_("How many threads there are."),
    "transformation.trim_extra_linebreaks": N_("Whether further line ends at the end are taken away."),
    "web_service_call.max_redirs": N_("The most redirections followed when calling a web service."),
    "web_service_call.number_of_retries": N_("How often a failed call is repeated."),
    "web_service_call.retry_wait_seconds": N_("How many seconds to wait before a call is repeated."),
    "web_service_call.ssl_cert_id": N_("The certificate used for calling a web service."),
    "web_service_call.status_code": N_("The status of the web service's latest answer."),
    "web_service_call.sync_response": N_("What the web service answered at once."),
    "web_service_call.time_out": N_("How many seconds a call may take."),
}

_INFO = (
    "api.request.body api.request.body* api.request.enum.body api.request.enum.headers "
    "api.request.enum.mvparameters api.request.enum.parameters api.request.headers* "
    "api.request.headers.fulluri api.request.method api.request.mvparameters* "
    "api.request.parameters* operation.error operation.guid operation.info operation.last_error "
    "operation.name operation.previous.error operation.previous.success operation.warning "
    "sfdc.failure_record_count sfdc.query.record_count sfdc.success_record_count "
    "source.filename source.filenames source.ftp.return_code source.http.response "
    "source.http.status_code source.locator source.locators source.size source.sizes "
    "target.file_count target.ftp.return_code target.http.status_code "
    "transformation.chunk_number transformation.name transformation.source.thread_number "
    "transformation.total_chunks transformation.total_threads web_service_call.status_code"
)
_INTEGERS = (
    "md5.hash.use.file.mode.string.only networking.http.response.status_code "
    "operation.log_level scripting.db.max_rows scripting.db.rows_affected "
    "scripting.ldap.max_search_results scripting.ldap.scope scripting.ldap.use_paged_search "
    "scripting.nesting.max scripting.while.max_iterations sfdc.failure_record_count "
    "sfdc.query.record_count sfdc.success_record_count source.file_limit "
    "source.file_share.file_list_limit source.ftp.return_code source.ftp.transfer_timeout "
    "source.http.max_redirs source.http.status_code source.http.transfer_timeout source.size "
    "target.chunk_size target.file_count target.ftp.return_code target.ftp.transfer_timeout "
    "target.http.max_redirs target.http.status_code target.http.transfer_timeout "
    "transformation.chunk_number transformation.source.thread_number "
    "transformation.total_chunks transformation.total_threads web_service_call.max_redirs "
    "web_service_call.number_of_retries web_service_call.retry_wait_seconds "
    "web_service_call.status_code web_service_call.time_out"
)
_BOOLEANS = (
    "api.response.blank_error_response netsuite.async operation.chunking.warn_on_error "
    "operation.write_history scripting.db.auto_commit scripting.db.transaction "
    "scripting.hex.enable_unicode_support scripting.ldap.include_dn_in_results "
    "scripting.ldap.return_null_if_no_results sfdc.auto_fieldsToNull sfdc.dbsource.sfheader "
    "source.db.preserve_char_whitespace source.db.trim source.ftp.encode_url "
    "source.preserve_char_whitespace source.text.csv_nullable target.chunking_uncombined "
    "target.db.commit_chunks target.db.include_null_in_sql_statement target.db.transaction "
    "target.file_share.create_directories target.ftp.encode_url target.http.form_data "
    "target.http.remove_trailing_linebreaks target.json.array_to_object "
    "target.xml.include_empty_xml target.xml.include_null_xml target.xml.num_for_bool "
    "target.xml.prettify text.qualifier_required transformation.auto_streaming "
    "transformation.chunking transformation.disable_normalization transformation.jbxmlparser "
    "transformation.source.check_null_characters transformation.timing_on "
    "transformation.trim_extra_linebreaks web_service_call.sync_response"
)
_ARRAYS = "source.filenames source.locators source.sizes"
_WORKING = (
    "scripting.while.max_iterations scripting.hex.enable_unicode_support operation.last_error operation.name "
    "operation.guid transformation.name scripting.nesting.max"
)
DEFAULTS: dict[str, bool | int | str] = {
    PREFIX + name: default
    for names, default in (
        (
            "operation.write_history scripting.db.auto_commit sfdc.auto_fieldsToNull target.db.transaction "
            "target.xml.include_null_xml target.xml.num_for_bool target.xml.prettify "
            "transformation.source.check_null_characters transformation.trim_extra_linebreaks "
            "web_service_call.sync_response",
            True,
        ),
        (
            "netsuite.async operation.chunking.warn_on_error scripting.db.transaction "
            "scripting.hex.enable_unicode_support scripting.ldap.return_null_if_no_results "
            "sfdc.dbsource.sfheader source.db.preserve_char_whitespace source.db.trim source.ftp.encode_url "
            "source.preserve_char_whitespace target.db.include_null_in_sql_statement "
            "target.file_share.create_directories target.ftp.encode_url target.xml.include_empty_xml "
            "text.qualifier_required transformation.disable_normalization transformation.jbxmlparser "
            "transformation.timing_on",
            False,
        ),
        ("source.http.max_redirs target.http.max_redirs web_service_call.max_redirs", 0),
        ("source.sftp.ssh_key_id target.sftp.ssh_key_id target.db.pre_target_sql", ""),
        ("source.db.schema_name_delimiter target.db.schema_name_delimiter", "."),
        ("target.xml.nsprefix", "NS"),
        ("scripting.db.max_rows", 10_000),
        ("scripting.nesting.max", 10),
        ("scripting.while.max_iterations", 50_000),
    )
    for name in names.split()
}
"""What scripts read in a setting that nobody has set."""
_TYPES = {
    name: type
    for names, type in ((_INTEGERS, "number"), (_BOOLEANS, "bool"), (_ARRAYS, "array"))
    for name in names.split()
}

SYSTEM_VARIABLES: dict[str, SystemVariable] = {
    PREFIX + name: SystemVariable(
        PREFIX + name, _TYPES.get(name, "string"), name not in _INFO.split(), doc, name in _WORKING.split()
    )
    for name, doc in _DOCS.items()
}
"""Every system variable by its name."""
_FAMILIES = sorted((name[:-1] for name in SYSTEM_VARIABLES if name.endswith("*")), key=len, reverse=True)


def system_variable(name: str) -> SystemVariable | None:
    """The system variable of a global's name (without `$`), None for any other name."""
    if not name.startswith(PREFIX):
        return None
    exact = SYSTEM_VARIABLES.get(name)
    if exact is not None:
        return exact
    family = next((each for each in _FAMILIES if name.startswith(each)), None)
    return SYSTEM_VARIABLES[family + "*"] if family is not None else None
