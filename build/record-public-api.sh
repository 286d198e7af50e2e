#!/usr/bin/env bash
# Records the library's public API after a deliberate change of it: writes src/Microsoft.ML.Adversarial/PublicAPI.Unshipped.txt anew.
# The difference that git then shows is what a reviewer reads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
library=src/Microsoft.ML.Adversarial
printf '#nullable enable\n' > "$library/PublicAPI.Unshipped.txt"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build "$library" -c Release --no-incremental -p:TreatWarningsAsErrors=false > "$log" || { grep -E ' error ' "$log" | sort -u; exit 1; }
sed -nE "s/.*warning RS0016: Symbol '(.*)' is not part of the declared public API.*/\1/p" "$log" | LC_ALL=C sort -u >> "$library/PublicAPI.Unshipped.txt"
wc -l "$library/PublicAPI.Unshipped.txt"
