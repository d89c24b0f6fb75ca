#!/usr/bin/env bash
# Pictures, recordings and models do not belong in the history: once in, they stay for ever.
set -euo pipefail
limit_bytes=$((2 * 1024 * 1024))

bad=0
for file in "$@"; do
    size_bytes="$(stat -c %s -- "$file")"
    if ((size_bytes > limit_bytes)); then
        printf '%s: %d bytes, more than the %d allowed\n' "$file" "$size_bytes" "$limit_bytes" >&2
        bad=1
    fi
done
exit "$bad"
