"""Mail by SMTP: invitations and links for a new password, where whoever runs the server has set it up."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cloud.log import event
from studio.base.errors import BadInput
from studio.base.i18n import _

SECONDS = 20.0


@dataclass(frozen=True)
class Mailer:
    """Where mail is handed in. `secure` is "tls" (from the first byte), "starttls", or "" (this machine only)."""

    host: str
    port: int
    secure: str
    sender: str
    user: str = ""
    password: str = ""

    def send(self, to: str, subject: str, text: str) -> bool:
        """Hand a message in; tells whether it was taken. What went wrong is in the log, without the message."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, " ".join(subject.split())
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            event("mail_not_sent", kind=type(error).__name__)
            return False
        return True

    def _connected(self) -> smtplib.SMTP:
        trust = ssl.create_default_context()
        trust.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.secure == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=trust)
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if self.secure == "starttls":
            server.starttls(context=trust)
        return server


def mailer(address: str, sender: str, password_file: str, folder: Path) -> Mailer | None:
    """The mailer of the settings: `smtps://user@host:465` or `smtp://user@host:587` (STARTTLS; plain on this machine only).

    None where nothing is set up. Raises BadInput for settings that cannot be meant.
    """
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not sender or parts.password:
        raise BadInput(
            _("The mail server's address cannot be used: {address}").format(address=parts.scheme + "://…"),
            next_step=_(
                'Write mail = "smtps://user@host:465", mail_from, and the password into a file of its own.'
            ),
        )
    inside = parts.hostname in ("127.0.0.1", "::1", "localhost")
    secure = "tls" if parts.scheme == "smtps" else "" if inside else "starttls"
    password = (folder / password_file).read_text(encoding="utf-8").strip() if password_file else ""
    port = parts.port or (465 if secure == "tls" else 587)
    return Mailer(parts.hostname, port, secure, sender, unquote(parts.username or ""), password)
