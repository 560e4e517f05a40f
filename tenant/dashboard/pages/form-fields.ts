/** @module The fields of a connection's form, each with what the tenant refuses about it. */
import { html } from "hono/html";
import type { Params } from "../../authentication/body-params.ts";
import type { Markup } from "../../login/pages/layout.ts";
import type { ManagementRefusal } from "../../owner/management-calls.ts";
import type { FormField } from "../connection-form.ts";

export interface FormState {
  readonly values: Params;
  readonly refused?: ManagementRefusal | undefined;
  /** A secret is kept that is not shown. */
  readonly secretKept?: boolean;
}

/** What is refused and belongs to none of the fields. */
export function formProblem({ refused }: FormState, fields: readonly FormField[]): Markup | "" {
  if (refused === undefined || fields.some((field) => isAbout(refused, field))) return "";
  return html`<p class="problem" role="alert">${refused.message}</p>`;
}

export function formField(field: FormField, state: FormState): Markup {
  const { refused } = state;
  const problem = refused !== undefined && isAbout(refused, field) ? refused.message : undefined;
  const id = field.name.replaceAll(".", "-");
  const described = [
    field.hint === undefined ? "" : `${id}-hint`,
    problem === undefined ? "" : `${id}-problem`,
  ].filter((each) => each !== "");
  const attributes = html`id="${id}" name="${field.name}"
    ${described.length === 0 ? "" : html`aria-describedby="${described.join(" ")}"`}
    ${problem === undefined ? "" : html`aria-invalid="true" autofocus`}`;
  const hint =
    field.hint === undefined ? "" : html`<p class="hint" id="${id}-hint">${field.hint}</p>`;
  const alert =
    problem === undefined
      ? ""
      : html`<p class="problem" role="alert" id="${id}-problem">${problem}</p>`;
  if (field.kind === "switch") {
    const checked = state.values[field.name] === undefined ? "" : "checked";
    return html`<div class="field"><div class="check"><input type="checkbox" value="on" ${attributes} ${checked}>
      <label for="${id}">${field.label}</label></div>${hint}${alert}</div>`;
  }
  const optional = field.required === true || field.kind === "secret" ? "" : " (optional)";
  return html`<div class="field"><label for="${id}">${field.label}${
    optional === "" ? "" : html`<span class="quiet">${optional}</span>`
  }</label>
    ${control(field, attributes, state)}${hint}${alert}</div>`;
}

function control(field: FormField, attributes: Markup, state: FormState): Markup {
  const value = state.values[field.name] ?? "";
  const placeholder = field.placeholder ?? "";
  if (field.kind === "script" || field.kind === "headers") {
    const rows = field.kind === "script" ? 10 : 3;
    return html`<textarea ${attributes} rows="${rows}" spellcheck="false" placeholder="${placeholder}">${value}</textarea>`;
  }
  if (field.kind === "secret") {
    const kept = state.secretKept === true ? "Kept; type a new one to replace it" : "";
    return html`<input type="password" ${attributes} autocomplete="off" placeholder="${kept}">`;
  }
  return html`<input type="text" ${attributes} autocomplete="off" autocapitalize="none" spellcheck="false"
    ${field.kind === "url" ? html`inputmode="url"` : ""} ${field.required === true ? "required" : ""}
    placeholder="${placeholder}" value="${value}">`;
}

/** A refusal about `options.scope[1]` is about `options.scope`. */
function isAbout({ property }: ManagementRefusal, { name }: FormField): boolean {
  return (
    property !== undefined &&
    (property === name || property.startsWith(`${name}[`) || property.startsWith(`${name}.`))
  );
}
