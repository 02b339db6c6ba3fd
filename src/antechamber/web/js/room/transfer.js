/** The bytes of a file, to the server and from it, with word of how far they are. */

const WHY = {
  0: 'the connection broke',
  404: 'the server knows nothing of it any more',
  410: 'it is not wanted any more',
  413: 'it is larger than was said',
  507: "the server's disk is full",
};

/** Why the bytes did not go. Its message is for people. */
export class TransferError extends Error {
  /** @param {number} status of HTTP; 0 where there was no answer */
  constructor(status) {
    super(WHY[status] ?? `the server answered ${status}`);
    /** Whether it is worth another try. */
    this.passing = status === 0 || status >= 500;
  }
}

/**
 * Bring a file to the server. fetch tells nothing of how far an upload is, so this is XMLHttpRequest.
 * @param {string} path
 * @param {Blob} file
 * @param {{progress: (bytes: number) => void, signal: AbortSignal}} how
 * @returns {Promise<void>} rejects with TransferError, or the signal's reason
 */
export function upload(path, file, { progress, signal }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open('PUT', path);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded }) => progress(loaded));
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else reject(new TransferError(request.status));
    });
    request.addEventListener('error', () => reject(new TransferError(0)));
    request.addEventListener('abort', () => reject(signal.reason));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/**
 * Get a file from the server.
 * @param {string} path
 * @param {number} size that it has to have, in bytes
 * @param {{type: string, progress: (bytes: number) => void, signal: AbortSignal}} how `type` is the blob's
 * @returns {Promise<Blob>} rejects with TransferError, or the signal's reason
 */
export async function download(path, size, { type, progress, signal }) {
  const parts = [];
  let came = 0;
  try {
    const answer = await fetch(path, { signal, cache: 'no-store' });
    if (!answer.ok) throw new TransferError(answer.status);
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      came += value.length;
      progress(came);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof TransferError ? error : new TransferError(0);
  }
  if (came !== size) throw new TransferError(0);
  return new Blob(parts, { type });
}

/**
 * Tell the server that an offer still waits for its person, so that it is not given up meanwhile.
 * @param {string} path
 */
export function keep(path) {
  fetch(path, { method: 'HEAD', cache: 'no-store' }).catch(() => {});
}

const PICTURES = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
};

/**
 * The type of a picture that a browser shows by itself, by the name of its file; "" of anything else. No SVG: that is a
 * document, which may have scripts in it.
 * @param {string} name
 * @returns {string}
 */
export function pictureType(name) {
  return PICTURES[/\.([a-z0-9]+)$/iu.exec(name)?.[1].toLowerCase()] ?? '';
}
