#!/usr/bin/env bash
# Draws the data set of the tool and the samples anew: src/Tooling/ImageData/letters.zip and FONTS.md.
# Needs Debian 12 (the same font versions give the same bytes), the .NET SDK and, to install fonts, root or sudo.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"

mapfile -t packages < <(tail -n +2 "$here/families.csv" | cut -d, -f4 | sort -u)
missing=()
for package in "${packages[@]}"; do
  status="$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)"
  [[ "$status" == installed ]] || missing+=("$package")
done

if ((${#missing[@]} > 0)); then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
fi

dotnet run --project "$here/letters.csproj" --configuration Release -- "${1:-$root/src/Tooling/ImageData}"
