"""A Kerberos realm of the tests' own, CORP.TEST: its directory on loopback, alice, and the service of a proxy."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.network.proxies_run import free_port, program, running

REALM, ALICE, PASSWORD = "CORP.TEST", "alice", "in Wönderland"
# The proxy's name; its service is HTTP/localhost.
PROXY = "localhost"


@dataclass
class Realm:
    """Where its files are, and what programs find them by."""

    folder: Path
    environment: dict[str, str]

    @property
    def keytab(self) -> Path:
        """The key of the proxy's service."""
        return self.folder / "proxy.keytab"

    def run(self, *command: str, said: str = "") -> None:
        """One of Kerberos' own programs."""
        subprocess.run(
            command,
            env=os.environ | self.environment,
            input=said.encode(),
            check=True,
            capture_output=True,
            timeout=60,
        )

    def ticket(self) -> None:
        """alice signs in to this computer."""
        self.run(program("kinit"), ALICE, said=PASSWORD + "\n")

    def no_ticket(self) -> None:
        """She signs out."""
        self.run(program("kdestroy"), "-q")

    def failed(self) -> int:
        """How many wrong passwords the directory has seen."""
        return (self.folder / "kdc.log").read_text(errors="replace").count("PREAUTH_FAILED")


@contextlib.contextmanager
def realm(folder: Path) -> Iterator[Realm]:
    """Its directory runs meanwhile."""
    port = free_port()
    (folder / "krb5.conf").write_text(
        f"""[libdefaults]
 default_realm = {REALM}
 dns_lookup_realm = false
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 {REALM} = {{
  kdc = 127.0.0.1:{port}
 }}
[domain_realm]
 {PROXY} = {REALM}
"""
    )
    (folder / "kdc.conf").write_text(
        f"""[realms]
 {REALM} = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
  acl_file = {folder}/acl
  kdc_listen = 127.0.0.1:{port}
  kdc_tcp_listen = 127.0.0.1:{port}
  supported_enctypes = aes256-cts:normal
 }}
[logging]
 kdc = FILE:{folder}/kdc.log
"""
    )
    made = Realm(
        folder,
        {
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{folder}/tickets",
            "KRB5RCACHENAME": "none:",
        },
    )
    made.run(program("kdb5_util"), "create", "-s", "-P", "only for tests", "-r", REALM)
    admin = program("kadmin.local")
    made.run(admin, "addprinc", "+requires_preauth", "-pw", PASSWORD, ALICE)
    made.run(admin, "addprinc", "-randkey", f"HTTP/{PROXY}")
    made.run(admin, "ktadd", "-k", str(made.keytab), f"HTTP/{PROXY}")
    made.keytab.chmod(0o644)
    with running([program("krb5kdc"), "-n"], port, folder, **made.environment):
        yield made
