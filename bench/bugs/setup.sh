# Sourced by the scripts beside it: a volume of their own, and a sweep of power cuts over it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
volume=$(mktemp -d "${TMPDIR:-/tmp}/ordeal-bugs-XXXXXX")
trap 'rm -rf "$volume" "$volume.yaml" "$volume.py" "$volume.sh" "$volume.run"' EXIT

# python_with PACKAGE==VERSION…: a Python that has them
python_with() {
  python=$root/.cache/bugs/python/bin/python3
  [ -x "$python" ] || python3 -m venv "$root/.cache/bugs/python"
  "$python" -m pip install --quiet --disable-pip-version-check "$@"
}

# cut_power METADATA CHECK COMMAND…: CUTS crash states before each change of the command, and after its end; LIMIT is the most
# time of a run
cut_power() {
  metadata=$1 check=$2
  shift 2
  cat > "$volume.yaml" <<END
apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: { name: power }
spec:
  mode: one
  selector: { namespaces: [default] }
  action: powerLoss
  powerLoss: { lose: random, metadata: $metadata, seed: ${SEED:-1} }
  volumePath: $volume
END
  node "$root/packages/cli/bin/ordeal.mjs" sweep "$volume.yaml" --cut "${CUTS:-5}" ${ONLY:+--only "$ONLY"} \
    ${LIMIT:+--limit "$LIMIT"} --check "$check" -- "$@"
}
