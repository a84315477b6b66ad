import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fd, SYS, syscall, trySyscall } from '@ordeal/linux';
import { FrameReader, frameOf } from '../message-frames.js';
import { KeeperLink } from './keeper-link.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const MSG_DONTWAIT = 0x40;

function socketPair(): [Fd, Fd] {
  const numbers = new Int32Array(2);
  syscall('socketpair', SYS.socketpair, AF_UNIX, SOCK_STREAM, 0, new Uint8Array(numbers.buffer));
  const [one = -1, other = -1] = numbers;
  return [new Fd(one, 'one end'), new Fd(other, 'the other end')];
}

/** What is there to receive now. */
function receive(socket: Fd): Uint8Array {
  const bytes = new Uint8Array(1 << 20);
  const length = trySyscall(SYS.recvfrom, socket.number, bytes, bytes.length, MSG_DONTWAIT, 0, 0);
  return bytes.subarray(0, Math.max(0, length));
}

test('what there is no room for is sent later: it asks for its turn by itself', () => {
  const [own, keeper] = socketPair();
  const link = new KeeperLink<string, object>(own.number);
  const messages = [1, 2, 3].map((number) => ({ number, text: 'x'.repeat(1 << 20) }));
  for (const message of messages) link.tell(message);
  const frames = new FrameReader();
  const received: unknown[] = [];
  while (received.length < messages.length) {
    received.push(...frames.read(receive(keeper)));
    // Nobody sends anything: only the room in the socket is a reason to look.
    if (received.length < messages.length) {
      link.wait();
      assert.deepEqual(link.read(), []);
    }
  }
  assert.deepEqual(received, messages);
  link.close();
  for (const end of [own, keeper]) end.close();
});

test('it hears what the keeper says, until that is gone', () => {
  const [own, keeper] = socketPair();
  const link = new KeeperLink<string, object>(own.number);
  const frame = Buffer.concat([frameOf('one'), frameOf('two')]);
  syscall('sendto', SYS.sendto, keeper.number, frame, frame.length, 0, 0, 0);
  link.wait();
  assert.deepEqual(link.read(), ['one', 'two']);
  assert.equal(link.open, true);
  keeper.close();
  link.wait();
  assert.deepEqual(link.read(), []);
  assert.equal(link.open, false);
  link.tell({});
  link.close();
  own.close();
});
