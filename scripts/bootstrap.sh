#!/bin/sh
# Make .venv fit to run Whyboard ("run") or to test it ("dev"). Quick when nothing changed.
#
#   scripts/bootstrap.sh run|dev
#
# 1. uv: from PATH, else installed by pip into .tools (nothing outside this folder changes).
# 2. Python 3.12 or newer: from PATH, from pyenv, else one that uv downloads.
# 3. The pinned, hashed requirements, and this project in editable form.
set -eu
cd "$(dirname "$0")/.."
mode=${1:-run}
case "$mode" in
    run) lock=requirements.txt ;;
    dev) lock=requirements-dev.txt ;;
    *) echo "usage: scripts/bootstrap.sh run|dev" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }

digest=$(cat "$lock" pyproject.toml scripts/bootstrap.sh | cksum | tr ' ' '-')
stamp=.venv/.whyboard-$mode-$digest
if [ -e "$stamp" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

find_python() { # any Python 3 that can make an environment, only to install uv
    for name in python3 python python3.14 python3.13 python3.12; do
        if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    for name in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3; do
        if [ -x "$name" ]; then echo "$name"; return; fi
    done
}

if command -v uv >/dev/null 2>&1; then
    uv=uv
elif [ -x .tools/bin/uv ]; then
    uv=.tools/bin/uv
else
    any=$(find_python)
    if [ -z "$any" ]; then
        say "error: neither uv nor a Python 3 was found."
        say "hint: install Python 3.12 or newer, or uv, and run this again."
        exit 1
    fi
    say "Installing uv into .tools …"
    "$any" -m venv .tools || { say "error: $any cannot make an environment."; say "hint: install its venv package (python3-venv)."; exit 1; }
    .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
    uv=.tools/bin/uv
fi

good() { "$1" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; }

if ! { [ -x .venv/bin/python ] && good .venv/bin/python; }; then
    chosen=
    for name in "$(command -v python3.13 2>/dev/null || true)" "$(command -v python3.14 2>/dev/null || true)" \
        "$(command -v python3.12 2>/dev/null || true)" "$(command -v python3 2>/dev/null || true)" \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[234]*/bin/python; do
        if [ -n "$name" ] && [ -x "$name" ] && good "$name"; then chosen=$name; break; fi
    done
    rm -rf .venv
    # Without one here, uv looks further and downloads one.
    "$uv" venv --quiet --python "${chosen:-3.13}" .venv
fi

say "Installing what Whyboard needs ($lock) …"
# Wheels only: a source build would need a compiler, and runs code that the hash does not show.
# Compiled here, once: where Python may not write what it compiled (PYTHONDONTWRITEBYTECODE), every
# process, and the app has several, would else begin by compiling a thousand modules anew.
"$uv" pip install --quiet --python .venv/bin/python --require-hashes --only-binary :all: --compile-bytecode -r "$lock"
"$uv" pip install --quiet --python .venv/bin/python --no-deps --editable .

rm -f .venv/.whyboard-"$mode"-*
touch "$stamp"
if [ "$mode" = dev ]; then # development holds all that running needs
    rm -f .venv/.whyboard-run-*
    touch ".venv/.whyboard-run-$(cat requirements.txt pyproject.toml scripts/bootstrap.sh | cksum | tr ' ' '-')"
fi
