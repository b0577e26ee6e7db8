#!/bin/sh
# All tests, in two processes (or WHYBOARD_TEST_PROCESSES), each file in one of them: what a file starts
# (a server, workers, a fit that several tests look at) is started once. Marks of xdist_group would do nothing here:
# pytest 9.2 does not see the names that pytest-xdist 3.8 gives to groups.
set -eu
unset PYTHONDONTWRITEBYTECODE  # every process that a test starts would compile all it imports anew
# BLAS would start a thread a core in every process of every test, and while more of them run than there
# are cores they wait for each other in busy loops: ten times the work for the same sums.
export OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}" OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
cd "$(dirname "$0")/.."
# Where Node is present a test rebuilds the drawing component and compares; elsewhere it is skipped.
if command -v npm >/dev/null 2>&1 && [ ! -d ui/editor/frontend/node_modules ]; then
    npm --prefix ui/editor/frontend ci --no-audit --no-fund --silent >&2 || echo "no Node packages: the bundle is not rebuilt" >&2
fi
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT INT TERM
export WHYBOARD_HOME="$home"
# What starts servers, workers and browsers comes first (tests/conftest.py), so that none of it is left for the end.
exec_args="-n ${WHYBOARD_TEST_PROCESSES:-2} --dist loadfile --no-loadscope-reorder"
# shellcheck disable=SC2086
.venv/bin/python -m pytest $exec_args "$@"
