/** A case in which a mount of the fault file system may show something else than the bare directory. */
export interface Difference {
  /** The name of the case. */
  readonly name: string;
  /** Why it cannot be otherwise. */
  readonly reason: string;
  /** Only where files are passed through, attributes are cached, or the tree is on an overlay; else everywhere. */
  readonly only?: 'passed through' | 'attributes cached' | 'overlay';
}

/** What the kernel's FUSE client does by itself, whatever its server says. Sources: fs/fuse of Linux 6.18. */
export const differences: readonly Difference[] = [
  { name: 'FS_IOC_FIEMAP tells extents', reason: 'FUSE has no request for it' },
  { name: 'FIBMAP tells blocks', reason: 'only mounts of block devices are asked (fuse_bmap)' },
  {
    name: 'an overlay with its upper directory here',
    reason: 'overlayfs takes no upper directory whose names are asked for again (ovl_mount_dir_check)',
  },
  { name: 'a swap file', reason: 'FUSE tells no extents to swap to (fuse_bmap)' },
  { name: 'fallocate takes ranges out and puts ranges in', reason: 'refused in fuse_file_fallocate' },
  { name: 'the type of the file system, and what the C library takes from it', reason: 'it is FUSE' },
  { name: 'statx: which attributes are told', reason: 'fuse_do_statx takes the times and sizes alone' },
  {
    name: 'statx tells the alignment of direct I/O',
    reason: 'fuse_do_statx takes the times and sizes alone',
  },
  {
    name: 'chown to nobody drops set-id bits, and is refused to strangers',
    reason: 'nothing is left to ask for once the kernel has taken the kill flags out (fuse_setattr)',
  },
  {
    name: 'writing through a mapping leaves file capabilities as they are',
    reason: 'mapped pages reach the server as writes, which take capabilities away',
  },
  {
    name: 'seeking to the end of a directory',
    reason: 'answered by the kernel from the size (fuse_dir_llseek)',
  },
  { name: 'seeking to an offset that the file system cannot hold', reason: 'FUSE has no limit of its own' },
  {
    name: 'a read of nothing moves the access time on some file systems',
    reason: 'reads of nothing are not sent',
  },
  { name: 'epoll refuses regular files', reason: 'files on FUSE can be polled, and are always ready' },
  { name: 'reads that must not wait: RWF_NOWAIT', reason: 'files on FUSE lack FMODE_NOWAIT' },
  {
    name: 'direct I/O with memory that is not aligned',
    reason: "the server's own memory, into which the data goes first, always is",
  },
  {
    name: 'direct reads behind the end of the file leave the rest of the memory alone',
    reason: 'only bytes that were read are copied to the caller',
  },
  {
    name: 'a directory is the upper layer of an overlay',
    reason: 'file systems are stacked twice at most (FILESYSTEM_MAX_STACK_DEPTH), and passthrough counts',
  },
  { name: 'a file is swap space', reason: 'FUSE tells no blocks to swap to (fuse_file_aops)' },
  {
    name: 'FIGETBSZ tells the size of blocks',
    reason: 'an overlay has none, a FUSE mount has pages',
    only: 'overlay',
  },
  {
    name: 'file handles lead back to files, also after renames, and not after the end',
    reason:
      'an overlay has none, and those of FUSE are its own: they hold while the kernel remembers the file',
    only: 'overlay',
  },
  {
    name: 'direct I/O can be switched off by fcntl',
    reason: 'the kernel opens the backing file once, with the flags of the open',
    only: 'passed through',
  },
  {
    name: 'which times each operation moves, of the file and of its directory',
    reason: 'the access time of what copy_file_range read is cached for as long as the timeout allows',
    only: 'attributes cached',
  },
];
