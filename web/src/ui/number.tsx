// A field for a whole number.

interface Props {
  label: string;
  min: number;
  max: number;
  /** What is typed. Empty: nothing. */
  value: string;
  /** What holds if nothing is typed. */
  placeholder?: string;
  change: (value: string) => void;
}

export function NumberField({ label, min, max, value, placeholder = "", change }: Props) {
  return (
    <label>
      {label}
      <input
        type="number"
        min={min}
        max={max}
        placeholder={placeholder}
        value={value}
        onInput={(e) => change(e.currentTarget.value)}
      />
    </label>
  );
}

/** The most pieces that a question may be about. */
export const quantityMax = 1_000_000_000;
