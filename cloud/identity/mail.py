"""Mail by SMTP: invitations and links for a new password, where whoever runs the server has set it up."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from cloud.config import NAME, Config
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


def mailer(config: Config) -> Mailer | None:
    """The mailer of the settings, None where there is none. `[mail]` has `server` (`smtps://user@host:465`, or
    `smtp://user@host:587`: STARTTLS, plain on this machine only), `from`, and `password_file` beside the settings.

    Raises BadInput for settings that cannot be meant.
    """
    said = config.mail
    if not said:
        return None
    parts = urlsplit(said.get("server", ""))
    unknown = said.keys() - {"server", "from", "password_file"}
    if (
        unknown
        or parts.scheme not in ("smtp", "smtps")
        or not parts.hostname
        or not said.get("from")
        or parts.password
    ):
        raise BadInput(
            _("The settings of the mail server cannot be used."),
            file=config.folder / NAME,
            next_step=_(
                "In [mail] write server = “smtps://user@host:465”, from, and password_file with the name of a file that holds the password."
            ),
        )
    inside = parts.hostname in ("127.0.0.1", "::1", "localhost")
    secure = "tls" if parts.scheme == "smtps" else "" if inside else "starttls"
    file = said.get("password_file", "")
    password = (config.folder / file).read_text(encoding="utf-8").strip() if file else ""
    port = parts.port or (465 if secure == "tls" else 587)
    return Mailer(parts.hostname, port, secure, said["from"], unquote(parts.username or ""), password)
