// A field of a form, with what the server says is wrong with it.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Problem } from "../api/problem";

/** Marks tie an input to its label and, if it is wrong, to what is wrong with it. */
export interface Marks {
  id: string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

interface Props {
  label: ComponentChildren;
  /** The problem of the last request, and the path of the field in it. */
  problem: Problem | undefined;
  path: string;
  wide?: boolean;
  /** The input, which takes the marks. */
  children: (marks: Marks) => ComponentChildren;
}

export function Field({ label, problem, path, wide = false, children }: Props) {
  const id = useId();
  const why = problem?.at(path);
  const whyId = `${id}-why`;
  return (
    <div class={wide ? "field wide" : "field"}>
      <label for={id}>{label}</label>
      {children(why ? { id, "aria-invalid": true, "aria-describedby": whyId } : { id })}
      {why && (
        <span class="wrong" id={whyId}>
          {why}
        </span>
      )}
    </div>
  );
}

/** useWrongFirst moves the focus to the first field that is wrong, each time that there is a new problem. */
export function useWrongFirst(problem: Problem | undefined) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem?.fields.length) {
      form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
    }
  }, [problem]);
  return form;
}
