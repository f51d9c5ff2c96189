package cli

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

func (w *watchServer) RotateWebhookSecret(_ context.Context, q *zhaohuov1.RotateWebhookSecretRequest) (*zhaohuov1.RotateWebhookSecretResponse, error) {
	found, err := w.find(q.GetId())
	if err != nil {
		return nil, err
	}
	for _, hook := range found.GetWebhooks() {
		if hook.GetId() == q.GetWebhookId() {
			return &zhaohuov1.RotateWebhookSecretResponse{
				Webhook: &zhaohuov1.PriceWebhook{Id: hook.GetId(), Url: hook.GetUrl(), SigningSecret: "whsec_new"},
			}, nil
		}
	}
	return nil, status.Error(codes.NotFound, "there is no such webhook")
}

// TestWatchRotateSecret: the webhook is named, unless the watch has only one; its new secret is shown, in both languages.
func TestWatchRotateSecret(t *testing.T) {
	hooks := []*zhaohuov1.PriceWebhook{
		{Id: "wh_a", Url: "https://a.example/x"},
		{Id: "wh_b", Url: "https://b.example/", State: zhaohuov1.PriceWebhookState_PRICE_WEBHOOK_STATE_DISABLED, DisabledReason: "the target is gone (HTTP 410)"},
	}
	w := &watchServer{watches: []*zhaohuov1.PriceWatch{{Id: "pw_0"}, {Id: "pw_1", Webhooks: hooks[:1]}, {Id: "pw_2", Webhooks: hooks}}}
	addr := w.serve(t)
	secret := "webhook https://a.example/x\n  signing secret, shown only this once: whsec_new\nfor 24 hours the secret before signs too\n"
	for line, want := range map[string]outcome{
		"pw_1":      {0, secret, ""},
		"pw_1 wh_a": {0, secret, ""},
		"pw_2 wh_a": {0, secret, ""},
		"pw_0":      {exitUsage, "", "error: pw_0 has no webhook\n"},
		"pw_2":      {exitUsage, "", "error: pw_2 has 2 webhooks: say which one; `zhaohuo watch show pw_2` lists them\n"},
	} {
		if got := run(t, nil, append(append([]string{"watch", "rotate-secret"}, strings.Fields(line)...), "--addr", addr)...); got != want {
			t.Errorf("%s: %+v, want %+v", line, got, want)
		}
	}
	got := run(t, []string{"LANG=zh_CN.UTF-8"}, "watch", "rotate-secret", "pw_1", "--addr", addr)
	if got != (outcome{0, "webhook https://a.example/x\n  签名密钥，只显示这一次：whsec_new\n此前的密钥在 24 小时内仍然参与签名\n", ""}) {
		t.Errorf("%+v", got)
	}
	got = run(t, nil, "watch", "rotate-secret", "pw_2", "wh_b", "-o", "json", "--addr", addr)
	if got.code != 0 || !strings.Contains(got.stdout, `"signingSecret": "whsec_new"`) {
		t.Errorf("%+v", got)
	}
	if got := run(t, nil, "watch", "rotate-secret", "pw_2", "wh_c", "--addr", addr); got.code != exitRefused {
		t.Errorf("%+v", got)
	}
	w.history, w.trend = history(t), &zhaohuov1.QueryPriceTrendResponse{}
	got = run(t, nil, "watch", "show", "pw_2", "--addr", addr)
	for _, line := range []string{"webhook        wh_a  https://a.example/x\n", "webhook        wh_b  https://b.example/, disabled: the target is gone (HTTP 410)\n"} {
		if !strings.Contains(got.stdout, line) {
			t.Errorf("%q is not in %+v", line, got)
		}
	}
}
