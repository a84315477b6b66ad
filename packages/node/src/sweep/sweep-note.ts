/** Something that the user should know and that does not change the result of a sweep. */
export type SweepNote =
  /** Fields that choose among matches: a sweep fails each match in turn. */
  | { readonly kind: 'fields ignored'; readonly fields: readonly string[] }
  | { readonly kind: 'kernel log unreadable' }
  /** Without a fault the command ends differently than in the sweep that is continued. */
  | { readonly kind: 'other baseline' }
  /** Two runs without a fault made different requests. */
  | { readonly kind: 'unsteady requests' }
  /** @property reason the message of an error */
  | { readonly kind: 'not copied'; readonly reason: string }
  /** Something that could not be done when the power was cut. */
  | { readonly kind: 'cut failed'; readonly run: number; readonly what: string }
  | { readonly kind: 'not moved back'; readonly what: string }
  /** What the keeper of the volume says. */
  | { readonly kind: 'keeper'; readonly message: string };
