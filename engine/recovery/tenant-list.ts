/** @module A whole list of the Management API, page after page. */
import type { Management } from "../plugins/auth0/management.ts";
import { isPlainMap, type PlainMap } from "../plugins/protocol/value.ts";

/** Auth0's largest page of a list. */
const perPage = 100;

/** Every row of the list at `path`: one request a page. */
export async function listed(api: Management, path: string): Promise<PlainMap[]> {
  const all: PlainMap[] = [];
  for (let page = 0; ; page++) {
    const list = await api.request("GET", `${path}?page=${page}&per_page=${perPage}`);
    const rows = Array.isArray(list) ? list.filter(isPlainMap) : [];
    all.push(...rows);
    if (rows.length < perPage) return all;
  }
}
