#!/bin/sh
# Installs geoplan into a folder of its own: the same steps by hand, in the container image and in the tests.
#   sh docs/deploy/install.sh SOURCE TARGET [EXTRAS]
# SOURCE: a checkout or a wheel; TARGET: where the environment goes, e.g. /opt/geoplan; EXTRAS: e.g. postgres,oidc
set -eu
source=$1
target=$2
extras=${3:-postgres}
python=${PYTHON:-python3}
constraints=$source/constraints.txt
[ -f "$constraints" ] || constraints=$(dirname "$0")/../../constraints.txt

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed" >&2; exit 2; }
"$python" -m venv "$target"
"$target/bin/python" -m pip install --disable-pip-version-check --no-input --quiet -c "$constraints" "$source[$extras]"
"$target/bin/geoplan" --help > /dev/null
echo "installed: $target/bin/geoplan"
