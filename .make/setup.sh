#!/usr/bin/env bash
# Installs what one part of the work needs: setup.sh run|dev|pi. Safe to repeat; needs no network once done.
set -euo pipefail
cd "$(dirname "$0")/.."

part="${1:-dev}"
venv=.venv
log="$venv/setup.log"

# One at a time: two installers in one environment spoil it.
exec 9<"$0"
flock 9

say() { printf '  %s\n' "$*" >&2; }
warn() { printf '  warning: %s\n' "$*" >&2; }
die() {
    printf 'setup: %s\n' "$1" >&2
    shift
    if (($#)); then printf '  %s\n' "$@" >&2; fi
    exit 1
}

# One line per package: a|b means either will do, a path stands for what was installed by hand. What it is for is what the user reads when it is missing.
must=(
    "gcc                 compiling the reader library pyscard"
    "libc6-dev           compiling the reader library pyscard"
    "libpcsclite-dev     compiling the reader library pyscard"
    "pcscd               talking to card readers"
    "libccid             USB card readers"
    "mosquitto           the broker between a unit and an office"
    "openssl             looking at certificates by hand"
    "util-linux          a private card service, apart from the system's (unshare)"
    # Small (3 MB to fetch), in Debian 12 and 13, covers JIS X 0213; Noto CJK is 56 MB.
    "fonts-ipaexfont-gothic|fonts-ipafont-gothic|fonts-noto-cjk  drawing Japanese names on training cards and slips"
)
nice=(
    "iproute2            a card service with a network of its own"
    # Apache-2.0, amd64 and arm64, in Debian 12 and 13; the English data come with it.
    "tesseract-ocr       proposing the code from a card's front; without it the code is typed"
    "tesseract-ocr-jpn   the same: reading the dates on a card's front"
)
case "$part" in
    run)
        lock=requirements.lock
        nice+=("vsmartcard-vpcd|/etc/reader.conf.d/vpcd  the training card behind a real card service; without it the card stays in process")
        ;;
    dev)
        lock=requirements-dev.lock
        must+=(
            "vsmartcard-vpcd|/etc/reader.conf.d/vpcd  testing the card path through the real card service"
            "opensc              an independent program to test the simulated card with"
            "mosquitto-clients   an independent client to test the broker with"
        )
        ;;
    pi)
        lock=requirements-pi.lock
        must+=("libcap-dev          compiling python-prctl, which picamera2 needs")
        nice+=("python3-libcamera   the camera on a Raspberry Pi; Raspberry Pi OS has it")
        # For older ones lgpio comes as a wheel.
        if /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null; then
            nice+=("python3-lgpio       the buttons and lamps of a Raspberry Pi; Raspberry Pi OS has it")
        fi
        ;;
    *) die "unknown part '$part'; use run, dev or pi" ;;
esac

# Prints the first python that is new enough and can make a virtual environment and compile for itself.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 /usr/bin/python3}; do
        if "$candidate" - 2>/dev/null <<'PY'
import ensurepip, pathlib, sys, sysconfig, venv
ok = sys.version_info >= (3, 11) and sys.implementation.name == "cpython"
sys.exit(not (ok and pathlib.Path(sysconfig.get_path("include"), "Python.h").exists()))
PY
        then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

installed() { [[ ( "$1" == /* && -e "$1" ) || "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]; }
offered() { [[ "$1" != /* && -n "$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \([^(].*\)/\1/p')" ]]; }

# The names to hand to apt: the first of each line's alternatives.
package_names() { printf '%s\n' "$@" | sed 's/[| ].*//' | tr '\n' ' '; }

# Sets `missing` to those of the given lines of which no alternative is installed.
find_missing() {
    local line name
    missing=()
    for line in "$@"; do
        for name in $(tr '|' ' ' <<<"${line%% *}"); do
            if installed "$name"; then continue 2; fi
        done
        missing+=("$line")
    done
}

as_root=()
become_root() {
    if ((EUID == 0)); then return; fi
    # Without a terminal sudo must not wait for a password that nobody can type.
    if [[ -t 0 ]]; then as_root=(sudo); else as_root=(sudo -n); fi
    if ! command -v sudo >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
        die "these packages are missing and only root may install them: $*" \
            "run as root:  apt-get update && apt-get install --no-install-recommends $*" \
            "then run this again."
    fi
}

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

install_packages() {
    local line name aptlog wanted=() absent=()
    become_root "$(package_names "$@")"
    say "system packages: $(package_names "$@")"
    aptlog="$(mktemp)"
    if ! apt update >"$aptlog" 2>&1; then
        tail -n 5 "$aptlog" >&2
        warn "the package lists could not be refreshed; trying with the old ones"
    fi
    for line in "$@"; do
        for name in $(tr '|' ' ' <<<"${line%% *}"); do
            if offered "$name"; then
                wanted+=("$name")
                continue 2
            fi
        done
        absent+=("$line")
    done
    if ((${#wanted[@]})); then
        if ! apt install --yes --no-install-recommends "${wanted[@]}" >"$aptlog" 2>&1; then
            tail -n 20 "$aptlog" >&2
            warn "apt-get install failed (its last lines are above)"
        fi
    fi
    rm -f "$aptlog"
    for line in "${absent[@]}"; do warn "this system's package lists do not offer: $line"; done
    if [[ " ${wanted[*]} " == *" mosquitto "* && -d /run/systemd/system ]]; then
        say "note: Debian may have started its own mosquitto on port 1883. mynavisit runs a private one and"
        say "      leaves that alone; if nothing else uses it: systemctl disable --now mosquitto"
    fi
}

system_packages() {
    local line missing lacking
    if ! find_python >/dev/null; then
        must+=("python3 the program itself" "python3-venv the virtual environment" "python3-dev compiling pyscard")
    fi
    if ! command -v dpkg-query >/dev/null; then
        warn "not a Debian system; the equivalents of these packages must be there:"
        printf '    %s\n' "${must[@]}" "${nice[@]}" >&2
        return
    fi
    find_missing "${must[@]}"
    lacking=("${missing[@]}")
    # What could not be had last time is not asked for again: that would need the network at every start.
    find_missing "${nice[@]}"
    for line in "${missing[@]}"; do
        if ! grep -qxF "$line" "$venv/.without-$part" 2>/dev/null; then lacking+=("$line"); fi
    done
    if ((${#lacking[@]})); then install_packages "${lacking[@]}"; fi

    find_missing "${must[@]}"
    if ((${#missing[@]})); then
        printf '  missing: %s\n' "${missing[@]}" >&2
        if [[ "${missing[*]}" == *vsmartcard-vpcd* ]]; then
            say "where Debian lacks vsmartcard-vpcd, build the vpcd part of the vsmartcard project: ./configure && make install"
        fi
        die "packages that must be there could not be installed; what stands beside each name will not work" \
            "is there a network, and is the system Debian 12 or newer? Check with: apt-get update" \
            "by hand, as root:  apt-get install --no-install-recommends $(package_names "${missing[@]}")"
    fi
    find_missing "${nice[@]}"
    without=("${missing[@]}")
    for line in "${without[@]}"; do warn "goes on without $line"; done
}

without=()
system_packages

python="$(find_python)" || die "no usable Python 3.11 or newer was found" \
    "needed: CPython 3.11 to 3.13 with venv, ensurepip and the headers (python3-venv and python3-dev on Debian 12 or newer)" \
    "another one can be named: make setup PYTHON=/path/to/python3"

# libcamera's Python bindings come from apt only, so a Pi's environment lets the system's packages in.
options=()
if [[ "$part" == pi ]]; then options=(--system-site-packages); fi
environment_is_good() {
    "$venv/bin/python" -c 'import sys' 2>/dev/null && [[ "$(cat "$venv/.home" 2>/dev/null)" == "$PWD" ]] &&
        { [[ "$part" != pi ]] || grep -q 'include-system-site-packages = true' "$venv/pyvenv.cfg"; }
}
# Made anew when its Python is gone or when it was moved here from another folder.
if ! environment_is_good; then
    say "virtual environment with $("$python" --version)"
    "$python" -m venv --clear "${options[@]}" "$venv"
    printf '%s' "$PWD" >"$venv/.home"
fi
printf '%s\n' "${without[@]}" >"$venv/.without-$part"

pip_install() {
    # Source packages are compiled with the tools pinned in requirements-build.lock, found on PATH.
    if ! PATH="$PWD/$venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$venv/bin/python" -m pip install --no-input --no-build-isolation "$@" >"$log" 2>&1; then
        tail -n 25 "$log" >&2
        die "installing the Python packages failed; the last lines are above, all of them in $log" \
            "no network: connect once and run this again; everything later works offline" \
            "hash mismatch: the package differs from the one that was locked; do not go on, find out why"
    fi
}

stamp_of() { cat requirements-build.lock "$1" | sha256sum | cut -d' ' -f1; }
holds() { [[ "$(cat "$venv/.stamp-$1" 2>/dev/null)" == "$(stamp_of "$2")" ]]; }

# The locks for the tests and for the Pi hold all that a run needs.
if ! { holds "$part" "$lock" ||
    { [[ "$part" == run ]] && { holds dev requirements-dev.lock || holds pi requirements-pi.lock; }; }; }; then
    say "Python packages of $lock (about a minute the first time)"
    rm -f "$venv"/.stamp-*
    pip_install --require-hashes -r requirements-build.lock
    pip_install --require-hashes -r "$lock"
    stamp_of "$lock" >"$venv/.stamp-$part"
fi

if [[ "$(cat "$venv/.stamp-project" 2>/dev/null)" != "$(sha256sum <pyproject.toml)" ]]; then
    say "the mynavisit command"
    pip_install --no-index --no-deps --editable .
    sha256sum <pyproject.toml >"$venv/.stamp-project"
fi
say "ready ($part)"
