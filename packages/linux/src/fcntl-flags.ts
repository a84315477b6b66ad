// include/uapi/linux/fcntl.h and include/uapi/asm-generic/fcntl.h: what node:fs does not name.
export const AT_FDCWD = -100;
export const AT_EMPTY_PATH = 0x1000;
/** Also O_TMPFILE's own bit. */
export const O_PATH = 0o10000000;
export const O_CLOEXEC = 0o2000000;
