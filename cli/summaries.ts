/**
 * @module One line for each command, as `tvk --help` lists them without loading any of them: that
 * would take longer than most commands. A test holds them to the commands' own descriptions.
 */

export const summaries: Readonly<Record<string, string>> = {
  dev: "Bring up the whole chain and show the first tickets (npm start)",
  up: "Create or update the stack (pulumi up with the environment set)",
  preview: "Show what up would change (pulumi preview)",
  destroy: "Remove everything the stack made (pulumi destroy)",
  pulumi: "Run the engine with the stack's environment: tvk pulumi -- stack output",
  shell: 'Print the environment for plain pulumi: eval "$(tvk shell)"',
  import: "Bring a tenant's hand-made connection, client and grants under a stack, unchanged",
  env: "Environments that come and go: create, list, destroy, sweep",
  tenant: "The local tenant: start, stop, status, logs, reset, its dashboard and controls",
  engine: "Find the Pulumi engine, or install or build it",
  init: "Make a profile from a stack, or ask what a new stack needs and bring it up",
  doctor: "Look at each link from DNS to the API call, and say what mends a broken one",
  login: "Sign in to the tenant",
  logout: "Sign out",
  status: "Show who is signed in",
  connect: "Connect an account at a provider, or widen what is granted",
  connections: "List the connected accounts",
  disconnect: "Forget a service's token; with --remote remove the account from the vault",
  fetch: "Call an API with the service's token",
  completion: 'Print a shell\'s completion script: eval "$(tvk completion bash)"',
};
