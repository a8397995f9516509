#!/usr/bin/env bash
# Writes the locked requirement files anew (needs uv). No registry is named in them.
set -eu
cd "$(dirname "$0")/.."
lock() { uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header pyproject.toml "$@"; }
lock --extra ui --extra cloud --extra saml --extra dask --group dev -o requirements/dev.txt
lock --extra ui --group build -c requirements/dev.txt -o requirements/app.txt
lock --extra cloud --extra saml --group build -c requirements/dev.txt -o requirements/cloud.txt
lock --extra kerberos -c requirements/dev.txt -o requirements/kerberos.txt
