import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EPOLLIN, EPOLLOUT, Epoll } from './epoll.js';
import { drainEvent, EventFd, raiseEvent } from './event-fd.js';

test('it is readable while a descriptor is ready for what is waited for', () => {
  const event = new EventFd();
  const epoll = new Epoll();
  const { number } = event.fd;
  assert.equal(epoll.wait(0), false);
  epoll.watch(number, EPOLLIN);
  assert.equal(epoll.wait(0), false);
  raiseEvent(number);
  assert.equal(epoll.wait(0), true);
  drainEvent(number);
  assert.equal(epoll.wait(0), false);
  epoll.watch(number, EPOLLIN | EPOLLOUT);
  assert.equal(epoll.wait(0), true, 'an eventfd can be written to');
  epoll.forget(number);
  epoll.forget(number);
  assert.equal(epoll.wait(0), false);
  epoll.watch(number, EPOLLIN);
  raiseEvent(number);
  assert.equal(epoll.wait(), true);
  epoll.close();
  event.close();
});
