#!/usr/bin/env bash
# Runs the campaigns behind docs/proof.md; arguments go to them: proof.sh [--quick] [--only F1,F2] [--seed N] [--count N].
set -euo pipefail
cd "$(dirname "$0")/.."

exec .venv/bin/python -B -m tests.proof "$@"
