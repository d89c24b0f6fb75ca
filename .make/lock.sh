#!/usr/bin/env bash
# Resolves all dependencies for Python 3.11 and newer on Linux, x86-64 and aarch64 alike, into files with hashes.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    # No header and no origin lines: a lock names what is installed, never where it was found.
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        ${UPGRADE:+--upgrade} "$@" >/dev/null
}
compile --group build -o requirements-build.lock
compile pyproject.toml --extra training -c requirements-build.lock -o requirements.lock
compile pyproject.toml --extra training --group dev -c requirements-build.lock -c requirements.lock \
    -o requirements-dev.lock
compile pyproject.toml --extra training --extra pi -c requirements-build.lock -c requirements.lock \
    -o requirements-pi.lock
if grep -nE '://|^--|^-[a-z]' requirements*.lock; then
    printf 'a lock names an address or an option (lines above); remove what put it there\n' >&2
    exit 1
fi
