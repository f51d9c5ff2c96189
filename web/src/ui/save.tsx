// The buttons that save a list as a file.
import { words } from "../words/words";
import { csvOf } from "./csv";
import { saveFile } from "./file";
import type { Table } from "./table";
import { xlsxOf } from "./xlsx";

/** Save makes the table only when it is saved. */
export function Save({ table }: { table: () => Table }) {
  const text = words.value.csv;
  const save = async (ending: string, made: (table: Table) => Blob | Promise<Blob>) => {
    const all = table();
    saveFile(
      await made(all),
      `${words.value.files.prefix}-${all.name}-${new Date().toISOString().slice(0, 10)}.${ending}`,
    );
  };
  return (
    <>
      <button type="button" onClick={() => save("xlsx", xlsxOf)}>
        {text.saveExcel}
      </button>
      <button type="button" onClick={() => save("csv", csvOf)}>
        {text.save}
      </button>
    </>
  );
}
