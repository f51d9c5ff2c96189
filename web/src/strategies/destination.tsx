// Where goods are sent to: one of the places that are listed, or another district by its code.
import { useState } from "preact/hooks";
import { placesOf } from "../words/places";
import { words } from "../words/words";

interface Props {
  /** The code of a district. Empty: freight is not asked for. */
  value: string;
  change: (code: string) => void;
}

/** Chosen when a code is typed. */
const other = "other";

export function Destination({ value, change }: Props) {
  const text = words.value.freight;
  const [typed, setTyped] = useState(false);
  const places = placesOf();
  const types = typed || (value !== "" && !places.some(({ code }) => code === value));
  return (
    <>
      <label>
        {text.to}
        <select
          value={types ? other : value}
          onChange={(e) => {
            const chosen = e.currentTarget.value;
            setTyped(chosen === other);
            change(chosen === other ? "" : chosen);
          }}
        >
          <option value="">{text.none}</option>
          {places.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
          <option value={other}>{text.other}</option>
        </select>
      </label>
      {types && (
        <label>
          {text.code}
          <input
            required
            inputMode="numeric"
            pattern="[0-9]{6}"
            maxLength={6}
            title={text.codeHint}
            value={value}
            onInput={(e) => change(e.currentTarget.value)}
          />
        </label>
      )}
    </>
  );
}
