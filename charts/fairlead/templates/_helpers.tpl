{{/* Names, labels and images. Every template that is called with "root" takes a dict; the others take the chart's context. */}}

{{/* The name from which all others follow: with `compat: coredns` that of the CoreDNS chart, whose place this one takes. */}}
{{- define "fairlead.baseName" -}}
{{- if eq (default "" .Values.compat) "coredns" }}coredns{{ else }}{{ .Chart.Name }}{{ end }}
{{- end }}

{{- define "fairlead.name" -}}
{{- default (include "fairlead.baseName" .) .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "fairlead.fullname" -}}
{{- $base := default (include "fairlead.baseName" .) .Values.nameOverride }}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) }}
{{- default $name .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
The label k8s-app of the pods. kube-dns is what others look for: policies that let pods ask the cluster's DNS, monitors, kubeadm. A
Deployment's selector cannot change, so what the one that is there selects by stays (CoreDNS's chart has `coredns`).
*/}}
{{- define "fairlead.k8sApp" -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "fairlead.deploymentName" .) }}
{{- $selected := dig "spec" "selector" "matchLabels" "k8s-app" "" (default dict $live) }}
{{- default (default "kube-dns" $selected) .Values.k8sAppLabelOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "fairlead.deploymentName" -}}
{{- default (include "fairlead.fullname" .) .Values.deployment.name }}
{{- end }}

{{- define "fairlead.serviceName" -}}
{{- default (include "fairlead.fullname" .) .Values.service.name }}
{{- end }}

{{- define "fairlead.serviceAccountName" -}}
{{- default (ternary (include "fairlead.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{- define "fairlead.clusterRoleName" -}}
{{- default (include "fairlead.fullname" .) (dig "clusterRole" "nameOverride" "" .Values.AsMap) }}
{{- end }}

{{/* What selects the pods. They cannot change in the life of a Deployment: with `compat: coredns` they are CoreDNS's. */}}
{{- define "fairlead.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "fairlead.name" . | quote }}
{{- if .Values.isClusterService }}
k8s-app: {{ include "fairlead.k8sApp" . | quote }}
{{- end }}
{{- end }}

{{- define "fairlead.autoscalerSelectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "fairlead.name" . }}-autoscaler
{{- if .Values.isClusterService }}
k8s-app: {{ include "fairlead.k8sApp" . }}-autoscaler
{{- end }}
{{- end }}

{{/*
Metadata of an object, without its key.
root; name; namespace (none: a cluster-wide object); labels, annotations (dicts, optional); autoscaler (true for its objects);
shared ("API-VERSION KIND" of what may have been there before the release).
A user's customLabels win over the standard ones, the object's own annotations over customAnnotations.
*/}}
{{- define "fairlead.metadata" -}}
{{- $root := .root }}
{{- $selector := ternary "fairlead.autoscalerSelectorLabels" "fairlead.selectorLabels" (default false .autoscaler) }}
{{- $labels := include $selector $root | fromYaml }}
{{- $_ := set $labels "app.kubernetes.io/managed-by" $root.Release.Service }}
{{- $_ := set $labels "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
{{- if $root.Values.isClusterService }}
{{- $_ := set $labels "kubernetes.io/cluster-service" "true" }}
{{- $_ := set $labels "kubernetes.io/name" (ternary "CoreDNS" "Fairlead" (eq (default "" $root.Values.compat) "coredns")) }}
{{- end }}
{{- $labels = mergeOverwrite $labels (deepCopy (default dict .labels)) (deepCopy (default dict $root.Values.customLabels)) }}
{{- $annotations := mergeOverwrite (deepCopy (default dict $root.Values.customAnnotations)) (deepCopy (default dict .annotations)) }}
{{- if and .shared (include "fairlead.kept" .) }}{{ $_ := set $annotations "helm.sh/resource-policy" "keep" }}{{ end }}
{{- $metadata := dict "name" .name "labels" $labels }}
{{- with .namespace }}{{ $_ := set $metadata "namespace" . }}{{ end }}
{{- if $annotations }}{{ $_ := set $metadata "annotations" $annotations }}{{ end }}
{{- toYaml $metadata }}
{{- end }}

{{/*
"true" when `helm uninstall` must leave an object: root, name, namespace, shared. Without a word in the values those stay that the release has
taken over: they were there before it, or it has said so of them before.
*/}}
{{- define "fairlead.kept" -}}
{{- $chosen := .root.Values.keepOnUninstall }}
{{- if kindIs "bool" $chosen }}
{{- if $chosen }}true{{ end }}
{{- else }}
{{- $type := splitList " " .shared }}
{{- with lookup (first $type) (last $type) (default "" .namespace) .name }}
{{- $annotations := default dict .metadata.annotations }}
{{- $ours := and (eq (dig "meta.helm.sh/release-name" "" $annotations) $.root.Release.Name)
      (eq (dig "meta.helm.sh/release-namespace" "" $annotations) $.root.Release.Namespace) }}
{{- if or (not $ours) (eq (dig "helm.sh/resource-policy" "" $annotations) "keep") }}true{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Does the image that the values name hold CoreDNS? Its default repository without a tag is nobody's choice, see fairlead.image. */}}
{{- define "fairlead.isCoreDNSImage" -}}
{{- if and .Values.image.tag (regexMatch "(^|/)coredns/coredns$" .Values.image.repository) }}true{{ end }}
{{- end }}

{{/*
The image. CoreDNS's default repository with no tag stands for "the chart's own image": so it is in a complete copy of the CoreDNS
chart's values, and in what `helm upgrade --reuse-values` hands on.
*/}}
{{- define "fairlead.image" -}}
{{- $repository := .Values.image.repository }}
{{- if and (eq $repository "coredns/coredns") (not .Values.image.tag) }}
{{- $repository = "ghcr.io/fairlead-dns/fairlead" }}
{{- end }}
{{- $tag := default .Chart.AppVersion .Values.image.tag | toString }}
{{- printf "%s%s%s" $repository (ternary "@" ":" (hasPrefix "sha256:" $tag)) $tag }}
{{- end }}

{{/* imagePullSecrets from a list of names, of {name: …}, or of both. */}}
{{- define "fairlead.pullSecrets" -}}
{{- range . }}
- name: {{ ternary . (dig "name" "" (ternary (dict) . (kindIs "string" .))) (kindIs "string" .) }}
{{- end }}
{{- end }}

{{/* Things that cannot work, said before anything is changed. */}}
{{- define "fairlead.validate" -}}
{{- if and (eq (default "" .Values.deployment.dnsPolicy) "None") (not .Values.deployment.dnsConfig) }}
{{- fail "deployment.dnsPolicy: None needs deployment.dnsConfig" }}
{{- end }}
{{- if and .Values.hpa.enabled .Values.autoscaler.enabled }}
{{- fail "hpa.enabled and autoscaler.enabled: only one of them can set the number of replicas" }}
{{- end }}
{{- if and .Release.IsUpgrade (ne (default "" .Values.compat) "coredns") }}
{{- range (lookup "apps/v1" "Deployment" .Release.Namespace "").items }}
{{- $labels := default dict .metadata.labels }}
{{- if and (eq (dig "app.kubernetes.io/instance" "" $labels) $.Release.Name) (hasPrefix "coredns-" (dig "helm.sh/chart" "" $labels)) }}
{{- fail (printf "release %s was made by the CoreDNS chart (Deployment %s): set compat=coredns to upgrade it in place" $.Release.Name .metadata.name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
