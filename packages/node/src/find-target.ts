import { containerTarget } from './container-target.js';
import type { TargetChoice } from './run-request.js';
import { cgroupTarget, processTarget, type Target } from './target.js';

/** The one target that a flag names. @throws OrdealError ORD-301, ORD-302, ORD-305; UnsupportedError ORD-304, ORD-306 */
export function findTarget(choice: Exclude<TargetChoice, { kind: 'command' | 'selector' }>): Target {
  switch (choice.kind) {
    case 'pid':
      return processTarget(choice.pid);
    case 'cgroup':
      return cgroupTarget(choice.path);
    case 'container':
      return containerTarget(choice.id);
  }
}
