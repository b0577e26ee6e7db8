#!/bin/sh
# Compile pyproject.toml into requirements.txt and requirements-dev.txt: pinned, hashed,
# for every platform, without addresses of where packages come from.
set -eu
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .tools/bin/uv)
common="--universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.12 --quiet"
export UV_CUSTOM_COMPILE_COMMAND="make lock"
# shellcheck disable=SC2086
"$uv" pip compile $common pyproject.toml -o requirements.txt "$@"
# shellcheck disable=SC2086
"$uv" pip compile $common --group dev --constraint requirements.txt pyproject.toml -o requirements-dev.txt "$@"
