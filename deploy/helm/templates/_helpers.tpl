{{- define "zhaohuo.labels" -}}
{{ include "zhaohuo.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "zhaohuo.selector" -}}
app.kubernetes.io/name: zhaohuo
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Not plain "zhaohuo": for a service of that name Kubernetes would set variables such as ZHAOHUO_PORT. */ -}}
{{- define "zhaohuo.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}-search
{{- end }}

{{- define "zhaohuo.secret" -}}
{{ .Values.existingSecret | default (include "zhaohuo.name" .) }}
{{- end }}
