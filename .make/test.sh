#!/usr/bin/env bash
# The linters, then the tests whatever the linters said; pytest's closing line stays last when all is well.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

linters=0
tests=0
.make/check.sh || linters=$?
# Two processors: half the time. One after the other, to look into one test: make test ARGS="-n 0 -x".
.venv/bin/pytest -n auto --dist loadgroup "$@" || tests=$?
if ((linters)); then printf 'the linters failed too: see above, or run: make check\n' >&2; fi
((linters == 0 && tests == 0))
