/** @module Host names that only containers of one machine know. */

/** The machine itself, as a container calls it, or a container of one network: a packet to it does not leave the machine. */
export function isContainerName(hostname: string): boolean {
  return (
    /^host\.(docker|containers)\.internal$/.test(hostname) || /^[a-z][a-z0-9_-]*$/.test(hostname)
  );
}
