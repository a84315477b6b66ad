import { channel } from 'node:diagnostics_channel';
import { parentPort } from 'node:worker_threads';
import {
  attachMount,
  cloneTree,
  detachMount,
  ERRNO,
  enterMountNamespace,
  Fd,
  makePrivate,
  openOwnDescriptors,
  SyscallError,
} from '@ordeal/linux';

import { BareFileMounts } from './bare-files.js';
import type { VisitAnswer, VisitOrder, VisitRequest, VisitResult } from './visit.js';

/** Tests watch it: see STEPS of `@ordeal/io-chaos`. */
const steps = channel('ordeal:step');

/** The thread of a {@link Visitor}. */
parentPort?.on('message', (order: VisitOrder) => parentPort?.postMessage(answer(order)));

function answer({ namespace, home, request }: VisitOrder): VisitAnswer {
  const descriptors = openOwnDescriptors();
  try {
    enterMountNamespace(namespace);
    try {
      return { result: perform(request, descriptors) };
    } finally {
      enterMountNamespace(home);
    }
  } catch (error) {
    return { refusal: (error as Error).message };
  } finally {
    descriptors.close();
  }
}

function perform(request: VisitRequest, descriptors: Fd): VisitResult {
  if (request.kind === 'copy') return copy(request);
  if (request.kind === 'cover') return { failed: cover(request, descriptors) };
  for (const mount of request.mounts) detachIfAttached(new Fd(mount, 'the cover'), descriptors);
  return {};
}

function copy(request: VisitRequest & { kind: 'copy' }): VisitResult {
  const place = new Fd(request.place, 'the covered path');
  const tree = cloneTree(place);
  try {
    makePrivate(tree);
    return { tree: tree.number, ...(request.shared && { shield: cloneTree(place).number }) };
  } catch (error) {
    tree.close();
    throw error;
  }
}

/**
 * At every moment the path leads to the old tree or to the new one. If the place's mount is shared, a private copy of
 * it is mounted in between: only that copy, which shows the same files, propagates to other namespaces.
 */
function cover(request: VisitRequest & { kind: 'cover' }, descriptors: Fd): string[] {
  const place = new Fd(request.place, 'the covered path');
  const mount = new Fd(request.mount, 'the cover');
  const shield = request.shield === undefined ? undefined : new Fd(request.shield, 'the shield');
  const bare = new BareFileMounts(place, mount, request.bare);
  try {
    if (shield) {
      attachMount(shield, place);
      makePrivate(shield);
    }
    if (steps.hasSubscribers) steps.publish('keeper: cover half placed');
    attachMount(mount, shield ?? place);
    bare.attach();
    return bare.failed;
  } catch (error) {
    if (shield) detachIfAttached(shield, descriptors);
    throw error;
  } finally {
    bare.close();
  }
}

/** EINVAL says that it is not, or no longer, mounted in this namespace. */
function detachIfAttached(mount: Fd, descriptors: Fd): void {
  try {
    detachMount(mount, descriptors);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== ERRNO.EINVAL) throw error;
  }
}
