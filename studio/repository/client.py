"""The repository server's API: one method for each thing it does, in the protocol's own words."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from types import TracebackType
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

import httpx

from studio.base.i18n import _
from studio.protocol import limits
from studio.protocol.access import Environment, Organization, OrganizationPage
from studio.protocol.deployments import (
    Credential,
    Credentials,
    Deployed,
    Deployment,
    DeploymentPage,
    NewCredential,
    NewDeployment,
    NewPromotion,
    NewSealingKey,
    NewVariables,
    Planned,
    Scope,
    SealingKey,
    Variables,
)
from studio.protocol.fields import HASH
from studio.protocol.identity import Account as User
from studio.protocol.manifests import BadManifest, check
from studio.protocol.packs import Packed
from studio.protocol.projects import (
    Change,
    Compared,
    Entry,
    Missing,
    NewProject,
    NewUpload,
    Project,
    ProjectPage,
    Pull,
    Push,
    Restore,
    Revision,
    RevisionPage,
    Status,
    Stored,
    Upload,
    contents,
)
from studio.repository import transfers
from studio.repository.accounts import Account
from studio.repository.refusals import Refused
from studio.repository.transfers import Progress, nothing
from studio.repository.wire import API, Asked, Patience, Wire

T = TypeVar("T")
# The entity tag of a project before its first push.
NOTHING = "none"


def new_key() -> str:
    """An idempotency key: the same one for every try of one change, a new one for the next."""
    return secrets.token_urlsafe(18)


class Repository:
    """A server as its account sees it: projects, revisions and deployments of the account's organization.

    Reads are tried again when the line is cut or the server is busy; a write is where its idempotency key, or what it
    is, makes a second time harmless. Every method raises Refused and its kinds (SignedOut, RevisionConflict,
    ContentsMissing, DeployedMeanwhile), ServerFailed, NotARepository, NotReachable and TooLarge. Closing it closes
    the client.
    """

    def __init__(
        self, account: Account, token: str, client: httpx.AsyncClient, patience: Patience | None = None
    ) -> None:
        self.account = account
        self.wire = Wire(account.server, token, client, patience)
        self._client = client
        self._org = f"{API}/organizations/{_in_path(account.organization)}"

    async def __aenter__(self) -> Repository:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    # Who asks, and where.

    async def me(self) -> User:
        """Who is signed in, with the organizations this session or token reaches."""
        return await self._get(f"{API}/me", User)

    async def sign_out(self) -> None:
        """End the session on the server; a personal token is no session and stays good."""
        await self.wire.ask(Asked("DELETE", f"{API}/sign-in", again=True))

    async def organizations(self) -> tuple[Organization, ...]:
        """All organizations the user belongs to."""
        return await self._all(f"{API}/organizations", OrganizationPage)

    async def organization(self) -> Organization:
        """The account's organization, and what the user may do in it."""
        return await self._get(self._org, Organization)

    async def environments(self) -> tuple[Environment, ...]:
        """The environments the user has a right in, by position."""
        return await self._get(f"{self._org}/environments", tuple[Environment, ...])

    # Projects and their revisions.

    async def projects(self, environment: str = "", *, archived: bool = False) -> tuple[Project, ...]:
        """The projects the user may read, those at home in one environment where it is named."""
        asked = {"environment": environment} if environment else {}
        asked |= {"archived": "true"} if archived else {}
        return await self._all(f"{self._org}/projects", ProjectPage, **asked)

    async def project(self, project: str) -> Project:
        """One project."""
        return await self._get(self._of(project), Project)

    async def create_project(self, new: NewProject, key: str) -> Project:
        """Make a project in an environment the user may write to."""
        return await self._keyed(f"{self._org}/projects", new, key, Project)

    async def status(self, project: str, etag: str = "") -> Status | None:
        """Where a project stands; None where `etag` (the head's id, "none" before the first push) still is right."""
        headers = {"If-None-Match": f'"{etag}"'} if etag else {}
        answer = await self.wire.ask(Asked("GET", self._of(project, "status"), headers=headers, again=True))
        return None if answer.status == 304 else self.wire.read(answer, Status)

    async def pull(self, project: str, have: str | None = None) -> Pull:
        """The head and what leads there from the revision `have`; its paths and hashes are fit to be written."""
        params = {"have": have} if have else {}
        pull: Pull = await self._get(self._of(project, "pull"), Pull, **params)
        sound(pull.put)
        return pull

    def pack(
        self, project: str, hashes: Iterable[str], progress: Progress = nothing
    ) -> AsyncIterator[tuple[str, bytes]]:
        """Contents of any revision, each checked against its hash, none larger than `limits.PACK_OBJECT_BYTES`."""
        return transfers.receive_pack(self.wire, self._of(project, "pack"), hashes, progress)

    async def object(self, project: str, digest: str, file: BinaryIO, progress: Progress = nothing) -> int:
        """One content of any size into an empty file, checked; its size in bytes."""
        path = self._of(project, "objects", digest)
        return await transfers.receive_object(self.wire, path, digest, file, progress)

    async def missing(self, project: str, parent: str | None, change: Change) -> Missing:
        """Which contents a push of this change from `parent` (None: the first one) must bring."""
        asked = Asked("POST", self._of(project, "missing"), headers=_match(parent), json=change, again=True)
        return await self.wire.json(asked, Missing)

    async def send_pack(
        self, project: str, contents: Callable[[], Iterable[Packed]], progress: Progress = nothing
    ) -> Stored:
        """Bring contents in one pack; `contents` gives them anew for each try."""
        return await transfers.send_pack(self.wire, self._of(project, "objects"), contents, progress)

    async def upload(
        self,
        project: str,
        new: NewUpload,
        file: BinaryIO,
        progress: Progress = nothing,
        known: str = "",
        began: transfers.Began = transfers.forgotten,
    ) -> Upload:
        """Bring one large content in pieces; `known` is the id of an upload of it begun before, `began` is told that of
        a new one."""
        path = self._of(project, "uploads")
        return await transfers.upload(self.wire, path, new, file, progress, known, began)

    async def push(self, project: str, parent: str | None, push: Push, key: str) -> Revision:
        """A new revision, all or nothing; raises RevisionConflict where `parent` is not the head any more."""
        return await self._keyed(
            self._of(project, "revisions"), push, key, Revision, parent=parent or NOTHING
        )

    async def revisions(
        self, project: str, after: str | None = None, limit: int = limits.PAGE
    ) -> RevisionPage:
        """A page of the history, newest first; `after` is the page's before."""
        params = {"limit": str(limit)} | ({"after": after} if after else {})
        return await self._get(self._of(project, "revisions"), RevisionPage, **params)

    async def revision(self, project: str, revision: str) -> Revision:
        """One revision by its id."""
        return await self._get(self._of(project, "revisions", revision), Revision)

    async def manifest(self, project: str, revision: str) -> tuple[Entry, ...]:
        """Everything a revision holds."""
        path = self._of(project, "revisions", revision, "manifest")
        return sound(await self._get(path, tuple[Entry, ...]))

    async def difference(self, project: str, after: str, before: str | None = None) -> Compared:
        """What is different between two revisions, path by path."""
        params = {"after": after} | ({"before": before} if before else {})
        told: Compared = await self._get(self._of(project, "difference"), Compared, **params)
        sound(told.added + told.changed)
        return told

    async def restore(self, project: str, parent: str, restore: Restore, key: str) -> Revision:
        """A new revision equal to an old one."""
        return await self._keyed(self._of(project, "restore"), restore, key, Revision, parent=parent)

    # What runs where.

    async def deployed(self, project: str, environment: str) -> Deployed:
        """What an environment holds of the project."""
        found: Deployed = await self._get(self._of(project, "deployed", environment), Deployed)
        sound(found.entries)
        return found

    def pack_of_deployed(
        self, project: str, environment: str, hashes: Iterable[str], progress: Progress = nothing
    ) -> AsyncIterator[tuple[str, bytes]]:
        """Contents of what is deployed, as `pack` gives them."""
        path = self._of(project, "deployed", environment, "pack")
        return transfers.receive_pack(self.wire, path, hashes, progress)

    async def deployments(
        self, project: str, environment: str = "", after: str | None = None, limit: int = limits.PAGE
    ) -> DeploymentPage:
        """A page of the deployments, newest first."""
        params = {"limit": str(limit)} | ({"environment": environment} if environment else {})
        params |= {"after": after} if after else {}
        return await self._get(self._of(project, "deployments"), DeploymentPage, **params)

    async def plan_deployment(
        self, project: str, environment: str, revision: str, scope: Scope = "whole", path: str | None = None
    ) -> Planned:
        """What a deployment would change."""
        params = {"environment": environment, "revision": revision, "scope": scope}
        params |= {"path": path} if path is not None else {}
        return await self._get(self._of(project, "deployment-plan"), Planned, **params)

    async def deploy(self, project: str, deployment: NewDeployment, key: str) -> Deployment:
        """Deploy; raises DeployedMeanwhile where something else is there than what was shown."""
        return await self._keyed(self._of(project, "deployments"), deployment, key, Deployment)

    async def plan_promotion(self, project: str, source: str, target: str) -> Planned:
        """What a promotion would change."""
        params = {"source": source, "target": target}
        return await self._get(self._of(project, "promotion-plan"), Planned, **params)

    async def promote(self, project: str, promotion: NewPromotion, key: str) -> Deployment:
        """Promote; raises DeployedMeanwhile where either side is not as it was shown."""
        return await self._keyed(self._of(project, "promotions"), promotion, key, Deployment)

    # What differs per environment.

    async def variables(self, project: str, environment: str) -> Variables:
        """The values set in the repository; they win over the files'."""
        return await self._get(self._set(project, environment, "variables"), Variables)

    async def set_variables(
        self, project: str, environment: str, version: int, values: dict[str, str]
    ) -> Variables:
        """Replace all values; raises Refused (`changed_meanwhile`) where `version` is not the present one."""
        headers = {"If-Match": f'"{version}"'}
        path = self._set(project, environment, "variables")
        return await self.wire.json(Asked("PUT", path, headers=headers, json=NewVariables(values)), Variables)

    async def sealing_key(self) -> SealingKey | None:
        """The public key secrets are sealed to; None as long as there is none."""
        try:
            return await self._get(f"{self._org}/sealing-key", SealingKey)
        except Refused as error:
            if error.status != 404:
                raise
        return None

    async def set_sealing_key(self, public: str) -> SealingKey:
        """Set the public key; an administrator's."""
        asked = Asked("PUT", f"{self._org}/sealing-key", json=NewSealingKey(public), again=True)
        return await self.wire.json(asked, SealingKey)

    async def credentials(self, project: str, environment: str) -> tuple[Credential, ...]:
        """Which sealed secrets there are, without them."""
        return (await self._get(self._set(project, environment, "credentials"), Credentials)).items

    async def credential(self, project: str, environment: str, name: str) -> Credential:
        """A sealed secret, for whoever runs operations there."""
        return await self._get(self._set(project, environment, "credentials", name), Credential)

    async def put_credential(
        self, project: str, environment: str, name: str, new: NewCredential
    ) -> Credential:
        """Keep a sealed secret."""
        path = self._set(project, environment, "credentials", name)
        return await self.wire.json(Asked("PUT", path, json=new, again=True), Credential)

    async def remove_credential(self, project: str, environment: str, name: str) -> None:
        """Remove a sealed secret; one that is not there is as good."""
        path = self._set(project, environment, "credentials", name)
        try:
            await self.wire.ask(Asked("DELETE", path, again=True))
        except Refused as error:
            if error.status != 404:
                raise

    def _of(self, project: str, *further: str) -> str:
        return "/".join([self._org, "projects", *map(_in_path, (project, *further))])

    def _set(self, project: str, environment: str, *further: str) -> str:
        return self._of(project, "environments", environment, *further)

    async def _get(self, path: str, kind: type[T], /, **params: str) -> T:
        return await self.wire.json(Asked("GET", path, params, again=True), kind)

    async def _keyed(self, path: str, body: Any, key: str, kind: type[T], *, parent: str = "") -> T:
        headers = {"Idempotency-Key": key} | ({"If-Match": f'"{parent}"'} if parent else {})
        return await self.wire.json(Asked("POST", path, headers=headers, json=body, again=True), kind)

    async def _all(self, path: str, kind: Any, /, **params: str) -> tuple[Any, ...]:
        items: list[Any] = []
        after: str | None = None
        while True:
            more = {"after": after} if after else {}
            page = await self._get(path, kind, limit=str(limits.PAGE_MOST), **params, **more)
            items += page.items
            if not page.after or not page.items or page.after == after:
                return tuple(items)
            after = page.after


def sound(told: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries, once they are fit to be written here: no path leads out of the project. Raises BadManifest."""
    by_path = contents(told)
    if len(by_path) != len(told) or not all(HASH.matches(entry.hash) and entry.size >= 0 for entry in told):
        raise BadManifest(
            "manifest_damaged", _("What the server says of the project's files makes no sense.")
        )
    check(by_path)
    return told


def _match(parent: str | None) -> dict[str, str]:
    return {"If-Match": f'"{parent or NOTHING}"'}


def _in_path(part: str) -> str:
    return quote(part, safe="")
