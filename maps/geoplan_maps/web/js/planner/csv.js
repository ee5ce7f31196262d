/** Rows as a table that Excel opens by a double click. */

/**
 * @param {any[][]} rows the first are the headings
 * @returns {Blob}
 */
export function csv(rows) {
  const quote = (/** @type {any} */ value) => {
    const formula = typeof value === "string" && /^[ \u3000]*[=+\-@＝＋－＠﹦﹢﹣﹫\t\r\n]/.test(value); // text must not run in a spreadsheet
    return `"${formula ? "'" : ""}${String(value ?? "").replaceAll('"', '""')}"`;
  };
  return new Blob([`\ufeff${rows.map((row) => row.map(quote).join(",")).join("\r\n")}`], { type: "text/csv" });
}
