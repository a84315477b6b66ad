{{/* Resources of this release. */}}
{{- define "ordeal.name" -}}
{{- if contains "ordeal" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-ordeal{{ end }}
{{- end }}

{{- define "ordeal.labels" -}}
app.kubernetes.io/name: ordeal
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
