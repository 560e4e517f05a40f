/** @module The strategy `github`. */
import { z } from "zod";
import type { BuiltIn } from "./built-in-provider.ts";

/** Auth0's options and GitHub's scopes (Management API description, ConnectionOptionsGitHub). */
const scopes = {
  email: "user:email",
  read_user: "read:user",
  follow: "user:follow",
  public_repo: "public_repo",
  repo: "repo",
  repo_deployment: "repo_deployment",
  repo_status: "repo:status",
  delete_repo: "delete_repo",
  notifications: "notifications",
  gist: "gist",
  read_repo_hook: "read:repo_hook",
  write_repo_hook: "write:repo_hook",
  admin_repo_hook: "admin:repo_hook",
  read_org: "read:org",
  admin_org: "admin:org",
  read_public_key: "read:public_key",
  write_public_key: "write:public_key",
  admin_public_key: "admin:public_key",
  write_org: "write:org",
  profile: "",
} as const;

const user = z.object({
  id: z.number(),
  login: z.string(),
  name: z.string().nullish(),
  email: z.string().nullish(),
  avatar_url: z.string().optional(),
});
const emails = z.array(
  z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }),
);

/** @param origin Of a provider on this machine; default: github.com. */
export function github(origin: string | undefined): BuiltIn {
  const web = origin ?? "https://github.com";
  const api = origin === undefined ? "https://api.github.com" : `${origin}/api/v3`;
  return {
    scopes,
    authorizationUrl: `${web}/login/oauth/authorize`,
    tokenUrl: `${web}/login/oauth/access_token`,
    params: {},
    async profile(get) {
      const { id, login, name, email, avatar_url: picture } = user.parse(await get(`${api}/user`));
      // The list needs the scope user:email; without it GitHub answers 404, and the public address has to do.
      const listed = await get(`${api}/user/emails`).catch(() => []);
      const primary = emails.safeParse(listed).data?.find((each) => each.primary);
      const address = primary?.email ?? email ?? undefined;
      return {
        user_id: String(id),
        nickname: login,
        name: name ?? login,
        ...(address === undefined
          ? {}
          : { email: address, email_verified: primary?.verified ?? false }),
        ...(picture === undefined ? {} : { picture }),
      };
    },
  };
}
