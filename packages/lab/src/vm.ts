import type { ProgressListener } from './progress.js';

/** A scratch disk: a virtio-blk device `/dev/vda`, `/dev/vdb`, … in the order given, empty, removed with the VM. */
export interface DiskSpec {
  readonly sizeMiB: number;
}

export interface BootOptions {
  /** The image to boot: `Kernel.imagePath` or any x86-64 bzImage or PVH vmlinux with the lab's drivers built in. */
  readonly kernelImage: string;
  /** Default 1024. */
  readonly memoryMiB?: number;
  /** Virtual processors, default 2 if the host has them; always 1 with `icount`. */
  readonly cpus?: number;
  readonly disks?: readonly DiskSpec[];
  /** Count instructions instead of time: one instruction takes 2^shift ns of guest time. Needs emulation. */
  readonly icount?: { readonly shift: number };
  /** `auto` (the default) uses KVM where a trial boot succeeded. */
  readonly accelerator?: 'auto' | 'kvm' | 'tcg';
  /** The host directory that the guest sees read-only as its root, with a writable layer in memory; default `/`. */
  readonly shareRoot?: string;
  readonly timeouts?: {
    /** From start to the guest agent's greeting, default 60 000. */
    readonly bootMs?: number;
    /** The VM is killed this long after its start, default 3 600 000; 0 for no limit. */
    readonly lifetimeMs?: number;
  };
  /** Where the kernel's console goes; default: a new file in the cache's log directory. */
  readonly logPath?: string;
  /** Give the guest's terminal `/dev/hvc0` this process's terminal, for `runOnTerminal`. */
  readonly terminal?: boolean;
  /**
   * Give the guest a network card `eth0`, which it has to configure: `10.0.2.2` is this host, with what listens on its
   * loopback addresses. By default it has none.
   */
  readonly network?: boolean;
  /** Added to the kernel command line. */
  readonly kernelArguments?: readonly string[];
  readonly progress?: ProgressListener;
}

export interface RunOptions {
  /** Directory in the guest, default `/`. */
  readonly cwd?: string;
  /** Added to (or, with undefined, removed from) a plain PATH, HOME, LANG and TERM; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Nothing (the default) is an empty input. A stream that is not at its end when the command ends is left open. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array | string>;
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
  /** Forward SIGINT, SIGTERM and SIGHUP of this process to the command while it runs; default false. */
  readonly forwardSignals?: boolean;
  /** SIGKILL for the command's process group after this long. */
  readonly timeoutMs?: number;
}

/** How a command ended: exactly one of the two is set. */
export type RunResult =
  | { readonly exitCode: number; readonly signal?: undefined }
  | { readonly exitCode?: undefined; readonly signal: NodeJS.Signals };

/** A command that runs in the guest. */
export interface GuestCommand {
  /** Resolves when the command has ended and all its output was delivered. Rejects with ORD-608 if the VM died. */
  readonly result: Promise<RunResult>;
  /** Sends a signal to the command's process group. Does nothing after its end. */
  kill(signal: NodeJS.Signals): void;
}

/** A running VM. Owns the QEMU process and its disks; `shutdown` ends both, and so does the death of this process. */
export interface Vm {
  readonly accelerator: 'kvm' | 'tcg';
  /** The guest's `uname -r`. */
  readonly kernelVersion: string;
  readonly logPath: string;
  /** Milliseconds from start to the guest agent's greeting. */
  readonly bootMs: number;
  /**
   * Starts a command; several may run at once. A program that cannot be started exits with 127 or 126, as in a shell.
   */
  start(argv: readonly string[], options?: RunOptions): GuestCommand;
  /** `start(…).result`. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs a command on the terminal given with `BootOptions.terminal`. */
  runOnTerminal(argv: readonly string[], options?: Pick<RunOptions, 'cwd' | 'env'>): Promise<RunResult>;
  /** Kills QEMU and waits until it has ended. Idempotent, never throws. */
  shutdown(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
