"""SOAP login, for the clients that still use it, and undelete, which no other API has."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lxml import etree

from studio.practice import removal
from studio.practice.failures import malformed_id, not_found
from studio.practice.http.message import XML_TYPE, Response, text_response
from studio.practice.ids import full_id
from studio.practice.load import Outcome
from studio.practice.router import Call, Route, route
from studio.practice.sign_in.oauth import user_with

# From this version on there is no login() any more.
_NO_LOGIN_SINCE = 65
_BODY_LIMIT = 1024 * 1024
_UNDELETE_MOST = 200
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="urn:{kind}.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"{more}>'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
_KINDS = {"u": "partner", "c": "enterprise"}


async def login(call: Call) -> Response:
    """POST /services/Soap/u/62.0, whatever its SOAPAction."""
    kind = _KINDS.get(call.match["kind"].lower())
    if kind is None:
        raise not_found()
    body = await call.request.body(_BODY_LIMIT)
    if b"<!DOCTYPE" in body:
        return _fault(kind, "UNKNOWN_EXCEPTION", "The request has a document type declaration")
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        return _fault(kind, "UNKNOWN_EXCEPTION", f"The request is no XML: {error}")
    space = f"{{urn:{kind}.soap.sforce.com}}"
    if root.find(f".//{space}logout") is not None:
        return _log_out(call, kind, root.findtext(".//{*}sessionId") or "")
    undelete = root.find(f".//{space}undelete")
    if undelete is not None:
        return await _undelete(call, kind, root, [item.text or "" for item in undelete.iter(f"{space}ids")])
    asked = root.find(f".//{space}login")
    if asked is None:
        return _fault(kind, "INVALID_OPERATION", "This endpoint knows login(), logout() and undelete() only")
    if float(call.match["soap"]) >= _NO_LOGIN_SINCE:
        return _fault(kind, "UNSUPPORTED_API_VERSION", "SOAP API login() is not available in this version")
    if "no-soap-login" in call.org.faults:
        return _fault(kind, "INVALID_OPERATION", "SOAP API login() is disabled by default in this org")
    username = asked.findtext("{*}username") or ""
    password = asked.findtext("{*}password") or ""
    user_id = user_with(call.org, username, password)
    if user_id is None:
        message = "Invalid username, password, security token; or user locked out."
        return _fault(kind, "INVALID_LOGIN", message)
    return _signed_in(call, kind)


def _signed_in(call: Call, kind: str) -> Response:
    org, base = call.org, call.request.base
    path = f"{call.match['soap']}/{org.org_id[:15]}"
    address = f"{base}/services/Soap/{call.match['kind']}/{path}"
    metadata = f"{base}/services/Soap/m/{path}"
    token = org.sessions.open(org.user_id)
    org.keep_sessions()
    info = {
        "accessibilityMode": "false", "currencySymbol": "$", "orgAttachmentFileSizeLimit": "5242880",
        "orgDefaultCurrencyIsoCode": "USD", "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": "false", "orgHasPersonAccounts": "false", "organizationId": org.org_id,
        "organizationMultiCurrency": "false", "organizationName": "Weft Practice",
        "profileId": "00e" + org.org_id[3:15], "roleId": "", "sessionSecondsValid": "7200",
        "userDefaultCurrencyIsoCode": "", "userEmail": org.user.username, "userFullName": "Ada Admin",
        "userId": org.user_id, "userLanguage": "en_US", "userLocale": "en_US", "userName": org.user.username,
        "userTimeZone": "GMT", "userType": "Standard", "userUiSkin": "Theme3",
    }  # fmt: skip
    details = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in info.items())
    result = (
        f"<metadataServerUrl>{escape(metadata)}</metadataServerUrl>"
        f"<passwordExpired>false</passwordExpired><sandbox>false</sandbox><serverUrl>{escape(address)}</serverUrl>"
        f"<sessionId>{escape(token)}</sessionId><userId>{org.user_id}</userId><userInfo>{details}</userInfo>"
    )
    body = f"<loginResponse><result>{result}</result></loginResponse>"
    return text_response(_ENVELOPE.format(kind=kind, more="", body=body), XML_TYPE)


def _log_out(call: Call, kind: str, token: str) -> Response:
    if not call.org.sessions.close(token):
        return _fault(kind, "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")
    call.org.keep_sessions()
    return text_response(_ENVELOPE.format(kind=kind, more="", body="<logoutResponse/>"), XML_TYPE)


async def _undelete(call: Call, kind: str, root: etree._Element, ids: list[str]) -> Response:
    """undelete(), of records of any objects, up to 200 of them: the one call that neither REST nor Bulk has."""
    org = call.org
    if org.sessions.find(root.findtext(".//{*}SessionHeader/{*}sessionId") or "") is None:
        return _fault(
            kind, "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session"
        )
    if org.calls_today >= org.call_limit:
        return _fault(kind, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    org.calls_today += 1
    if len(ids) > _UNDELETE_MOST:
        message = f"record limit reached. cannot submit more than {_UNDELETE_MOST} records into this call"
        return _fault(kind, "EXCEEDED_ID_LIMIT", message)

    def work() -> list[Outcome]:
        outcomes: list[Outcome] = []
        with org.store.writing() as connection:
            for text in ids:
                id_ = full_id(text) or text
                sobject = org.catalog.with_prefix(id_[:3])
                if sobject is None or not full_id(text):
                    outcomes.append(Outcome(None, False, malformed_id("Id", text, "Id")))
                else:
                    outcomes += removal.undelete(org, connection, sobject, [id_])
        return outcomes

    found = zip(ids, await org.run(work), strict=True)
    body = "".join(_undeleted(text, outcome) for text, outcome in found)
    answer = f"<undeleteResponse>{body}</undeleteResponse>"
    return text_response(_ENVELOPE.format(kind=kind, more="", body=answer), XML_TYPE)


def _undeleted(text: str, outcome: Outcome) -> str:
    if outcome.failure is None:
        return f"<result><id>{outcome.id}</id><success>true</success></result>"
    failure = outcome.failure
    error = f"<errors><message>{escape(failure.message)}</message><statusCode>{failure.code}</statusCode></errors>"
    return f"<result>{error}<id>{escape(text)}</id><success>false</success></result>"


def _fault(kind: str, code: str, message: str) -> Response:
    text = escape(message)
    detail = (
        f'<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{text}</sf:exceptionMessage></sf:LoginFault>"
    )
    body = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>"
    )
    more = f' xmlns:sf="urn:fault.{kind}.soap.sforce.com"'
    return text_response(_ENVELOPE.format(kind=kind, more=more, body=body), XML_TYPE, 500)


def routes() -> list[Route]:
    """The routes of this module."""
    return [
        route("POST", "/services/Soap/{kind}/{soap}", login, open=True),
        route("POST", "/services/Soap/{kind}/{soap}/{org}", login, open=True),
    ]
