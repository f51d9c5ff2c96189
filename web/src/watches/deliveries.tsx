// What was sent to the webhooks of a price watch, what is still to be sent, and what was given up.
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { asProblem, type Problem, unwrap } from "../api/problem";
import { useAnswer } from "../ui/answer";
import { Scroll } from "../ui/facts";
import { ProblemBox } from "../ui/problem";
import { moment } from "../words/format";
import { words } from "../words/words";

type Delivery = Schemas["WebhookDelivery"];

export function Deliveries({ watchId, webhooks }: { watchId: string; webhooks: Schemas["PriceWebhook"][] }) {
  const text = words.value.webhooks;
  const [problem, setProblem] = useState<Problem>();
  const [opened, setOpened] = useState(false);
  const asked = useAnswer(opened ? watchId : "", async (signal) => {
    const params = { path: { id: watchId }, query: { pageSize: 50 } };
    return unwrap(await api.GET("/v1/priceWatches/{id}/webhookDeliveries", { params, signal })).deliveries;
  });
  const send = async (d: Delivery) => {
    setProblem(undefined);
    try {
      unwrap(await api.POST("/v1/webhookDeliveries/{id}:redeliver", { params: { path: { id: d.id } }, body: {} }));
      asked.again();
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
  };
  return (
    <details onToggle={(e) => setOpened(e.currentTarget.open)}>
      <summary>{text.deliveries}</summary>
      <p class="hint">{text.deliveriesHint}</p>
      <p class="actions">
        <button type="button" disabled={asked.busy} onClick={asked.again}>
          {asked.busy ? words.value.loading : text.refresh}
        </button>
      </p>
      {asked.problem && <ProblemBox problem={asked.problem} retry={asked.again} />}
      {problem && <ProblemBox problem={problem} />}
      {asked.answer?.length === 0 && <p>{text.noDeliveries}</p>}
      {asked.answer && asked.answer.length > 0 && (
        <Table all={asked.answer} webhooks={webhooks} send={(d) => void send(d)} />
      )}
    </details>
  );
}

interface TableProps {
  all: Delivery[];
  webhooks: Schemas["PriceWebhook"][];
  send: (d: Delivery) => void;
}

function Table({ all, webhooks, send }: TableProps) {
  const text = words.value.webhooks;
  const addresses = new Map(webhooks.map((hook) => [hook.id, hook.url]));
  return (
    <Scroll label={text.deliveries}>
      <table>
        <thead>
          <tr>
            <th scope="col">{text.event}</th>
            <th scope="col">URL</th>
            <th scope="col">{text.state}</th>
            <th scope="col" class="number">
              {text.attempts}
            </th>
            <th scope="col">{text.answer}</th>
            <th scope="col">{text.next}</th>
            <th scope="col">{text.actions}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((d) => (
            <tr key={d.id}>
              <th scope="row">{d.eventId}</th>
              <td class="address">{addresses.get(d.webhookId) ?? d.webhookId}</td>
              <td>{text.deliveryStates[d.state] ?? d.state}</td>
              <td class="number">{d.attempts}</td>
              <td>{answerOf(d)}</td>
              <td>{d.nextAttemptTime ? moment(d.nextAttemptTime) : "–"}</td>
              <td>
                <button type="button" aria-label={text.againOf(d.eventId)} onClick={() => send(d)}>
                  {text.again}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function answerOf(d: Delivery): string {
  if (!d.lastAttemptTime) {
    return "–";
  }
  const said = d.httpStatus > 0 ? `HTTP ${d.httpStatus}` : words.value.webhooks.noAnswer;
  return [moment(d.lastAttemptTime), said, d.failure].filter(Boolean).join(" · ");
}
