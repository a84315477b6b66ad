/** How to reach an API server, and with which credentials. */
export interface ClusterAccess {
  /** `https://host:port` with an optional base path of the API; ignored when there is a `socketPath`. */
  readonly server: URL;
  /** A Unix socket that speaks plain HTTP and adds the credentials itself. */
  readonly socketPath?: string;
  /** TLS options of a new connection; certificates may change while the program runs. */
  tls(): Promise<TlsOptions>;
  /** The default namespace; `default` when not given. */
  readonly namespace?: string | undefined;
  /** The `Authorization` header of the next request, if any. */
  authorization(): Promise<string | undefined>;
  /** Releases the access's resources. Idempotent. */
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
