package cli

import (
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// watchRotate gives a webhook a new secret.
type watchRotate struct {
	ID      string `arg:"" name:"id" help:"Id of the price watch."`
	Webhook string `arg:"" optional:"" name:"webhook" help:"Id of the webhook, which zhaohuo watch show lists. Not needed if the price watch has only one."`
	Output  string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run asks for the secret and shows it, which nobody can do again.
func (c *watchRotate) Run(s *session) error {
	webhook := c.Webhook
	if webhook == "" {
		found, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.GetPriceWatch, &zhaohuov1.GetPriceWatchRequest{Id: c.ID})
		if err != nil {
			return err
		}
		switch all := found.GetPriceWatch().GetWebhooks(); len(all) {
		case 0:
			return usage("%s has no webhook", plain(c.ID))
		case 1:
			webhook = all[0].GetId()
		default:
			return usage("%s has %d webhooks: say which one; `zhaohuo watch show %[1]s` lists them", plain(c.ID), len(all))
		}
	}
	answer, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.RotateWebhookSecret, &zhaohuov1.RotateWebhookSecretRequest{
		Id: c.ID, WebhookId: webhook,
	})
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	s.printSecret(answer.GetWebhook())
	return s.printEnd("for 24 hours the secret before signs too\n")
}

// printSecret shows the secret of a webhook that was just made.
func (s *session) printSecret(hook *zhaohuov1.PriceWebhook) {
	s.print("webhook %s\n  signing secret, shown only this once: %s\n", plain(hook.GetUrl()), plain(hook.GetSigningSecret()))
}

// webhookText is where a webhook leads, and whether it is active.
func (s *session) webhookText(hook *zhaohuov1.PriceWebhook) string {
	text := plain(hook.GetId()) + "  " + plain(hook.GetUrl())
	if hook.GetState() == zhaohuov1.PriceWebhookState_PRICE_WEBHOOK_STATE_DISABLED {
		text += s.words.say(", disabled: %s", plain(hook.GetDisabledReason()))
	}
	return text
}
