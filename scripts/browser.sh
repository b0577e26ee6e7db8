#!/bin/sh
# Print the path of a Chromium for the browser tests, installing one where there is none.
set -eu
cd "$(dirname "$0")/.."

look() {
    if [ -n "${WHYBOARD_CHROMIUM:-}" ] && [ -x "$WHYBOARD_CHROMIUM" ]; then echo "$WHYBOARD_CHROMIUM"; return; fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null 2>&1; then command -v "$name"; return; fi
    done
    .venv/bin/python - <<'PY' 2>/dev/null || true
import os
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    path = p.chromium.executable_path
    if os.path.exists(path):
        print(path)
PY
}

found=$(look)
if [ -z "$found" ]; then
    echo "Installing a browser for the tests …" >&2
    as_root=
    if [ "$(id -u)" != 0 ] && command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"; fi
    if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; }; then
        $as_root apt-get update -q >&2 && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y chromium >&2 || true
        found=$(look)
    fi
    if [ -z "$found" ]; then
        .venv/bin/python -m playwright install chromium >&2 || true
        found=$(look)
    fi
fi
if [ -z "$found" ]; then
    echo "error: no Chromium was found, and none could be installed." >&2
    echo "hint: install Chromium or Chrome, or name one in WHYBOARD_CHROMIUM." >&2
    exit 1
fi
echo "$found"
