#!/usr/bin/env bash
# Runs every linter even when one has failed, and names those that did.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

failed=()
step() {
    local name="$1"
    shift
    printf '== %s\n' "$name"
    "$@" || failed+=("$name")
}
step 'ruff check' .venv/bin/ruff check --quiet .
step 'ruff format' .venv/bin/ruff format --quiet --diff .
step 'mypy' .venv/bin/mypy
step 'import direction' .venv/bin/lint-imports --no-logo
if ((${#failed[@]})); then
    (IFS=,; printf 'linters failed: %s\n' "${failed[*]}" >&2)
    exit 1
fi
