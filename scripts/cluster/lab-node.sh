#!/bin/sh
# A node inside the lab VM: network, containerd, containers, agent. What the containers print is printed.
# usage: lab-node.sh DIRECTORY AGENT…; the bundles are DIRECTORY/containerd/ID and DIRECTORY/crun/ID
set -eu
directory=$1
shift

ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0

: > /run/output
containerd --config "$directory/containerd.toml" --log-level error >&2 &
for bundle in "$directory"/crun/*; do
  crun --cgroup-manager=cgroupfs run --detach --bundle "$bundle" "${bundle##*/}" < /dev/null >> /run/output
done
until ctr version > /dev/null 2>&1; do sleep 0.1; done
for bundle in "$directory"/containerd/*; do
  ctr --namespace k8s.io run --detach --log-uri file:///run/output --config "$bundle/config.json" "${bundle##*/}"
done
"$@" >&2 &
exec tail -f -n +1 /run/output
