"""The ASGI application of the repository server."""

from __future__ import annotations

from fastapi import FastAPI

from cloud.config import Config
from studio import __version__


def create_app(config: Config | None = None) -> FastAPI:
    """The application for one configuration; nothing is shared between two of them."""
    app = FastAPI(title="Weft repository", version=__version__, docs_url=None, redoc_url=None)
    app.state.config = config or Config()

    @app.get("/health")
    def health() -> dict[str, str]:
        """Answers as long as the process serves requests."""
        return {"status": "ok", "version": __version__}

    return app
