/** How to reach an API server, and as whom. */
export interface ClusterAccess {
  /** `https://host:port` with an optional path below which the API is; not looked at when there is a `socketPath`. */
  readonly server: URL;
  /** A Unix socket that speaks plain HTTP and adds the credentials itself. */
  readonly socketPath?: string;
  /** What a new connection is made with; certificates may change while the program runs. */
  tls(): Promise<TlsOptions>;
  /** Where objects are looked for when no namespace is named; `default` when not given. */
  readonly namespace?: string | undefined;
  /** The `Authorization` header for a request that is about to be sent, if any. */
  authorization(): Promise<string | undefined>;
  /** Ends what keeps the access alive. Idempotent. */
  close(): void;
}

/** PEM texts. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}
