/** @module The users of the dashboard: searched, and one by one. Read only. */
import type { UserRow } from "../models/user.ts";
import { shownUsers, userPage, usersPage } from "./pages/user-pages.ts";
import type { OwnerHandler, Views } from "./views.ts";

export function userViews(views: Views): { list: OwnerHandler; show: OwnerHandler } {
  const { store, now } = views.tenant;
  return {
    list(context, session) {
      const search = context.req.query("q")?.trim() ?? "";
      const found = store.users.all().filter((user) => matches(user, search.toLowerCase()));
      const connected = new Map<string, number>();
      for (const { user_id: id } of store.connectedAccounts.all()) {
        connected.set(id, (connected.get(id) ?? 0) + 1);
      }
      const users = found.slice(0, shownUsers);
      const content = usersPage({ search, users, found: found.length, connected });
      return views.page(context, { title: "Users", section: "users", session }, content);
    },
    show(context, session) {
      const user = store.users.get(context.req.param("id") ?? "");
      if (user === undefined) return views.missing(context, session);
      const accounts = store.connectedAccounts.find("user_id", user.user_id);
      const title = user.email ?? user.user_id;
      const content = userPage(user, accounts, now());
      return views.page(context, { title, section: "users", session }, content);
    },
  };
}

function matches(user: UserRow, search: string): boolean {
  if (search === "") return true;
  return [user.email, user.name, user.user_id].some((text) => text?.toLowerCase().includes(search));
}
