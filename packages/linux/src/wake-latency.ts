import { constants, openSync, writeSync } from 'node:fs';
import { Fd } from './fd.js';

/** Documentation/power/pm_qos_interface.rst: a binary 32-bit number of microseconds, in force until the file is closed. */
const DEVICE = '/dev/cpu_dma_latency';

/**
 * Keeps idle CPUs of this host from sleeping at all until the result is closed, or this process has ended, however: they poll. A
 * thread that another one wakes then runs within some microseconds instead of tens. The CPUs need more power meanwhile.
 *
 * @returns undefined where the kernel cannot do that, or this process may not ask for it
 */
export function keepCpusAwake(): Fd | undefined {
  let device: Fd | undefined;
  try {
    device = new Fd(openSync(DEVICE, constants.O_WRONLY), DEVICE);
    writeSync(device.number, new Int32Array([0]));
    return device;
  } catch {
    device?.close();
    return undefined;
  }
}
