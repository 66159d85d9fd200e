/** What a program of a stranger's is given; all else of the machine is out of its reach. */
export interface Confinement {
  /** Files and folders that it may read, at the places where they are. Its user must be allowed to read what lies in them. */
  readable: readonly string[];
  /** Folders that it may write, at the places where they are. They become its user's. */
  writable: readonly string[];
  /** Where it starts: one of the above, or below. */
  folder: string;
  environment: Readonly<Record<string, string>>;
  network: SandboxNetwork;
  limits: SandboxLimits;
}

export type SandboxNetwork =
  /** Nothing but a loopback of its own. */
  | { network: 'none' }
  /** That of a network namespace, by its file, e.g. `/proc/71/ns/net`. */
  | { network: 'namespace'; file: string };

export interface SandboxLimits {
  /** Of memory that a process can write, each. */
  memoryMiB: number;
  /** Processes and threads at once. */
  processes: number;
  /** Of a file that it writes. */
  fileMiB: number;
}

/** A command as it is to be started, so that the program of the confinement runs in it. When it is killed, all in it ends. */
export interface ConfinedCommand {
  file: string;
  args: string[];
  /** The environment of the command itself; the program's is that of its confinement. */
  env: Record<string, string>;
}

/**
 * Runs programs in namespaces of their own: they see the system's programs and what they are given, no other process, no
 * network but the given one, and have no privileges. Started by root they run as a user of their own, else as ours.
 */
export interface Sandbox {
  confine(command: readonly string[], confinement: Confinement): Promise<ConfinedCommand>;
}

export type SandboxState =
  | { sandbox: 'here'; confine: Sandbox['confine'] }
  /** `why` names what this machine lacks. */
  | { sandbox: 'missing'; why: string };
