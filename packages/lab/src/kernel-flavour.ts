/** A kernel line that the lab can build from the distribution's sources. */
export type Flavour = '6.1' | '6.12';

export interface FlavourFacts {
  /** The Debian package that holds the sources. */
  readonly sourcePackage: string;
  /** The file that the package installs. */
  readonly tarball: string;
  /** Objects that a full build with the lab's configuration compiles; the scale of the progress estimate. */
  readonly objects: number;
}

/** Everything that differs between the flavours, apart from their config fragments. */
export const flavours: Readonly<Record<Flavour, FlavourFacts>> = {
  '6.1': {
    sourcePackage: 'linux-source-6.1',
    tarball: '/usr/src/linux-source-6.1.tar.xz',
    objects: 1400,
  },
  '6.12': {
    sourcePackage: 'linux-source-6.12',
    tarball: '/usr/src/linux-source-6.12.tar.xz',
    objects: 1490,
  },
};

/** The flavour that is built when none is named. */
export const DEFAULT_FLAVOUR: Flavour = '6.1';
