#!/bin/bash
# Checks by the #include lines that dependencies between folders point one way (docs/ARCHITECTURE.md).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
declare -A may=(
  [dns]="dns"
  [corefile]="corefile"
  [zones]="zones dns"
  [cache]="cache dns"
  [forward]="forward dns"
  [k8s-watch]="k8s-watch zones dns"
  [plugins]="plugins corefile dns"
)
bad=0
for folder in "${!may[@]}"; do
  [ -d "$folder" ] || continue
  while IFS=: read -r file line text; do
    target=${text#*\"}; target=${target%%/*}
    if [[ " ${may[$folder]} " != *" $target "* ]]; then echo "$file:$line: $folder must not include $target"; bad=1; fi
  done < <(grep -rnE '^ *# *include +"[a-z0-9-]+/' --include='*.cc' --include='*.h' "$folder" || true)
done
exit $bad
