#!/bin/sh
# All tests. Two processes where there are two cores: PyMC's tests are kept together, since
# each process that imports it pays for that.
set -eu
cd "$(dirname "$0")/.."
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT INT TERM
export WHYBOARD_HOME="$home"
exec_args="-n 2 --dist loadgroup"
# shellcheck disable=SC2086
.venv/bin/python -m pytest $exec_args "$@"
