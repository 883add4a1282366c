#!/bin/bash
# Checks by the #include lines that dependencies between folders point one way (docs/ARCHITECTURE.md).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
# FOLDER: what it may include besides itself. Nobody may include server/, and listen/ only server/ may.
declare -A may=(
  [dns]=""
  [net]="dns"
  [corefile]="net dns"
  [expression]="net dns"
  [zones]="net dns"
  [records]="net dns"
  [signing]="net dns"
  [cache]="net dns"
  [forward]="net dns"
  [http]="net dns"
  [listen]="net dns"
  [metrics]="net dns"
  [k8s-watch]="zones net dns"
  [query]="metrics zones net dns"
  [plugins]="query metrics http cache records signing zones k8s-watch forward corefile expression net dns"
  [explain]="plugins query metrics http cache records signing zones k8s-watch forward corefile expression net dns"
  [server]="explain listen plugins query metrics http cache records signing zones k8s-watch forward corefile expression net dns"
)
bad=0
while IFS=: read -r file line text; do
  folder=${file%%/*} path=${text#*\"}; path=${path%%\"*}; target=${path%%/*}
  allowed=" $folder ${may[$folder]} "
  if [[ $file == plugins/*/* && $path == plugins/*/* ]]; then
    own=${file#plugins/} other=${path#plugins/}
    if [ "${own%%/*}" != "${other%%/*}" ]; then echo "$file:$line: a plugin must not include another: $path"; bad=1; fi
  fi
  [[ $allowed != *" $target "* ]] || continue
  echo "$file:$line: $folder must not include $target"; bad=1
done < <(grep -rnE '^ *# *include +"[a-z0-9-]+/' --include='*.cc' --include='*.h' "${!may[@]}")
exit $bad
