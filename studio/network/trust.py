"""Whom we trust over TLS: the operating system's certificates, and one file of extra ones where a company has its own."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

import truststore

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import reason_of


@lru_cache(maxsize=8)
def tls_context(extra_ca: Path | None = None) -> ssl.SSLContext:
    """A verifying client context, TLS 1.2 or newer; `extra_ca` is a PEM file trusted beside the system's store.

    Raises BadInput naming the file when it cannot be read as certificates.
    """
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if extra_ca is not None:
        try:
            context.load_verify_locations(cafile=extra_ca)
        except (OSError, ssl.SSLError) as error:
            raise BadInput(
                _("The file of extra certificates cannot be used: {reason}.").format(reason=reason_of(error)),
                file=extra_ca,
                next_step=_("Give a PEM file holding the certificates of your company's authority."),
            ) from error
    return context
