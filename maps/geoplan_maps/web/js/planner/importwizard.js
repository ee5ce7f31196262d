/** Importing a register: file, columns, coordinates, problems, then the import itself. Nothing is written before the end. */

import { getJson } from "../lib/api.js";
import { announce, fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { language, listed, number, t, term } from "../lib/i18n.js";
import { select } from "./side.js";
import { failed } from "./states.js";

/** @typedef {import("./register.js").RegisterActions} RegisterActions */

const STEPS = ["file", "columns", "crs", "problems", "done"];
const SYSTEMS = ["wgs84", "gcj02", "bd09"];
const OUTCOMES = ["accepted", "merged", "needs_person", "rejected"];

/**
 * @param {HTMLElement} box
 * @param {import("../lib/store.js").Store<import("./desk.js").DeskState>} _store
 * @param {RegisterActions} act
 */
export function mountImport(box, _store, act) {
  /** @type {{file: File | null, crs: string, columns: Record<string, string | null>, plan: any, step: string}} */
  const now = { file: null, crs: "", columns: {}, plan: null, step: "file" };
  const steps = h("ol", { class: "steps" });
  const body = h("div", { class: "stack", "aria-live": "polite" });
  fill(box, steps, body);

  /** @param {string} step */
  function go(step) {
    now.step = step;
    fill(
      steps,
      STEPS.map((name) => h("li", { "aria-current": name === step ? "step" : null }, t(`import.step.${name}`))),
    );
    /** @type {Record<string, () => (Node | null)[]>} */
    const draw = { file: fileStep, columns: columnStep, crs: crsStep, problems: problemStep, done: doneStep };
    fill(body, draw[step]());
  }

  /** @param {Record<string, string>} more @returns {Promise<any>} */
  async function ask(more) {
    const form = new FormData();
    form.set("file", /** @type {File} */ (now.file));
    form.set("source_crs", more.source_crs ?? now.crs);
    if (Object.keys(now.columns).length) form.set("columns", JSON.stringify(now.columns));
    for (const [name, value] of Object.entries(more)) form.set(name, value);
    return getJson("/v1/register/import", { method: "POST", body: form, timeoutMs: 120000 });
  }

  /** @param {string} next */
  async function dryRun(next) {
    fill(body, h("p", { class: "muted" }, t("import.reading")), h("div", { class: "progress unknown" }, h("span")));
    try {
      now.plan = await ask({ dry_run: "true" });
      go(next);
    } catch (error) {
      const ambiguous = /** @type {any} */ (error).status === 422 || /** @type {any} */ (error).status === 400;
      fill(
        body,
        failed(error instanceof Error ? error.message : String(error)),
        ambiguous && now.file ? crsChoice() : null,
        again(),
      );
    }
  }

  const again = () =>
    h("button", { class: "button", type: "button", onclick: () => go("file") }, icon("back"), t("import.other"));
  const forward = (/** @type {string} */ step, /** @type {string} */ words) =>
    h("button", { class: "button main", type: "button", onclick: () => go(step) }, words);

  function fileStep() {
    const input = h("input", { type: "file", accept: ".xlsx,.xls,.csv,.txt,.geojson,.json,.gpkg", id: "import-file" });
    const take = (/** @type {File | undefined} */ file) => {
      if (!file) return;
      Object.assign(now, { file, crs: "", columns: {}, plan: null });
      void dryRun("columns");
    };
    input.addEventListener("change", () => take(input.files?.[0]));
    const drop = h(
      "label",
      { class: "drop", for: "import-file" },
      icon("upload"),
      h("b", null, t("import.drop")),
      h("span", { class: "small muted" }, t("import.kinds")),
      input,
    );
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      take(event.dataTransfer?.files[0]);
    });
    return [drop, h("p", { class: "small muted" }, t("import.promise"))];
  }

  function columnStep() {
    const { columns, to_confirm: doubtful, unmapped } = now.plan;
    const headers = [...columns.map((/** @type {any} */ one) => one.header), ...unmapped];
    const rows = columns.map((/** @type {any} */ one) =>
      h(
        "tr",
        { class: doubtful.includes(one.field) ? "doubt" : null },
        h(
          "th",
          { scope: "row" },
          term("field", one.field),
          doubtful.includes(one.field) ? h("small", null, t("import.look")) : null,
        ),
        h("td", null, columnSelect(one.field, one.header, headers)),
      ),
    );
    return [
      h("p", null, t("import.columnsAbout", { n: columns.length, left: unmapped.length })),
      h(
        "table",
        { class: "areas" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col" }, t("import.ourField")),
            h("th", { scope: "col" }, t("import.yourColumn")),
          ),
        ),
        h("tbody", null, rows),
      ),
      unmapped.length ? h("p", { class: "small muted" }, t("import.kept"), listed(unmapped)) : null,
      h(
        "div",
        { class: "row" },
        again(),
        h(
          "button",
          {
            class: "button main",
            type: "button",
            onclick: () => (Object.keys(now.columns).length ? void dryRun("crs") : go("crs")),
          },
          t("import.next"),
        ),
      ),
    ].filter(Boolean);
  }

  /** @param {string} field @param {string} header @param {string[]} headers */
  function columnSelect(field, header, headers) {
    const chosen = field in now.columns ? (now.columns[field] ?? "") : header;
    const input = h("select", { "aria-label": term("field", field) }, [
      h("option", { value: "" }, t("import.noColumn")),
      ...headers.map((name) => h("option", { value: name, selected: name === chosen }, name)),
    ]);
    input.addEventListener("change", () => (now.columns[field] = input.value || null));
    return input;
  }

  function crsStep() {
    const { crs } = now.plan;
    const reason = language() === "zh" ? crs.reason_zh || crs.reason : crs.reason;
    const sure = crs.basis === "proven" || crs.basis === "agrees" || crs.basis === "none";
    return [
      h(
        "div",
        { class: `notice ${sure ? "good" : "warn"}` },
        icon(sure ? "verified" : "warning"),
        h(
          "div",
          null,
          h("p", null, crs.crs ? t("import.crsIs", { crs: term("crs", crs.crs) }) : t("import.crsNone")),
          h("p", { class: "small" }, reason),
        ),
      ),
      crsChoice(),
      h("div", { class: "row" }, again(), forward("problems", t("import.next"))),
    ];
  }

  /** The same rows under each reading, on the map, for a person to choose by eye. */
  function crsChoice() {
    const picture = h("button", { class: "button small", type: "button" }, icon("layers"), t("import.picture"));
    picture.addEventListener("click", async () => {
      picture.disabled = true;
      const readings = [];
      for (const system of ["wgs84", "gcj02"]) {
        try {
          const plan = await ask({ dry_run: "true", source_crs: system });
          const points = plan.rows
            .filter((/** @type {any} */ row) => row.lon !== null && row.lat !== null)
            .map((/** @type {any} */ row) => [row.lon, row.lat]);
          readings.push({ name: term("crs", system), points });
        } catch {
          // A reading that cannot be true has no picture.
        }
      }
      act.readings(readings);
      picture.disabled = false;
    });
    return h(
      "div",
      { class: "stack" },
      select(
        "source-crs",
        t("import.crsChoose"),
        [["", t("import.crsAuto")], ...SYSTEMS.map((code) => [code, term("crs", code)])],
        now.crs,
        (value) => {
          now.crs = value;
          void dryRun("crs");
        },
      ),
      picture,
    );
  }

  function problemStep() {
    const { counts, rows } = now.plan;
    const trouble = rows.filter(
      (/** @type {any} */ row) => row.outcome === "rejected" || row.outcome === "needs_person" || row.reasons.length,
    );
    const why = h("input", {
      type: "text",
      maxlength: 200,
      required: true,
      id: "import-reason",
      placeholder: t("import.reasonHint"),
    });
    const write = h(
      "button",
      { class: "button main", type: "button" },
      icon("check"),
      t("import.write", { n: (counts.accepted ?? 0) + (counts.merged ?? 0) + (counts.needs_person ?? 0) }),
    );
    const complaint = h("div");
    write.addEventListener("click", async () => {
      if (!why.reportValidity()) return;
      write.disabled = true;
      try {
        now.plan = await ask({
          dry_run: "false",
          reason: why.value.trim(),
          base_revision: String(now.plan.base_revision),
        });
        act.changed();
        announce(t("import.doneTitle"));
        go("done");
      } catch (error) {
        fill(complaint, failed(error instanceof Error ? error.message : String(error)));
        write.disabled = false;
      }
    });
    return [
      h(
        "dl",
        { class: "live four" },
        OUTCOMES.map((name) =>
          h("div", null, h("dt", null, t(`outcome.${name}`)), h("dd", null, number(counts[name] ?? 0))),
        ),
      ),
      trouble.length
        ? h(
            "div",
            { class: "problems" },
            h(
              "table",
              { class: "areas" },
              h(
                "thead",
                null,
                h("tr", null, h("th", { scope: "col" }, t("import.row")), h("th", { scope: "col" }, t("import.what"))),
              ),
              h("tbody", null, trouble.slice(0, 300).map(problemRow)),
            ),
          )
        : h("p", { class: "notice good" }, icon("check"), t("import.noProblem")),
      h("label", { class: "field", for: "import-reason" }, h("span", null, t("import.reason")), why),
      complaint,
      h("div", { class: "row" }, again(), write),
    ];
  }

  /** @param {any} row */
  function problemRow(row) {
    const said = row.reasons.map((/** @type {any} */ reason) =>
      language() === "zh" ? reason.text_zh || reason.text : reason.text,
    );
    const place =
      row.lon !== null && row.lat !== null
        ? h(
            "button",
            { type: "button", class: "linklike small", onclick: () => act.goTo([row.lon, row.lat], row.name ?? "") },
            t("import.show"),
          )
        : null;
    return h(
      "tr",
      null,
      h("td", { class: "number" }, row.row),
      h(
        "td",
        null,
        h("b", null, row.name ?? "—"),
        " ",
        h("span", { class: `tag ${row.outcome}` }, t(`outcome.${row.outcome}`)),
        h("p", { class: "small" }, said.join("；")),
        place,
      ),
    );
  }

  function doneStep() {
    const { written } = now.plan;
    return [
      h(
        "div",
        { class: "notice good" },
        icon("check"),
        h(
          "div",
          null,
          h("p", null, t("import.doneTitle")),
          h(
            "p",
            { class: "small" },
            t("import.doneAbout", {
              added: written.added,
              changed: written.changed,
              queued: written.queued,
              reviews: written.reviews,
            }),
          ),
        ),
      ),
      again(),
    ];
  }

  go("file");
}
