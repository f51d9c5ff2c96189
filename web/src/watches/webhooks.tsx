// The webhooks of a price watch.
import { useRef, useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { type Problem, unwrap } from "../api/problem";
import { Scroll, Section } from "../ui/facts";
import { Field, useWrongFirst } from "../ui/field";
import { ProblemBox } from "../ui/problem";
import { words } from "../words/words";
import { useAct } from "./act";
import { Deliveries } from "./deliveries";
import type { Watch } from "./draft";
import { Sure } from "./sure";

type Webhook = Schemas["PriceWebhook"];

/** The most webhooks of a watch, by the contract. */
const most = 5;

interface Props {
  watch: Watch;
  /** Called after a change. */
  again: () => void;
}

export function Webhooks({ watch, again }: Props) {
  const text = words.value.webhooks;
  const { busy, problem, act } = useAct(again);
  // A secret is held by this view alone, until it is closed.
  const [secrets, setSecrets] = useState<Webhook[]>([]);
  // It is for programmers: folded, unless there are webhooks when the view is opened.
  const [open] = useState(watch.webhooks.length > 0);
  const path = { id: watch.id };
  const change = (ask: () => Promise<Webhook[]>) =>
    act(async () => setSecrets((await ask()).filter((hook) => hook.signingSecret !== "")));
  const replace = (urls: string[]) =>
    change(async () => {
      const body = {
        priceWatch: { webhooks: urls.map((url) => ({ url })) },
        updateMask: "webhooks",
        etag: watch.etag,
      };
      return unwrap(await api.PATCH("/v1/priceWatches/{id}", { params: { path }, body })).priceWatch?.webhooks ?? [];
    });
  const rotate = (webhookId: string) =>
    change(async () => {
      const params = { path: { id: watch.id, webhookId } };
      const answer = unwrap(
        await api.POST("/v1/priceWatches/{id}/webhooks/{webhookId}:rotateSecret", { params, body: {} }),
      );
      return answer.webhook ? [answer.webhook] : [];
    });
  const urls = watch.webhooks.map((hook) => hook.url);
  return (
    <Section title={text.title}>
      <details open={open}>
        <summary>{text.fold}</summary>
        <p class="hint">{text.hint}</p>
        {secrets.map((hook) => (
          <Secret key={hook.signingSecret} webhook={hook} close={() => setSecrets(secrets.filter((s) => s !== hook))} />
        ))}
        {watch.webhooks.length === 0 ? (
          <p>{text.none}</p>
        ) : (
          <Table
            all={watch.webhooks}
            busy={busy}
            rotate={(hook) => void rotate(hook.id)}
            remove={(hook) => void replace(urls.filter((url) => url !== hook.url))}
            enable={() => void replace(urls)}
          />
        )}
        {watch.webhooks.length < most && (
          <AddForm busy={busy} problem={problem} add={(url) => replace([...urls, url])} />
        )}
        {problem && <ProblemBox problem={problem} />}
        {watch.webhooks.length > 0 && <Deliveries watchId={watch.id} webhooks={watch.webhooks} />}
      </details>
    </Section>
  );
}

interface TableProps {
  all: Webhook[];
  busy: boolean;
  rotate: (hook: Webhook) => void;
  remove: (hook: Webhook) => void;
  enable: (hook: Webhook) => void;
}

function Table({ all, busy, rotate, remove, enable }: TableProps) {
  const text = words.value.webhooks;
  return (
    <Scroll label={text.title}>
      <table>
        <thead>
          <tr>
            <th scope="col">URL</th>
            <th scope="col">{text.state}</th>
            <th scope="col">{text.actions}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((hook) => (
            <tr key={hook.id}>
              <th scope="row" class="address">
                {hook.url}
              </th>
              <td>
                {text.states[hook.state] ?? hook.state}
                {hook.disabledReason && <p class="hint">{hook.disabledReason}</p>}
              </td>
              <td>
                <div class="actions">
                  {hook.state === "PRICE_WEBHOOK_STATE_DISABLED" && (
                    <button
                      type="button"
                      disabled={busy}
                      aria-label={text.enableOf(hook.url)}
                      onClick={() => enable(hook)}
                    >
                      {text.enable}
                    </button>
                  )}
                  <button
                    type="button"
                    disabled={busy}
                    aria-label={text.rotateOf(hook.url)}
                    onClick={() => rotate(hook)}
                  >
                    {text.rotate}
                  </button>
                  <Sure
                    busy={busy}
                    ask={text.remove}
                    askOf={text.removeOf(hook.url)}
                    yes={text.removeSure}
                    act={() => remove(hook)}
                  />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface AddProps {
  busy: boolean;
  problem: Problem | undefined;
  add: (url: string) => Promise<boolean>;
}

function AddForm({ busy, problem, add }: AddProps) {
  const text = words.value.webhooks;
  const [url, setURL] = useState("");
  const form = useWrongFirst(problem);
  return (
    <form
      ref={form}
      class="strategy"
      onSubmit={(e) => {
        e.preventDefault();
        void add(url.trim()).then((added) => added && setURL(""));
      }}
    >
      <Field label={text.address} problem={problem} path="price_watch.webhooks" wide>
        {(marks) => (
          <input
            {...marks}
            inputMode="url"
            autocomplete="off"
            required
            maxLength={2048}
            value={url}
            onInput={(e) => setURL(e.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" disabled={busy}>
        {busy ? text.adding : text.add}
      </button>
    </form>
  );
}

/** Secret shows a secret once, and forgets it when it is closed. */
function Secret({ webhook, close }: { webhook: Webhook; close: () => void }) {
  const text = words.value.webhooks;
  const [copied, setCopied] = useState(false);
  const shown = useRef<HTMLInputElement>(null);
  const copy = async () => {
    shown.current?.select();
    try {
      await navigator.clipboard.writeText(webhook.signingSecret);
      setCopied(true);
    } catch {
      // Without the permission, or over plain HTTP: the text is selected, so that it can be copied by hand.
    }
  };
  return (
    <section class="secret" role="status" aria-label={text.secret}>
      <p>
        <b>{text.secret}</b> {webhook.url}
      </p>
      <input ref={shown} readOnly value={webhook.signingSecret} aria-label={text.secret} size={44} />
      <p>{text.secretHint}</p>
      <p class="actions">
        <button type="button" onClick={() => void copy()}>
          {text.copy}
        </button>
        <button type="button" onClick={close}>
          {text.kept}
        </button>
        {copied && text.copied}
      </p>
    </section>
  );
}
