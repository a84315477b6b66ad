import { factsFromFile, type KernelFacts, readKernelFacts } from '@ordeal/kernel-chaos';

/** The facts of the kernel that a BTF file describes, or of this one. @throws OrdealError */
export function factsFor(btfPath: string | undefined): KernelFacts {
  return btfPath === undefined ? readKernelFacts() : factsFromFile(btfPath, btfPath);
}
