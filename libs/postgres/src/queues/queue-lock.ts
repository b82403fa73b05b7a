/**
 * The advisory lock that the worker of a queue of its own holds for as long as it lives. Two numbers: what it is for, and a hash of the
 * queue's name. The server lets go of it when the connection ends, whatever becomes of the process.
 */
export const queueLockClass = 1_163_415_377;

/** `$1` is the queue. */
export const queueLockKey = `${queueLockClass}, hashtext($1)`;
