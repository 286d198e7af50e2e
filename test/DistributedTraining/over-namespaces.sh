#!/usr/bin/env bash
# One training on two hosts: two network namespaces, each with an address of its own, joined by a pair of virtual cables; mpirun reaches the second as it would by ssh. Needs root, ip, Open MPI, and a
# build in Release (dotnet build Adversarial.sln -c Release). Says whether both ranks have the same model, and takes everything down again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$(mktemp -d)
tidy() {
  ip netns del adversarial-a 2> /dev/null || true
  ip netns del adversarial-b 2> /dev/null || true
  rm -rf "$work"
}
trap tidy EXIT

for host in a b; do
  ip netns add "adversarial-$host"
  ip -n "adversarial-$host" link set lo up
done
ip link add cable-a netns adversarial-a type veth peer name cable-b netns adversarial-b
ip -n adversarial-a addr add 10.77.0.1/24 dev cable-a
ip -n adversarial-b addr add 10.77.0.2/24 dev cable-b
ip -n adversarial-a link set cable-a up
ip -n adversarial-b link set cable-b up

# In the place of ssh: the first word is the host.
cat > "$work/shell" <<'SHELL'
#!/usr/bin/env bash
shift
exec ip netns exec adversarial-b unshare --uts bash -c "hostname adversarial-b; $*"
SHELL
chmod +x "$work/shell"

# Without shared memory, which two hosts do not have either: everything goes over the cable.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
sent() { ip -n adversarial-a -s -j link show cable-a | sed -E 's/.*"tx":\{"bytes":([0-9]+).*/\1/'; }
before=$(sent)
ip netns exec adversarial-a unshare --uts bash -c 'hostname adversarial-a; exec "$@"' - mpirun --host 10.77.0.1:1,10.77.0.2:1 -np 2 \
  --mca plm_rsh_agent "$work/shell" --mca btl self,tcp --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24 \
  dotnet test/DistributedTraining/bin/Release/net10.0/DistributedTraining.dll "$work" -1
after=$(sent)
cmp "$work/model-0.onnx" "$work/model-1.onnx"
echo "Both ranks have the same model; $(((after - before) / 1000)) kB went from the first host to the second."
