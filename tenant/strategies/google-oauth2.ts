/** @module The strategy `google-oauth2`. */
import { z } from "zod";
import type { BuiltIn } from "./built-in-provider.ts";

const api = (name: string) => `https://www.googleapis.com/auth/${name}`;

/**
 * Auth0's options and Google's scopes. Options for products that Google has ended are kept, and ask for
 * nothing. `gmail` and `youtube` as recorded; the others by the names that Google gives its scopes (inferred).
 */
const scopes = {
  email: "email",
  profile: "profile",
  offline_access: "",
  gmail: "https://mail.google.com/mail/feed/atom",
  gmail_new: "https://mail.google.com/",
  gmail_compose: api("gmail.compose"),
  gmail_insert: api("gmail.insert"),
  gmail_labels: api("gmail.labels"),
  gmail_metadata: api("gmail.metadata"),
  gmail_modify: api("gmail.modify"),
  gmail_readonly: api("gmail.readonly"),
  gmail_send: api("gmail.send"),
  gmail_settings_basic: api("gmail.settings.basic"),
  gmail_settings_sharing: api("gmail.settings.sharing"),
  calendar: api("calendar"),
  calendar_addons_execute: api("calendar.addons.execute"),
  calendar_events: api("calendar.events"),
  calendar_events_readonly: api("calendar.events.readonly"),
  calendar_settings_readonly: api("calendar.settings.readonly"),
  contacts: "https://www.google.com/m8/feeds/",
  contacts_new: api("contacts"),
  contacts_readonly: api("contacts.readonly"),
  contacts_other_readonly: api("contacts.other.readonly"),
  directory_readonly: api("directory.readonly"),
  drive: api("drive"),
  drive_activity: api("drive.activity"),
  drive_activity_readonly: api("drive.activity.readonly"),
  drive_appdata: api("drive.appdata"),
  drive_apps_readonly: api("drive.apps.readonly"),
  drive_file: api("drive.file"),
  drive_metadata: api("drive.metadata"),
  drive_metadata_readonly: api("drive.metadata.readonly"),
  drive_photos_readonly: api("drive.photos.readonly"),
  drive_readonly: api("drive.readonly"),
  drive_scripts: api("drive.scripts"),
  tasks: api("tasks"),
  tasks_readonly: api("tasks.readonly"),
  youtube: "https://gdata.youtube.com",
} as const;

const user = z.looseObject({ sub: z.string() });

/** Google gives a refresh token when `access_type` is offline and the user is asked (inferred for Auth0's own request). */
export const googleOauth2: BuiltIn = {
  scopes,
  authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
  tokenUrl: "https://oauth2.googleapis.com/token",
  params: { access_type: "offline", prompt: "consent" },
  async profile(get) {
    const { sub, ...rest } = user.parse(
      await get("https://openidconnect.googleapis.com/v1/userinfo"),
    );
    return { ...rest, user_id: sub };
  },
};
