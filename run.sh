#!/bin/sh
# Sets up what is missing and starts Parley: ./run.sh. Every other word is a command: ./run.sh test, stop, import ...
set -eu
root=$(cd "$(dirname "$0")" && pwd)
export PYTHONPATH="$root"

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

for python in "$root/.venv/bin/python" python3 python3.13 python3.12 python3.14 python3.11 python; do
    if suits "$python"; then
        exec "$python" -P -m app.setup "$@"
    fi
done
echo "Parley needs Python 3.11, 3.12, 3.13 or 3.14; none was found. On Debian and Ubuntu: sudo apt install python3 python3-venv" >&2
exit 2
