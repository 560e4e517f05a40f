import { auth0 } from "../lib/auth0.js";

export default async function Page() {
  const session = await auth0.getSession();
  if (!session) return <a href="/auth/login">Log in</a>;
  return (
    <main>
      <h1>Signed in as {session.user.email}</h1>
      <a href="/auth/logout">Log out</a>
    </main>
  );
}
