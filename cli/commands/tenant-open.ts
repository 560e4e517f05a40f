/** @module `tvk tenant open`: the local tenant's dashboard. */
import type { CommandDef } from "citty";
import { command } from "../command.ts";
import { printResult, say } from "../output.ts";
import { canOpenBrowser, openPage } from "../sign-in/browser.ts";
import { startLocalTenant, tenantDir } from "../tenant/local-tenant.ts";
import { dashboardLink, linkPage } from "../tenant/open-dashboard.ts";

export const open = command({
  description: "Open the local tenant's dashboard with a link that is good once",
  args: {
    browser: { type: "string", valueHint: "name", description: "The browser to open it with" },
  },
  async run({ args }) {
    const tenant = await startLocalTenant(process.cwd());
    const { url, expiresIn } = await dashboardLink(tenant);
    if (canOpenBrowser(args.browser, process.env)) {
      openPage(linkPage(tenantDir(process.cwd()), url), args.browser);
      say("Opening the dashboard. Should no browser come up, open the link by hand:");
    }
    const minutes = Math.round(expiresIn / 60);
    printResult({ url, expiresIn }, () => `${url}\nGood once, within ${minutes} minutes.`);
    return undefined;
  },
}) as CommandDef;
