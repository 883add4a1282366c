{{/* What the server blocks of the values say: ports, addresses, the text of the Corefile. */}}

{{/* A parameter as text: YAML's numbers come as floating point, and a large one would be printed with an exponent. */}}
{{- define "fairlead.text" -}}
{{- if and (kindIs "float64" .) (eq (float64 (int64 .)) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* The port that a directive listens on, the last of its kind: root, name, default. */}}
{{- define "fairlead.directivePort" -}}
{{- $port := .default | toString }}
{{- range $server := .root.Values.servers }}
{{- range $plugin := $server.plugins }}
{{- if eq $plugin.name $.name }}
{{- $found := regexFind ":[0-9]+ *$" (include "fairlead.text" (default "" $plugin.parameters)) | trimPrefix ":" | trim }}
{{- $port = default ($.default | toString) $found }}
{{- end }}
{{- end }}
{{- end }}
{{- $port }}
{{- end }}

{{/* "true" when some server block has the directive: root, name. */}}
{{- define "fairlead.hasDirective" -}}
{{- $found := "" }}
{{- range $server := .root.Values.servers }}
{{- range $plugin := $server.plugins }}
{{- if eq $plugin.name $.name }}{{ $found = "true" }}{{ end }}
{{- end }}
{{- end }}
{{- $found }}
{{- end }}

{{/*
The first `kubernetes` directive that can be asked over plain DNS, as JSON: domain (its first zone), port (of the Service). Empty when
there is none.
*/}}
{{- define "fairlead.cluster" -}}
{{- $found := dict }}
{{- range $server := .Values.servers }}
{{- $plain := not $server.zones }}
{{- range $zone := $server.zones }}{{ if eq (default "dns://" $zone.scheme) "dns://" }}{{ $plain = true }}{{ end }}{{ end }}
{{- range $plugin := $server.plugins }}
{{- if and $plain (eq $plugin.name "kubernetes") (not $found) }}
{{- $domain := default "cluster.local" (first (splitList " " (trim (default "" $plugin.parameters)))) | trimSuffix "." }}
{{- $found = dict "domain" $domain "port" (default (default 53 $server.port) $server.servicePort | int | toString) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/*
The ports of the server blocks as JSON: port -> {udp, tcp, servicePort, nodePort, hostPort}. dns:// is UDP, and TCP too with
use_tcp; tls://, grpc:// and https:// are TCP; quic:// and https3:// are UDP. What blocks of one port say is added up.
*/}}
{{- define "fairlead.ports" -}}
{{- $ports := dict }}
{{- range $server := .Values.servers }}
{{- $port := include "fairlead.text" (default 53 $server.port) }}
{{- $entry := default (dict "udp" false "tcp" false "servicePort" (default $port $server.servicePort | int)) (get $ports $port) }}
{{- range $zone := $server.zones }}
{{- $scheme := default "dns://" $zone.scheme }}
{{- if eq $scheme "dns://" }}
{{- $_ := set $entry "udp" true }}
{{- if $zone.use_tcp }}{{ $_ := set $entry "tcp" true }}{{ end }}
{{- else if has $scheme (list "quic://" "https3://") }}
{{- $_ := set $entry "udp" true }}
{{- else }}
{{- $_ := set $entry "tcp" true }}
{{- end }}
{{- end }}
{{- with $server.nodePort }}{{ $_ := set $entry "nodePort" (int .) }}{{ end }}
{{- with $server.hostPort }}{{ $_ := set $entry "hostPort" (int .) }}{{ end }}
{{- $_ := set $ports $port $entry }}
{{- end }}
{{- toJson $ports }}
{{- end }}

{{/*
Whose names the Service's ports have: "coredns" (udp-53, tcp-53: the CoreDNS chart) or "kube-dns" (dns, dns-tcp, metrics: kubeadm, k3s,
EKS). kube-proxy knows a port by its name, and so do SRV records: a renamed port is another one, which has no endpoints at first.
*/}}
{{- define "fairlead.portNames" -}}
{{- if .Values.service.portNames }}
{{- .Values.service.portNames }}
{{- else if eq (default "" .Values.compat) "coredns" }}
{{- "coredns" }}
{{- else }}
{{- ternary "kube-dns" "coredns" (eq (include "fairlead.serviceName" .) "kube-dns") }}
{{- end }}
{{- end }}

{{/* The ports of the Service that is there, as JSON: "PORT/PROTOCOL" -> name. None when service.portNames decides. */}}
{{- define "fairlead.livePorts" -}}
{{- $names := dict }}
{{- if not .Values.service.portNames }}
{{- $live := lookup "v1" "Service" .Release.Namespace (include "fairlead.serviceName" .) }}
{{- range $port := dig "spec" "ports" list (default dict $live) }}
{{- with $port.name }}{{ $_ := set $names (printf "%d/%s" (int $port.port) (default "TCP" $port.protocol)) . }}{{ end }}
{{- end }}
{{- end }}
{{- toJson $names }}
{{- end }}

{{/* The name of a port of the Service: style, live (see above), port (of the Service), target, protocol. */}}
{{- define "fairlead.portName" -}}
{{- $own := printf "%s-%s" (lower .protocol) .target }}
{{- if and (eq .style "kube-dns") (eq (int .port) 53) }}
{{- $own = ternary "dns" "dns-tcp" (eq .protocol "UDP") }}
{{- end }}
{{- default $own (get .live (printf "%d/%s" (int .port) .protocol)) }}
{{- end }}

{{- define "fairlead.servicePorts" -}}
{{- $list := list }}
{{- $style := include "fairlead.portNames" . }}
{{- $live := include "fairlead.livePorts" . | fromJson }}
{{- range $port, $entry := include "fairlead.ports" . | fromJson }}
{{- range $protocol := list "UDP" "TCP" }}
{{- $none := not (or $entry.udp $entry.tcp) }}
{{- if or (get $entry (lower $protocol)) (and $none (eq $protocol "UDP")) }}
{{- $name := include "fairlead.portName" (dict "style" $style "live" $live "port" $entry.servicePort "target" $port "protocol" $protocol) }}
{{- $item := dict "name" $name "port" (int $entry.servicePort) "targetPort" (int $port) "protocol" $protocol }}
{{- with $entry.nodePort }}{{ $_ := set $item "nodePort" (int .) }}{{ end }}
{{- $list = append $list $item }}
{{- end }}
{{- end }}
{{- end }}
{{- $metrics := include "fairlead.metricsPort" . }}
{{- $there := get $live (printf "%s/TCP" $metrics) }}
{{- if and (or (eq $style "kube-dns") $there) (include "fairlead.hasDirective" (dict "root" . "name" "prometheus")) }}
{{- $list = append $list (dict "name" (default "metrics" $there) "port" (int $metrics) "targetPort" (int $metrics) "protocol" "TCP") }}
{{- end }}
{{- toYaml $list }}
{{- end }}

{{- define "fairlead.containerPorts" -}}
{{- $list := list }}
{{- $tcp := list }}
{{- range $port, $entry := include "fairlead.ports" . | fromJson }}
{{- $none := not (or $entry.udp $entry.tcp) }}
{{- range $protocol := list "UDP" "TCP" }}
{{- if or (get $entry (lower $protocol)) $none }}
{{- $item := dict "name" (printf "%s-%s" (lower $protocol) $port) "containerPort" (int $port) "protocol" $protocol }}
{{- with $entry.hostPort }}{{ $_ := set $item "hostPort" (int .) }}{{ end }}
{{- $list = append $list $item }}
{{- if eq $protocol "TCP" }}{{ $tcp = append $tcp $port }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- if include "fairlead.hasDirective" (dict "root" . "name" "prometheus") }}
{{- $port := include "fairlead.metricsPort" . }}
{{- if not (has $port $tcp) }}
{{- $list = append $list (dict "name" (printf "tcp-%s" $port) "containerPort" (int $port) "protocol" "TCP") }}
{{- $tcp = append $tcp $port }}
{{- end }}
{{- end }}
{{- if or (default dict .Values.livenessProbe).enabled (default dict .Values.startupProbe).enabled }}
{{- $port := include "fairlead.healthPort" . }}
{{- if not (has $port $tcp) }}
{{- $list = append $list (dict "name" "liveness-probe" "containerPort" (int $port) "protocol" "TCP") }}
{{- $tcp = append $tcp $port }}
{{- end }}
{{- end }}
{{- if (default dict .Values.readinessProbe).enabled }}
{{- $port := include "fairlead.readyPort" . }}
{{- if not (has $port $tcp) }}
{{- $list = append $list (dict "name" "readiness-probe" "containerPort" (int $port) "protocol" "TCP") }}
{{- end }}
{{- end }}
{{- toYaml $list }}
{{- end }}

{{- define "fairlead.metricsPort" -}}
{{- include "fairlead.directivePort" (dict "root" . "name" "prometheus" "default" 9153) }}
{{- end }}
{{- define "fairlead.healthPort" -}}
{{- include "fairlead.directivePort" (dict "root" . "name" "health" "default" 8080) }}
{{- end }}
{{- define "fairlead.readyPort" -}}
{{- include "fairlead.directivePort" (dict "root" . "name" "ready" "default" 8181) }}
{{- end }}

{{- define "fairlead.corefile" -}}
{{- range $name, $conf := .Values.extraConfig }}
{{- $name }}{{ with dig "parameters" "" (default dict $conf) }} {{ include "fairlead.text" . }}{{ end }}
{{ end }}
{{- range $server := .Values.servers }}
{{- $port := "" }}
{{- with $server.port }}{{ $port = printf ":%s" (include "fairlead.text" .) }}{{ end }}
{{- $keys := list }}
{{- range $zone := default (list (dict "zone" ".")) $server.zones }}
{{- $name := default "." $zone.zone }}
{{- $keys = append $keys (printf "%s%s%s" (default "" $zone.scheme) $name (ternary "" $port (regexMatch ":[0-9]+$" $name))) }}
{{- end }}
{{- join " " $keys }} {
{{- range $plugin := $server.plugins }}
    {{ $plugin.name }}{{ with $plugin.parameters }} {{ include "fairlead.text" . }}{{ end }}{{ with $plugin.configBlock }} {
{{ trimSuffix "\n" . | indent 8 }}
    }{{ end }}
{{- end }}
}
{{ end }}
{{- end }}

{{/* What the ConfigMap holds. */}}
{{- define "fairlead.configData" -}}
{{- $data := dict "Corefile" (include "fairlead.corefile" .) }}
{{- range .Values.zoneFiles }}{{ $_ := set $data .filename .contents }}{{ end }}
{{- toYaml $data }}
{{- end }}
