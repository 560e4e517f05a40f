/** @module What a new helpdesk starts with: three demo users and twelve tickets, numbers 31 to 42. */
import type { DatabaseSync } from "node:sqlite";
import { hashPassword } from "./accounts.ts";
import { transaction } from "./database.ts";

export interface Seeded {
  readonly users: number;
  readonly tickets: number;
}

/** The demo accounts' shared password; shown on the sign-in page. */
export const demoPassword = "demo1234";

export const demoUsers = [
  { id: "usr_alice", email: "alice@acme.test", name: "Alice Moreau" },
  { id: "usr_bob", email: "bob@acme.test", name: "Bob Okafor" },
  { id: "usr_carol", email: "carol@acme.test", name: "Carol Lindqvist" },
] as const;

const [alice, bob, carol] = ["alice@acme.test", "bob@acme.test", "carol@acme.test"] as const;

const firstTicket = 31;

/** id order; `age` is in hours. */
const demoTickets = [
  [
    "VPN drops every few minutes",
    "On the 4th floor only, since Monday.",
    "open",
    "P2",
    "incident",
    "it",
    alice,
    bob,
    190,
  ],
  [
    "Rotate the signing key of the staging login",
    "Yearly rotation; the runbook is on the wiki.",
    "in_progress",
    "P3",
    "task",
    "identity",
    carol,
    alice,
    170,
  ],
  [
    "Refund stuck in pending",
    "Order 88214, the customer has asked twice.",
    "open",
    "P2",
    "incident",
    "payments",
    alice,
    carol,
    150,
  ],
  [
    "Build agents run out of disk",
    "Two of six agents, every night around 02:00.",
    "in_progress",
    "P1",
    "incident",
    "platform",
    bob,
    alice,
    120,
  ],
  [
    "New laptop for a joiner",
    "Starts on the first of the month, 14 inch, German keyboard.",
    "open",
    "P4",
    "request",
    "it",
    null,
    carol,
    96,
  ],
  [
    "How do I get access to the metrics dashboard?",
    "I need to see the queue lengths.",
    "resolved",
    "P4",
    "question",
    "platform",
    bob,
    carol,
    90,
  ],
  [
    "Upgrade the cluster to the next minor version",
    "Staging first, then production a week later.",
    "in_progress",
    "P2",
    "task",
    "platform",
    alice,
    bob,
    72,
  ],
  [
    "Sign-in with a passkey fails on one phone model",
    "The prompt closes at once. Logs attached to the chat.",
    "open",
    "P2",
    "incident",
    "identity",
    carol,
    bob,
    50,
  ],
  [
    "Invoice shows the wrong VAT rate",
    "Credit notes of last quarter, 7 instead of 19 percent.",
    "open",
    "P3",
    "problem",
    "payments",
    alice,
    carol,
    30,
  ],
  [
    "Archive the old wiki space",
    "Nobody has edited it in two years.",
    "closed",
    "P4",
    "request",
    "support",
    carol,
    alice,
    28,
  ],
  [
    "Alerts arrive twice in the on-call channel",
    "Both regions send the same alert since the failover test.",
    "open",
    "P3",
    "problem",
    "platform",
    null,
    alice,
    12,
  ],
  [
    "Expense export misses the cost centre",
    "The column is empty for all rows of October.",
    "open",
    "P2",
    "incident",
    "payments",
    alice,
    bob,
    5,
  ],
] as const;

/**
 * Fills an empty database, in one transaction; a database with users is left as it is.
 *
 * @param now Epoch seconds; the tickets' times count back from it.
 *
 * @returns What was written; nothing where there were users.
 */
export async function seed(database: DatabaseSync, now: () => number): Promise<Seeded | undefined> {
  if (hasUsers(database)) return undefined;
  // One for all three, as everybody can see their password.
  const hash = await hashPassword(demoPassword);
  return transaction(database, () => {
    // Another process may have been faster while the password was hashed.
    if (hasUsers(database)) return undefined;
    const addUser = database.prepare(
      "INSERT INTO users (id, email, name, password_hash) VALUES (?, ?, ?, ?)",
    );
    for (const { id, email, name } of demoUsers) addUser.run(id, email, name, hash);
    addTickets(database, now());
    return { users: demoUsers.length, tickets: demoTickets.length };
  });
}

function hasUsers(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM users LIMIT 1").get() !== undefined;
}

function addTickets(database: DatabaseSync, now: number): void {
  const add = database.prepare(
    `INSERT INTO tickets
       (id, title, description, status, priority, type, team, assignee, reporter, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  demoTickets.forEach((fields, index) => {
    const [title, description, status, priority, type, team, assignee, reporter, age] = fields;
    const created = now - age * 3600;
    const updated = status === "open" ? created : created + Math.floor(age / 2) * 3600;
    add.run(
      firstTicket + index,
      title,
      description,
      status,
      priority,
      type,
      team,
      assignee,
      reporter,
      created,
      updated,
    );
  });
}
