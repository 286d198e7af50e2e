#!/usr/bin/env bash
# Builds everything, checks the format, runs every test. Needs the .NET SDK alone; what tests need beyond it is listed below and installed from
# Debian's packages where it is missing and this user may install. The last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Test classes run beside each other: threads that wait must not spin on the cores that others need.
export OMP_WAIT_POLICY=PASSIVE

# command or library:package
needs=(readelf:binutils libicuuc.so:libicu72 mpirun:openmpi-bin chromium:chromium)
has() {
  case $1 in
    *.so) [[ $(/sbin/ldconfig -p) == *"$1"* ]] ;;
    *) command -v "$1" > /dev/null ;;
  esac
}
for need in "${needs[@]}"; do
  has "${need%%:*}" && continue
  package=${need##*:}
  as_root=()
  [[ $EUID == 0 ]] || as_root=(sudo -n)
  if command -v apt-get > /dev/null && { [[ $EUID == 0 ]] || sudo -n true 2> /dev/null; }; then
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"
  else
    echo "The tests need '${need%%:*}' (Debian package $package), and this user may not install it." >&2
    exit 1
  fi
done

dotnet build Adversarial.sln -c Release -warnaserror
dotnet format Adversarial.sln --no-restore --verify-no-changes

log=$(mktemp)
crashes=$(mktemp -d)
trap 'rm -rf "$log" "$crashes"' EXIT
status=0
# Where the runtime itself ends a process of tests, its report says what the thread was doing.
export DOTNET_DbgEnableMiniDump=1 DOTNET_EnableCrashReportOnly=1 DOTNET_DbgMiniDumpName="$crashes/%p"
# On processors that NNPACK does not know, torch says so at every small convolution on one thread: many megabytes.
dotnet test --solution Adversarial.sln -c Release --no-build --max-parallel-test-modules 1 2>&1 | { grep -av --line-buffered 'Could not initialize NNPACK' || true; } | tee "$log" || status=$?

for report in "$crashes"/*.json; do
  [[ -f $report ]] && grep -q '"process_name": ".*Tests.dll"' "$report" || continue
  echo "A process of tests was ended by the runtime. The stack of the thread that did it, innermost first:"
  awk -F'"' '
    $2 == "crashed" { inside = $4 == "true" }
    inside && $2 == "native_image_offset" { place = $4 }
    inside && $2 ~ /^(method_name|unmanaged_name)$/ { place = $4 }
    inside && $2 ~ /^(native_module|filename)$/ && shown++ < 60 { print "  " $4 "  " place }
  ' "$report"
done

total_of() { sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$log" | tail -n 1; }
passed=$(total_of succeeded)
failed=$(total_of failed)
echo "${passed:-0} passed, ${failed:-0} failed"
# A run without a test is a failure, whatever the runner says of it.
[[ ${passed:-0} -gt 0 ]] || exit 1
exit "$status"
